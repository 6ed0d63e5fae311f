"""Given back: whether somebody has given a place back since they asked for it on a page. Then the mail of that asking books it no more.

A place that ended by itself, as a hold does, was given back by nobody: its mail still looks for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from domain.audit import of_person
from domain.database import Db
from domain.merging import with_merged
from domain.models import AuditEntry, Booking, Session, Transfer, TransferState


class GivenBack(StrEnum):
    """How a place was given back."""

    CANCELLED = "cancelled"
    HANDED = "handed"  # a colleague has it


def given_back(db: Db, session: Session, person_ids: Sequence[int], since: datetime) -> GivenBack | None:
    """How one of these, who may be one person, gave back the session or the series that it belongs to; None: they did not.

    What they did before two rows became one was done by who went.
    """
    person_ids = sorted(with_merged(db, person_ids))
    mine = select(Booking.id).where(col(Booking.session_id) == session.id, col(Booking.person_id).in_(person_ids))
    bookings = db.exec(mine).all()
    trail = select(AuditEntry.id).where(col(AuditEntry.partnership_id) == session.partnership_id, col(AuditEntry.at) > since)
    alone = col(AuditEntry.programme_id) == session.programme_id, col(AuditEntry.booking_id).in_(bookings)
    if db.exec(trail.where(*alone, col(AuditEntry.action) == "cancel booking")).first() is not None:
        return GivenBack.CANCELLED
    whole = col(AuditEntry.series_id) == session.series_id, col(AuditEntry.actor).in_([of_person(one) for one in person_ids])
    series = trail.where(*whole, col(AuditEntry.action) == "cancel series booking")
    if session.series_id is not None and db.exec(series).first() is not None:
        return GivenBack.CANCELLED
    handed = col(Transfer.booking_id).in_(bookings), col(Transfer.state) == TransferState.AGREED, col(Transfer.ended_at) > since
    return GivenBack.HANDED if db.exec(select(Transfer.id).where(*handed)).first() is not None else None
