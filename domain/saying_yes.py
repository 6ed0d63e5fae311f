"""Saying yes, by one's own link: to a place that is kept (for a proof, or because it clashes), and to a wish that waits."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.bookings import book
from domain.capacity import Accepts, to_ask
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.making_own import take_own
from domain.models import Booking, BookingState, Hold, Person, Session
from domain.offers import clashes_of_claim
from domain.places import lock
from domain.rules import Rules
from domain.saying_where import says_where_with_all
from domain.series.booking import book_series
from domain.series.places import booking_on

OVER = "This place is no longer kept for you. You can ask for it again."


class Said(StrEnum):
    """What came of a yes."""

    ACCEPTED = "accepted"
    OVER = "over"  # it waited, none is free, and nobody is promoted any more
    WHERE = "where"  # nothing was changed: they have told nobody yet where they work, and this is not for families
    CLASH = "clash"  # nothing was changed: what they have at that time is not what they were shown


def say_yes(
    db: Db, partnership_id: int, session_id: int, person_id: int, rules: Rules, *, now: datetime, accept_clash: Accepts = False
) -> Said:
    """Take the place, with the series that it belongs to; what waits is theirs, and has a free place at once. Harmless to repeat.

    `accept_clash`: what they accept of what clashes, as it was shown beside the button. Raises `Closed` where it is kept no longer.
    """
    session = lock(db, partnership_id, session_id)  # first: the offer may be given back, and go on, at this moment
    mine = booking_on(db, session, person_id)
    if mine is None:
        raise NotFound("You have no booking for this session.")
    if mine.state is BookingState.CONFIRMED or (mine.state is BookingState.WAITLISTED and not mine.wished):
        return Said.ACCEPTED
    kept = mine.state is BookingState.HELD and mine.held_until is not None and mine.held_until > now
    if mine.state is not BookingState.WAITLISTED and not kept:
        raise Closed(OVER)
    if mine.wished and says_where_with_all(db, db.get_one(Person, person_id), session, now=now):
        return Said.WHERE
    clashes = clashes_of_claim(db, session, mine, rules, now=now)
    if to_ask(clashes, accept_clash):
        return Said.CLASH
    if mine.state is BookingState.WAITLISTED:
        return _make_own(db, session, mine, rules, now, clash_accepted=bool(clashes))
    if mine.hold is Hold.PROOF:  # who has opened their own link has proven the address
        _make_own(db, session, mine, rules, now, clash_accepted=bool(clashes))
    elif mine.series_booking_id is not None:
        _take_series(db, session, person_id, rules, now)
    else:
        book(db, partnership_id, session_id, person_id, rules, now=now, mode=mine.mode, accept_clash=True)
    if db.get_one(Booking, mine.id).state not in (BookingState.CONFIRMED, BookingState.WAITLISTED):
        raise Closed(OVER)
    return Said.ACCEPTED


def _make_own(db: Db, session: Session, mine: Booking, rules: Rules, now: datetime, *, clash_accepted: bool) -> Said:
    """`clash_accepted`: that something clashes. They have accepted that, and nothing that comes later."""
    person, was = db.get_one(Person, mine.person_id), mine.wished
    came = take_own(db, session.id or 0, person, rules, now=now, clash_accepted=clash_accepted, was_wish=was, again=False)
    return Said.OVER if came.over else Said.ACCEPTED


def _take_series(db: Db, session: Session, person_id: int, rules: Rules, now: datetime) -> None:
    if session.series_id is not None:
        book_series(db, session.partnership_id, session.series_id, person_id, rules, now=now, accept_clash=True)
