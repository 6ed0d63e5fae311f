"""A file compared with a programme: what becomes of each row, and what is to be told about it. Values only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.descriptions import NewSession
from domain.schedule.proposals import Difference
from domain.schedule.standing import Standing
from domain.schedule.values import Problem, Schedule, problem_json, row_json


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    AMBIGUOUS = "ambiguous"  # it could be one of several sessions: asked
    CANCELLED = "cancelled"  # its session was cancelled here, and stays so
    OVER = "over"  # its session is over, and stays as it was


@dataclass(frozen=True)
class PlannedRow:
    """A row and what it will become. `told` people would hear of the change; `defaults` says what the file left to the programme."""

    row: int
    fate: Fate
    session: NewSession
    series: str | None = None
    defaults: tuple[str, ...] = ()
    session_id: int | None = None
    differences: tuple[Difference, ...] = ()
    told: int = 0
    candidates: tuple[Standing, ...] = ()
    changed_here: bool = False  #: its session was changed by hand after the last file


@dataclass(frozen=True)
class ImportPreview:
    """What a file would do. Only rows without an error are among `rows`; `gone` are sessions that the file no longer has."""

    programme_id: int
    programme: str
    published: bool
    zone: str
    rows: tuple[PlannedRow, ...]
    gone: tuple[Standing, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    schedule: Schedule

    def of(self, fate: Fate) -> tuple[PlannedRow, ...]:
        """The rows of one fate."""
        return tuple(row for row in self.rows if row.fate is fate)

    @property
    def told(self) -> int:
        """How many people the changed rows would tell."""
        return sum(row.told for row in self.rows)

    @property
    def changes_something(self) -> bool:
        """Whether Confirm would make or change a session."""
        return any(row.fate in (Fate.NEW, Fate.CHANGED) for row in self.rows)

    @property
    def columns_read(self) -> str:
        """Which heading was taken for what: `Date as date, Session Lead as presenter`."""
        return ", ".join(f"{heading} as {name.replace('_', ' ')}" for name, heading in self.schedule.columns.items())

    @property
    def fingerprint(self) -> str:
        """Eight letters that differ when the outcome would: to notice that a programme changed after its preview was shown."""
        parts = [
            (row.row, row.fate.value, row.session_id, row.differences, tuple(c.session_id for c in row.candidates)) for row in self.rows
        ]
        errors = [(problem.row, problem.message) for problem in self.errors]
        seen = (parts, [one.session_id for one in self.gone], errors, self.columns_read)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:8]


def preview_json(preview: ImportPreview | Schedule) -> dict[str, object]:
    """A preview as `practiceweek import FILE --preview --json` prints it."""
    schedule = preview.schedule if isinstance(preview, ImportPreview) else preview
    return {
        "sessions": [row_json(row) for row in schedule.sessions],
        "errors": [problem_json(problem) for problem in preview.errors],
        "warnings": [problem_json(problem) for problem in preview.warnings],
    }


def rows_to_make(rows: Sequence[PlannedRow]) -> tuple[tuple[int, NewSession], ...]:
    """The rows that Confirm would carry out, with their sessions."""
    return tuple((planned.row, planned.session) for planned in rows if planned.fate in (Fate.NEW, Fate.CHANGED))
