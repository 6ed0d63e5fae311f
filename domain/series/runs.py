"""Series: one run of a course, and the sessions that are its parts.

A part is known by its number: 1 for the first workshop. A day that was cancelled and the day that replaces it have the
same number, and so have the first workshops of every run of one course: that is how a part missed in one run is made up
in another. Numbers follow the dates until the run has begun; from then on they stay, and a further part comes last.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.errors import NotFound
from domain.models import BookingState, Notice, Privacy, Series, SeriesBooking, Session, SessionState

#: what tells one run from another in a title: a year, a season or month, the number of a run or cohort
_OF_A_RUN = re.compile(
    r"(?i)\b(?:(?:19|20)\d\d(?:\s*[-/–]\s*(?:19|20)?\d\d)?|spring|summer|autumn|winter|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|(?:run|cohort|group|intake|series)\s+(?:\d+|[a-z])|term\s+\d)\b"
)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def course_of(title: str) -> str:
    """The course that a run's title names: `Practitioner teacher programme 2027` is a run of `Practitioner teacher programme`."""
    rest = re.sub(r"\(\s*\)", "", _OF_A_RUN.sub("", title))
    return " ".join(rest.split()).strip(" -–:,·") or title


def numbered(parts: Mapping[int, Sequence[Session]]) -> dict[int, int]:
    """New numbers for parts, by their old ones: in order of the day on which each is held, or was to be held."""

    def day(number: int) -> tuple[datetime, int]:
        live = [one for one in parts[number] if one.state is not SessionState.CANCELLED] or list(parts[number])
        return min(one.starts_at for one in live), number

    return {old: new for new, old in enumerate(sorted(parts, key=day), start=1)}


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def find_series(db: Db, partnership_id: int, series_id: int) -> Series:
    """The series, to read. Raises `NotFound` for another partnership's."""
    series = db.get(Series, series_id)
    if series is None or series.partnership_id != partnership_id:
        raise NotFound("We could not find that series. It may have been removed.")
    return series


def sessions_of_series(db: Db, series_id: int) -> Sequence[Session]:
    """Every session of a series, cancelled ones among them, by part and date."""
    mine = select(Session).where(col(Session.series_id) == series_id)
    return db.exec(mine.order_by(col(Session.series_part), col(Session.starts_at), col(Session.id))).all()


def with_a_private_part(partnership_id: int) -> SelectOfScalar[int | None]:
    """The series that are offered to nobody: one part of them, that is not called off, is not for everybody to see.

    They are in no list and have no page, and nobody books them; who has one sees it still, without that part.
    """
    hidden = col(Session.privacy) == Privacy.PRIVATE, col(Session.state) != SessionState.CANCELLED
    return select(col(Session.series_id)).where(col(Session.partnership_id) == partnership_id, col(Session.series_id).is_not(None), *hidden)


def is_for_all(db: Db, series: Series) -> bool:
    """Whether everybody may see every part of it."""
    hidden = with_a_private_part(series.partnership_id)
    return db.exec(hidden.where(col(Session.series_id) == series.id)).first() is None


def part_sessions(db: Db, session: Session) -> Sequence[Session]:
    """The sessions of the same part of the same run: the one itself, and those that it replaced or that replace it."""
    return [one for one in sessions_of_series(db, session.series_id or 0) if one.series_part == session.series_part]


def part_numbers(db: Db, series_id: int) -> frozenset[int]:
    """The parts that a run has. One whose day was cancelled, and not replaced, is still a part."""
    found = db.exec(select(Session.series_part).where(col(Session.series_id) == series_id)).all()
    return frozenset(number for number in found if number is not None)


def runs_of(db: Db, partnership_id: int, keys: Collection[str]) -> Sequence[Series]:
    """Every run of these courses, the oldest first."""
    mine = select(Series).where(col(Series.partnership_id) == partnership_id, col(Series.course_key).in_(keys))
    return db.exec(mine.order_by(col(Series.id))).all()


def claims_on(db: Db, series_id: int) -> Sequence[SeriesBooking]:
    """Every claim on a series that stands, in the order in which people asked."""
    mine = select(SeriesBooking).where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.state) != BookingState.CANCELLED)
    return db.exec(mine.order_by(col(SeriesBooking.queue_number), col(SeriesBooking.id))).all()


def part_words(db: Db, session: Session) -> str:
    """`Part 2 of 3 of Practitioner teachers 2027`; empty for a session that is no part of a series."""
    if session.series_id is None:
        return ""
    of = len(part_numbers(db, session.series_id))
    return f"Part {session.series_part} of {of} of {db.get_one(Series, session.series_id).title}"


def series_title(db: Db, notice: Notice) -> str:
    """The title of the series that a notice is about as a whole; empty for any other."""
    whole = db.get(SeriesBooking, notice.series_booking_id) if notice.series_booking_id is not None else None
    return db.get_one(Series, whole.series_id).title if whole is not None else ""
