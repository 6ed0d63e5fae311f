"""What an invitation lets somebody book from their own page: they need not find its letter again, though they have cancelled.

Who was let in stays so until the code is taken back (`domain.privacy.is_admitted`): then nothing more is booked by it, here or elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.admissions import admitted_to
from domain.bookable import ToBook, to_book
from domain.capacity import ACTIVE
from domain.database import Db
from domain.models import Booking, Person, Session
from domain.private_sessions import contact_of
from domain.queries import session_views
from domain.rules import Rules
from domain.views import SessionView


@dataclass(frozen=True)
class InvitedTo:
    """A private session that they may book, and what there is to ask for. `contact`: whom to call."""

    session: SessionView
    to_book: ToBook
    contact: str


def invited_to(db: Db, person: Person, rules: Rules, *, now: datetime) -> tuple[InvitedTo, ...]:
    """The private sessions to come that they were let in to, and have not booked."""
    ids = admitted_to(db, person.partnership_id, person.discord_id, person_id=person.id, now=now)
    ahead = _not_claimed(db, ids, person.id, now) if ids else ()
    return tuple(
        InvitedTo(shown, to_book(shown, rules, now), contact_of(db, session))
        for session, shown in zip(ahead, session_views(db, ahead), strict=True)
        if shown.booking_open
    )


def _not_claimed(db: Db, ids: Sequence[int], person_id: int | None, now: datetime) -> Sequence[Session]:
    mine = select(Booking.session_id).where(col(Booking.person_id) == person_id, col(Booking.state).in_(ACTIVE))
    ahead = col(Session.id).in_(ids), col(Session.starts_at) > now, col(Session.series_id).is_(None), col(Session.id).not_in(mine)
    return db.exec(select(Session).where(*ahead).order_by(col(Session.starts_at), col(Session.id))).all()
