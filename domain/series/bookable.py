"""What can be booked of a series, by everybody or by somebody who opened their own page: each way of taking part in the whole.

Of a single session it is `domain.bookable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.askers import ByLink
from domain.capacity import Clash, modes_of, places_of
from domain.counting import taken
from domain.database import Db
from domain.kinds import Mode
from domain.models import Person, Session
from domain.rules import Rules
from domain.series.booking import CLOSED, FULL, STARTED
from domain.series.places import clashes_of_whole, fits, line_of_whole_moves, parts_ahead, way_of
from domain.series.views import SeriesPage, series_page
from domain.views import SessionView

#: what everybody sees has no reader
NOBODY = 0


@dataclass(frozen=True)
class SeriesWay:
    """One way of taking part in a whole series. `mode` None: they have no choice. `waits`: one comes on the waiting list.

    `free`: places for them on every part (None: no limit).
    """

    mode: Mode | None
    waits: bool
    free: int | None


@dataclass(frozen=True)
class BookableSeries:
    """A series that can be booked as a whole. `ways` empty: it is full, and goes on too soon to wait; it is in no list."""

    id: int
    title: str
    parts: tuple[SessionView, ...]  #: those still to come
    ways: tuple[SeriesWay, ...]
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class SeriesToBook:
    """A series as everybody sees it, and what there is to ask for. `ways` empty: nothing, and `refused` says why."""

    page: SeriesPage
    ways: tuple[SeriesWay, ...] = ()
    refused: str = ""

    @property
    def ahead(self) -> tuple[SessionView, ...]:
        """The parts that are still to come."""
        return ahead_of(self.page)

    @property
    def waits(self) -> bool:
        """Whether there is nothing to ask for but the waiting list, however one takes part."""
        return bool(self.ways) and all(way.waits for way in self.ways)


def series_to_ask_for(db: Db, partnership_id: int, series_id: int, rules: Rules, *, now: datetime) -> SeriesToBook:
    """This series for whoever opens its page. Raises `NotFound` where not everybody may see all of it."""
    page = series_page(db, partnership_id, series_id, NOBODY, now=now)
    if not page.ahead:
        return SeriesToBook(page, refused=STARTED)
    if not page.open:
        return SeriesToBook(page, refused=CLOSED)
    ways = tuple(_ways(db, _ahead(db, page, now), NOBODY, rules, now))
    return SeriesToBook(page, ways, "" if ways else FULL)


def bookable_series(db: Db, reader: Person, series_id: int, rules: Rules, now: datetime) -> BookableSeries | None:
    """This series for whose page it is; None where it is on that page already, or takes no bookings. Raises `NotFound`."""
    partnership_id, person_id = reader.partnership_id, reader.id or 0
    page = series_page(db, partnership_id, series_id, ByLink(person_id), now=now)
    if page.mine is not None or not page.open or not page.ahead:
        return None
    sessions = _ahead(db, page, now)
    ways = tuple(_ways(db, sessions, person_id, rules, now))
    return BookableSeries(series_id, page.title, ahead_of(page), ways, clashes_of_whole(db, sessions, person_id, rules))


def ahead_of(page: SeriesPage) -> tuple[SessionView, ...]:
    """The parts that are still to come, in their order."""
    return tuple(view for _, view in page.parts if view.id in page.ahead)


def _ahead(db: Db, page: SeriesPage, now: datetime) -> Sequence[Session]:
    return [part for part in parts_ahead(db, page.id, now=now) if part.id in page.ahead]


def _ways(db: Db, parts: Sequence[Session], person_id: int, rules: Rules, now: datetime) -> Iterator[SeriesWay]:
    """What everybody may see of each: `book_series` decides. Where one part has a choice, it is theirs."""
    moves = line_of_whole_moves(parts, rules, now)
    for mode in next((modes for part in parts if len(modes := modes_of(part.format)) > 1), (None,)):
        fitting = fits(db, parts, person_id, mode, seen=True)
        if fitting or moves:
            yield SeriesWay(mode, not fitting, _free(db, parts, mode) if fitting else 0)


def _free(db: Db, parts: Sequence[Session], mode: Mode | None) -> int | None:
    """Places on every part for somebody whom there is one for: it may be their own."""
    ways = ((part, way_of(part, None, mode)) for part in parts)
    limited = ((places, part.id or 0, way) for part, way in ways if (places := places_of(part, way)) is not None)
    return min((max(places - taken(db, number, way, seen=True), 1) for places, number, way in limited), default=None)
