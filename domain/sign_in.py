"""The sign-in sheet of a session: who has a place, and who waits for one, to print and lay on a table.

Of a private session it holds the names that people chose, and nothing else of theirs. Making one is on record.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.audit import audit
from domain.capacity import WAITS
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.kinds import Format, Mode
from domain.models import Booking, BookingState, Organisation, Partnership, Person, Privacy, Programme, Session, SessionState
from domain.places import find_session
from domain.ports.drawing import SignInLine, SignInSheet
from domain.privacy import NEUTRAL_FOR_ORGANISERS, shown_title
from domain.times import clock_words, day_words, to_wall, when_words

NO_NAME = "No name given"


def sign_in_sheet(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> SignInSheet:
    """A session's sheet, people by name; of a hybrid session those who come to the room. A write, as it is recorded.

    Raises `NotFound`, and `Closed` for a session that is not held.
    """
    session = find_session(db, partnership_id, session_id)
    if session.state is SessionState.DRAFT:
        raise NotFound("This session is not published yet, so nobody is booked on it.")
    if session.state is SessionState.CANCELLED:
        raise Closed("This session was cancelled, so nobody comes.")
    audit(db, partnership_id, actor, "print sign-in sheet", now=now, programme_id=session.programme_id, session_id=session_id)
    booked = _lines(db, session, col(Booking.state) == BookingState.CONFIRMED)
    waiting = _lines(db, session, WAITS)
    made = to_wall(now, session.zone)
    return SignInSheet(
        title=shown_title(session, NEUTRAL_FOR_ORGANISERS),
        programme=db.get_one(Programme, session.programme_id).title,
        partnership=db.get_one(Partnership, partnership_id).name,
        when=when_words(session.starts_at, session.ends_at, session.zone),
        venue=session.venue or ("Online" if session.format is Format.ONLINE else "Place to be told"),
        people=tuple(sorted(booked, key=lambda line: (line.name.casefold(), line.organisation.casefold()))),
        waiting=tuple(waiting),
        made=f"{day_words(made.date())}, {clock_words(made)}",
        made_at=now,
        private=session.privacy is Privacy.PRIVATE,
    )


def _lines(db: Db, session: Session, who: ColumnElement[bool]) -> list[SignInLine]:
    """In the order in which they asked."""
    rows = (
        select(Booking, Person.name, Organisation.name)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .join(Organisation, col(Organisation.id) == col(Person.organisation_id), isouter=True)
        .where(col(Booking.session_id) == session.id, who)
        .order_by(col(Booking.queue_number), col(Booking.id))
    )
    if session.format is Format.HYBRID:
        rows = rows.where(col(Booking.mode) == Mode.ROOM)
    if session.privacy is Privacy.PRIVATE:
        return [SignInLine(booking.alias or NO_NAME, "") for booking, _, _ in db.exec(rows)]
    return [SignInLine(booking.alias or name, organisation or "") for booking, name, organisation in db.exec(rows)]
