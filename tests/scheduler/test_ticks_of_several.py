"""The ticks of several processes on one ledger: nothing is sent twice, and what one left another judges."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from domain.database import Store
from domain.errors import Permanent
from domain.kinds import Provider
from domain.ledger import claims
from domain.models import NoticeState
from domain.ports.letters import Letter, Receipt
from domain.ports.meetings import MeetingMade, MeetingRequest
from scheduler.ticks import Ticks
from tests.building import Building
from tests.scheduler.as_told import Post, Rooms, booked, ticks_of


async def test_two_processes_never_send_one_notice_twice(building: Building, other_store: Store) -> None:
    booked(building, 200)
    ours, theirs = Post(), Post()
    first, second = ticks_of(building, ours, by="one"), ticks_of(building, theirs, by="two", store=other_store)
    left = await asyncio.wait_for(asyncio.gather(first.deliver(), second.deliver()), 60)
    assert sum(left) == 200
    assert sorted(ours.sent + theirs.sent) == sorted(f"invitation:{number}:1" for number in range(1, 201))
    assert {state for _, state in building.notices()} == {"sent"}


async def test_what_a_vanished_process_had_only_claimed_is_sent_after_its_lease(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    building.claim(by="a process that died")
    await ticks.run_due()
    building.later(minutes=4, seconds=59)
    await ticks.run_due()
    assert post.sent == []
    building.later(seconds=1)
    await ticks.run_due()
    assert post.sent == ["invitation:1:1"]
    assert building.notice(1).state is NoticeState.SENT


@pytest.mark.parametrize(("harmless", "sent", "state"), [(True, ["invitation:1:1"], "sent"), (False, [], "unknown")])
async def test_what_a_vanished_process_may_have_sent_is_judged_by_its_channel(
    building: Building, harmless: bool, sent: list[str], state: str
) -> None:
    booked(building)
    (notice_id,) = building.claim(by="a process that died")
    building.hand_over(notice_id, by="a process that died")
    post = Post(harmless=harmless)
    ticks = ticks_of(building, post)
    building.later(minutes=5)
    await ticks.run_due()
    assert post.asked_after == [300.0]
    building.later(minutes=1)
    await ticks.run_due()
    assert (post.sent, building.notices()) == (sent, [("invitation:1:1", state)])


async def test_what_may_have_been_sent_before_the_clock_went_back_may_have_been_sent_at_any_time(building: Building) -> None:
    booked(building)
    (notice_id,) = building.claim(by="a process that died")
    building.hand_over(notice_id, by="a process that died")
    building.later(hours=-1)
    building.write(claims.renew, "a process that died", [notice_id], now=building.now)  # it lived still, and then it did not
    building.later(minutes=5)
    post = Post()
    await ticks_of(building, post).run_due()
    assert (post.asked_after, post.sent, building.notices()) == ([math.inf], [], [("invitation:1:1", "unknown")])


async def test_a_late_answer_does_not_overwrite_what_another_process_has_done(building: Building, other_store: Store) -> None:
    booked(building)

    class Slow(Post):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.gate = asyncio.Event(), asyncio.Event()

        async def send(self, letter: Letter) -> Receipt:
            self.begun.set()
            await self.gate.wait()
            raise Permanent("too late to say so")

    slow, quick = Slow(), Post(harmless=True)
    hanging = asyncio.create_task(ticks_of(building, slow, by="slow").deliver())
    await slow.begun.wait()
    building.later(minutes=5)
    ticks = ticks_of(building, quick, by="quick", store=other_store)
    await ticks.run_due()
    building.later(minutes=1)
    await ticks.run_due()
    slow.gate.set()
    assert (await hanging, quick.sent) == (0, ["invitation:1:1"])
    assert building.notice(1).state is NoticeState.SENT


async def test_a_letter_under_way_is_judged_by_nobody_while_its_process_lives(building: Building, other_store: Store) -> None:
    booked(building)

    class Slow(Post):
        def __init__(self) -> None:
            super().__init__(harmless=True)
            self.begun, self.gate = asyncio.Event(), asyncio.Event()

        async def send(self, letter: Letter) -> Receipt:
            self.begun.set()
            await self.gate.wait()
            return await super().send(letter)

    slow, quick = Slow(), Post(harmless=True)
    ticks, others = ticks_of(building, slow, by="slow"), ticks_of(building, quick, by="quick", store=other_store)
    hanging = asyncio.create_task(ticks.deliver())
    await slow.begun.wait()
    for _ in range(6):
        building.later(minutes=4)
        await ticks.keep_time()
        await others.run_due()
    slow.gate.set()
    assert (await hanging, slow.sent, quick.sent) == (1, ["invitation:1:1"], [])
    assert building.notice(1).state is NoticeState.SENT


async def test_a_stop_gives_back_what_is_claimed(building: Building, ticks: Ticks) -> None:
    booked(building)
    building.claim(by="this process")
    await ticks.release()
    assert building.notices() == [("invitation:1:1", "queued")]


def two_to_make(building: Building) -> None:
    """Two sessions whose meetings are to be made."""
    building.host(Provider.TEAMS, "host@council.gov.uk", at_once=2)
    for title in ("First", "Second"):
        building.online(title=title)


async def test_a_process_that_was_held_up_asks_for_no_meeting_that_another_has_claimed(building: Building, other_store: Store) -> None:
    """It has claimed two. While the first is made so much time goes by that another process makes the second."""
    two_to_make(building)
    theirs, ours = Rooms(), HeldUp()
    other = ticks_of(building, Post(), rooms=theirs, by="two", store=other_store)

    async def meanwhile() -> None:
        building.later(minutes=3)
        await other.provide()

    ours.meanwhile = meanwhile
    await ticks_of(building, Post(), rooms=ours, by="one").provide()
    assert ours.calls == [("create", "First")]
    assert theirs.calls == [("recover", "First"), ("recover", "Second")]


async def test_each_meeting_of_a_batch_has_a_whole_lease_from_when_it_is_asked_for(building: Building, other_store: Store) -> None:
    """Making the first takes two minutes; while the second is made, two more go by, and it is nobody else's turn yet."""
    two_to_make(building)
    theirs, ours = Rooms(), HeldUp(times=2)
    other = ticks_of(building, Post(), rooms=theirs, by="two", store=other_store)

    async def meanwhile() -> None:
        building.later(minutes=2)
        await other.provide()

    ours.meanwhile = meanwhile
    await ticks_of(building, Post(), rooms=ours, by="one").provide()
    assert (ours.calls, theirs.calls) == ([("create", "First"), ("create", "Second")], [])


class HeldUp(Rooms):
    """While it makes a meeting, something else happens; so many `times`."""

    def __init__(self, times: int = 1) -> None:
        super().__init__()
        self.times = times
        self.meanwhile: Callable[[], Awaitable[None]]

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        if self.times:
            self.times -= 1
            await self.meanwhile()
        return await super().create(wanted)
