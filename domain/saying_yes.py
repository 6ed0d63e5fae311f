"""Saying yes, by one's own link: to a place that is kept (for a proof, or because it clashes), and to a wish that waits."""

from __future__ import annotations

from datetime import datetime

from domain.bookings import book
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.in_line import tell_in_line
from domain.models import Booking, BookingState, Hold, Person, Session
from domain.places import find_session, prove_holds
from domain.rules import Rules
from domain.series.booking import book_series
from domain.series.places import booking_on

OVER = "This place is no longer kept for you. You can ask for it again."


def say_yes(db: Db, partnership_id: int, session_id: int, person_id: int, rules: Rules, *, now: datetime) -> None:
    """Take the place, with the series that it belongs to; what waits is theirs, and has a free place at once. Harmless to repeat.

    Raises `Closed` where it is kept no longer.
    """
    session = find_session(db, partnership_id, session_id)
    mine = booking_on(db, session, person_id)
    if mine is None:
        raise NotFound("You have no booking for this session.")
    if mine.state is BookingState.CONFIRMED:
        return
    if mine.state is BookingState.WAITLISTED:
        if mine.wished:
            prove_holds(db, person_id, rules, now=now, only=session_id)
            tell_in_line(db, session_id, db.get_one(Person, person_id), rules, now=now)
        return
    if mine.state is not BookingState.HELD or mine.held_until is None or mine.held_until <= now:
        raise Closed(OVER)
    if mine.hold is Hold.PROOF:  # who has opened their own link has proven the address
        prove_holds(db, person_id, rules, now=now, only=session_id)
        tell_in_line(db, session_id, db.get_one(Person, person_id), rules, now=now)
    elif mine.series_booking_id is not None:
        _take_series(db, session, person_id, rules, now)
    else:
        book(db, partnership_id, session_id, person_id, rules, now=now, mode=mine.mode, accept_clash=True)
    if db.get_one(Booking, mine.id).state not in (BookingState.CONFIRMED, BookingState.WAITLISTED):
        raise Closed(OVER)


def _take_series(db: Db, session: Session, person_id: int, rules: Rules, now: datetime) -> None:
    if session.series_id is not None:
        book_series(db, session.partnership_id, session.series_id, person_id, rules, now=now, accept_clash=True)
