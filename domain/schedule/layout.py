"""How a schedule is laid out: day headings between the rows, dates written once for several rows, columns that are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from domain.errors import BadInput
from domain.ports.files import Sheet
from domain.schedule.columns import Columns, best_guess, likely, looks_like_grid
from domain.schedule.dates import Hints, cell_date, find_date, gather_hints
from domain.schedule.formats import NOTHING_SAID, Spoken
from domain.schedule.hours import split_head, split_tail
from domain.schedule.themes import hosts_stand_here, names_a_body, read_theme
from domain.schedule.values import FormulaWithoutValue, Problem
from domain.schedule.wording import blank, words

Row = tuple[int, tuple[object, ...]]  #: the spreadsheet's number of a row, and its cells

_DAY_NUMBER: Final = re.compile(r"\b(?:day|week)\s*(?:\d+|one|two|three|four|five)\b", re.IGNORECASE)
_HOSTED: Final = re.compile(r"\b(?:hosted|delivered|led|organised)\s+by\b|\bhosts?\b", re.IGNORECASE)
_NOTE: Final = re.compile(
    r"(?:\*|nb\b|n\.b\.|notes?\b|please\b|key:|for (?:more|further|any|quer\w+|booking\w*|info\w*|details)\b|contact:|contact us\b|"
    r"to book\b|bookings?\b|book (?:via|by|at|on|here|through)\b|all sessions\b|(?:last )?updated\b|version \d|draft\W*(?:v?\d.*)?$|page \d|https?://|www\.)"
    r"|.*@[\w-]+\.",
    re.IGNORECASE,
)
_WEEK: Final = re.compile(r"\bw/?[cb]\b|\bweek (?:commencing|beginning|starting)\b", re.IGNORECASE)
_TOTAL: Final = re.compile(r"(?:grand |sub-?)?totals?\b", re.IGNORECASE)
_NEEDED: Final = "a title, a date, and a time (or a start and an end)"


@dataclass(frozen=True)
class DayHeading:
    """A row that only says which day follows, and perhaps who hosts it."""

    day: date
    host: str | None = None
    marker: Spoken = NOTHING_SAID


def day_heading(row: Sequence[object], columns: Columns, hints: Hints) -> DayHeading | None:
    """What a row says if it says nothing but a day. Raises `BadInput` for one that cannot be."""
    filled = [index for index, cell in enumerate(row) if not blank(cell)]
    of_day = {position for name in ("date", "day") for position in columns.positions.get(name, ())}
    if not filled or (len(filled) > 1 and not set(filled) <= of_day):
        return None
    seen = next((seen for index in reversed(filled) if (seen := cell_date(row[index]))), None)
    if seen is None:
        return None
    rest = _HOSTED.sub(" ", _DAY_NUMBER.sub(" ", seen[1])).strip(" ,;:-–—")
    in_title = filled[0] in columns.positions["title"]
    theme = read_theme(" ".join(rest.split()))
    if in_title and rest and not names_a_body(theme.name):
        return None
    if rest and (split_head(rest + " x") or re.search(r"\d[.:]\d\d|\d\s?[ap]m\b", rest)):
        return None
    return DayHeading(hints.settle(seen[0]), theme.name if names_a_body(theme.name) else None, theme.marker)


def week_heading(row: Sequence[object], hints: Hints) -> date | None:
    """The first day of the week that a row announces ("Week commencing 7 June 2027") and says no more."""
    filled = [words(cell) for cell in row if not blank(cell)]
    return hints.first_of_week(filled[0]) if len(filled) == 1 and _WEEK.search(filled[0]) else None


def stray_words(row: Sequence[object], columns: Columns) -> str | None:
    """The words of a row that is no session: words on their own, a note under the titles, a line of totals. None for any other row."""
    filled = [index for index, cell in enumerate(row) if not blank(cell)]
    if not filled or isinstance(row[filled[0]], FormulaWithoutValue):
        return None
    first = words(row[filled[0]])
    if len(filled) == 1:
        return first if filled[0] not in columns.positions["title"] or _NOTE.match(first) or _TOTAL.match(first) else None
    is_total = _TOTAL.match(first) and (filled[0] in columns.positions["title"] or blank(columns.cell(row, "title")))
    has_day = any(
        not blank(columns.cell(row, name)) for name in ("date", "time", "start") if filled[0] not in columns.positions.get(name, ())
    )
    return first if is_total and not has_day else None


def no_headings(sheet: Sheet) -> Problem:
    if all(blank(cell) for row in sheet.rows for cell in row):
        return Problem(1, None, "This sheet is empty.")
    if looks_like_grid(sheet.rows):
        return Problem(1, None, "This looks like a timetable with a column for each day. Please make a list with one session on each row.")
    guess = best_guess(sheet.rows)
    if guess is None or len(guess[1]) < 2:
        return Problem(1, None, f"No row of headings was found. The first row should name the columns: at least {_NEEDED}.")
    number, fields = guess
    lacks = [
        word for word, names in (("title", {"title"}), ("date", {"date", "day"}), ("time", {"time", "start"})) if not names & set(fields)
    ]
    return Problem(number, None, _lacking(lacks, sheet.rows[number - 1]))


def misspelt(unknown: Sequence[str], row: int) -> list[Problem]:
    """A question about each heading that is nearly one of ours. Its column is the heading."""
    return [
        Problem(row, heading, f"This column is not read. Did you mean “{near.capitalize()}”?")
        for heading in unknown
        if (near := likely(heading))
    ]


def _lacking(lacks: Sequence[str], headings: Sequence[object]) -> str:
    there = ", ".join(f"“{words(cell)[:40]}”" for cell in headings if not blank(cell))
    missing = f"A column is missing: {lacks[0]}" if len(lacks) == 1 else f"Columns are missing: {', '.join(lacks[:-1])} and {lacks[-1]}"
    return f"{missing}. A schedule needs {_NEEDED}. The headings here are {there}."


def missing_column(body: Sequence[Row], columns: Columns, hints: Hints) -> str | None:
    """A sentence when no row could have a date, or none a time."""
    if not body:
        return None
    if not columns.has("date") and not any(_own_day(row, columns, hints) for _, row in body):
        return _lacking(["date"], columns.headings)
    if not (columns.has("time") or columns.has("start")) and not any(_hours_elsewhere(row, columns) for _, row in body):
        return _lacking(["time"], columns.headings)
    return None


def _own_day(row: Sequence[object], columns: Columns, hints: Hints) -> bool:
    try:
        heading = day_heading(row, columns, hints)
    except BadInput:
        return True
    starts = [columns.cell(row, name) for name in ("start", "time")]
    return heading is not None or any(isinstance(cell, date) or (isinstance(cell, str) and _has_date(cell)) for cell in starts)


def _has_date(text: str) -> bool:
    try:
        seen = find_date(words(text))
    except BadInput:
        return True
    return seen is not None and seen[0].day is not None


def _hours_elsewhere(row: Sequence[object], columns: Columns) -> bool:
    cell, title = columns.cell(row, "date"), words(columns.cell(row, "title"))
    try:
        beside = cell_date(cell)
        return bool(hasattr(cell, "hour") or (beside and re.search(r"\d", beside[1])) or split_head(title) or split_tail(title))
    except BadInput:
        return True


def hints_of(sheet: Sheet, body: Sequence[Row], columns: Columns, today: date) -> Hints:
    titles = [words(cell) for row in sheet.rows[: columns.row - 1] for cell in row if not blank(cell)]
    cells: list[object] = [cell for _, row in body for name in ("date", "start") for cell in columns.cells(row, name)]
    if columns.has("day"):  # a weekday in a column of its own tells the year as well as one beside the date
        cells = [f"{words(columns.cell(row, 'day'))} {words(columns.cell(row, 'date'))}" for _, row in body] + cells
    cells += [row[0] for _, row in body if row and sum(not blank(cell) for cell in row) == 1]
    return gather_hints(titles, cells, today, name=sheet.name)


def carries_dates(body: Sequence[Row], columns: Columns, hints: Hints) -> bool:
    """Whether the sheet writes a date once and leaves it out below: at least two empty cells, and hardly a date written twice running."""
    dates = [words(columns.cell(row, "date")) for _, row in body if sum(not blank(cell) for cell in row) > 1]
    empty = sum(not text for text in dates[1:])
    again = sum(bool(text) and text == before for before, text in pairwise(dates))
    return bool(dates and dates[0]) and empty >= 2 and again * 4 <= empty


def following(body: Sequence[Row], columns: Columns) -> tuple[str, ...]:
    """Fields that the sheet, too, writes only beside a date: the host of the day, say."""
    rows = [row for _, row in body if sum(not blank(cell) for cell in row) > 1]

    def follows(name: str) -> bool:
        return columns.has(name) and all(blank(columns.cell(row, "date")) == blank(columns.cell(row, name)) for row in rows)

    return tuple(name for name in ("organisation", "theme", "series", "end_date", "day") if follows(name))


def themes_are_hosts(body: Sequence[Row], columns: Columns) -> bool:
    names = [read_theme(words(columns.cell(row, "theme"))).name for _, row in body]
    return columns.has("theme") and not columns.has("organisation") and hosts_stand_here([name for name in names if name])
