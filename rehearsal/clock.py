"""A clock that travels: it stands still until it is told to go to a later instant."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.errors import NaiveInstant


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


def _utc(instant: datetime) -> datetime:
    """The same instant in UTC. A naive one would be taken for the machine's own time: it raises `NaiveInstant`."""
    if instant.tzinfo is None:
        raise NaiveInstant(instant)
    return instant.astimezone(UTC)
