"""Making up: a part missed in one run of a course is booked alone in another. Nobody else books or gives back a single part."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.errors import Refusal
from domain.models import Attendance, Booking, BookingState, Series, SeriesBooking, Session, SessionState
from domain.series.runs import find_series, part_numbers


def refuse_alone(db: Db, session: Session, person_id: int, *, now: datetime) -> None:
    """Raises `Refusal` for who wants one part of a series without the others, unless they missed it in another run."""
    if session.series_id is None or makes_up(db, session, person_id, now=now):
        return
    raise Refusal(f"{_whole_words(db, session)} Book the whole series: press Book all parts, or use /series browse.")


def refuse_to_leave_alone(db: Db, session: Session, booking: Booking) -> None:
    """Raises `Refusal` for who wants to give back one part of a series that they have as a whole."""
    if booking.series_booking_id is not None and booking.state is not BookingState.CANCELLED:
        raise Refusal(
            f"{_whole_words(db, session)} You can cancel the whole series: press Cancel all parts, or use /my series. "
            "If you cannot come to one part, you can make it up in another run."
        )


def _whole_words(db: Db, session: Session) -> str:
    series = db.get_one(Series, session.series_id)
    of = len(part_numbers(db, session.series_id or 0))
    return f"This is part {session.series_part} of {of} of {series.title}. The parts belong together."


def makes_up(db: Db, session: Session, person_id: int, *, now: datetime) -> bool:
    """Whether somebody missed this part in another run of the course, and has not attended it anywhere.

    Missed: their own run's part is over or was cancelled, or had started when they booked, and nobody has marked them as there.
    """
    if session.series_id is None:
        return False
    key = find_series(db, session.partnership_id, session.series_id).course_key
    if session.series_part in attended_parts(db, session.partnership_id, person_id, key):
        return False
    others = (
        select(SeriesBooking)
        .join(Series, col(Series.id) == col(SeriesBooking.series_id))
        .where(
            col(Series.partnership_id) == session.partnership_id,
            col(Series.course_key) == key,
            col(Series.id) != session.series_id,
            col(SeriesBooking.person_id) == person_id,
            col(SeriesBooking.state) == BookingState.CONFIRMED,
        )
    )
    return any(_missed(db, whole, session.series_part, now) for whole in db.exec(others))


def _missed(db: Db, whole: SeriesBooking, part: int | None, now: datetime) -> bool:
    days = db.exec(select(Session).where(col(Session.series_id) == whole.series_id, col(Session.series_part) == part)).all()
    mine = select(Booking.session_id).where(col(Booking.series_booking_id) == whole.id, col(Booking.state) == BookingState.CONFIRMED)
    booked = set(db.exec(mine))
    live = [day for day in days if day.state is not SessionState.CANCELLED]
    return bool(days) and all((day.ends_at if day.id in booked else day.starts_at) <= now for day in live)


def attended_parts(db: Db, partnership_id: int, person_id: int, key: str) -> frozenset[int]:
    """The parts of a course that somebody attended, in whichever run."""
    found = db.exec(
        select(Session.series_part)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .join(Series, col(Series.id) == col(Session.series_id))
        .where(
            col(Series.partnership_id) == partnership_id,
            col(Series.course_key) == key,
            col(Booking.person_id) == person_id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.attendance) == Attendance.ATTENDED,
        )
    )
    return frozenset(number for number in found if number is not None)
