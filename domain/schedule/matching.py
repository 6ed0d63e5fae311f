"""Which row is which session: what an edited file changes about sessions that exist already.

Rows find their session by reference; then by title, day and organisation; then, where just one is left on either side, by
title and day (the organisation was corrected) or by title and organisation (the day was moved); then by start and
organisation (the title was reworded). What could be two sessions is not guessed but listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.schedule.values import RowFormat, ScheduledRow
from domain.schedule.wording import same
from domain.times import LONDON, day_of


@dataclass(frozen=True)
class Existing:
    """A session that exists, in the words of a schedule. `day` is its day in the programme's zone; instants are UTC."""

    session_id: int
    title: str
    day: date
    starts_at: datetime
    ends_at: datetime
    reference: str | None = None
    organisation: str | None = None
    format: RowFormat = "unknown"  #: an online session by its provider: "teams", "zoom", or "online" for a given link
    venue: str | None = None
    link: str | None = None
    places: int | None = None
    audience: str | None = None
    presenter: str | None = None
    description: str | None = None
    public_title: str | None = None
    notes: str | None = None
    series: str | None = None
    private: bool = False


@dataclass(frozen=True)
class FieldChange:
    """One field of a session that the file says differently."""

    field: str
    old: object
    new: object


@dataclass(frozen=True)
class Match:
    """A row and its session; `changes` is empty where the file says what is already so."""

    row: ScheduledRow
    existing: Existing
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Ambiguous:
    """A row that could be any of several sessions."""

    row: ScheduledRow
    candidates: tuple[Existing, ...]


@dataclass(frozen=True)
class Difference:
    """What a file would change. Every row and every session is in exactly one part, except that candidates may serve several rows."""

    new: tuple[ScheduledRow, ...] = ()
    changed: tuple[Match, ...] = ()
    unchanged: tuple[Match, ...] = ()
    gone: tuple[Existing, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()


_ALWAYS: Final = ("title", "starts_at", "ends_at")
_TEXTS: Final = ("venue", "link", "audience", "presenter", "organisation", "series", "description", "public_title", "notes")


def differences(row: ScheduledRow, existing: Existing, *, stated: Collection[str] = ()) -> tuple[FieldChange, ...]:
    """What the row says differently. An empty cell says nothing, unless its column is `stated` and holds text: then it clears.

    An unknown format and empty places took the programme's defaults, and "online" left the provider open: no change.
    """
    changes = [(name, getattr(existing, name), getattr(row, name)) for name in _ALWAYS]
    if not _same_format(row, existing):
        changes.append(("format", existing.format, row.format))
    if row.places_given:
        changes.append(("places", existing.places, row.places))
    if row.private_given:
        changes.append(("private", existing.private, row.private))
    for name in _TEXTS:
        old, new = getattr(existing, name) or None, getattr(row, name)
        if new is not None or name in stated:
            changes.append((name, old, new))
    return tuple(FieldChange(name, old, new) for name, old, new in changes if old != new)


def _same_format(row: ScheduledRow, existing: Existing) -> bool:
    if row.format == "unknown":
        return True
    return (
        row.format == existing.format
        or (row.format == "online" and existing.format in ("teams", "zoom"))
        or bool(row.link and row.link == existing.link)
    )


def match(
    rows: Sequence[ScheduledRow],
    existing: Sequence[Existing],
    *,
    zone: str = LONDON,
    stated: Collection[str] = (),
    answers: Mapping[int, int | None] | None = None,
) -> Difference:
    """Compare a file with the sessions of its programme.

    `stated` names the fields for which the file has a column. `answers` settles what was ambiguous before: for a row's number
    the session's id, or None for "a new session".
    """
    return _Matching(rows, existing, zone, stated).settle(answers or {})


class _Matching:
    """The rows and sessions that are still to be paired."""

    def __init__(self, rows: Sequence[ScheduledRow], existing: Sequence[Existing], zone: str, stated: Collection[str]) -> None:
        self._order = {row.row: index for index, row in enumerate(rows)}
        self._rows = {row.row: row for row in rows}
        self._existing = {one.session_id: one for one in existing}
        self._zone = zone
        self._stated = stated
        self._pairs: list[Match] = []
        self._ambiguous: list[Ambiguous] = []

    def settle(self, answers: Mapping[int, int | None]) -> Difference:
        new = [self._rows.pop(number) for number, chosen in answers.items() if chosen is None and number in self._rows]
        for number, chosen in answers.items():
            if number in self._rows and chosen in self._existing:
                self._pair(self._rows[number], self._existing[chosen])
        self._by(lambda row: same(row.reference), lambda one: same(one.reference), asks=True)
        for row_key, existing_key, asks in self._ways():
            self._by(row_key, existing_key, asks=asks)
        new += self._rows.values()
        return Difference(
            new=tuple(sorted(new, key=lambda row: self._order[row.row])),
            changed=tuple(pair for pair in self._in_order() if pair.changes),
            unchanged=tuple(pair for pair in self._in_order() if not pair.changes),
            gone=tuple(sorted(self._existing.values(), key=lambda one: (one.starts_at, one.session_id))),
            ambiguous=tuple(sorted(self._ambiguous, key=lambda one: self._order[one.row.row])),
        )

    def _ways(self) -> list[tuple[Callable[[ScheduledRow], Hashable], Callable[[Existing], Hashable], bool]]:
        """The ways to find a row's session, surest first, each with whether to ask when it leaves several."""

        def day(row: ScheduledRow) -> date:
            return day_of(row.starts_at, self._zone)

        return [
            (
                lambda row: (same(row.title), day(row), same(row.organisation)),
                lambda one: (same(one.title), one.day, same(one.organisation)),
                True,
            ),
            (lambda row: (same(row.title), day(row)), lambda one: (same(one.title), one.day), False),
            (lambda row: (same(row.title), same(row.organisation)), lambda one: (same(one.title), same(one.organisation)), False),
            (lambda row: (row.starts_at, same(row.organisation)), lambda one: (one.starts_at, same(one.organisation)), True),
            (lambda row: (same(row.title), same(row.organisation)), lambda one: (same(one.title), same(one.organisation)), True),
        ]

    def _pair(self, row: ScheduledRow, one: Existing) -> None:
        del self._rows[row.row], self._existing[one.session_id]
        self._pairs.append(Match(row, one, differences(row, one, stated=self._stated)))

    def _in_order(self) -> list[Match]:
        return sorted(self._pairs, key=lambda pair: self._order[pair.row.row])

    def _by(self, row_key: Callable[[ScheduledRow], Hashable], existing_key: Callable[[Existing], Hashable], *, asks: bool) -> None:
        """Pair what agrees on a key. An empty key finds nothing."""
        rows: dict[Hashable, list[ScheduledRow]] = defaultdict(list)
        sessions: dict[Hashable, list[Existing]] = defaultdict(list)
        for row in self._rows.values():
            rows[row_key(row)].append(row)
        for one in self._existing.values():
            sessions[existing_key(one)].append(one)
        for key in [key for key in rows if key and key in sessions]:
            if asks or len(rows[key]) == 1 == len(sessions[key]):
                self._settle_group(rows[key], sessions[key])

    def _settle_group(self, rows: list[ScheduledRow], sessions: list[Existing]) -> None:
        """Pair what one key cannot tell apart: what is equal in everything, then in its start, then what is left over alone."""
        self._pair_where(rows, sessions, self._nothing_changed, several=True)
        self._pair_where(rows, sessions, lambda row, one: row.starts_at == one.starts_at, several=False)
        if len(rows) == 1 == len(sessions):
            self._pair(rows[0], sessions[0])
        elif rows and sessions:
            for row in rows:
                del self._rows[row.row]
                self._ambiguous.append(Ambiguous(row, tuple(sessions)))
            for one in sessions:
                del self._existing[one.session_id]

    def _pair_where(
        self, rows: list[ScheduledRow], sessions: list[Existing], agrees: Callable[[ScheduledRow, Existing], bool], *, several: bool
    ) -> None:
        """Pair the rows and sessions that agree; where `several` would do, any of them, else only where there is just one."""
        for row in list(rows):
            fitting = [one for one in sessions if agrees(row, one)]
            rivals = [other for other in rows if fitting and agrees(other, fitting[0])]
            if fitting and (several or len(fitting) == 1 == len(rivals)):
                self._pair(row, fitting[0])
                rows.remove(row)
                sessions.remove(fitting[0])

    def _nothing_changed(self, row: ScheduledRow, one: Existing) -> bool:
        return not differences(row, one, stated=self._stated)
