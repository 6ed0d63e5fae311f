"""A tick and its letters: what came of each, which goes first, and how many may leave."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from domain.errors import ChatClosed, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Channel
from domain.limits import Flow
from domain.models import NoticeState, Person
from domain.ports.letters import Letter, Receipt
from scheduler.ticks import Ticks
from tests.building import START, Building, rows
from tests.scheduler.as_told import FAULT, Post, booked, ticks_of

# ── what came of a letter ───────────────────────────────────────────────────────────────────────────────────


async def test_what_was_taken_is_marked_sent_with_its_receipt(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building, 2)
    assert await ticks.deliver() == 2
    sent = [building.notice(number) for number in (1, 2)]
    assert [(n.state, n.external_id, n.attempts, n.sent_at, n.claimed_by) for n in sent] == [
        (NoticeState.SENT, f"receipt of invitation:{number}:1", 1, building.now, None) for number in (1, 2)
    ]
    assert await ticks.deliver() == 0
    assert post.sent == ["invitation:1:1", "invitation:2:1"]


async def test_what_will_never_work_is_marked_failed(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", Permanent("the address is not known"))
    assert await ticks.deliver() == 0
    notice = building.notice(1)
    assert (notice.state, notice.error, notice.attempts) == (NoticeState.FAILED, "the address is not known", 1)


async def test_what_did_not_happen_is_tried_again_later_and_later(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", *[Temporary("try later")] * 9)
    waits = []
    for _ in range(9):
        before = building.now
        await ticks.deliver()
        assert building.notice(1).state is NoticeState.QUEUED
        building.now = building.notice(1).next_try_at
        waits.append((building.now - before).total_seconds())
        building.now -= timedelta(seconds=1)
        assert await ticks.deliver() == 0  # a second too early: not tried
        building.now += timedelta(seconds=1)
    assert await ticks.deliver() == 1
    assert [round(later / earlier, 6) for earlier, later in pairwise(waits)] == [2.0] * 6 + [1.875, 1.0]
    assert 15 <= waits[0] < 18


@pytest.mark.parametrize("away", [timedelta(minutes=40), timedelta(hours=9)])
async def test_a_server_that_is_away_loses_nobody_a_letter(building: Building, ticks: Ticks, post: Post, away: timedelta) -> None:
    booked(building, 3)
    for number in (1, 2, 3):
        post.will_answer(f"invitation:{number}:1", *[Temporary("no connection to the mail server")] * 100)
    back = building.now + away
    while building.now < back:
        await ticks.run_due()
        building.later(minutes=5)
    post.answers.clear()
    building.later(minutes=36)
    await ticks.run_due()
    assert building.notices() == [(f"invitation:{number}:1", "sent") for number in (1, 2, 3)]


async def test_a_wait_that_the_service_asked_for_is_kept(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", Temporary("slow down", retry_after=300))
    await ticks.deliver()
    assert building.notice(1).next_try_at == building.now + timedelta(seconds=300)


@pytest.mark.parametrize("error", [Unknown("no answer"), FAULT])
async def test_what_may_have_happened_is_repeated_only_where_that_does_no_harm(building: Building, error: Exception) -> None:
    booked(building)
    harmless = Post(harmless=True)
    harmless.will_answer("invitation:1:1", error)
    await ticks_of(building, harmless).deliver()
    assert building.notice(1).state is NoticeState.QUEUED
    harmful = Post(harmless=False)
    harmful.will_answer("invitation:2:1", error)
    building.book(building.notice(1).session_id or 0, building.person(2))
    await ticks_of(building, harmful).deliver()
    reason = "no answer" if isinstance(error, OutsideError) else "a fault of ours"
    assert (building.notice(2).state, building.notice(2).error) == (NoticeState.UNKNOWN, reason)
    building.now = building.notice(1).next_try_at
    await ticks_of(building, harmful).deliver()  # what waits for its repeat is not sent once that would be noticed
    assert harmful.sent == ["invitation:2:1"]
    assert building.notice(1).state is NoticeState.UNKNOWN
    building.later(days=3)
    assert await ticks_of(building, harmful).deliver() == 0


async def test_one_letter_that_fails_does_not_hold_up_the_others(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building, 30)
    for number, error in ((1, FAULT), (8, Permanent("gone")), (9, Temporary("later")), (30, Unknown("no answer"))):
        post.will_answer(f"invitation:{number}:1", error)
    assert await ticks.deliver() == 26
    states = [building.notice(number).state for number in (1, 8, 9, 30)]
    assert states == [NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.QUEUED, NoticeState.UNKNOWN]
    assert len(building.notices(NoticeState.SENT)) == 26


async def test_a_channel_that_is_broken_does_not_stop_the_others(building: Building) -> None:
    session_id = building.session(places=None)
    for number in (1, 2):
        building.book(session_id, building.person(number, reminders_by_chat=True, reminders_by_email=False))
    building.now = START - timedelta(hours=23)
    email, chat = Post(), Post()
    chat.will_answer("reminder:1:1440:2027-03-15:chat", FAULT)
    ticks = ticks_of(building, email, chat=chat)
    await ticks.run_due()
    assert email.sent == ["invitation:1:1", "invitation:2:1"]
    assert len(chat.sent) == 2
    assert len(building.notices(NoticeState.SENT)) == 3


@pytest.mark.parametrize(
    ("answer", "closes"), [(ChatClosed("direct messages are closed"), True), (Permanent("Discord answered 400 (code 50035)"), False)]
)
async def test_a_refused_direct_message_becomes_an_e_mail(building: Building, answer: Exception, closes: bool) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1, reminders_by_chat=True, reminders_by_email=False))
    building.now = START - timedelta(hours=23)
    email, chat = Post(), Post()
    key = "reminder:1:1440:2027-03-15"
    chat.will_answer(f"{key}:chat", answer)
    ticks = ticks_of(building, email, chat=chat)
    await ticks.run_due()
    await ticks.run_due()
    assert (chat.sent, email.sent) == ([f"{key}:chat"], ["invitation:1:1", f"{key}:email"])
    (person,) = building.read(rows, Person)
    assert person.chat_closed_at == (building.now if closes else None)


async def test_a_reminder_that_chat_cannot_take_is_mailed_before_it_is_too_late(building: Building) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1, reminders_by_chat=True, reminders_by_email=False))
    key = f"reminder:1:60:{START:%Y%m%dT%H%M%SZ}"
    email, chat = Post(), Post()
    chat.will_answer(f"{key}:chat", *[Temporary("Discord answered 503")] * 100)
    ticks = ticks_of(building, email, chat=chat)
    building.now = START - timedelta(hours=1)
    while building.now < START - timedelta(minutes=30):
        await ticks.run_due()
        building.later(seconds=10)
    assert email.sent == ["invitation:1:1", f"{key}:email"]


async def test_a_letter_that_we_cannot_write_does_not_hold_up_the_others(building: Building, post: Post) -> None:
    booked(building, 2)
    building.newcomer(9)

    def no_digits() -> str:
        raise FAULT

    ticks = Ticks(
        building.store, building.rules, clock=lambda: building.now, by="us", providers={}, channels={Channel.EMAIL: post}, digits=no_digits
    )
    assert await ticks.deliver() == 2
    assert post.sent == ["invitation:1:1", "invitation:2:1"]
    broken = building.notice(3)
    assert (broken.key, broken.state, broken.error, broken.claimed_by) == (
        "verification:1:email",
        NoticeState.FAILED,
        "a fault of ours",
        None,
    )


async def test_a_letter_that_we_cannot_mark_does_not_hold_up_the_others(building: Building) -> None:
    booked(building, 3)

    class Odd(Post):
        async def send(self, letter: Letter) -> Receipt:
            await super().send(letter)
            return Receipt(object() if letter.key == "invitation:2:1" else None)  # type: ignore[arg-type]  # no database keeps it

    await ticks_of(building, Odd()).deliver()
    assert building.notices() == [("invitation:1:1", "sent"), ("invitation:2:1", "unknown"), ("invitation:3:1", "sent")]
    assert building.notice(2).error == "a fault of ours"


# ── order and room ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_most_urgent_goes_first(building: Building, ticks: Ticks, post: Post) -> None:
    far, soon = building.session(), building.session(title="Soon", starts_at=building.now + timedelta(hours=2))
    one, two = building.person(1), building.person(2)
    building.book(soon, one)
    await ticks.deliver()
    building.book(far, two)
    building.newcomer(3)
    building.call_off(soon)
    post.sent.clear()
    await ticks.deliver()
    assert post.sent == ["cancellation:1:2", "verification:1:email", "invitation:2:1"]


async def test_no_more_is_claimed_than_may_leave(building: Building) -> None:
    booked(building, 5)
    post = Post(room=0)
    ticks = ticks_of(building, post)
    assert await ticks.deliver() == 0
    assert building.notices() == [(f"invitation:{number}:1", "queued") for number in range(1, 6)]

    class Shrinking(Post):
        async def flow(self) -> Flow:
            return Flow(START - timedelta(days=30), max(3 - len(self.sent), 0), 30)

    shrinking = Shrinking()
    assert await ticks_of(building, shrinking).deliver() == 3
    assert [state for _, state in building.notices()] == ["sent"] * 3 + ["queued"] * 2
