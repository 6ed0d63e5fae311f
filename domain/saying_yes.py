"""Saying yes, by one's own link: to a place that is kept (for a proof, or because it clashes), and to a wish that waits."""

from __future__ import annotations

from datetime import datetime

from domain.bookings import book
from domain.capacity import clashes_of
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.making_own import take_own
from domain.models import Booking, BookingState, Hold, Person, Session
from domain.places import lock
from domain.rules import Rules
from domain.series.booking import book_series
from domain.series.places import booking_on, clashes_of_whole, parts_ahead

OVER = "This place is no longer kept for you. You can ask for it again."


def say_yes(db: Db, partnership_id: int, session_id: int, person_id: int, rules: Rules, *, now: datetime) -> bool:
    """Take the place, with the series that it belongs to; what waits is theirs, and has a free place at once. Harmless to repeat.

    False: it waited, none is free, and nobody is promoted any more, so it is over. Raises `Closed` where it is kept no longer.
    """
    session = lock(db, partnership_id, session_id)  # first: the offer may be given back, and go on, at this moment
    mine = booking_on(db, session, person_id)
    if mine is None:
        raise NotFound("You have no booking for this session.")
    if mine.state is BookingState.CONFIRMED or (mine.state is BookingState.WAITLISTED and not mine.wished):
        return True
    if mine.state is BookingState.WAITLISTED:
        return _make_own(db, session, mine, rules, now)
    if mine.state is not BookingState.HELD or mine.held_until is None or mine.held_until <= now:
        raise Closed(OVER)
    if mine.hold is Hold.PROOF:  # who has opened their own link has proven the address
        _make_own(db, session, mine, rules, now)
    elif mine.series_booking_id is not None:
        _take_series(db, session, person_id, rules, now)
    else:
        book(db, partnership_id, session_id, person_id, rules, now=now, mode=mine.mode, accept_clash=True)
    if db.get_one(Booking, mine.id).state not in (BookingState.CONFIRMED, BookingState.WAITLISTED):
        raise Closed(OVER)
    return True


def _make_own(db: Db, session: Session, mine: Booking, rules: Rules, now: datetime) -> bool:
    """What clashes stands beside the button: who presses it has accepted that, and nothing that comes later."""
    if mine.series_booking_id is not None and session.series_id is not None:
        clashes = clashes_of_whole(db, parts_ahead(db, session.series_id, now=now), mine.person_id, rules)
    else:
        clashes = clashes_of(db, mine.person_id, session, rules)
    person, was = db.get_one(Person, mine.person_id), mine.wished
    came = take_own(db, session.id or 0, person, rules, now=now, clash_accepted=bool(clashes), was_wish=was, again=False)
    return not came.over


def _take_series(db: Db, session: Session, person_id: int, rules: Rules, now: datetime) -> None:
    if session.series_id is not None:
        book_series(db, session.partnership_id, session.series_id, person_id, rules, now=now, accept_clash=True)
