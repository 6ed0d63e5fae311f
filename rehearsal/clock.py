"""A clock that travels: it stands still until it is told to go to a later instant."""

from __future__ import annotations

from datetime import UTC, datetime


class TravellingClock:
    """The present instant of a rehearsal, in UTC."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    def travel_to(self, instant: datetime) -> None:
        """Go to a later instant. Raises `ValueError` for an earlier one: time does not run backwards."""
        if instant < self._now:
            raise ValueError(f"cannot travel back from {self._now} to {instant}")
        self._now = instant.astimezone(UTC)
