"""The verdict on reminders: at the right hour, to everyone they were for, and to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.day_reminders import Told
from domain.models import BookingState, Notice
from rehearsal.evidence import Message
from tests.rehearsal.verdict_checks import ANN_S, CODES, HOUR, NOT_REMINDED, OWED, REMINDED, WALL_TIME, more
from tests.verdict_building import ANN, AUTUMN, BOB, CAT, FAY, SPRING, Case


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
