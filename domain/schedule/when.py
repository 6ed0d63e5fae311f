"""When a row is: its day and its hours, gathered from the columns that may hold them, and made into instants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.errors import BadInput
from domain.schedule.columns import Columns, heading_words
from domain.schedule.dates import Hints, cell_clock, cell_date
from domain.schedule.formats import NOTHING_SAID, Spoken
from domain.schedule.hours import Written, cell_length, cell_point, read_hours, split_head, split_tail
from domain.schedule.spans import settle
from domain.schedule.values import FormulaWithoutValue, Problem
from domain.schedule.wording import blank, words
from domain.times import LONDON, clock_words, to_instant, to_wall

_COUNTED: Final = re.compile(r"\b(?:day|week)\s*\d+\b:?", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r"T?00:00(?::00)?(?:\.0+)?Z?")
_ADDS_NOTHING: Final = re.compile(r"(?:am|pm|morning|afternoon|evening|bst|gmt|uk time|[\s()\[\],;:./-])*", re.IGNORECASE)


@dataclass(frozen=True)
class Around:
    """What the rest of the sheet says to a row: the day it stands under, who hosts that day, and how to read dates."""

    hints: Hints
    zone: str = LONDON
    day: date | None = None
    day_unclear: bool = False  #: it stands under a date that could not be read, which has been said already
    host: str | None = None
    marker: Spoken = NOTHING_SAID
    themes_are_hosts: bool = False


@dataclass
class Findings:
    """The troubles of one row, gathered while it is read."""

    row: int
    columns: Columns
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, message: object, *fields: str) -> None:
        """Note what makes the row unusable, under the field that it names itself, or the first of these that has a column."""
        own = (message.field,) if isinstance(message, BadInput) else ()
        self.errors.append(Problem(self.row, self.columns.heading(*own, *fields), str(message)))

    def warn(self, message: str, *fields: str) -> None:
        """Note what the organiser should look at."""
        self.warnings.append(Problem(self.row, self.columns.heading(*fields), message))


@dataclass(frozen=True)
class Clock:
    """When a session is, as far as it could be read."""

    day: date | None
    written: Written | None
    said: bool  #: whether a cell was meant to hold the hours, readable or not


def formula_in(row: Sequence[object], columns: Columns, *fields: str) -> bool:
    """Whether one of these fields holds a formula without its result."""
    return any(isinstance(cell, FormulaWithoutValue) for name in fields for cell in columns.cells(row, name))


# ── the day ─────────────────────────────────────────────────────────────────────────────────────────────────


def read_day(row: Sequence[object], columns: Columns, around: Around, found: Findings) -> tuple[date | None, object]:
    """The row's day, and what stands beside the date in its cell where that may be the hours."""
    cell = columns.cell(row, "date")
    if formula_in(row, columns, "date"):
        return None, None
    try:
        seen = None if blank(cell) else cell_date(cell)
        day = around.hints.settle(seen[0]) if seen else None
    except BadInput as fault:
        found.error(fault, "date")
        return None, None
    beside: object = (cell_clock(cell) or seen[1]) if seen else (None if blank(cell) else words(cell))
    if day is None:
        day = next((own for name in ("start", "time") if (own := _own_date(columns.cell(row, name)))), None)
        if day is None and not blank(cell) and not _has_digits(beside):
            found.error(f"No date could be read in “{words(cell)}”. Write it in full, such as 15 March 2027.", "date")
            return None, None
        day = day or around.day
    if day is None:
        if not around.day_unclear:
            found.error("This row has no date. If it is on the same day as the row above, write the date again.", "date")
        else:
            found.error("The date above this row could not be read, so this row has no date.", "date")
        return None, beside
    return (day, beside) if _agrees(row, day, columns, found) else (None, beside)


def _own_date(cell: object) -> date | None:
    """The full date that a Start cell holds beside its time."""
    if isinstance(cell, datetime):
        return cell.date() if cell.year > 1950 else None
    if blank(cell) or not isinstance(cell, str):
        return None
    try:
        seen = cell_date(cell)
    except BadInput:
        return None
    day = seen[0].exact() if seen else None
    return day if day and day.year >= 2000 else None


def _agrees(row: Sequence[object], day: date, columns: Columns, found: Findings) -> bool:
    """Whether what other columns say about the day fits: the weekday, the end date, dates beside the times."""
    try:
        if seen := cell_date(columns.cell(row, "day")):
            weekday = seen[0].weekday
            if weekday is not None and weekday != day.weekday():
                raise BadInput(
                    f"{day.day} {day:%B %Y} is a {day:%A}, not {words(columns.cell(row, 'day'))}. Please check the day and the date."
                )
    except BadInput as fault:
        found.error(fault, "day")
        return False
    start, end = _own_date(columns.cell(row, "start")), _own_date(columns.cell(row, "end"))
    if start and start != day:
        found.error("The date beside the start is not the date of this row. Please check both.", "start")
        return False
    ends = end or _own_date(columns.cell(row, "end_date")) or _plain_date(columns.cell(row, "end_date"))
    if ends and ends != day:
        found.error(
            "This does not end on the day on which it starts. A session starts and ends on one day.", "end_date" if end is None else "end"
        )
        return False
    return True


def _plain_date(cell: object) -> date | None:
    return cell if isinstance(cell, date) and not isinstance(cell, datetime) else None


@contextmanager
def _of(name: str) -> Iterator[None]:
    """What is refused in here is of this field, where it names none itself."""
    try:
        yield
    except BadInput as fault:
        fault.field = fault.field or name
        raise


# ── the hours ───────────────────────────────────────────────────────────────────────────────────────────────


def _has_digits(value: object) -> bool:
    return not isinstance(value, str) or bool(re.search(r"\d|noon|midday", value))


def _without_date(cell: object) -> object:
    """A Start or End cell without the date that it holds too."""
    if isinstance(cell, str) and _own_date(cell):
        seen = cell_date(cell)
        return seen[1] if seen else cell
    return cell


def read_clock(row: Sequence[object], columns: Columns, found: Findings, beside: object) -> Clock:
    """The hours from their own columns, or from beside the date."""
    names = ("start", "time")
    if formula_in(row, columns, *names, "end", "duration"):
        return Clock(None, None, said=True)
    name = next((name for name in names if not blank(columns.cell(row, name))), None)
    try:
        if name:
            _leftover(beside, found)
            written = _with_end(row, columns, cell_point(_without_date(columns.cell(row, name))))
            return Clock(None, written, said=written is not None)  # a Start that holds nothing but a date says no hours
        if isinstance(beside, str):
            text = _COUNTED.sub(" ", beside).strip(" ,;:-–—")
            if not _has_digits(text) or _MIDNIGHT.fullmatch(text):
                _leftover(text, found)
                return Clock(None, None, said=False)
            return Clock(None, _with_end(row, columns, read_hours(text)), said=True)
        return Clock(None, _with_end(row, columns, cell_point(beside)), said=beside is not None)
    except BadInput as fault:
        found.error(fault, *((name,) if name else ("date",)))
        return Clock(None, None, said=True)


def _with_end(row: Sequence[object], columns: Columns, written: Written | None) -> Written | None:
    """Add the End or Duration column's word. `BadInput` of these columns reaches the caller."""
    if written is None:
        return None
    with _of("end"):
        last = cell_point(_without_date(columns.cell(row, "end")))
    if last:
        return Written(written.start, last.start, None, written.arrival, ", ".join(filter(None, (written.after, last.after))))
    if written.end is None and written.length is None:
        with _of("duration"):
            length = cell_length(columns.cell(row, "duration"))
        if length is not None:
            return Written(written.start, None, length, written.arrival, written.after)
    return written


def words_after(written: Written | None, found: Findings) -> str:
    """What is said after the hours ("lunch provided"), where it says more than the hours do. It is kept, and said to be."""
    text = written.after if written is not None else ""
    if not text or _ADDS_NOTHING.fullmatch(text):
        return ""
    found.warn(f"The words “{text}” beside the hours are kept as joining notes. Those who book see them.", "start", "time", "date")
    return text[0].upper() + text[1:]


def _leftover(beside: object, found: Findings) -> None:
    if isinstance(beside, str):
        rest = _COUNTED.sub(" ", beside).strip(" ,;:-–—")
        if rest and not _ADDS_NOTHING.fullmatch(rest) and not _MIDNIGHT.fullmatch(rest):
            found.warn(f"The words “{rest}” beside the date are left out.", "date")


def title_and_hours(row: Sequence[object], columns: Columns, clock: Clock) -> tuple[str, Written | None]:
    """The title, without the hours at its head or end where the row's hours stand there."""
    title = words(columns.cell(row, "title"))
    if clock.said or clock.written:
        return title, clock.written
    try:
        split = split_head(title) or split_tail(title)
    except BadInput:
        split = None
    return (split[1], split[0]) if split else (title, None)


def _hours_stand_in(columns: Columns) -> tuple[str, ...]:
    """The fields under which trouble with the hours is told: the title, where neither a column nor the date's heading is for hours."""
    plain = heading_words(columns.heading("date"))
    return ("start", "time", "date", "title") if {"when", "time", "datetime"} & set(plain.split()) else ("start", "time", "title", "date")


def instants_of(
    day: date | None, written: Written | None, clock: Clock, around: Around, found: Findings
) -> tuple[datetime, datetime] | None:
    """The start and end in UTC. Notes an error and gives None where there are none."""
    where = _hours_stand_in(found.columns)
    if written is None:
        unread = day is None and not (found.columns.has("time") or found.columns.has("start"))  # said already, of the date's cell
        if not clock.said and not unread:
            found.error("This row has no time. A session needs a start and an end, such as 9.30am to 10.30am.", *where)
        return None
    try:
        hours = settle(written)
        if day is None:
            return None
        with _of("start"):
            starts_at = _instant(day, hours.start, hours.start_letters, written.start.letters, around.zone)
        with _of("end"):
            ends_at = _instant(day, hours.end, hours.end_letters, written.end.letters if written.end else None, around.zone)
        if written.length is not None:
            ends_at = starts_at + timedelta(minutes=written.length)
        if ends_at <= starts_at:
            raise BadInput("This ends before it starts. Please check the times.", field="end")
    except BadInput as fault:
        found.error(fault, *where)
        return None
    if written.arrival:
        starts = datetime.combine(day, time(hours.start // 60, hours.start % 60))
        found.warn(
            f"“{written.arrival} for {clock_words(starts)}”: the session starts at the later time. People are not told the earlier one.",
            *where,
        )
    return starts_at, ends_at


def _instant(day: date, minutes: int, letters: str | None, explicit: str | None, zone: str) -> datetime:
    """The instant of a minute of the day. `letters` choose between two equal hours; `explicit` ones must be true."""
    wall = datetime.combine(day, time(minutes // 60, minutes % 60))
    instant = to_instant(wall, zone, second_time=None if letters is None else letters == "GMT")
    real = f"{to_wall(instant, zone):%Z}"
    if explicit and zone == LONDON and explicit != real:
        raise BadInput(f"On {day.day} {day:%B %Y} the time in the UK is {real}, not {explicit}. Please write the UK time.")
    return instant
