"""Records: what a person attended, as plain values: the list that they keep, and what stands on a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Attended:
    """A session that somebody attended. Of a private one only its neutral title is told."""

    session_id: int
    programme_id: int
    title: str
    organisation: str | None
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    zone: str
    part: int | None = None  #: of a series

    @property
    def minutes(self) -> int:
        """How long it was."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))


@dataclass(frozen=True)
class CompletionFacts:
    """What stands on a certificate of completion: a person, a course, and the workshops attended, in order of the parts."""

    partnership: str
    person: str
    course: str
    sessions: tuple[Attended, ...]
    completed_on: date
    number: str  #: by which the partnership can look it up


@dataclass(frozen=True)
class AttendanceFacts:
    """What stands on a certificate of attendance: a person, a programme, and the sessions attended, in order of their dates."""

    partnership: str
    person: str
    programme: str
    sessions: tuple[Attended, ...]
    made_on: date


def minutes_of(sessions: Iterable[Attended]) -> int:
    """How long they were together."""
    return sum(session.minutes for session in sessions)


def hours_words(minutes: int) -> str:
    """`15 hours`, `1 hour 30 minutes`, `45 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{n:,} {unit}{'' if n == 1 else 's'}" for n, unit in ((hours, "hour"), (rest, "minute")) if n]
    return " ".join(parts) or "0 minutes"
