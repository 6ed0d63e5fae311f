"""The machine's clock is wrong, or the country's changes: nothing comes twice, nothing stays behind, every hour is right."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from domain import sessions
from domain.descriptions import NewSession
from domain.kinds import Format
from tests.building import ACTOR
from tests.faults.chat_desk import API, ChatDesk
from tests.faults.scene import CLAIMS, Scene
from tests.faults.shared_clock import SharedClock

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_a_clock_a_day_ahead_that_is_put_right_while_letters_are_in_hand(scene: Scene) -> None:
    """What a process claimed by the wrong clock is free a day later than it should be, and not lost."""
    await scene.book(0, 1, 2)
    scene.clock.move(days=1)
    life = scene.bear("live", channels=["email"], ends={"of": CLAIMS, "at": "after"})
    await life.until("ends")
    await life.ended()
    scene.clock.move(days=-1)
    await scene.book(1, 3)
    await scene.once()
    assert ("invitation:3:1", "sent", 1) in await scene.ledger()
    await scene.is_well()


async def test_a_clock_an_hour_back_repeats_nothing_and_sequences_still_rise(scene: Scene) -> None:
    await scene.book(0, 1, 2, 3)
    scene.clock.move(hours=3, minutes=1)
    await scene.once()
    scene.clock.move(hours=-1)
    await scene.cancel(0, 1)
    await scene.book(0, 1)
    await scene.once()
    verdict = await scene.is_well()
    assert verdict.repeated_harmlessly == 0
    stamps = [mail.sequence for mail in scene.outside.record().mails if mail.attendee == "person901@council.gov.uk"]
    assert stamps == sorted(stamps, key=lambda sequence: sequence or 0)


async def test_a_clock_that_leaps_while_a_letter_is_under_way(scene: Scene) -> None:
    """Ten minutes at once: its lease is over for everyone else, and still it is one letter."""
    await scene.book(0, 1, 2)
    scene.clock.move(hours=3, minutes=1)
    life = scene.bear("live")
    await scene.outside.mail.arrival()
    scene.clock.move(minutes=10)
    await life.until("came")
    life.send(signal.SIGTERM)
    assert await life.ended() == 0
    await scene.is_well()


@pytest.mark.parametrize(("under_way_s", "is_known"), [(60.0, True), (0.0, False)])
async def test_a_message_that_was_under_way_while_the_clock_leapt_left_before_it(
    tmp_path: Path, under_way_s: float, is_known: bool
) -> None:
    clock = SharedClock.new(tmp_path, NOON)
    url, message = f"{API}/channels/7/messages", {"content": "Hello", "nonce": "2", "enforce_nonce": True}
    async with ChatDesk(clock, under_way_s=under_way_s) as desk, aiohttp.ClientSession() as life:
        for leap in (0, 0, 5):
            clock.move(minutes=leap)
            async with life.post(desk.api_base + url, json=message):
                pass
    known = [False, True, is_known]
    assert [not post.fresh for post in desk.posts] == known
    assert [post.left for post in desk.posts] == [NOON, NOON, NOON if is_known else clock()]


@pytest.mark.parametrize(
    ("starts_at", "day_before"),
    [
        # the clocks go forward on 28 March 2027: 10am is 09:00 UTC, the day before it was 10:00 UTC
        (datetime(2027, 3, 28, 9, 0, tzinfo=UTC), datetime(2027, 3, 27, 10, 0, tzinfo=UTC)),
        # and back on 31 October
        (datetime(2027, 10, 31, 10, 0, tzinfo=UTC), datetime(2027, 10, 30, 9, 0, tzinfo=UTC)),
    ],
)
async def test_over_both_clock_changes_each_reminder_comes_once_at_its_wall_time(
    scene: Scene, starts_at: datetime, day_before: datetime
) -> None:
    new = NewSession(title="Sunday", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), format=Format.IN_PERSON, venue="Hall")
    where = scene.world.partnership_id, scene.world.programme_id
    added = await scene.store.write(sessions.add, *where, new, scene.rules, actor=ACTOR, now=scene.clock())
    scene.world = type(scene.world)(*where, (added.session_id,), scene.world.people)
    await scene.book(0, 1)
    await scene.is_well()
    reminders = [mail for mail in scene.outside.mail.messages if "reminder" in (await scene.key_of(mail.message_id) or "")]
    assert [mail.at for mail in reminders] == [day_before, starts_at - timedelta(hours=1)]
