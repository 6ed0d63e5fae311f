"""A whole schedule: finds the headings, follows the days down the sheet, and reads row by row.

Organisers write a date once for a day, merge it over its rows, or set it as a heading between them. An empty date cell
carries on from above only where the sheet does so as a habit; otherwise it is a mistake, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from domain.courtesy import politely
from domain.errors import BadInput
from domain.ports.files import Sheet
from domain.schedule.columns import Columns, Means, find_columns, is_heading_again, unknown_headings
from domain.schedule.dates import cell_date
from domain.schedule.formats import NOTHING_SAID
from domain.schedule.layout import (
    Row,
    carries_dates,
    day_heading,
    following,
    hints_of,
    missing_column,
    misspelt,
    no_headings,
    stray_words,
    themes_are_hosts,
    week_heading,
)
from domain.schedule.rows import read_row
from domain.schedule.values import Problem, Schedule, ScheduledRow, numbered
from domain.schedule.when import Around
from domain.schedule.wording import blank, same, words
from domain.times import LONDON

_CALLED_OFF: Final = re.compile(r"^\W*(?:cancelled|canceled|postponed)\b|\b(?:cancelled|canceled|postponed)\W*$", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"(?:lunch|tea|coffee|comfort|screen|short|morning|afternoon)?[\s/&-]*(?:and\s+\w+\s+)?break|lunch(?:time)?(?: and networking)?"
    r"|refreshments",
    re.IGNORECASE,
)


#: told how many rows of how many were read; may raise to stop the reading
Progress = Callable[[int, int], None]


def read_schedule(
    sheet: Sheet, *, zone: str = LONDON, today: date, means: Means | None = None, progress: Progress | None = None
) -> Schedule:
    """Read a sheet as a British reader would. `today` serves only dates that lack a year; `zone` is where the hours are meant.

    `means` is what an organiser said of headings that we do not know.

    Every row gives a session or at least one error, or is left out with a warning. Nothing is raised for what a file holds.
    """
    means = means or {}
    columns = find_columns(sheet.rows, means)
    if columns is None:
        unknown, missing = unknown_headings(sheet.rows, means), no_headings(sheet)
        return Schedule(errors=(missing,), warnings=(*_of_sheet(sheet, 1), *misspelt(unknown, missing.row)), unknown=unknown)
    rows = enumerate(sheet.rows)
    body = [(numbered(index, sheet.places), row) for index, row in rows if index >= columns.row and not all(blank(cell) for cell in row)]
    body = [line for line in body if not is_heading_again(line[1], columns)]
    hints = hints_of(sheet, body, columns, today)
    errors = [
        Problem(columns.row, name, f"The heading “{name}” stands there twice. Only its first column is read; rename the other.")
        for name in columns.duplicates
    ]
    if lacks := missing_column(body, columns, hints):
        errors.append(Problem(columns.row, None, lacks))
        body = []
    elif not body:
        errors.append(Problem(columns.row, None, "There are no rows under the headings."))
    reader = _Reader(columns, Around(hints, zone, themes_are_hosts=themes_are_hosts(body, columns)), body, progress)
    sessions = tuple(reader.sessions())
    errors += reader.errors + _same_reference(sessions, columns)
    refused = {problem.row for problem in errors}
    warnings = [*_of_sheet(sheet, columns.row), *_unused(columns), *_year_guessed(hints.guessed, columns), *reader.warnings]
    return Schedule(
        sessions=tuple(session for session in sessions if session.row not in refused),
        errors=tuple(sorted(errors, key=lambda problem: problem.row)),
        warnings=tuple(sorted(warnings, key=lambda problem: problem.row)),
        columns={name: columns.headings[positions[0]] for name, positions in columns.positions.items()},
        unknown=columns.unknown,
    )


class _Reader:
    """Walks down the rows and remembers the day they stand under."""

    def __init__(self, columns: Columns, around: Around, body: Sequence[Row], progress: Progress | None) -> None:
        self._progress = progress
        self._columns = columns
        self._around = around
        self._body = body
        self._carries = carries_dates(body, columns, around.hints)
        self._follows = following(body, columns) if self._carries else ()
        self._carried: list[int] = []
        self._under_heading = False
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def sessions(self) -> Iterator[ScheduledRow]:
        """Each row that can become a session; problems gather in `errors` and `warnings`."""
        last: tuple[object, ...] = ()
        for done, (number, cells) in enumerate(politely(self._body), 1):
            if self._progress is not None:
                self._progress(done, len(self._body))
            if self._heading(number, cells) or self._left_out(number, cells):
                continue
            last = row = self._carry_down(number, cells, last)
            session, found = read_row(row, number, self._columns, self._around)
            self.errors += found.errors
            self.warnings += found.warnings
            if session:
                yield session
        if self._carried:
            rows = ", ".join(str(number) for number in self._carried[:12]) + (" and more" if len(self._carried) > 12 else "")
            message = f"{len(self._carried)} rows have no date of their own and take the date above them (rows {rows})."
            self.warnings.append(Problem(self._carried[0], self._columns.heading("date"), message))

    def _heading(self, number: int, row: tuple[object, ...]) -> bool:
        """Whether the row is a heading: a day, which then holds for the rows below it, or other words on their own."""
        try:
            heading = None if week_heading(row, self._around.hints) else day_heading(row, self._columns, self._around.hints)
        except BadInput as fault:
            self.errors.append(Problem(number, self._columns.heading("date"), str(fault)))
            self._around = replace(self._around, day=None, day_unclear=True, host=None, marker=NOTHING_SAID)
            return True
        if heading:
            self._around = replace(self._around, day=heading.day, day_unclear=False, host=heading.host, marker=heading.marker)
            self._under_heading = True
            return True
        if week := week_heading(row, self._around.hints):
            hints = replace(self._around.hints, weeks=frozenset({week}))
            self._around = replace(self._around, hints=hints, day=None, day_unclear=False, host=None, marker=NOTHING_SAID)
            return True
        stray = stray_words(row, self._columns)
        if stray:
            self.warnings.append(Problem(number, None, f"This row is left out, because it holds nothing but “{stray[:80]}”."))
        return bool(stray)

    def _left_out(self, number: int, row: tuple[object, ...]) -> bool:
        """Whether the row is no session to book: called off, or a break."""
        title = words(self._columns.cell(row, "title"))
        said = (title, *(words(self._columns.cell(row, name)) for name in ("date", "time", "start", "format", "venue")))
        if any(_CALLED_OFF.search(text) for text in said) or self._called_off(words(self._columns.cell(row, "status"))):
            message = "This row is left out, because it says that it is cancelled or postponed."
            self.warnings.append(Problem(number, self._columns.heading("status", "title"), message))
            return True
        if _BREAK.fullmatch(title):
            self.warnings.append(Problem(number, self._columns.heading("title"), f"This row is left out, because “{title}” is a break."))
            return True
        return False

    def _called_off(self, status: str) -> bool:
        asks_whether = same(self._columns.heading("status")).startswith("cancel")
        return bool(re.search(r"cancel|postpone", status, re.IGNORECASE)) or (
            asks_whether and status.casefold() in ("yes", "y", "true", "x")
        )

    def _carry_down(self, number: int, row: tuple[object, ...], last: tuple[object, ...]) -> tuple[object, ...]:
        """Hold on to a row's own date for the rows below, and fill what this sheet writes only once a day."""
        cell = self._columns.cell(row, "date")
        if not blank(cell):
            self._around = replace(self._around, day=self._date_of(cell), day_unclear=True, host=None, marker=NOTHING_SAID)
            return row
        if self._under_heading:
            return row
        if not self._carries:
            self._around = replace(self._around, day=None, day_unclear=False)
            return row
        if self._around.day:
            self._carried.append(number)
        filled = list(row)
        for field in self._follows:
            for position in self._columns.positions[field]:
                filled[position] = last[position] if position < len(last) else None
        return tuple(filled)

    def _date_of(self, cell: object) -> date | None:
        try:
            seen = cell_date(cell)
            return self._around.hints.settle(seen[0]) if seen else None
        except BadInput:
            return None


def _same_reference(sessions: Sequence[ScheduledRow], columns: Columns) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for session in sessions:
        if session.reference and first.setdefault(same(session.reference), session.row) != session.row:
            message = f"The reference “{session.reference}” stands in row {first[same(session.reference)]} too. Each session needs its own."
            problems.append(Problem(session.row, columns.heading("reference"), message))
    return problems


def _unused(columns: Columns) -> list[Problem]:
    nearly = misspelt(columns.unknown, columns.row)
    names = ", ".join(f"“{name}”" for name in columns.unused if name not in {problem.column for problem in nearly})
    return [*nearly, *([Problem(columns.row, None, f"These columns are not read: {names}.")] if names else [])]


def _year_guessed(year: int | None, columns: Columns) -> list[Problem]:
    message = f"No date in this file has a year. From their weekdays they are read as dates of {year}."
    return [Problem(columns.row, columns.heading("date"), message)] if year else []


def _of_sheet(sheet: Sheet, row: int) -> tuple[Problem, ...]:
    return tuple(Problem(row, None, warning) for warning in sheet.warnings)
