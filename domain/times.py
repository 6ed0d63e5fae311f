"""Instants and wall times.

An *instant* is an aware `datetime`, kept in UTC. A *wall time* is what stands on a poster: a date and an hour
in a zone (Europe/London unless a programme says otherwise). Only this module turns one into the other, and it
refuses a wall time that does not exist and asks about one that comes twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from domain.errors import AmbiguousWallTime, NaiveInstant, NonexistentWallTime

LONDON = "Europe/London"


class UtcDateTime(TypeDecorator[datetime]):
    """A column for instants: refuses a naive value, stores UTC, gives back an aware UTC value.

    SQLModel on SQLite gives naive datetimes back, even with `timezone=True`; hence this type.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """SQLite keeps text: read by one function, where SQLAlchemy would call three. A ledger is full of instants."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)


def _from_text(kept: str | None) -> datetime | None:
    return None if kept is None else _in_utc(datetime.fromisoformat(kept))


def _in_utc(instant: datetime) -> datetime:
    """What a database keeps without a zone is UTC."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def to_instant(wall: datetime, zone: str = LONDON, *, second_time: bool | None = None) -> datetime:
    """The UTC instant of a naive wall time in `zone`.

    `second_time` chooses between the two instants of an hour that comes twice when clocks go back
    (False: before the change, True: after it). Raises `NonexistentWallTime` for an hour that the spring
    change skips, `AmbiguousWallTime` when the hour comes twice and nothing was chosen.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no offset of its own")
    tz = ZoneInfo(zone)
    first = wall.replace(tzinfo=tz, fold=0)
    second = wall.replace(tzinfo=tz, fold=1)
    if first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != wall:
        raise NonexistentWallTime(wall)
    if first.utcoffset() != second.utcoffset():
        if second_time is None:
            raise AmbiguousWallTime(wall)
        return (second if second_time else first).astimezone(UTC)
    return first.astimezone(UTC)


def to_wall(instant: datetime, zone: str = LONDON) -> datetime:
    """The wall time of an instant in `zone`, still aware of its offset."""
    return instant.astimezone(ZoneInfo(zone))


def day_of(instant: datetime, zone: str = LONDON) -> date:
    """The calendar day of an instant in `zone`."""
    return to_wall(instant, zone).date()


def before(instant: datetime, lead: timedelta, zone: str = LONDON) -> datetime:
    """The instant that lies `lead` before another, as a person counts it.

    Whole days are wall days ("the same time the day before", across a clock change too); anything else
    is elapsed time. A wall time that does not exist that day moves on by the hour that is missing.
    """
    if lead % timedelta(days=1):
        return instant - lead
    wall = to_wall(instant, zone) - lead  # arithmetic on an aware value keeps the wall time
    return wall.astimezone(UTC)


def clock_words(moment: datetime) -> str:
    """`9.30am`, `12 noon`, `4pm`: an hour as the style of public services writes it."""
    if (moment.hour, moment.minute) == (12, 0):
        return "12 noon"
    if (moment.hour, moment.minute) == (0, 0):
        return "midnight"
    half = "am" if moment.hour < 12 else "pm"
    hour = moment.hour % 12 or 12
    return f"{hour}{half}" if moment.minute == 0 else f"{hour}.{moment.minute:02d}{half}"


def told_apart(wall: datetime) -> str:
    """`1.30am GMT`: an hour that comes twice, as the clocks go back, with the letters that say which; any other as `clock_words` has it."""
    if wall.utcoffset() == wall.replace(fold=1 - wall.fold).utcoffset():
        return clock_words(wall)
    return f"{clock_words(wall)} {'GMT' if wall.fold else 'BST'}"


def day_words(day: date) -> str:
    """`Monday 15 March 2027`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def span_words(starts_at: datetime, ends_at: datetime, zone: str = LONDON) -> str:
    """`Monday 15 March 2027, 9.30am to 10.15am` in the wall time of `zone`."""
    start, end = to_wall(starts_at, zone), to_wall(ends_at, zone)
    return f"{day_words(start.date())}, {clock_words(start)} to {clock_words(end)}"


def hours_words(starts_at: datetime, ends_at: datetime, zone: str = LONDON) -> str:
    """`9.30am to 10.15am` in the wall time of `zone`."""
    return f"{clock_words(to_wall(starts_at, zone))} to {clock_words(to_wall(ends_at, zone))}"


def zone_words(instant: datetime, zone: str = LONDON) -> str:
    """`UK time (GMT)`: the zone in words, with the letters in force at that instant."""
    place = "UK time" if zone == LONDON else zone.rsplit("/", maxsplit=1)[-1].replace("_", " ") + " time"
    return f"{place} ({to_wall(instant, zone):%Z})"


def when_words(starts_at: datetime, ends_at: datetime, zone: str = LONDON) -> str:
    """`Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)`."""
    return f"{span_words(starts_at, ends_at, zone)}, {zone_words(starts_at, zone)}"


def length_words(length: timedelta) -> str:
    """`30 minutes`, `12 hours`, `2 days`, `1 year`."""
    minutes = round(length.total_seconds() / 60)
    for size, word in ((365 * 24 * 60, "year"), (24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return "a moment"
