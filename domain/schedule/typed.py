"""Dates, hours and sessions that an organiser types one by one: read as a schedule of a single row, by the same rules as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.descriptions import checked
from domain.errors import BadInput
from domain.ports.files import Sheet
from domain.schedule.checks import check_rows
from domain.schedule.proposals import Defaults, Proposal, propose
from domain.schedule.reading import read_schedule
from domain.schedule.values import Problem, ScheduledRow
from domain.times import LONDON, day_of


class Misread(BadInput):
    """That could not be read. Please check it and try again."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)  #: each with its heading
        super().__init__(" ".join(problem.message for problem in problems[:3]))


@dataclass(frozen=True)
class TypedSession:
    """A session that somebody typed, with what they should look at."""

    proposal: Proposal
    warnings: tuple[str, ...]


def read_day(text: str, *, today: date, zone: str = LONDON) -> date:
    """A day as a British reader writes it. Raises `BadInput`."""
    return day_of(_row({"Date": text, "Start": "12:00", "End": "13:00"}, today=today, zone=zone)[0].starts_at, zone)


def read_span(
    day: str, start: str, end: str | None, *, minutes: int | None = None, today: date, zone: str = LONDON
) -> tuple[datetime, datetime]:
    """The instants (UTC) of a day and its hours; without an `end`, `minutes` after the start. Raises `BadInput`."""
    cells = {"Date": day, "Start": start, "End": end} if end else {"Date": day, "Start": start, "Duration": f"{minutes or 60} minutes"}
    row, _ = _row(cells, today=today, zone=zone)
    return row.starts_at, row.ends_at


def read_session(cells: Mapping[str, str | None], defaults: Defaults, *, now: datetime, holidays: Mapping[date, str]) -> TypedSession:
    """A new session from cells by their headings, as in a file. What is left out takes the programme's defaults. Raises `BadInput`."""
    today = day_of(now, defaults.zone)
    row, warnings = _row(cells, today=today, zone=defaults.zone)
    checks = check_rows((row,), now=now, zone=defaults.zone, holidays=holidays)
    proposal = propose(row, defaults)
    made = Proposal(checked(proposal.new), proposal.series, proposal.defaults)
    return TypedSession(made, (*warnings, *(problem.message for problem in checks)))


def _row(cells: Mapping[str, str | None], *, today: date, zone: str) -> tuple[ScheduledRow, tuple[str, ...]]:
    cells = {"Title": "Session", **{heading: text for heading, text in cells.items() if text}}
    schedule = read_schedule(Sheet("typed", (tuple(cells), tuple(cells.values()))), zone=zone, today=today)
    warnings = [problem for problem in schedule.warnings if problem.row > 1]  # row 1 is the headings': ours, not theirs
    if not schedule.sessions:
        raise Misread(schedule.errors or warnings)
    return schedule.sessions[0], tuple(problem.message for problem in warnings)
