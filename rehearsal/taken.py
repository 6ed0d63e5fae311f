"""What people and organisers did on pages and took away from there, as plain values: feeds, certificates, drafts, answers, marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar


@dataclass(frozen=True)
class Entry:
    """One session in a feed. Instants are UTC."""

    uid: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class FeedRead:
    """A calendar that a program read, and read again at once. `person_id` None: a programme's, which is for everybody."""

    person_id: int | None
    programme_id: int | None
    at: datetime  #: UTC
    entries: tuple[Entry, ...]
    again: int  #: the status that it had who showed the tag of the first reading
    again_bytes: int

    @property
    def whose(self) -> str:
        """How a breach names it."""
        return (
            f"the calendar of person {self.person_id}" if self.person_id is not None else f"the calendar of programme {self.programme_id}"
        )


@dataclass(frozen=True)
class Certificate:
    """Somebody looked for a certificate of attendance of a programme: whether there was one."""

    person_id: int
    programme_id: int
    at: datetime  #: UTC
    given: bool


@dataclass(frozen=True)
class Draft:
    """A draft of a CPD note that was downloaded: what was typed into it, and the words of the file."""

    person_id: int
    session_id: int
    typed: str
    file: str


@dataclass(frozen=True)
class Answer:
    """What somebody said to a place that was offered to them."""

    person_id: int
    session_id: int
    at: datetime  #: UTC
    yes: bool


@dataclass(frozen=True)
class Marked:
    """Who was there, as an organiser ticked it off on a page: by person, whether they were."""

    session_id: int
    at: datetime  #: UTC
    there: dict[int, bool]


@dataclass(frozen=True)
class Glance:
    """The week of a programme as its organiser was shown it: by session, how many have a place."""

    programme_id: int
    booked: dict[int, int]


@dataclass
class Taken:
    """All of it, in the order in which it happened."""

    feeds: list[FeedRead] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    marks: list[Marked] = field(default_factory=list)
    glances: list[Glance] = field(default_factory=list)


def entries_in(content: bytes) -> tuple[Entry, ...]:
    """The sessions in a feed, in its order."""
    entries: list[Any] = list(Calendar.from_ical(content).walk("VEVENT"))
    return tuple(Entry(str(one["UID"]), *(one[when].dt.astimezone(UTC) for when in ("DTSTART", "DTEND"))) for one in entries)
