"""A question to a colleague ends by itself: its time is over, or the place has gone. The giver is told what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.audit import CLOCK, audit_bookings
from domain.database import Db
from domain.kinds import Kind
from domain.models import Booking, BookingState, Person, Session, SessionState, Transfer, TransferState
from domain.notices import owe, to_person
from domain.partnerships import Whose, of_these
from domain.places import lock, lock_all
from domain.standing import First, Instant, at
from domain.transfers.asking import close, still_has_place

#: what is said to the giver besides the states: the colleague cannot take it (why is theirs to say), or too many wrong tries
CANNOT, TRIES = "cannot", "tries"


def tell_giver(db: Db, transfer: Transfer, session: Session, booking: Booking, outcome: str, *, now: datetime) -> None:
    """Owe the giver word of what came of it, wherever they like to hear."""
    giver = db.get_one(Person, booking.person_id)
    notice = to_person(
        Kind.TRANSFER,
        giver,
        key=f"transfer:{transfer.id}:{outcome}",
        now=now,
        session=session,
        booking=booking,
        expires_at=session.ends_at,
        detail=outcome,
    )
    notice.transfer_id = transfer.id
    owe(db, notice)


def _over(now: Instant, whose: Whose) -> SelectOfScalar[Any]:
    """The open questions whose time is over, or whose place has gone; looked for from their side, for they are few."""
    gone = (
        (col(Booking.state) != BookingState.CONFIRMED)
        | (col(Session.state) != SessionState.PUBLISHED)
        | (col(Booking.confirmed_at) > col(Transfer.asked_at))
    )
    place = select(Booking.id).join(Session, col(Session.id) == col(Booking.session_id)).where(col(Booking.id) == col(Transfer.booking_id))
    ended = place.where((col(Session.starts_at) <= now) | gone).exists()
    asked = col(Transfer.state) == TransferState.ASKED, *of_these(Transfer.partnership_id, whose)
    return select(Transfer.id).where(*asked, (col(Transfer.expires_at) <= now) | ended)


def transfers_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `lapse_transfers` has anything to do."""
    return _over(at(), whose).exists()


def lapse_transfers(db: Db, *, now: datetime, whose: Whose = None, limit: int = 200) -> int:
    """End questions whose time is over, or whose place has gone; how many. A giver who still has the place is told."""
    over = (
        select(Transfer, Booking, Session)
        .join(Booking, col(Booking.id) == col(Transfer.booking_id))
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Transfer.id).in_(_over(now, whose)))
        .order_by(col(Session.id), col(Transfer.id))
        .limit(limit)
    )
    ended = db.exec(over).all()
    lock_all(db, [found.id for _, _, found in ended])
    for transfer, booking, found in ended:
        session = lock(db, transfer.partnership_id, found.id or 0)
        db.refresh(transfer)
        db.refresh(booking)
        if transfer.state is not TransferState.ASKED:
            continue  # another process has seen to it before we had the lock
        audit_bookings(db, session, (booking,), "end hand-over", now=now, actor=CLOCK)
        if still_has_place(transfer, booking, session):
            close(db, transfer, TransferState.LAPSED, now=now)
            tell_giver(db, transfer, session, booking, TransferState.LAPSED.value, now=now)
        else:
            close(db, transfer, TransferState.WITHDRAWN, now=now)
    return len(ended)


def first_lapse(whose: Whose = None) -> First:
    """When the next question ends."""
    asked = col(Transfer.state) == TransferState.ASKED, *of_these(Transfer.partnership_id, whose)
    return First(select(func.min(col(Transfer.expires_at))).where(*asked).scalar_subquery())
