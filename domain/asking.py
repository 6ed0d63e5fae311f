"""Who asks for a place: all that has to be known of them and of the session, once its row is locked, in one statement.

Five hundred people may press one button in a second. What decides about each of them is counted and looked up here in one
go, by a statement that is made once: making a statement costs more than running it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, func, select
from sqlmodel import col

from domain.capacity import AT_THE_SAME_TIME, HAS_PLACE, WAITS, WAITS_THEN
from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, Person, Programme, ProgrammeState, Session

_LINE = select(func.count()).where(col(Booking.session_id) == bindparam("session"), col(Booking.mode) == bindparam("mode"))
#: those who can be promoted before whoever asks now
_AHEAD = WAITS, col(Booking.series_booking_id).is_(None)
_MINE = and_(col(Booking.session_id) == bindparam("session"), col(Booking.person_id) == col(Person.id))
_ASKING = (
    select(
        col(Programme.state),
        col(Person.id),
        col(Person.proven_at),
        col(Booking.id),
        _LINE.where(HAS_PLACE).scalar_subquery().label("taken"),
        _LINE.where(*_AHEAD).scalar_subquery().label("waiting"),
        AT_THE_SAME_TIME.exists(),
        WAITS_THEN.exists(),
    )
    .select_from(Programme)
    .outerjoin(Person, and_(col(Person.id) == bindparam("person"), col(Person.partnership_id) == col(Programme.partnership_id)))
    .outerjoin(Booking, _MINE)
    .where(col(Programme.id) == bindparam("programme"))
)


@dataclass(frozen=True)
class Asking:
    """How somebody who asks stands with a session, and the session with its places."""

    programme: ProgrammeState
    known: bool  #: we know this person, in this partnership
    proven: bool  #: their address is proven
    booking_id: int | None
    taken: int  #: places of their way that are confirmed or held
    waiting: int  #: how many wait for one of them
    elsewhere: bool  #: they have another place while the session is on: whether that clashes is for the rules to say
    waits_then: bool  #: they wait for another, though that clashes with something (`domain.capacity.ask_anew`)


def asked_by(db: Db, session: Session, person_id: int, mode: Mode) -> Asking:
    """Read it, under the session's lock. Nothing may wait to be written."""
    about: dict[str, object] = {"programme": session.programme_id, "session": session.id, "person": person_id, "mode": mode}
    about |= {"starts_at": session.starts_at, "ends_at": session.ends_at}
    state, known, proven_at, booking_id, taken, waiting, elsewhere, waits_then = db.connection().execute(_ASKING, about).one()
    return Asking(state, known is not None, proven_at is not None, booking_id, taken, waiting, elsewhere, waits_then)
