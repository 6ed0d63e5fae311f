"""What can be booked of a session, as everybody sees it: each way of taking part in it, or why there is nothing to ask for.

A page reads it before it shows a form, so that nobody fills in what would be refused. `book` decides. Of a series it is
`domain.series.bookable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.capacity import Place, decide, line_moves
from domain.kinds import Mode
from domain.models import SessionState
from domain.rules import Rules
from domain.views import Places

CALLED_OFF = "This session has been called off."
STARTED = "This session has started, so it can no longer be booked."
CLOSED = "Booking for this programme has closed."
FULL = "This session is full, and it starts soon, so there is no waiting list now. Look again later: a place may come free."


@dataclass(frozen=True)
class Way:
    """One way of taking part that can be asked for. `waits`: all its places are taken, so one comes on the waiting list."""

    mode: Mode
    waits: bool


@dataclass(frozen=True)
class ToBook:
    """What there is to ask for. `ways` empty: nothing, and `refused` says why."""

    ways: tuple[Way, ...] = ()
    refused: str = ""

    @property
    def waits(self) -> bool:
        """Whether there is nothing to ask for but the waiting list, however one takes part."""
        return bool(self.ways) and all(way.waits for way in self.ways)


class Shown(Protocol):
    """A session as everybody may see it, on a page of its own or in a list."""

    @property
    def state(self) -> SessionState:
        """Whether it takes place."""

    @property
    def starts_at(self) -> datetime:
        """In UTC."""

    @property
    def places(self) -> tuple[Places, ...]:
        """For each way of taking part."""

    @property
    def booking_open(self) -> bool:
        """Whether its programme takes bookings."""


def to_book(session: Shown, rules: Rules, now: datetime) -> ToBook:
    """What everybody may ask for. Where all places are taken, that is the waiting list, as long as it moves."""
    takes = session.booking_open and session.state is not SessionState.DRAFT
    if (said := why_closed(session.state, session.starts_at, now, takes=takes)) is not None:
        return ToBook(refused=said)
    moves = line_moves(session.starts_at, rules, now)
    each = ((one.mode, decide(places=one.places, taken=one.taken, proven=True, promoting=moves)) for one in session.places)
    ways = tuple(Way(mode, place is Place.WAITLISTED) for mode, place in each if place is not Place.NONE)
    return ToBook(ways, "" if ways else FULL)


def why_closed(state: SessionState, starts_at: datetime, now: datetime, *, takes: bool) -> str | None:
    """Why nobody can ask for it, however many places are free; None: they can. `takes`: its programme takes bookings."""
    if state is SessionState.CANCELLED:
        return CALLED_OFF
    if starts_at <= now:
        return STARTED
    return None if takes else CLOSED
