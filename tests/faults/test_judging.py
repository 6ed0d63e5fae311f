"""The verdict names each breach: planted here one by one, in plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.kinds import Channel, Kind, Provider
from domain.ledger.marks import FAULT
from domain.models import BookingState, MeetingState, NoticeState, SessionState
from tests.faults.evidence import Books, Claim, Hour, Kept, Mail, Owed, Post, Record, Room, Word
from tests.faults.judging import KILLED, judge, sentences

AT = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
ANN = "ann@council.gov.uk"
INVITATION = Owed(
    1, "invitation:1:1", Kind.INVITATION, Channel.EMAIL, NoticeState.SENT, 1, 1, 1, may_have_left=True, message_ids=frozenset({"<a>"})
)
REMINDER = Owed(2, "reminder:1", Kind.REMINDER, Channel.CHAT, NoticeState.SENT, 1, 1, may_have_left=True)
CODE = Owed(3, "verification:1", Kind.VERIFICATION, Channel.EMAIL, NoticeState.SENT, may_have_left=True, message_ids=frozenset({"<c>"}))
BOOKING = Claim(1, 1, 7, BookingState.CONFIRMED, 1, ANN)
SESSION = Hour(1, "uid", 1, SessionState.PUBLISHED, AT)
MEETING = Kept(1, "uid:1", MeetingState.READY, "m1")
INVITED = Mail(AT, "<a>", ANN, b"", "uid", 1, "REQUEST", AT, ANN)
DIGITS = Mail(AT, "<c>", ANN)
REMINDED = Post(AT, AT, "2", 7, 100)
BOOKED = Word(7, 1, "book", "confirmed")
ROOM = Room(Provider.ZOOM, "uid:1", "m1", AT)

BOOKS = Books((INVITATION, REMINDER, CODE), (BOOKING,), (SESSION,), (MEETING,))
RECORD = Record((INVITED, DIGITS), (REMINDED,), (BOOKED,), (ROOM,))


def said(books: Books = BOOKS, record: Record = RECORD) -> list[str]:
    return sentences(judge(books, record).breaches)


def owed(**changed: Any) -> Books:
    """As it should be, but for the invitation."""
    return replace(BOOKS, owed=(replace(INVITATION, **changed), REMINDER, CODE))


def mails(*more: Mail) -> Record:
    return replace(RECORD, mails=(INVITED, DIGITS, *more))


def posts(*more: Post) -> Record:
    return replace(RECORD, posts=(REMINDED, *more))


def test_what_is_as_it_should_be_has_no_breach() -> None:
    verdict = judge(BOOKS, RECORD)
    assert (verdict.breaches, verdict.owed, verdict.sent, verdict.repeated_harmlessly, verdict.states) == ((), 3, 3, 0, {"sent": 3})


def test_the_very_same_calendar_mail_twice_is_harmless() -> None:
    again = replace(INVITED, at=AT + timedelta(hours=1))
    verdict = judge(BOOKS, mails(again))
    assert (verdict.breaches, verdict.repeated_harmlessly) == ((), 1)


def test_the_same_nonce_within_two_minutes_is_harmless() -> None:
    verdict = judge(BOOKS, posts(replace(REMINDED, at=AT + timedelta(seconds=119), fresh=False)))
    assert (verdict.breaches, verdict.repeated_harmlessly) == ((), 1)


@pytest.mark.parametrize("state", [NoticeState.UNKNOWN, NoticeState.SENT])
def test_unknown_is_said_and_so_allowed(state: NoticeState) -> None:
    assert said(owed(state=state)) == []


def many(*, killed: int = 0, unknown: int = 0, failed: int = 0) -> Books:
    """A hundred letters that left, or should have."""
    states = [
        *[(NoticeState.UNKNOWN, KILLED)] * killed,
        *[(NoticeState.UNKNOWN, "no answer")] * unknown,
        *[(NoticeState.FAILED, "no")] * failed,
    ]
    states += [(NoticeState.SENT, "")] * (100 - len(states))
    return Books(tuple(replace(REMINDER, id=n, key=f"reminder:{n}", state=state, error=error) for n, (state, error) in enumerate(states)))


@pytest.mark.parametrize(
    ("books", "found"),
    [
        (many(killed=60, unknown=4, failed=4), []),
        (many(unknown=50), ["given up: 50 of 100 letters failed or are unknown, and no service went wrong"]),
        (many(failed=11), ["given up: 11 of 100 letters failed or are unknown, and no service went wrong"]),
        (many(killed=70), ["given up: 70 of 100 letters are unknown because their process was killed"]),
    ],
)
def test_most_letters_arrive_where_no_service_goes_wrong(books: Books, found: list[str]) -> None:
    record = Record((), tuple(replace(REMINDED, nonce=str(n.id)) for n in books.owed if n.state is not NoticeState.FAILED), (), ())
    assert sentences(judge(books, record, troubled=False).breaches) == found
    assert judge(books, record).breaches == ()


def test_visibly_failed_is_allowed_where_nothing_came() -> None:
    record = replace(RECORD, mails=(DIGITS,))
    assert said(owed(state=NoticeState.FAILED), record) == []


@pytest.mark.parametrize("state", [NoticeState.QUEUED, NoticeState.CLAIMED])
def test_what_is_left_is_named(state: NoticeState) -> None:
    assert said(owed(state=state)) == [f"left owed: invitation:1:1 is still {state}"]


def test_called_sent_and_never_come() -> None:
    assert said(record=replace(RECORD, mails=(INVITED,))) == ["lost: verification:1 is called sent and never came"]
    assert said(record=replace(RECORD, posts=())) == ["lost: reminder:1 is called sent and never came"]


def test_called_failed_and_come() -> None:
    assert said(owed(state=NoticeState.FAILED)) == ["untrue: invitation:1:1 is called failed and came"]


def test_called_overtaken_as_if_it_had_never_left_and_come() -> None:
    found = said(owed(state=NoticeState.SUPERSEDED, may_have_left=False))
    assert found == ["untrue: invitation:1:1 is called superseded, as if it had never left, and came"]


def test_a_fault_of_ours_is_never_allowed() -> None:
    assert said(owed(state=NoticeState.UNKNOWN, error=FAULT)) == ["untrue: invitation:1:1 was put aside by a fault of ours"]


def test_plain_mail_twice() -> None:
    assert said(record=mails(DIGITS)) == ["doubled: verification:1 came 2 times and is no calendar mail"]


@pytest.mark.parametrize(
    "other", [{"sequence": 2}, {"uid": "other"}, {"method": "CANCEL"}, {"attendee": "b@c.org"}, {"starts_at": AT + timedelta(hours=1)}]
)
def test_calendar_mail_twice_that_is_not_the_same(other: dict[str, Any]) -> None:
    found = said(record=mails(replace(INVITED, **other)))
    assert "doubled: invitation:1:1 came 2 times, not always the same" in found


def test_two_messages_in_chat() -> None:
    assert said(record=posts(replace(REMINDED, message_id=101))) == ["doubled: reminder:1 is 2 messages in chat"]


def test_a_repeat_in_chat_after_its_two_minutes() -> None:
    late = replace(REMINDED, at=AT + timedelta(minutes=2), left=AT + timedelta(minutes=2), fresh=False)
    assert said(record=posts(late)) == ["doubled: reminder:1 was repeated in chat after its two minutes"]


def test_a_repeat_in_chat_that_was_under_way_while_the_clock_leapt() -> None:
    under_way = replace(REMINDED, at=AT + timedelta(hours=2), left=AT + timedelta(seconds=1), fresh=False)
    assert said(record=posts(under_way)) == []


def test_what_nobody_owed() -> None:
    assert said(record=mails(replace(DIGITS, message_id="<x>"))) == ["never owed: a mail <x> came that nobody owed"]
    assert said(record=posts(replace(REMINDED, nonce="99"))) == ["never owed: a chat message 99 came that nobody owed"]


def test_a_day_in_a_channel_is_no_notice() -> None:
    assert said(record=posts(replace(REMINDED, nonce="day 1 as a digest"))) == []


@pytest.mark.parametrize("state", [BookingState.CANCELLED, BookingState.WAITLISTED])
def test_a_place_that_somebody_was_told_they_had(state: BookingState) -> None:
    books = replace(BOOKS, claims=(replace(BOOKING, state=state),))
    assert f"lost: person 7 was told confirmed for session 1 and is {state}" in said(books)


def test_a_booking_that_is_not_there_at_all() -> None:
    assert said(replace(BOOKS, claims=())) == ["lost: person 7 was told confirmed for session 1 and is not there"]


def test_a_place_that_was_given_back_and_is_still_taken() -> None:
    record = replace(RECORD, words=(BOOKED, Word(7, 1, "cancel", "cancelled")))
    assert said(record=record) == ["lost: person 7 was told cancelled for session 1 and is confirmed"]


def test_who_was_told_nothing_may_be_either() -> None:
    assert said(record=replace(RECORD, words=(Word(7, 1, "cancel", None),))) == []
    assert said(record=replace(RECORD, words=(Word(7, 1, "cancel", "cancelled"), Word(7, 1, "book", None)))) == []


def test_two_bookings_of_one_person() -> None:
    books = replace(BOOKS, claims=(BOOKING, replace(BOOKING, id=2, state=BookingState.CANCELLED)))
    assert "doubled: person 7 has 2 bookings of session 1" in said(books)


def test_a_place_without_its_invitation() -> None:
    books = replace(BOOKS, claims=(replace(BOOKING, sequence=2),))
    assert "lost: booking 1 is confirmed and its invitation 2 was never owed" in said(books)


def test_more_people_than_places() -> None:
    books = replace(BOOKS, claims=(BOOKING, replace(BOOKING, id=2, person_id=8, state=BookingState.HELD)))
    assert "overbooked: session 1 has 1 places and 2 people" in said(books)


def test_a_calendar_that_shows_nothing() -> None:
    record = replace(RECORD, mails=(replace(INVITED, uid=None, sequence=None, attendee=None), DIGITS))
    assert said(record=record) == ["lost: the calendar of person 7 for session 1 shows nothing, and the place is confirmed"]


def test_a_calendar_that_shows_the_wrong_hour() -> None:
    books = replace(BOOKS, hours=(replace(SESSION, starts_at=AT + timedelta(hours=1)),))
    assert said(books) == [
        "untrue: the calendar of person 7 for session 1 shows 2027-03-15 09:30:00+00:00 and it begins at 2027-03-15 10:30:00+00:00"
    ]


def test_a_calendar_that_still_shows_a_place_that_was_given_back() -> None:
    books = replace(BOOKS, claims=(replace(BOOKING, state=BookingState.CANCELLED),))
    record = replace(RECORD, words=())
    assert said(books, record) == ["untrue: the calendar of person 7 for session 1 still shows a place that was given back"]


def test_a_calendar_whose_last_message_is_visibly_unknown_is_excused() -> None:
    books = replace(owed(state=NoticeState.UNKNOWN), hours=(replace(SESSION, starts_at=AT + timedelta(hours=1)),))
    assert said(books) == []


def test_a_second_meeting() -> None:
    other = replace(ROOM, ref="uid:2", external_id="m2")
    assert said(record=replace(RECORD, rooms=(ROOM, other))) == ["second meeting: session 1 has 2 meetings"]


def test_a_meeting_of_no_session() -> None:
    lonely = replace(ROOM, ref="nobody:1", external_id="m2")
    assert said(record=replace(RECORD, rooms=(ROOM, lonely))) == ["second meeting: there is a meeting of no session: nobody"]


def test_a_meeting_of_a_cancelled_session() -> None:
    books = replace(BOOKS, hours=(replace(SESSION, state=SessionState.CANCELLED),), claims=())
    assert "second meeting: session 1 is cancelled and has a meeting" in said(books, replace(RECORD, words=()))


def test_a_meeting_that_is_called_ready_and_is_not_there() -> None:
    assert said(record=replace(RECORD, rooms=())) == ["lost: the meeting of session 1 is called ready and is not there"]
