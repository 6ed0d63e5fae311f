"""Who hears of a change to a session: asked before it, to say whom it would concern, and by the change itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, BookingState, Presenter, Session


@dataclass(frozen=True)
class Hearing:
    """Those whose calendar follows the session: who has a place, and who presents it."""

    bookings: Sequence[Booking] = ()
    presenters: Sequence[Presenter] = ()


def hearing(db: Db, session: Session, changes: Sequence[str]) -> Hearing:
    """Who hears of these changes (in the words of a letter's `changes`). Without any, nobody does."""
    if not changes:
        return Hearing()
    every = following(db, session)
    if tuple(changes) == ("link",):  # who comes to the room needs no link
        return replace(every, bookings=[one for one in every.bookings if one.mode is Mode.ONLINE])
    return every


def following(db: Db, session: Session) -> Hearing:
    """All whose calendar follows it, whatever changes."""
    confirmed = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED)
    return Hearing(db.exec(confirmed.order_by(col(Booking.id))).all(), _invited_presenters(db, session))


def _invited_presenters(db: Db, session: Session) -> Sequence[Presenter]:
    """Those who present a session and have been written to."""
    mine = select(Presenter).where(col(Presenter.session_id) == session.id, col(Presenter.sequence) > 0)
    still = col(Presenter.ended_at).is_(None), col(Presenter.declined_at).is_(None)
    return db.exec(mine.where(*still).order_by(col(Presenter.id))).all()
