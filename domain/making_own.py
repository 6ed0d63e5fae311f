"""Making a wish one's own (`domain.wishes`), by either door: the mail's link, or a yes on one's own page. Both come to the same here.

Before the cut-off the place goes by the line. From then on the line stands still: who says yes has a place that is free, and where
none is, their claim is over, as nobody is put on a waiting list that moves no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.audit import audit_bookings, audit_whole
from domain.bookings import Booked, book
from domain.capacity import ACTIVE, cutoff_of, end, lock
from domain.database import Db
from domain.errors import Refusal
from domain.in_line import tell_in_line
from domain.models import Booking, BookingState, Hold, Person, SeriesBooking, Session
from domain.places import lapse_own, promote, prove_holds
from domain.privacy import is_admitted, is_private
from domain.rules import Rules
from domain.series.booking import book_series, claim_of
from domain.series.places import booking_on, cutoff_of_whole, end_whole, parts_ahead


@dataclass(frozen=True)
class Owned:
    """What came of it. `booked`: of a session by itself. `over`: there is no place, and nothing to wait for."""

    booked: Booked | None = None
    over: bool = False


def take_own(
    db: Db, session_id: int, person: Person, rules: Rules, *, now: datetime, clash_accepted: bool, was_wish: bool, again: bool
) -> Owned:
    """The place that was asked for is theirs, with the series that it belongs to; what waits has a free place at once.

    `clash_accepted`: they were shown what they have at that time, and want this as well. `was_wish`: it was but a wish before this
    very yes. `again`: what was given back by the clock is asked for once more.
    """
    person_id = person.id or 0
    session = lock(db, person.partnership_id, session_id)
    if was_wish and is_private(session) and not is_admitted(db, session, person.discord_id, person_id):
        _end_unadmitted(db, session, person_id, rules, now=now)
        return Owned(over=True)
    lapse_own(db, session, person_id, rules, now=now)
    prove_holds(db, person_id, rules, now=now, only=session_id, clash_accepted=clash_accepted)
    claim = _claim(db, session, person_id, again=again)
    if claim is None or (claim.state is BookingState.CANCELLED and not again):
        return Owned()
    booked = None
    if claim.hold is not Hold.OFFER:  # an offer asks about a clash: it has a yes of its own
        booked = _asked_for(db, session, claim, rules, now=now, clash_accepted=clash_accepted)
    if was_wish and claim.state is BookingState.WAITLISTED:
        _end_where_nobody_is_promoted(db, session, claim, rules, now=now)
    tell_in_line(db, session_id, person, rules, now=now)
    over = claim.state not in ACTIVE
    return Owned(None if over else booked, over)


def _end_unadmitted(db: Db, session: Session, person_id: int, rules: Rules, *, now: datetime) -> None:
    """The session is private by now, and they were not let in, or are no more: what was but a wish ends, and its place goes on."""
    mine = booking_on(db, session, person_id)
    if mine is not None and mine.state in ACTIVE:
        end(db, session, mine, now=now)
        audit_bookings(db, session, (mine,), "lapse", now=now)
        promote(db, session, rules, now=now)


def _claim(db: Db, session: Session, person_id: int, *, again: bool) -> Booking | SeriesBooking | None:
    """The whole series, though a part of it may be theirs by itself too; else the session alone."""
    mine = booking_on(db, session, person_id)
    whole = claim_of(db, session.series_id, person_id) if session.series_id is not None else None
    if whole is None or again or mine is None or mine.series_booking_id is not None:
        return whole or mine
    return mine if whole.state is BookingState.CANCELLED else whole


def _asked_for(
    db: Db, session: Session, claim: Booking | SeriesBooking, rules: Rules, *, now: datetime, clash_accepted: bool
) -> Booked | None:
    """As anybody asks: they have it already, there is a place for them, or they are refused. Of a series nothing is said here."""
    where, person_id = session.partnership_id, claim.person_id
    try:
        if isinstance(claim, Booking):
            way, alias = claim.mode, claim.alias
            return book(db, where, claim.session_id, person_id, rules, now=now, mode=way, accept_clash=clash_accepted, alias=alias)
        # each part in the way that it was asked for
        book_series(db, where, claim.series_id, person_id, rules, now=now, accept_clash=clash_accepted)
    except Refusal:  # full, closed, called off
        pass
    return None


def _end_where_nobody_is_promoted(db: Db, session: Session, claim: Booking | SeriesBooking, rules: Rules, *, now: datetime) -> None:
    """They would wait for nothing: in chat they would not be put on the list either."""
    if isinstance(claim, SeriesBooking):
        last = cutoff_of_whole(parts_ahead(db, claim.series_id, now=now), rules)
        if last is None or now >= last:
            end_whole(db, claim, now=now)
            audit_whole(db, claim, "lapse in series", now=now)
    elif now >= cutoff_of(session, rules):
        end(db, session, claim, now=now)
        audit_bookings(db, session, (claim,), "lapse", now=now)
