"""Reminders that would come too late by their channel, under a limit and under a pause; and the order of need."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import in_time, reminders
from domain.attention import attention
from domain.attention.items import Concern
from domain.database import Db
from domain.errors import Held, Permanent, Temporary
from domain.kinds import Channel, Kind
from domain.ledger import claims, marks
from domain.ledger.marks import Result
from domain.limits import Flow
from domain.models import Notice, NoticeState
from domain.rules import RulesBook
from tests.building import START, Building, rows

MAIL_IS_FULL = {Channel.EMAIL: "30 a minute"}


def reminded(building: Building, people: int, **other: object) -> int:
    """A session of so many people whose reminder an hour before has just fallen due; its id."""
    session_id = building.session(places=None)
    for number in range(1, people + 1):
        building.book(session_id, building.person(number, **other))
    building.deliver()
    building.now = START - timedelta(hours=1)
    building.write(reminders.owe_reminders, RulesBook({building.partnership_id: building.rules}), now=building.now)
    return session_id


def paused(building: Building, minutes: float) -> Flow:
    return Flow(building.now + timedelta(minutes=minutes), 0, 30)


def send_off(building: Building, **flows: Flow | None) -> int:
    """What a tick does about reminders that will be late."""
    known = {Channel(name): flow for name, flow in flows.items()}
    late = building.read(in_time.too_late, known, now=building.now)
    moved: int = building.write(in_time.send_another_way, late, known, now=building.now)
    return moved


def one_hour(building: Building) -> list[tuple[Channel, NoticeState]]:
    """The reminders an hour before: their channel and what became of them."""
    return [(one.channel, one.state) for one in building.read(rows, Notice, Notice.kind == Kind.REMINDER) if one.lead_minutes == 60]


def told(building: Building, concern: Concern) -> list[str]:
    items = building.read(attention, building.partnership_id, None, building.rules, now=building.now)
    return [item.sentence for item in items if item.concern is concern]


def test_a_reminder_that_a_pause_outlasts_goes_by_chat_and_organisers_are_told_how_many(building: Building) -> None:
    session_id = reminded(building, 3)
    assert send_off(building, email=paused(building, 45), chat=None) == 3
    assert one_hour(building) == [(Channel.EMAIL, NoticeState.SUPERSEDED)] * 3 + [(Channel.CHAT, NoticeState.QUEUED)] * 3
    assert [letter.channel for letter in building.deliver()] == [Channel.CHAT] * 3
    assert told(building, Concern.MOVED) == [
        "3 reminders for “Strengths” (Monday 15 March 2027, 9.30am to 10.15am) could not leave by e-mail in time, so they go by chat. "
        "You need do nothing."
    ]
    assert session_id


def test_a_pause_that_ends_in_time_moves_nobody(building: Building) -> None:
    reminded(building, 3)
    assert send_off(building, email=paused(building, 20), chat=None) == 0
    assert one_hour(building) == [(Channel.EMAIL, NoticeState.QUEUED)] * 3


def test_only_those_too_far_back_in_a_slow_line_go_another_way(building: Building) -> None:
    reminded(building, 10)
    slow = Flow(building.now, 2, 1, 360.0)  # two at once, then one in six minutes; half an hour is left
    assert send_off(building, email=slow, chat=None) == 4
    assert one_hour(building) == [
        *[(Channel.EMAIL, NoticeState.QUEUED)] * 6,
        *[(Channel.EMAIL, NoticeState.SUPERSEDED)] * 4,
        *[(Channel.CHAT, NoticeState.QUEUED)] * 4,
    ]


def test_where_chat_is_what_waits_an_email_goes(building: Building) -> None:
    reminded(building, 2, reminders_by_chat=True, reminders_by_email=False)
    assert send_off(building, chat=paused(building, 45), email=None) == 2
    assert [letter.channel for letter in building.deliver()] == [Channel.EMAIL] * 2
    assert [state for channel, state in one_hour(building) if channel is Channel.CHAT] == [NoticeState.SUPERSEDED] * 2


@pytest.mark.parametrize("whose", [{"discord_id": None}, {"chat_closed_at": START - timedelta(days=20)}])
def test_who_has_no_other_way_is_left_in_line_and_the_list_says_how_many_were_late(building: Building, whose: dict[str, object]) -> None:
    reminded(building, 2, **whose)
    assert send_off(building, email=paused(building, 45), chat=None) == 0
    building.later(minutes=30)
    building.write(claims.expire, now=building.now)
    assert one_hour(building) == [(Channel.EMAIL, NoticeState.EXPIRED)] * 2
    assert told(building, Concern.EXPIRED) == [
        "2 reminders by e-mail for “Strengths” (Monday 15 March 2027, 9.30am to 10.15am) came too late to be sent. "
        "See with /programme sends what is still to be sent, and when."
    ]
    assert told(building, Concern.MOVED) == []


def test_the_other_way_is_not_taken_where_it_is_no_quicker(building: Building) -> None:
    reminded(building, 2)
    assert send_off(building, email=paused(building, 45), chat=paused(building, 50)) == 0
    assert send_off(building, email=paused(building, 45), chat=Flow(building.now, 1, 1, 3600.0)) == 1


def test_who_chose_both_ways_is_never_reminded_twice_by_one(building: Building) -> None:
    reminded(building, 1, reminders_by_chat=True)
    assert send_off(building, email=paused(building, 45), chat=None) == 0
    assert sorted(one_hour(building)) == [(Channel.CHAT, NoticeState.QUEUED), (Channel.EMAIL, NoticeState.QUEUED)]


def _may_have_left(db: Db, notice_id: int) -> None:
    """It stands in line again, after an attempt of which nobody knows what came."""
    notice = db.get_one(Notice, notice_id)
    notice.state, notice.first_handed_at = NoticeState.QUEUED, notice.owed_at
    db.add(notice)


def test_what_may_have_arrived_is_not_sent_another_way(building: Building) -> None:
    reminded(building, 1)
    (notice_id,) = building.claim(channels=[Channel.EMAIL])
    building.write(_may_have_left, notice_id)
    assert send_off(building, email=paused(building, 45), chat=None) == 0
    assert one_hour(building) == [(Channel.EMAIL, NoticeState.QUEUED)]


def test_asked_twice_it_is_done_once(building: Building) -> None:
    reminded(building, 2)
    assert [send_off(building, email=paused(building, 45), chat=None) for _ in range(2)] == [2, 0]
    assert len(one_hour(building)) == 4


def test_a_reminder_that_mail_did_not_take_until_its_time_was_over_goes_by_chat(building: Building) -> None:
    reminded(building, 1)
    building.later(minutes=25)
    (notice_id,) = building.claim(channels=[Channel.EMAIL])
    building.hand_over(notice_id)
    book = RulesBook({building.partnership_id: building.rules})
    away = Result(notice_id, error=Temporary("no connection to the mail server", retry_after=600))
    building.write(marks.mark_all, [away], "post", book, now=building.now)
    assert one_hour(building) == [(Channel.EMAIL, NoticeState.FAILED), (Channel.CHAT, NoticeState.QUEUED)]
    assert told(building, Concern.MOVED) == [
        "1 reminder for “Strengths” (Monday 15 March 2027, 9.30am to 10.15am) could not be sent by e-mail, so it goes by chat. "
        "The mail service said: no connection to the mail server. If an address is wrong, please ask for the right one."
    ]
    assert told(building, Concern.FAILED) == []


def test_what_was_refused_is_not_said_to_be_late_and_the_address_is_to_be_looked_at(building: Building) -> None:
    reminded(building, 3)
    first, *_others = building.claim(channels=[Channel.EMAIL], limit=1)
    building.hand_over(first)
    book = RulesBook({building.partnership_id: building.rules})
    building.write(marks.mark_all, [Result(first, error=Permanent("550 no such mailbox."))], "post", book, now=building.now)
    assert send_off(building, email=paused(building, 45), chat=None) == 2
    session = "“Strengths” (Monday 15 March 2027, 9.30am to 10.15am)"
    assert sorted(told(building, Concern.MOVED)) == [
        f"1 reminder for {session} could not be sent by e-mail, so it goes by chat. "
        "The mail service said: 550 no such mailbox. If an address is wrong, please ask for the right one.",
        f"2 reminders for {session} could not leave by e-mail in time, so they go by chat. You need do nothing.",
    ]


def test_what_was_held_stands_in_line_as_before_and_counts_as_no_attempt(building: Building) -> None:
    reminded(building, 1)
    (notice_id,) = building.claim(channels=[Channel.EMAIL])
    building.hand_over(notice_id)
    book = RulesBook({building.partnership_id: building.rules})
    before = building.notice(notice_id)
    building.write(marks.mark_all, [Result(notice_id, error=Held("others' limits are reached"))], "post", book, now=building.now)
    after = building.notice(notice_id)
    assert (after.state, after.attempts, after.first_handed_at, after.next_try_at) == (NoticeState.QUEUED, 0, None, before.next_try_at)


def test_a_day_reminder_that_went_the_other_way_covers_a_session_confirmed_later(building: Building) -> None:
    session_id = building.session(places=None)
    building.book(session_id, building.person(1))
    building.deliver()
    building.now = START - timedelta(days=1)
    book = RulesBook({building.partnership_id: building.rules})
    building.write(reminders.owe_reminders, book, now=building.now)
    day = Flow(building.now + timedelta(hours=13), 0, 30)
    assert send_off(building, email=day, chat=None) == 1
    later = building.session(title="Later", places=None, starts_at=START + timedelta(hours=2))
    building.book(later, building.read(rows, Notice)[0].person_id)
    building.later(hours=2)
    building.write(reminders.owe_reminders, book, now=building.now)
    owed = [(one.key.rpartition(":")[2], one.state) for one in building.read(rows, Notice, Notice.kind == Kind.REMINDER)]
    assert owed == [("email", NoticeState.SUPERSEDED), ("chat", NoticeState.QUEUED)]
