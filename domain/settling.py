"""An edit that still settles, and how the session was before it.

Every edit of a session puts a row down, so that a later one can be told from an earlier. While the row's time runs,
`domain.undoing` can put everything back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter
from sqlmodel import col, delete, select

from domain.database import Db
from domain.descriptions import NewSession, described
from domain.kinds import Mode
from domain.meetings import link_of, spare
from domain.models import Booking, Programme, Session, Undo
from domain.rules import Rules


@dataclass(frozen=True)
class Before:
    """A session as it was before an edit, with what of its surroundings the edit may change too."""

    session: NewSession
    link: str | None  #: what people had to join by
    modes: Mapping[int, Mode]  #: by booking: how each took part
    first_day: date  #: of the programme
    last_day: date
    at: datetime  #: when the edit was made (UTC)
    presenter: str | None = None  #: whom the schedule named from the edit on: who was named, or taken off, since then is no part of it


#: as much as a row has room for: how a thousand people or more took part is too much
_MOST = 20_000


@cache
def _format() -> TypeAdapter[Before]:
    return TypeAdapter(Before)


def as_it_was(db: Db, session: Session, new: NewSession, *, now: datetime) -> Before:
    """The session, before it becomes `new`. How people take part is kept only where the edit may change it."""
    programme = db.get_one(Programme, session.programme_id)
    modes: dict[int, Mode] = {}
    if new.format is not session.format:
        bookings = select(Booking.id, Booking.mode).where(col(Booking.session_id) == session.id)
        modes = {number or 0: Mode(mode) for number, mode in db.exec(bookings)}
    before = described(db, session.partnership_id, session.id or 0)
    return Before(before, link_of(db, session), modes, programme.starts_on, programme.ends_on, now, new.presenter)


def can_be_kept(was: Before) -> bool:
    """Whether a row has room for all of it."""
    return len(_as_text(was)) <= _MOST


def _as_text(was: Before) -> str:
    return _format().dump_json(was).decode()


def remember(db: Db, session: Session, was: Before, rules: Rules, *, now: datetime) -> int | None:
    """Put down how the session was; the row's id where the edit can be undone.

    None: nothing was changed, it is told at once, or there is more than can be kept. The row is put down then too, for the edit before it.
    """
    if described(db, session.partnership_id, session.id or 0) == was.session:
        return None
    db.exec(delete(Undo).where(col(Undo.session_id) == session.id, col(Undo.until) < now))
    settles = min(session.starts_at, was.session.starts_at) - now >= rules.settle_not_within
    text = _as_text(was)
    can_be_undone = settles and len(text) <= _MOST
    until = now + rules.settle if can_be_undone else now
    if can_be_undone:
        spare(db, session, until, now=now)
    row = Undo(
        partnership_id=session.partnership_id,
        session_id=session.id or 0,
        before=text if can_be_undone else "",
        revision=session.revision,
        until=until,
    )
    db.add(row)
    db.flush()
    return row.id if can_be_undone else None


def before_of(row: Undo) -> Before:
    """How the session was."""
    return _format().validate_json(row.before)
