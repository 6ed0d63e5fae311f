"""A clock that travels: it stands still until it is told to go to a later instant."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.errors import NaiveInstant
from domain.times import clock_words, day_words, to_wall


class TravellingClock:
    """The present instant of a rehearsal, in UTC."""

    def __init__(self, start: datetime) -> None:
        self._now = _utc(start)

    def __call__(self) -> datetime:
        return self._now

    def travel_to(self, instant: datetime) -> None:
        """Go to a later instant. Raises `ValueError` for an earlier one: time does not run backwards."""
        if _utc(instant) < self._now:
            raise ValueError(f"cannot travel back from {self._now} to {instant}")
        self._now = _utc(instant)


def moment_words(instant: datetime) -> str:
    """`Monday 15 March 2027, 9.30am`, by the clocks of London."""
    wall = to_wall(instant)
    return f"{day_words(wall.date())}, {clock_words(wall)}"


def _utc(instant: datetime) -> datetime:
    """The same instant in UTC. A naive one would be taken for the machine's own time: it raises `NaiveInstant`."""
    if instant.tzinfo is None:
        raise NaiveInstant(instant)
    return instant.astimezone(UTC)
