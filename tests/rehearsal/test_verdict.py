"""The verdict on a rehearsal: it says nothing of an honest week, and names the one thing that was spoiled in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.day_reminders import Told
from domain.kinds import Channel, Kind, Mode, Provider
from domain.models import BookingState, EmailProof, Hold, Host, Meeting, Notice, NoticeState, Presenter, SessionState
from rehearsal.evidence import Invitation, Message, RoomHeld, mail_of
from rehearsal.mailbox import Arrived
from tests.verdict_building import ANN, AUTUMN, BOB, CAT, DAN, EVE, FAY, GIL, MISTYPED, NEW, OLD, SPRING, Case, Left, played

PLACES = "no session is over its places"
INVITATIONS = "every confirmed booking holds one invitation that tells the truth"
CANCELLATIONS = "every cancelled booking that had been invited has a cancellation"
RISING = "sequences and time stamps rise"
REPEATS = "no message came twice with other words"
WALL_TIME = "reminders come at the right wall time"
REMINDED = "everyone confirmed in time is reminded"
NOT_REMINDED = "nobody is reminded of what they cancelled"
ONE_MEETING = "no session has two meetings, and a cancelled one has none"
HOSTS = "no host is over its allowance at once"
OWED = "nothing is left owed"
CODES = "an address that is not proven gets nothing but a code"
NAMES = "no channel and no public page names anybody"
ONE_REMINDER = "a day's reminder is one message to each person"
ELSEWHERE = (
    "presenters' calendar entries tell the truth",
    "a message to those booked came once to each of them",
    "who came on a waiting list by a page was told so once",
    "a course is held on all its parts or on none",
    "certificates went to those who completed, and to nobody else",
    "calendars that are read again and again tell the truth",
    "a certificate of attendance is there for who attended, and for nobody else",
    "what is typed into a CPD note is kept nowhere",
    "a yes or a no to an offered place counts",
    "who is ticked off on a page is so in the records",
    "the organiser's week shows every session as it is",
    "what is told in private is found nowhere else",
    "private sessions are known by their neutral title alone",
)

ANN_S, BOB_S, CAT_S, FAY_S = (f"person{number}@council.gov.uk" for number in (ANN, BOB, CAT, FAY))
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What the honest week left; it is played once."""
    return played(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def case(left: Left, tmp_path: Path) -> Iterator[Case]:
    made = Case.of(left, tmp_path)
    yield made
    made.store.close()


def more(one: Invitation, **changes: Any) -> Invitation:
    """Another calendar message after this one."""
    later: dict[str, Any] = {"message_id": "<another@x.example>", "sequence": one.sequence + 1, "dtstamp": one.dtstamp + HOUR}
    return replace(one, **later | changes)


# ── an honest week ──────────────────────────────────────────────────────────────────────────────────────────


def test_of_an_honest_week_it_says_nothing(case: Case) -> None:
    assert case.breaches() == {}


def test_every_check_has_looked_at_something(case: Case) -> None:
    """What this week has nothing of is looked at in `test_verdict_full` and `test_verdict_pages`."""
    assert [(check.name, check.looked_at) for check in case.checks() if check.name not in ELSEWHERE] == [
        (PLACES, 8),
        (INVITATIONS, 8),
        (CANCELLATIONS, 3),
        (RISING, 5),
        (REPEATS, 44),
        (WALL_TIME, 16),
        (ONE_REMINDER, 8),
        (REMINDED, 16),
        (NOT_REMINDED, 16),
        (ONE_MEETING, 7),
        (HOSTS, 4),
        (OWED, 50),
        (CODES, 4),
        (NAMES, 1),
    ]
    assert {check.name: check.looked_at for check in case.checks() if check.name in ELSEWHERE} == dict.fromkeys(ELSEWHERE, 0)


def test_the_capitals_of_an_address_make_no_other_address(case: Case) -> None:
    case.alter(case.person(ANN), email=ANN_S.upper())
    assert case.breaches() == {}


def test_the_same_message_twice_is_one_message(case: Case) -> None:
    again = case.entry("strengths", ANN_S)[0]
    case.invitations.append(again)
    case.mails.append(case.mail(again.message_id))
    assert case.breaches() == {}


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_overbooked_session_is_named(case: Case) -> None:
    case.alter(case.session("strengths"), places=1)
    assert case.breaches() == {PLACES: (f"{case.session('strengths').reference}: 2 people have 1 places",)}


@pytest.mark.parametrize(("places", "where"), [("places", "in the room"), ("online_places", "online")])
def test_a_hybrid_session_has_two_kinds_of_places(case: Case, places: str, where: str) -> None:
    case.alter(case.session("hybrid"), **{places: 0})
    assert case.breaches() == {PLACES: (f"{case.session('hybrid').reference}: 1 people have 0 places {where}",)}


def test_a_place_that_is_taken_in_the_wrong_way_counts_all_the_same(case: Case) -> None:
    """A booking for the room of a session online: not to be missed because it is counted by its way."""
    case.alter(case.session("strengths"), places=1)
    case.alter(case.booking("strengths", CAT), mode=Mode.ROOM)
    assert case.breaches() == {PLACES: (f"{case.session('strengths').reference}: 2 people have 1 places",)}


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_booking_without_an_invitation_is_named(case: Case) -> None:
    for invitation in case.entry("autumn", ANN_S):
        case.invitations.remove(invitation)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)} has no invitation",)}


LINK, VENUE = "the invitation does not carry the present link", "the invitation does not name the present venue"
OTHER_LINK = "https://meet.example/other"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"starts_at": AUTUMN + HOUR, "ends_at": AUTUMN + HOUR * 2},
            "the invitation says 31 Oct 11:00 to 12:00, the session is 31 Oct 10:00 to 10:45 (UTC)",
        ),
        ({"ends_at": AUTUMN + HOUR}, "the invitation says 31 Oct 10:00 to 11:00, the session is 31 Oct 10:00 to 10:45 (UTC)"),
        ({"location": OTHER_LINK}, LINK),
        ({"conference": OTHER_LINK}, LINK),
        ({"description": f"Join the Zoom meeting:\n{OTHER_LINK}"}, LINK),
        ({"location": "Online. The link will follow.", "conference": None, "description": "Led by Ann."}, LINK),
        ({"method": "CANCEL"}, "the last message is a CANCEL"),
    ],
)
def test_an_invitation_that_is_not_true_any_more_is_named(case: Case, changes: dict[str, Any], fault: str) -> None:
    case.swap(case.entry("autumn", ANN_S)[-1], **changes)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {fault}",)}


def test_a_link_that_only_begins_like_the_present_one_is_another(case: Case) -> None:
    last, link = case.entry("autumn", ANN_S)[-1], case.room("autumn").join_url
    longer = {name: getattr(last, name).replace(link, f"{link}0") for name in ("location", "conference", "description")}
    case.swap(last, **longer)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {LINK}",)}


def test_the_present_link_is_the_one_that_the_service_holds(case: Case) -> None:
    """Our own tables and the invitation agree on a link that leads nowhere any more."""
    case.swap(case.room("autumn"), join_url=OTHER_LINK)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {LINK}",)}


@pytest.mark.parametrize("location", ["Town Hall, room 21", "Town Hall", "The place will follow."])
def test_an_invitation_to_another_venue_is_named(case: Case, location: str) -> None:
    case.swap(case.entry("spring", ANN_S)[-1], location=location)
    assert case.breaches() == {INVITATIONS: (f"{case.where('spring', ANN)}: {VENUE}",)}


def test_in_a_hybrid_session_some_need_the_venue_and_some_the_link(case: Case) -> None:
    in_room, online = case.entry("hybrid", ANN_S)[-1], case.entry("hybrid", BOB_S)[-1]
    case.swap(in_room, location=online.location, conference=online.conference, description=online.description)
    case.swap(online, location=in_room.location, conference=in_room.conference, description=in_room.description)
    assert case.breaches() == {INVITATIONS: (f"{case.where('hybrid', ANN)}: {VENUE}", f"{case.where('hybrid', BOB)}: {LINK}")}


def test_a_second_uid_is_a_second_entry_in_the_calendar(case: Case) -> None:
    case.invitations.append(more(case.entry("autumn", ANN_S)[-1], uid="autumn-again"))
    assert case.breaches() == {INVITATIONS: ("there is an invitation with the UID autumn-again, which is no session's",)}


def test_an_invitation_for_somebody_who_never_asked_is_named(case: Case) -> None:
    case.invitations.append(more(case.entry("autumn", ANN_S)[-1], to=CAT_S, attendee=CAT_S))
    assert case.breaches() == {INVITATIONS: (f"somebody was invited to {case.session('autumn').reference} who never asked for a place",)}


def test_an_invitation_that_is_made_out_to_somebody_else_is_named(case: Case) -> None:
    case.swap(case.entry("autumn", ANN_S)[-1], attendee=CAT_S)
    uid = case.session("autumn").uid
    assert case.breaches() == {INVITATIONS: (f"an invitation with the UID {uid} went to somebody whom it is not made out to",)}


# ── cancellations ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("session", "state"), [("cancelled", "cancelled"), ("strengths", "waitlisted")])
def test_an_entry_whose_booking_has_no_place_any_more_must_end_in_a_cancel(case: Case, session: str, state: str) -> None:
    """Also of somebody who gave the place back and now waits for another."""
    case.invitations.remove(case.entry(session, BOB_S)[-1])
    assert case.breaches() == {CANCELLATIONS: (f"{case.where(session, BOB)} is {state}, its calendar entry is not cancelled",)}


def test_a_request_after_the_cancel_puts_the_entry_back(case: Case) -> None:
    case.invitations.append(more(case.entry("cancelled", BOB_S)[-1], method="REQUEST"))
    assert case.breaches() == {CANCELLATIONS: (f"{case.where('cancelled', BOB)} is cancelled, its calendar entry is not cancelled",)}


def test_an_entry_in_a_mailbox_that_was_left_must_end_in_a_cancel(case: Case) -> None:
    assert [(one.to, one.method) for one in case.invitations if one.to in (OLD, NEW)] == [
        (OLD, "REQUEST"),
        (OLD, "CANCEL"),
        (NEW, "REQUEST"),
    ]
    case.invitations.remove(case.entry("spring", OLD)[-1])
    assert case.breaches() == {
        CANCELLATIONS: (f"{case.where('spring', EVE)} has moved to another address, and the calendar entry at the old one stands",)
    }


def test_an_invitation_at_the_old_address_is_none_at_the_new_one(case: Case) -> None:
    case.invitations.remove(case.entry("spring", NEW)[-1])
    assert case.breaches() == {INVITATIONS: (f"{case.where('spring', EVE)} has no invitation",)}


def test_a_cancelled_session_keeps_no_booking(case: Case) -> None:
    case.alter(case.booking("cancelled", BOB), state=BookingState.WAITLISTED)
    assert case.breaches() == {CANCELLATIONS: (f"{case.where('cancelled', BOB)} is still waitlisted, and the session is cancelled",)}


# ── sequences, time stamps, repeats ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sequence", [1, 0])
def test_a_sequence_that_does_not_rise_is_named(case: Case, sequence: int) -> None:
    case.swap(case.entry("strengths", ANN_S)[-1], sequence=sequence)
    uid = case.session("strengths").uid
    assert case.breaches() == {RISING: (f"entry {uid}: sequence 1 is followed by {sequence}",)}


def test_a_time_stamp_that_does_not_rise_is_named(case: Case) -> None:
    first, second = case.entry("strengths", ANN_S)
    case.swap(second, dtstamp=first.dtstamp)
    uid = case.session("strengths").uid
    assert case.breaches() == {RISING: (f"entry {uid}: the time stamp 01 Mar 09:00:00 is followed by 01 Mar 09:00:00",)}


def test_a_message_that_came_twice_with_other_bytes_is_named(case: Case) -> None:
    case.altered.append("<one@x.example>")
    assert case.breaches() == {REPEATS: ("message <one@x.example> came twice, not alike",)}


def test_a_message_without_a_name_cannot_be_told_from_another(case: Case) -> None:
    case.mails.append(Message("", ANN_S, AUTUMN))
    assert case.breaches() == {REPEATS: ("a message came without a Message-ID",)}


def test_messages_without_a_name_are_not_taken_for_one_message(case: Case) -> None:
    """Or the second, which says something else, would be overlooked."""
    last = case.entry("autumn", ANN_S)[-1]
    for invitation in (more(last, message_id=""), more(last, message_id="", sequence=9, dtstamp=last.dtstamp + 2 * HOUR, method="CANCEL")):
        case.invitations.append(invitation)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: the last message is a CANCEL",)}


# ── reminders ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("session", "minutes", "due"),
    [
        # the day before, at the same time on the wall: 10am in London is another instant after the change
        ("spring", 1440, datetime(2027, 3, 27, 10, 0, tzinfo=UTC)),
        ("autumn", 1440, datetime(2027, 10, 30, 9, 0, tzinfo=UTC)),
        ("spring", 60, SPRING - HOUR),
        ("autumn", 60, AUTUMN - HOUR),
    ],
)
@pytest.mark.parametrize("off", [-HOUR, HOUR, timedelta(seconds=-1), timedelta(seconds=6)])
def test_a_reminder_that_is_not_on_time_across_a_clock_change_is_named(
    case: Case, session: str, minutes: int, due: datetime, off: timedelta
) -> None:
    reminder = case.reminder(session, ANN, minutes)
    mail = case.mail(reminder.external_id)
    assert mail.at == due
    case.swap(mail, at=due + off)
    came = f"{due + off:%d %b %H:%M}"
    assert case.breaches() == {
        WALL_TIME: (f"reminder {reminder.id} of {case.session(session).reference} was due {due:%d %b %H:%M} and came {came} (UTC)",)
    }


@pytest.mark.parametrize(("late", "named"), [(timedelta(hours=11), False), (timedelta(hours=13), True)])
def test_a_reminder_that_had_to_be_repeated_may_come_until_half_its_lead_is_gone(case: Case, late: timedelta, named: bool) -> None:
    reminder = case.reminder("spring", ANN, 1440)
    case.alter(reminder, attempts=5)
    assert reminder.sent_at is not None
    case.swap(case.mail(reminder.external_id), at=reminder.sent_at + late)
    assert (WALL_TIME in case.breaches()) is named


def test_when_a_reminder_was_due_is_reckoned_from_the_start_it_had_then(case: Case) -> None:
    """Else every reminder of a session that moved afterwards would go unseen."""
    reminder = case.reminder("spring", ANN, 1440)
    told = Told.read(reminder.detail)
    ((booking_id, _),) = told.items
    case.alter(reminder, detail=Told(told.day, SPRING - HOUR, ((booking_id, SPRING - HOUR),)).write())
    assert set(case.breaches()) == {WALL_TIME, REMINDED}


def test_it_goes_by_when_a_reminder_came_and_not_by_what_the_ledger_says(case: Case) -> None:
    reminder = case.reminder("spring", ANN, 1440)
    assert reminder.sent_at is not None
    case.alter(reminder, sent_at=reminder.sent_at - HOUR)
    assert case.breaches() == {}


@pytest.mark.parametrize(("session", "number", "minutes", "lead"), [("autumn", ANN, 1440, "24"), ("strengths", CAT, 60, "1")])
def test_somebody_confirmed_and_not_reminded_is_named(case: Case, session: str, number: int, minutes: int, lead: str) -> None:
    reminder = case.reminder(session, number, minutes)
    case.mails.remove(case.mail(reminder.external_id))
    case.forget(reminder)
    assert case.breaches() == {REMINDED: (f"{case.where(session, number)} was not reminded {lead} hours before",)}


def test_who_was_confirmed_after_a_reminder_was_due_need_not_have_it(case: Case) -> None:
    reminder = case.reminder("autumn", ANN, 1440)
    case.mails.remove(case.mail(reminder.external_id))
    case.alter(case.booking("autumn", ANN), confirmed_at=reminder.sent_at)
    case.forget(reminder)
    assert case.breaches() == {}


def reminds(case: Case, session: str, number: int, at: datetime) -> None:
    """A reminder for this person that is all in order but for who gets it."""
    model, start = case.reminder("strengths", ANN, 1440), case.session(session).starts_at
    booking, person = case.booking(session, number), case.person(number)
    row = model.model_dump(exclude={"id"}) | {
        "key": f"reminder:{booking.id}:1440",
        "booking_id": booking.id,
        "session_id": booking.session_id,
        "person_id": person.id,
        "detail": start.isoformat(),
        "external_id": "<reminder@x.example>",
    }
    case.add(Notice(**row))
    case.mails.append(Message("<reminder@x.example>", person.email or "", at))


@pytest.mark.parametrize(
    ("session", "number", "at", "besides"),
    [
        ("cancelled", BOB, datetime(2027, 3, 15, 9, 30, tzinfo=UTC), set()),  # by the organiser
        ("strengths", BOB, datetime(2027, 3, 14, 10, 0, tzinfo=UTC), set()),  # by himself: asked for again, the booking has forgotten it
        ("spring", FAY, SPRING - HOUR * 23, {CODES, OWED}),  # it lapsed; nothing may go to her address anyway
    ],
)
def test_somebody_reminded_of_what_is_cancelled_is_named(case: Case, session: str, number: int, at: datetime, besides: set[str]) -> None:
    reminds(case, session, number, at)
    breaches = case.breaches()
    assert breaches.pop(NOT_REMINDED) == (f"{case.where(session, number)} was cancelled, then reminded",)
    assert set(breaches) == besides


def test_a_session_cancelled_without_its_bookings_reminds_nobody(case: Case) -> None:
    """The booking does not say so, the session does."""
    started = case.session("autumn").starts_at
    case.alter(case.session("autumn"), cancelled_at=started - timedelta(days=2))
    mine = case.where("autumn", ANN)
    assert case.breaches() == {NOT_REMINDED: (f"{mine} was cancelled, then reminded",)}


def test_a_cancellation_that_is_still_on_its_way_is_one_already(case: Case) -> None:
    """The calendar does not know of it yet when the reminder comes, the booking does."""
    last = case.entry("autumn", ANN_S)[-1]
    case.invitations.append(more(last, method="CANCEL", at=AUTUMN))
    case.alter(case.booking("autumn", ANN), state=BookingState.CANCELLED, cancelled_at=AUTUMN - timedelta(days=3))
    assert case.breaches() == {NOT_REMINDED: (f"{case.where('autumn', ANN)} was cancelled, then reminded",)}


def test_who_books_again_after_a_reminder_had_nothing_to_be_reminded_of(case: Case) -> None:
    last = case.entry("autumn", ANN_S)[-1]
    gone = more(last, method="CANCEL", at=AUTUMN - timedelta(days=3))
    back = more(gone, message_id="<back@x.example>", method="REQUEST", at=AUTUMN - HOUR / 2)
    case.invitations += [gone, back]
    case.alter(case.booking("autumn", ANN), confirmed_at=AUTUMN - HOUR / 2)
    assert case.breaches() == {NOT_REMINDED: (f"{case.where('autumn', ANN)} was cancelled, then reminded",)}


def test_who_cancels_after_the_reminder_was_rightly_reminded(case: Case) -> None:
    last = case.entry("autumn", ANN_S)[-1]
    case.invitations.append(more(last, method="CANCEL", at=AUTUMN - HOUR / 2))
    case.alter(case.booking("autumn", ANN), state=BookingState.CANCELLED, cancelled_at=AUTUMN - HOUR / 2)
    assert case.breaches() == {}


# ── meetings and hosts ──────────────────────────────────────────────────────────────────────────────────────


def test_a_second_meeting_of_a_session_is_named(case: Case) -> None:
    room, ref = case.room("empty"), case.session("empty").reference
    case.rooms.append(replace(room, ref=room.ref.replace(":1", ":2"), host="organiser-3"))
    case.add(Host(partnership_id=1, provider=Provider.TEAMS, account="organiser-3"))
    assert case.breaches() == {ONE_MEETING: (f"{ref} should have 1 meeting and has 2",)}


def test_a_meeting_of_a_cancelled_session_is_named(case: Case) -> None:
    session = case.session("cancelled")
    case.rooms.append(RoomHeld(Provider.TEAMS, "organiser-1", f"{session.uid}:1", session.starts_at, session.ends_at, OTHER_LINK))
    assert case.breaches() == {ONE_MEETING: (f"{session.reference} should have 0 meetings and has 1",)}


def test_a_session_without_the_meeting_that_it_needs_is_named(case: Case) -> None:
    case.rooms.remove(case.room("empty"))
    assert case.breaches() == {ONE_MEETING: (f"{case.session('empty').reference} should have 1 meeting and has 0",)}


def test_a_meeting_at_another_time_is_named(case: Case) -> None:
    room, ref = case.room("empty"), case.session("empty").reference
    case.swap(room, starts_at=room.starts_at + HOUR, ends_at=room.ends_at + HOUR)
    words = f"the meeting of {ref} is at 17 Mar 10:30 to 11:15, the session at 17 Mar 09:30 to 10:15 (UTC)"
    assert case.breaches() == {ONE_MEETING: (words,)}


def test_a_meeting_with_another_service_is_named(case: Case) -> None:
    case.swap(case.room("empty"), provider=Provider.ZOOM, host="host-1")
    ref = case.session("empty").reference
    assert case.breaches() == {ONE_MEETING: (f"the meeting of {ref} is on zoom, the session on teams",)}


def test_a_meeting_of_no_session_is_named(case: Case) -> None:
    room = case.room("empty")
    stray = replace(room, ref="", starts_at=room.starts_at + timedelta(days=1), ends_at=room.ends_at + timedelta(days=1))
    case.rooms.append(stray)
    assert case.breaches() == {ONE_MEETING: ("there is a meeting  of no session",)}


def test_a_host_over_its_allowance_is_named(case: Case) -> None:
    case.swap(case.room("empty"), host=case.room("hybrid").host)
    words = f"the teams host {case.room('hybrid').host} has 2 meetings at 17 Mar 09:30 (UTC)"
    assert case.breaches() == {HOSTS: (words,)}


def test_a_host_that_is_not_ours_has_no_allowance(case: Case) -> None:
    case.swap(case.room("empty"), host="a-stranger")
    assert case.breaches() == {HOSTS: ("the teams host a-stranger has 1 meetings at 17 Mar 09:30 (UTC)",)}


# ── what is owed ────────────────────────────────────────────────────────────────────────────────────────────


def owe(
    case: Case, state: NoticeState, *, number: int = ANN, channel: Channel = Channel.EMAIL, kind: Kind = Kind.FEEDBACK, **more: Any
) -> int:
    """Another notice in the ledger, in this state; its number."""
    row: dict[str, Any] = {"partnership_id": 1, "key": f"another:{channel}", "need": 6, "owed_at": AUTUMN, "next_try_at": AUTUMN, **more}
    case.add(Notice(kind=kind, channel=channel, state=state, person_id=case.person(number).id, **row))
    return case.notice(row["key"]).id or 0


@pytest.mark.parametrize("state", [NoticeState.QUEUED, NoticeState.CLAIMED])
def test_a_notice_that_never_left_is_named(case: Case, state: NoticeState) -> None:
    number = owe(case, state)
    assert case.breaches() == {OWED: (f"notice {number} (feedback by email) is still {state}",)}


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.EXPIRED])
def test_a_mail_that_failed_is_named(case: Case, state: NoticeState) -> None:
    number = owe(case, state, error="smtp 550 5.1.1 at rcpt")
    assert case.breaches() == {OWED: (f"notice {number} (feedback by email) {state}: smtp 550 5.1.1 at rcpt",)}


def test_what_was_overtaken_is_not_owed(case: Case) -> None:
    owe(case, NoticeState.SUPERSEDED)
    assert case.breaches() == {}


def test_a_direct_message_that_was_refused_and_went_by_mail_is_no_breach(case: Case) -> None:
    refused = case.notice(f"reminder:{case.person(DAN).id}:1440:2027-03-28:chat")
    assert (refused.state, refused.error) == (NoticeState.FAILED, "direct messages are closed")
    assert case.breaches() == {}
    (instead,) = [case.notice(refused.key.replace(":chat", ":email"))]
    case.mails.remove(case.mail(instead.external_id))
    case.forget(instead)
    assert case.breaches() == {
        REMINDED: (f"{case.where('spring', DAN)} was not reminded 24 hours before",),
        OWED: (f"notice {refused.id} (reminder by chat) failed: direct messages are closed",),
    }


@pytest.mark.parametrize(
    ("number", "kind", "state", "named"),
    [
        (ANN, Kind.LAPSED, NoticeState.FAILED, True),  # an offer that lapsed: an e-mail should have gone
        (FAY, Kind.LAPSED, NoticeState.FAILED, False),  # her address is not proven: nothing may go there
        (FAY, Kind.CANCELLATION, NoticeState.FAILED, False),
        (ANN, Kind.PROMOTION, NoticeState.FAILED, False),  # the invitation itself goes by e-mail
        (ANN, Kind.PROMOTION, NoticeState.UNKNOWN, True),
    ],
)
def test_a_refused_direct_message_is_excused_only_where_nothing_is_lost(
    case: Case, number: int, kind: Kind, state: NoticeState, named: bool
) -> None:
    owed = owe(case, state, number=number, kind=kind, channel=Channel.CHAT)
    assert case.breaches() == ({OWED: (f"notice {owed} ({kind} by chat) {state}",)} if named else {})


def test_a_mail_that_is_called_sent_and_never_came_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('autumn', ANN).id}:email")
    case.mails.remove(case.mail(prompt.external_id))
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by email) is called sent, and never came",)}


def test_a_direct_message_that_is_called_sent_and_never_came_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('spring', EVE).id}:chat")
    case.direct_messages.remove(next(one for one in case.direct_messages if one.name == prompt.external_id))
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by chat) is called sent, and never came",)}


def test_a_message_that_came_to_somebody_else_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('autumn', ANN).id}:email")
    case.swap(case.mail(prompt.external_id), to=CAT_S)
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by email) came to somebody else",)}


def test_a_mail_that_nobody_owed_is_named(case: Case) -> None:
    case.mails.append(Message("<stray@x.example>", ANN_S, AUTUMN))
    assert case.breaches() == {OWED: ("an e-mail <stray@x.example> came that nobody owed",)}


def test_a_place_that_is_still_held_is_named(case: Case) -> None:
    held = case.booking("spring", FAY)
    case.alter(held, state=BookingState.HELD, hold=Hold.PROOF, held_until=AUTUMN)
    assert case.breaches() == {OWED: (f"{case.where('spring', FAY)} is still held",)}


@pytest.mark.parametrize("what", ["next_try_at", "sweep_at"])
def test_a_meeting_that_still_needs_something_is_named(case: Case, what: str) -> None:
    session = case.session("empty")
    meeting = case.row(Meeting, Meeting.session_id == session.id)
    case.alter(meeting, **{what: AUTUMN})
    assert case.breaches() == {OWED: (f"there is still something to do about a meeting of {session.reference}",)}


# ── addresses that are not proven ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", [FAY_S, MISTYPED])
def test_anything_but_a_code_for_an_address_that_nobody_proved_is_named(case: Case, address: str) -> None:
    """Fay never proved hers; Gil mistyped his, and asked for a code for another."""
    (mail,) = [one for one in case.mails if one.to == address]
    assert mail.only_a_code
    case.swap(mail, only_a_code=False)
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


def test_an_address_is_not_proven_before_its_time(case: Case) -> None:
    invitation = case.entry("spring", NEW)[0]
    mail = case.mail(invitation.message_id)
    case.swap(mail, at=mail.at - timedelta(seconds=1))
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


def test_a_code_that_was_withdrawn_proves_nothing(case: Case) -> None:
    """Eve was sent two codes for her new address, and typed the second: from then on it is hers, not from the first."""
    proof = case.row(EmailProof, EmailProof.address == NEW)
    asked = proof.done_at - HOUR
    case.alter(proof, asked_at=asked)
    case.add(EmailProof(**proof.model_dump(exclude={"id"}) | {"asked_at": asked - HOUR, "done_at": asked}))
    mail = case.mail(case.entry("spring", NEW)[0].message_id)
    assert case.breaches() == {}
    case.swap(mail, at=asked + HOUR / 2)
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


@pytest.mark.parametrize(
    ("body", "is_code"),
    [
        (b"Type this code:\r\n\r\n402917\r\n\r\nIt works until 9.15am.\r\n", True),
        (b"Type this code:\r\n\r\n402 917\r\n", True),
        (b"Confirm your address: https://pages.example/prove/abc\r\n", True),
        (b"See your bookings: https://pages.example/mine/abc\r\n", False),
        (b"https://pages.example/prove/abc\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n", False),
        (b"Call 402917 to cancel.\r\n", False),
        (b"Your place is confirmed.\r\n", False),
        (b"402917\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n", False),
    ],
)
def test_a_mail_is_only_a_code_when_it_has_one_and_no_invitation(body: bytes, is_code: bool) -> None:
    arrived = Arrived(AUTUMN, "a@x.example", ANN_S, b"Message-ID: <one@x.example>\r\n\r\n" + body)
    assert replace(mail_of(arrived), text="") == Message("<one@x.example>", ANN_S, AUTUMN, only_a_code=is_code)


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("said", ["Person 1 has a place", "PERSON 1", ANN_S, ANN_S.upper(), "<@1> has a place", "<@!1>", r"Person\ 1"])
def test_somebody_named_in_a_public_channel_is_found(case: Case, said: str) -> None:
    case.public["#organisers"] = f"2027-03-01 09:00 Practice Week\n    {said}\n"
    assert case.breaches() == {NAMES: (f"person {case.person(ANN).id} is named in #organisers",)}


def test_a_presenter_may_have_the_name_of_somebody_who_signs_up(case: Case) -> None:
    case.add(Presenter(partnership_id=1, session_id=case.session("strengths").id or 0, label="Dr Person 1, Solihull"))
    case.public["#practice-week"] += "\nLed by Dr Person 1, Solihull"
    assert case.breaches() == {}
    case.public["#practice-week"] += "\n<@1> has a place"
    assert case.breaches() == {NAMES: (f"person {case.person(ANN).id} is named in #practice-week",)}


# ── several at once ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_breach_is_named_and_each_once(case: Case) -> None:
    case.alter(case.session("strengths"), places=1)
    case.alter(case.session("empty"), state=SessionState.CANCELLED)
    case.public["#practice-week"] = f"{ANN_S} and {ANN_S}"
    assert {name: len(said) for name, said in case.breaches().items()} == {PLACES: 1, ONE_MEETING: 1, NAMES: 1}


def test_gil_has_two_addresses_and_neither_is_his(case: Case) -> None:
    """The story holds what the tests above rely on."""
    assert [one.to for one in case.mails if one.to in (MISTYPED, f"person{GIL}@council.gov.uk")] == [
        MISTYPED,
        f"person{GIL}@council.gov.uk",
    ]
    assert case.person(GIL).proven_at is None
