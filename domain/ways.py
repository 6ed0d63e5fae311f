"""Ways: changing how one takes part in a hybrid session, in the room or online, without giving the place back first."""

from __future__ import annotations

from datetime import datetime

from domain.audit import audit_bookings
from domain.capacity import confirm, lock, modes_of, places_of
from domain.counting import taken
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import Kind, Mode
from domain.models import Booking, BookingState, Session, SessionState
from domain.notices import owe_calendar
from domain.places import promote
from domain.rules import Rules
from domain.series.places import booking_on

#: what the update is said to tell: where they take part
CHANGED = "place"
_WHERE = {Mode.ROOM: "in the room", Mode.ONLINE: "online"}


def change_way(db: Db, partnership_id: int, session_id: int, person_id: int, way: Mode, rules: Rules, *, now: datetime) -> bool:
    """Take part the other way, if there is a place that way; whether anything changed. Harmless to repeat.

    Who waits for the one way and asks for the other has that place at once. Raises `Refusal` where there is none: then all
    stays as it was; `Closed`, `NotFound`, and `BadInput` for a way that is not offered.
    """
    session = lock(db, partnership_id, session_id)
    mine = booking_on(db, session, person_id)
    if mine is None or mine.wished or mine.state not in (BookingState.CONFIRMED, BookingState.WAITLISTED):
        raise NotFound("You have no booking for this session.")
    if mine.mode is way:
        return False
    _may_change(session, mine, way, now)
    places = places_of(session, way)
    if places is not None and taken(db, session_id, way) >= places:
        raise Refusal(f"There is no free place {_WHERE[way]} now. You keep what you have.")
    mine.mode, session.touched_at = way, now
    db.add_all((mine, session))
    if mine.state is BookingState.WAITLISTED:
        mine.clash_accepted = True
        confirm(db, session, mine, Kind.INVITATION, now=now)
    else:
        owe_calendar(db, mine, session, Kind.UPDATE, now=now, detail=CHANGED)
    audit_bookings(db, session, (mine,), "change way", now=now)
    promote(db, session, rules, now=now)
    return True


def _may_change(session: Session, mine: Booking, way: Mode, now: datetime) -> None:
    if way not in modes_of(session.format):
        raise BadInput("You cannot take part in this session that way.", field="way")
    if mine.series_booking_id is not None:
        raise Refusal("This session belongs to a series. Please ask an organiser to change how you take part.")
    if session.state is not SessionState.PUBLISHED:
        raise Closed("This session has been called off.")
    if session.starts_at <= now:
        raise Closed("This session has started, so how you take part can no longer be changed.")
