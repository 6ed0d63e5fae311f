"""Whether a claimed notice still tells the truth, and whether it waits for a link: asked at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.database import Db
from domain.day_reminders import speaks_of_a_day
from domain.entering import still_organises
from domain.kinds import Channel, Kind, Mode
from domain.link_to_come import patience_ends
from domain.models import (
    Attendance,
    Booking,
    BookingState,
    EmailProof,
    FeedbackGiven,
    Hold,
    Notice,
    Person,
    SeriesBooking,
    Session,
    SessionState,
)
from domain.notices import CALENDAR_KINDS
from domain.people import is_given_up
from domain.ports.letters import SessionFacts
from domain.rules import Rules
from domain.series.line import spoken_of
from domain.series.places import parts_ahead
from domain.waiting import HOPING


@dataclass
class Case:
    """What a notice is about, read at the moment of sending."""

    notice: Notice
    person: Person | None
    booking: Booking | None
    session: Session | None


def name_a_part_to_come(db: Db, case: Case, *, now: datetime) -> None:
    """What is said of a whole series names one of its parts: another, where that one was called off since it was owed."""
    notice, session = case.notice, case.session
    whole = db.get(SeriesBooking, notice.series_booking_id) if notice.series_booking_id is not None else None
    if whole is None or notice.kind not in _NAMES_A_PART or (session is not None and session.state is SessionState.PUBLISHED):
        return
    if parts := parts_ahead(db, whole.series_id, now=now):
        case.session, case.booking = spoken_of(db, whole, parts)
        notice.session_id = case.session.id
        notice.booking_id = case.booking.id if case.booking is not None else None


def still_true(db: Db, case: Case) -> bool:
    notice, booking, session = case.notice, case.booking, case.session
    if notice.presenter_id is not None:
        return True  # its matter tells
    if notice.kind in _OPENS:
        return _OPENS[notice.kind](db, notice)
    if notice.kind in CALENDAR_KINDS and notice.channel is Channel.EMAIL and notice.proof_id is None and notice.sequence is not None:
        assert booking is not None
        wants_place = notice.kind is not Kind.CANCELLATION
        return notice.sequence == booking.sequence and (booking.state is BookingState.CONFIRMED) == wants_place
    if speaks_of_a_day(notice):
        return booking is not None  # the facts were read just now
    whole = db.get(SeriesBooking, notice.series_booking_id) if notice.series_booking_id is not None else None
    if notice.kind in _CAME_TO and (claim := whole or booking) is not None:
        return _came_to(notice.kind, claim) and (notice.kind is not Kind.WAITING_CLOSED or _waits_still(booking, session))
    if booking is None or session is None:
        return True
    if to_waiting(notice):
        return booking.state in HOPING and session.state is SessionState.PUBLISHED
    if notice.kind is Kind.REMINDER:
        same_time = notice.detail == session.starts_at.isoformat()
        return booking.state is BookingState.CONFIRMED and session.state is SessionState.PUBLISHED and same_time
    if notice.kind is Kind.FEEDBACK:
        given = db.get(FeedbackGiven, (session.id, booking.person_id))
        there = booking.attendance is not Attendance.ABSENT  # it may have been marked since they were asked
        return given is None and there and session.state is SessionState.PUBLISHED and session.feedback_closed_at is None
    return True


#: of a whole series these say what comes
_NAMES_A_PART = (Kind.PROMOTION, Kind.OFFER, Kind.WAITING)
#: letters about what a claim came to, on a session or on a whole series, whatever its parts are by themselves
_CAME_TO: Mapping[Kind, BookingState] = {
    Kind.PROMOTION: BookingState.CONFIRMED,
    Kind.OFFER: BookingState.HELD,
    Kind.WAITING_CLOSED: BookingState.WAITLISTED,
    Kind.LAPSED: BookingState.CANCELLED,
}


def _came_to(kind: Kind, claim: Booking | SeriesBooking) -> bool:
    return claim.state is _CAME_TO[kind] and (kind is not Kind.OFFER or claim.hold is Hold.OFFER)


def _waits_still(booking: Booking | None, session: Session | None) -> bool:
    """Whether they have no place on what the letter names: they may have that part by itself."""
    open_still = session is None or session.state is SessionState.PUBLISHED
    return open_still and (booking is None or booking.state is BookingState.WAITLISTED)


def _is_unproven(db: Db, notice: Notice) -> bool:
    proof = db.get(EmailProof, notice.proof_id) if notice.proof_id else None
    return proof is not None and proof.done_at is None and not is_given_up(db, proof)


#: letters that open something to whoever reads them, and when they still may
_OPENS: Mapping[Kind, Callable[[Db, Notice], bool]] = {Kind.VERIFICATION: _is_unproven, Kind.SIGN_IN: still_organises}


def to_waiting(notice: Notice) -> bool:
    """Whether it is an update for somebody who has no place (yet)."""
    return notice.kind is Kind.UPDATE and notice.sequence is None and notice.booking_id is not None


def wait_for_link(case: Case, facts: SessionFacts | None, rules: Rules, now: datetime) -> datetime | None:
    notice, booking, session = case.notice, case.booking, case.session
    presents = notice.presenter_id is not None
    if facts is None or session is None or notice.channel is not Channel.EMAIL or (booking is None and not presents):
        return None
    mode = booking.mode if booking is not None else Mode.ONLINE  # who presents has the link to open the meeting, room or not
    if notice.kind not in (Kind.INVITATION, Kind.UPDATE, Kind.PROMOTION) or facts.join_url or to_waiting(notice):
        return None
    until = patience_ends(session, mode, notice.owed_at, rules)
    return until if until is not None and until > now else None
