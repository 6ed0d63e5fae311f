"""What reading a schedule gives: rows that can become sessions, and problems with their row numbers.

Rows are numbered as a spreadsheet numbers them: the first row of the sheet is 1, heading or not. Where several sheets
were joined, a row tells its sheet too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, Self

#: how a row says that it is held. "online" leaves the provider to the programme's default, "unknown" everything
RowFormat = Literal["teams", "zoom", "in_person", "hybrid", "online", "unknown"]

#: the longest text that a field may hold, in characters
LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "reference": 20,
        "series": 200,
        "title": 200,
        "public_title": 200,
        "description": 2000,
        "notes": 2000,
        "venue": 300,
        "link": 1000,
        "audience": 200,
        "presenter": 200,
        "organisation": 200,
    }
)

MOST_PLACES: Final = 100_000


@dataclass(frozen=True)
class FormulaWithoutValue:
    """A cell whose formula has no saved result, or whose result is an error such as #REF!."""

    shows: str = ""  #: the error that the cell shows, if it shows one

    def sentence(self) -> str:
        """What to tell the person who sent the file."""
        if self.shows:
            return f"This cell shows {self.shows}, so its formula did not work. Please type the value in."
        return "This cell holds a formula, but its result is not in the file. Save the file in Excel and send it again, or type the value."


class RowNumber(int):
    """Where a row stands among all rows that were read. It is shown as the spreadsheet numbers it: `5`, or `5 of the sheet “Tue”`."""

    shown: str

    def __new__(cls, number: int, sheet: str, own: int) -> Self:
        made = super().__new__(cls, number)
        made.shown = f"{own} of the sheet “{sheet}”"
        return made

    def __str__(self) -> str:
        return self.shown


def numbered(index: int, places: Sequence[tuple[str, int]]) -> int:
    """The number of a row, from its index; `places` as in `Sheet`."""
    return RowNumber(index + 1, *places[index]) if places else index + 1


@dataclass(frozen=True)
class Problem:
    """One thing to tell the organiser. `row` is the spreadsheet's number; `column` is the heading as it stands in the file."""

    row: int
    column: str | None
    message: str
    asks_private: bool = False  #: it asks whether the session is private


@dataclass(frozen=True)
class ScheduledRow:
    """A row that can become a session. Text that the file leaves out is None."""

    row: int
    title: str
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    format: RowFormat = "unknown"
    reference: str | None = None
    series: str | None = None
    public_title: str | None = None  #: what a private session is called where others see it
    description: str | None = None
    notes: str | None = None  #: what is good to know before one comes
    link: str | None = None  #: a meeting link that the file gives
    provider: Literal["teams", "zoom"] | None = None  #: what a hybrid session names beside its room
    venue: str | None = None
    places: int | None = None  #: None: no limit where `places_given`, else the programme's default
    places_given: bool = False
    audience: str | None = None
    presenter: str | None = None
    presenter_address: str | None = None  #: one address, checked
    organisation: str | None = None
    private: bool = False  #: only an explicit Yes in the file's own column
    private_given: bool = False
    proposes_private: bool = False  #: the wording suggests that families take part


@dataclass(frozen=True)
class Schedule:
    """A sheet, read. `columns` maps each field that was found to its heading as written."""

    sessions: tuple[ScheduledRow, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()  #: headings that nobody has said anything about


def row_json(row: ScheduledRow) -> dict[str, object]:
    """A row as `practiceweek import --preview --json` prints it. Instants are ISO 8601 in UTC."""
    return {
        "row": row.row,
        "title": row.title,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "format": row.format,
        "venue": row.venue,
        "places": row.places,
        "audience": row.audience,
        "presenter": row.presenter,
        "organisation": row.organisation,
        "series": row.series,
        "private": row.private,
    }


def problem_json(problem: Problem) -> dict[str, object]:
    """A problem as `practiceweek import --preview --json` prints it."""
    return {"row": problem.row, "column": problem.column, "message": problem.message}
