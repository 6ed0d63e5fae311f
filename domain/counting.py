"""Counting: how many have a place in a session, and how many wait before somebody."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, select

from domain.capacity import HAS_PLACE, SEEN_PLACE, WAITS, WAITS_FOR_SERIES
from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, SeriesBooking


def taken(db: Db, session_id: int, mode: Mode, *, seen: bool = False) -> int:
    """Places confirmed or held: what is decided by. `seen`: of these, those that everybody may see as taken."""
    mine = col(Booking.session_id) == session_id, col(Booking.mode) == mode, SEEN_PLACE if seen else HAS_PLACE
    return db.exec(select(func.count()).select_from(Booking).where(*mine)).one()


def position(db: Db, booking: Booking) -> int:
    """Place on the waiting list, from 1: of the session, or of the series that the booking belongs to.

    Only those count who can be promoted before it: what was typed on a page and nobody has made their own stands in nobody's way.
    """
    if booking.series_booking_id is not None:
        return series_position(db, db.get_one(SeriesBooking, booking.series_booking_id))
    ahead = (
        select(func.count())
        .select_from(Booking)
        .where(
            col(Booking.session_id) == booking.session_id,
            col(Booking.series_booking_id).is_(None),
            col(Booking.mode) == booking.mode,
            WAITS,
            col(Booking.queue_number) < booking.queue_number,
        )
    )
    return db.exec(ahead).one() + 1


def series_position(db: Db, whole: SeriesBooking) -> int:
    """Place on a series' waiting list, from 1."""
    ahead = (
        select(func.count())
        .select_from(SeriesBooking)
        .where(
            col(SeriesBooking.series_id) == whole.series_id,
            WAITS_FOR_SERIES,
            col(SeriesBooking.queue_number) < whole.queue_number,
        )
    )
    return db.exec(ahead).one() + 1
