"""Schedules to be rehearsed: files as an organiser has them, what kind of programme each is, and the bundled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from pathlib import Path, PurePath

from domain.errors import Refusal
from domain.models import ProgrammeKind
from domain.rules import Rules
from domain.schedule.checks import first_and_last_day
from domain.schedule.previewing import bare_preview
from domain.schedule.values import ScheduledRow
from integrations.sheets import CalamineSheetReader

_BUNDLED = {
    ProgrammeKind.PRACTICE_WEEK: "regional-practice-week.csv",
    ProgrammeKind.PARENT_PARTNERSHIP: "parent-partnership.csv",
    ProgrammeKind.PRACTITIONER_TEACHER: "practitioner-teacher-training.csv",
}


@dataclass(frozen=True)
class Schedule:
    """A file as the organiser has it, and the days that its sessions span."""

    name: str
    content: bytes
    first_day: date
    last_day: date
    most_at_once: int  #: sessions at the same time, some minutes between two counted in
    kind: ProgrammeKind = ProgrammeKind.PRACTICE_WEEK
    left_out: tuple[str, ...] = ()  #: the rows that cannot be used, each with why

    @property
    def title(self) -> str:
        """The programme's title: the file's name in words."""
        return PurePath(self.name).stem.replace("-", " ").replace("_", " ").strip().capitalize()[:150] or "Programme"


def bundled(kind: ProgrammeKind) -> Path:
    """The programme of a kind that comes with the software."""
    return Path(__file__).parent / "programmes" / _BUNDLED[kind]


def schedule_of(name: str, content: bytes, *, now: datetime, kind: ProgrammeKind | None = None) -> Schedule:
    """A file with its days; without a `kind` it is guessed. Raises `BadInput` when it cannot be read, `Refusal` when no row can be used."""
    found = bare_preview(CalamineSheetReader().read(name, content), now=now, holidays={})
    days = first_and_last_day(found.sessions)
    left_out = tuple(f"Row {problem.row}: {problem.message}" for problem in found.errors)
    if days is None:
        reasons = "".join(f"\n{reason}" for reason in left_out[:10])
        raise Refusal(f"No row of {name} can be used, so there is nothing to rehearse.{reasons}")
    at_once = _most_at_once([(row.starts_at, row.ends_at) for row in found.sessions])
    return Schedule(name, content, *days, at_once, kind or kind_of(found.sessions), left_out)


def kind_of(rows: Sequence[ScheduledRow]) -> ProgrammeKind:
    """What a file looks like: mostly parts of series, mostly private or for families, or else a practice week."""
    if 2 * sum(row.series is not None for row in rows) > len(rows):
        return ProgrammeKind.PRACTITIONER_TEACHER
    if 2 * sum(row.private or row.proposes_private for row in rows) > len(rows):
        return ProgrammeKind.PARENT_PARTNERSHIP
    return ProgrammeKind.PRACTICE_WEEK


def _most_at_once(spans: Sequence[tuple[datetime, datetime]]) -> int:
    """The most of these that are going on at one moment, each with the minutes for which a host is kept free."""
    padding = Rules().host_padding * 2
    moments = sorted([(start, 1) for start, _ in spans] + [(end + padding, -1) for _, end in spans])
    return max(accumulate(step for _, step in moments), default=0)
