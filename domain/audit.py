"""The audit trail: who did what to which programme, session, booking, series or list, and when. Ids only.

Every use case that changes one of them, or shows or exports a list of people, leaves one row in its own transaction.
What people answer in feedback leaves none: nobody may learn who said what. Rows are never changed; see `domain.models.auditing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from domain.database import Db
from domain.models import AuditEntry, Booking, SeriesBooking, Session

CLOCK = "clock"


def of_person(person_id: int | None) -> str:
    """How the trail names somebody who acts for themselves."""
    return f"person:{person_id}"


def person_of(named: str) -> int:
    """Whom `of_person` named."""
    return int(named.removeprefix("person:"))


def by_account(discord_id: int) -> str:
    """How the trail names a Discord account that does something."""
    return f"discord:{discord_id}"


#: before the id of an address that organises
ORGANISER = "organiser:"


def by_organiser(organiser_id: int | None) -> str:
    """How the trail names somebody who organises by page: by the row of the address that they are signed in with."""
    return f"{ORGANISER}{organiser_id}"


def audit(
    db: Db,
    partnership_id: int,
    actor: str,
    action: str,
    *,
    now: datetime,
    programme_id: int | None = None,
    session_id: int | None = None,
    booking_id: int | None = None,
    series_id: int | None = None,
    detail: str = "",
) -> None:
    """Leave a row. One plain INSERT, which flushes nothing."""
    row = {
        "partnership_id": partnership_id,
        "at": now,
        "actor": actor,
        "action": action,
        "programme_id": programme_id,
        "session_id": session_id,
        "booking_id": booking_id,
        "series_id": series_id,
        "detail": detail[:500],
    }
    db.connection().execute(insert(AuditEntry).inline(), row)


def audit_bookings(db: Db, session: Session, bookings: Iterable[Booking], action: str, *, now: datetime, actor: str | None = None) -> None:
    """A row for each of these bookings of one session; without `actor` each is its own person's doing."""
    for booking in bookings:
        audit(
            db,
            session.partnership_id,
            actor or of_person(booking.person_id),
            action,
            now=now,
            programme_id=session.programme_id,
            session_id=session.id,
            booking_id=booking.id,
        )


def audit_whole(db: Db, whole: SeriesBooking, action: str, *, now: datetime, actor: str | None = None) -> None:
    """A row for a claim on a whole series; without `actor` it is that person's doing."""
    audit(db, whole.partnership_id, actor or of_person(whole.person_id), action, now=now, series_id=whole.series_id)
