"""The way in: one page for each booking, which leads to today's room whatever the meeting was when the invitation was written.

Opening it records nothing: programs that look through mail open every link. Saying "I am here" is a press of a button. It marks
the person as there, from half an hour before the start until the end, where no organiser has marked them yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.database import Db
from domain.errors import Closed
from domain.letters.sessions import session_facts
from domain.links import opened
from domain.models import Attendance, Booking, BookingState, Purpose, Session, SessionState
from domain.modes import joins_by_link
from domain.places import find_session, lock
from domain.ports.letters import SessionFacts
from domain.private_sessions import contact_of
from domain.schedule.links import is_openable
from domain.series.completion import settle

#: from this long before the start somebody can say that they are here
EARLY = timedelta(minutes=30)


class Door(StrEnum):
    """What the page says first."""

    AHEAD = "ahead"  # booked, and more than half an hour away
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"  # the session is called off
    NO_PLACE = "no place"  # the booking was given back, waits, or is only held


@dataclass(frozen=True)
class WayIn:
    """A session as the page shows it to one person. Without a place, or after it, there is no link."""

    partnership_id: int
    session: SessionFacts
    online: bool
    door: Door
    here: bool  #: marked as there
    contact: str  #: whom to call: of the programme; empty where it names nobody
    unopenable: bool = False  #: the organisers gave something that is no link; it stands as words


def way_in(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> WayIn:
    """What the page of this link shows. Raises `NotFound` for a link that is over."""
    booking, session = _theirs(db, partnership_ids, token, now=now)
    facts, door = session_facts(db, session), door_of(session, booking, now=now)
    online = joins_by_link(session.format, booking.mode)
    if door not in (Door.AHEAD, Door.OPEN) or not online:
        facts = replace(facts, join_url=None)
    if door not in (Door.AHEAD, Door.OPEN):
        facts = replace(facts, materials=())
    given = facts.join_url is not None and not is_openable(facts.join_url)
    here = booking.attendance is Attendance.ATTENDED
    return WayIn(session.partnership_id, facts, online, door, here, contact_of(db, session), given)


def say_here(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> None:
    """The person is there. An organiser's mark stands; pressed twice it marks once. Raises `Closed`, `NotFound`."""
    booking, session = _theirs(db, partnership_ids, token, now=now)
    session = lock(db, session.partnership_id, session.id or 0)
    db.refresh(booking)
    if door_of(session, booking, now=now) is not Door.OPEN:
        raise Closed("You can say that you are here from half an hour before the start until the end.")
    if booking.attendance is not Attendance.UNKNOWN:
        return
    booking.attendance = Attendance.ATTENDED
    db.add(booking)
    db.flush()
    settle(db, session, (booking.person_id,), now=now)


def door_of(session: Session, booking: Booking, *, now: datetime) -> Door:
    """How it stands now."""
    if session.state is not SessionState.PUBLISHED:
        return Door.CANCELLED
    if booking.state is not BookingState.CONFIRMED:
        return Door.NO_PLACE
    if now >= session.ends_at:
        return Door.OVER
    return Door.OPEN if now >= session.starts_at - EARLY else Door.AHEAD


def _theirs(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> tuple[Booking, Session]:
    link = opened(db, partnership_ids, Purpose.JOIN, token, now=now)
    booking = db.get_one(Booking, link.booking_id)
    return booking, find_session(db, link.partnership_id, booking.session_id)
