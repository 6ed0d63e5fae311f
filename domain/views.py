"""Views: what a card, a list or a channel shows of sessions and days. Values only: counts, never people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.kinds import Format, Mode, Provider
from domain.models import (
    SessionState,
)


@dataclass(frozen=True)
class Places:
    """Places of one way of taking part, as everybody may see them now. `places` None: no limit.

    What was typed on a page and nobody has made their own is not counted: it is free as far as anybody sees (`domain.wishes`).
    """

    mode: Mode
    places: int | None
    taken: int  #: confirmed, and held for who asked themselves
    waiting: int

    @property
    def free(self) -> int | None:
        """Places that can be asked for now; None: no limit."""
        return None if self.places is None else max(self.places - self.taken, 0)


@dataclass(frozen=True)
class SessionView:
    """A session as everyone may see it: counts, never people. Instants are UTC."""

    id: int
    programme_id: int
    programme: str
    reference: str
    state: SessionState
    title: str
    description: str
    audience: str
    organisation: str | None
    presenter: str | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    format: Format
    provider: Provider | None
    venue: str | None
    private: bool
    places: tuple[Places, ...]
    booking_open: bool = True  #: the programme takes bookings
    for_families: bool = False  #: who works for none of the organisations may come too
    materials: tuple[str, ...] = ()  #: names of what there is to read: the things themselves are for those with a place


@dataclass(frozen=True)
class DayView:
    """One day of a programme: its open sessions in order of their start, cancelled ones among them."""

    programme_id: int
    programme: str
    day: date
    zone: str
    sessions: tuple[SessionView, ...]
