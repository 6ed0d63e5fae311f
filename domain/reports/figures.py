"""The figures of a report, and how people are counted: plain values, without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.feedback.answers import Results
from domain.kinds import Format, Mode
from domain.models import (
    Attendance,
    Booking,
    BookingState,
    ServiceArea,
    Session,
)

SMALL_GROUP = 5
OTHER_GROUPS = "Other (small groups)"
NOT_GIVEN = "Not given"
AREAS = {
    ServiceArea.CHILDREN: "Children’s services",
    ServiceArea.ADULTS: "Adults’ services",
    ServiceArea.BOTH: "Children’s and adults’ services",
    ServiceArea.OTHER: "Other services",
}


@dataclass(frozen=True)
class Tally:
    """Bookings by what became of them. `attended`, `absent` and `unmarked` are those confirmed on sessions that have ended."""

    confirmed: int = 0
    waiting: int = 0
    cancelled: int = 0
    attended: int = 0
    absent: int = 0
    unmarked: int = 0

    @property
    def no_show(self) -> int | None:
        """Percent of those marked who did not come; None: nobody is marked."""
        return percent(self.absent, self.attended + self.absent)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.confirmed + other.confirmed,
            self.waiting + other.waiting,
            self.cancelled + other.cancelled,
            self.attended + other.attended,
            self.absent + other.absent,
            self.unmarked + other.unmarked,
        )


@dataclass(frozen=True)
class SessionLine:
    """An open session. Instants are UTC; `places` None: no limit."""

    reference: str
    title: str
    organisation: str | None  #: who delivered it
    starts_at: datetime
    ends_at: datetime
    zone: str
    places: int | None
    tally: Tally
    results: Results
    by_way: tuple[tuple[Mode, int | None], ...] = ()  #: where one can take part in two ways: the places of each

    @property
    def fill(self) -> int | None:
        """Percent of the places that are confirmed; None without a limit."""
        return None if self.places is None else percent(self.tally.confirmed, self.places)


@dataclass(frozen=True)
class CancelledLine:
    """An open session that was cancelled."""

    reference: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str


@dataclass(frozen=True)
class GroupLine:
    """The people of one organisation or service area who had a place."""

    name: str
    people: int
    tally: Tally


@dataclass(frozen=True)
class Totals:
    """The whole programme, private sessions among it. `limited` and `places` are of sessions with a limit."""

    sessions: int
    private: int
    cancelled_sessions: int
    people: int  #: different people with a confirmed place
    places: int
    limited: int  #: confirmed on sessions with a limit
    unlimited_sessions: int
    tally: Tally
    results: Results

    @property
    def fill(self) -> int | None:
        """Percent of all limited places that are confirmed."""
        return percent(self.limited, self.places)


@dataclass(frozen=True)
class ProgrammeReport:
    """A programme's report as it stood at `made_at` (UTC)."""

    programme_id: int
    title: str
    partnership: str
    starts_on: date
    ends_on: date
    zone: str
    made_at: datetime
    minimum_answers: int
    totals: Totals
    sessions: tuple[SessionLine, ...]
    cancelled: tuple[CancelledLine, ...]
    organisations: tuple[GroupLine, ...]
    areas: tuple[GroupLine, ...]


@dataclass(frozen=True)
class Reportable:
    """A programme of which there may be a report."""

    id: int
    title: str
    starts_on: date
    ends_on: date


def enough_words(minimum: int) -> str:
    """`at least 5 people have`: from when on answers show."""
    return "at least 1 person has" if minimum == 1 else f"at least {minimum:,} people have"


def percent(part: int, whole: int) -> int | None:
    """Whole percent, a half going up; None of nothing."""
    return None if whole == 0 else (200 * part + whole) // (2 * whole)


def grouped(lines: Iterable[GroupLine]) -> tuple[GroupLine, ...]:
    """Groups by size; the small ones together, with the next larger ones until they are no longer few. Nothing, if all are few."""
    ordered = sorted(lines, key=lambda line: (-line.people, line.name.casefold(), line.name))
    shown = [line for line in ordered if line.people >= SMALL_GROUP]
    small = [line for line in ordered if line.people < SMALL_GROUP]
    while small and sum(line.people for line in small) < SMALL_GROUP and shown:
        small.append(shown.pop())  # else what is left out could be worked out from the totals
    if not small:
        return tuple(shown)
    together = GroupLine(OTHER_GROUPS, sum(line.people for line in small), sum((line.tally for line in small), Tally()))
    return (*shown, together) if together.people >= SMALL_GROUP else ()


class Claim(NamedTuple):
    """What a report needs of a booking: a programme has thousands, and their rows as a whole take long to make."""

    session_id: int
    person_id: int
    state: BookingState
    attendance: Attendance


def tally_of(bookings: Iterable[Claim | Booking], *, over: bool) -> Tally:
    """Bookings of sessions that are all over, or all not."""
    claims = Counter((booking.state, booking.attendance) for booking in bookings)
    states, marks = Counter[BookingState](), Counter[Attendance]()
    for (state, attendance), count in claims.items():
        states[state] += count
        if over and state is BookingState.CONFIRMED:
            marks[attendance] += count
    return Tally(
        confirmed=states[BookingState.CONFIRMED],
        waiting=states[BookingState.WAITLISTED],
        cancelled=states[BookingState.CANCELLED],
        attended=marks[Attendance.ATTENDED],
        absent=marks[Attendance.ABSENT],
        unmarked=marks[Attendance.UNKNOWN],
    )


def places_in_all(session: Session) -> int | None:
    """In the room and online; None: no limit."""
    if session.format is not Format.HYBRID:
        return session.places
    return None if session.places is None or session.online_places is None else session.places + session.online_places
