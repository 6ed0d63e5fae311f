"""Who is booked on a session, for who organises it. Of a private one the chosen names, and nothing else of a person.

Whether somebody may see it is asked before; that it was seen is left in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit
from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, BookingState, Organisation, Person
from domain.places import find_session
from domain.privacy import is_private, name_on


@dataclass(frozen=True)
class Booked:
    """One person's claim. `organisation` and `address` are empty where the session is private."""

    booking_id: int
    name: str
    organisation: str
    address: str
    state: BookingState
    mode: Mode


def who_is_booked(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> tuple[Booked, ...]:
    """Everyone with a place, booked or kept, and who waits, in the order in which they asked. A write, as it is recorded."""
    session = find_session(db, partnership_id, session_id)
    audit(db, partnership_id, actor, "view bookings", now=now, programme_id=session.programme_id, session_id=session_id)
    rows = (
        select(Booking, Person, Organisation.name)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .join(Organisation, col(Organisation.id) == col(Person.organisation_id), isouter=True)
        .where(col(Booking.session_id) == session_id, HAS_CLAIM)
        .order_by(col(Booking.queue_number), col(Booking.id))
    )
    found = []
    for booking, person, organisation in db.exec(rows):
        hidden = is_private(session) or booking.alias is not None  # a name is chosen only for a private session
        more = ("", "") if hidden else (organisation or "", person.email or "")
        found.append(Booked(booking.id or 0, name_on(booking, person), *more, booking.state, booking.mode))
    return tuple(found)
