"""Reports: how a programme went, in counts.

A report names sessions and organisations, never people. Groups of fewer than five people are counted together, and so
are private sessions, of which only the number is told; their people count in the totals. What is seen of the answers
is what `domain.feedback.answers` releases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import col, select

from domain.database import Db
from domain.feedback.answers import Results, results_of, results_together
from domain.feedback.questions import form
from domain.kinds import Format
from domain.models import (
    Attendance,
    Booking,
    BookingState,
    Organisation,
    Partnership,
    Person,
    Privacy,
    Programme,
    ProgrammeState,
    ServiceArea,
    Session,
    SessionState,
)
from domain.programmes import owned
from domain.rules import Rules

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


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


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


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Held:
    """A session that took or takes place, with its bookings."""

    session: Session
    bookings: tuple[Claim, ...]
    tally: Tally

    @property
    def open(self) -> bool:
        return self.session.privacy is Privacy.OPEN


def programme_report(db: Db, partnership_id: int, programme_id: int, rules: Rules, *, now: datetime) -> ProgrammeReport:
    """A programme's report. Raises `NotFound` for another partnership's."""
    programme = owned(db, partnership_id, programme_id)
    mine = select(Session).where(col(Session.programme_id) == programme_id)
    sessions = sorted(db.exec(mine), key=lambda one: (one.starts_at, one.title, one.id or 0))
    cancelled = [session for session in sessions if session.state is SessionState.CANCELLED]
    held = _held(db, [session for session in sessions if session.state is SessionState.PUBLISHED], now)
    public = [one for one in held if one.open]
    questions = form(db, partnership_id, programme_id)
    seen = results_of(db, [one.session.id or 0 for one in public], questions, rules)
    names = _organisations(db, partnership_id)
    people = _people(db, public)
    return ProgrammeReport(
        programme_id=programme_id,
        title=programme.title,
        partnership=db.get_one(Partnership, partnership_id).name,
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
        zone=programme.zone,
        made_at=now,
        minimum_answers=rules.minimum_answers,
        totals=_totals(held, len(cancelled), results_together(db, [one.session.id or 0 for one in held], rules, questions)),
        sessions=tuple(_line(one, names, seen[one.session.id or 0]) for one in public),
        cancelled=tuple(_cancelled(session) for session in cancelled if session.privacy is Privacy.OPEN),
        organisations=_groups(public, {i: names.get(by or 0, NOT_GIVEN) for i, (by, _) in people.items()}, now),
        areas=_groups(public, {i: AREAS[area] for i, (_, area) in people.items()}, now),
    )


def _held(db: Db, sessions: Sequence[Session], now: datetime) -> list[_Held]:
    bookings: dict[int, list[Claim]] = {session.id or 0: [] for session in sessions}
    claims = select(Booking.session_id, Booking.person_id, Booking.state, Booking.attendance)
    for session_id, person_id, state, attendance in db.exec(claims.where(col(Booking.session_id).in_(bookings)).order_by(col(Booking.id))):
        bookings[session_id].append(Claim(session_id, person_id, BookingState(state), Attendance(attendance)))
    return [
        _Held(session, tuple(bookings[session.id or 0]), tally_of(bookings[session.id or 0], over=session.ends_at <= now))
        for session in sessions
    ]


def _organisations(db: Db, partnership_id: int) -> dict[int, str]:
    return {o.id or 0: o.name for o in db.exec(select(Organisation).where(col(Organisation.partnership_id) == partnership_id))}


def _people(db: Db, held: Iterable[_Held]) -> dict[int, tuple[int | None, ServiceArea]]:
    """The organisation and service area of everyone who booked."""
    booked = {booking.person_id for one in held for booking in one.bookings}
    rows = db.exec(select(Person.id, Person.organisation_id, Person.service_area).where(col(Person.id).in_(booked)))
    return {person_id or 0: (organisation_id, ServiceArea(area)) for person_id, organisation_id, area in rows}


def _totals(held: Sequence[_Held], cancelled: int, results: Results) -> Totals:
    limits = [(places_in_all(one.session), one.tally.confirmed) for one in held]
    confirmed = {booking.person_id for one in held for booking in one.bookings if booking.state is BookingState.CONFIRMED}
    return Totals(
        sessions=len(held),
        private=sum(not one.open for one in held),
        cancelled_sessions=cancelled,
        people=len(confirmed),
        places=sum(places for places, _ in limits if places is not None),
        limited=sum(count for places, count in limits if places is not None),
        unlimited_sessions=sum(places is None for places, _ in limits),
        tally=sum((one.tally for one in held), Tally()),
        results=results,
    )


def _line(one: _Held, names: dict[int, str], results: Results) -> SessionLine:
    session = one.session
    return SessionLine(
        reference=session.reference,
        title=session.title,
        organisation=names.get(session.organisation_id or 0),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        places=places_in_all(session),
        tally=one.tally,
        results=results,
    )


def _cancelled(session: Session) -> CancelledLine:
    return CancelledLine(session.reference, session.title, session.starts_at, session.ends_at, session.zone)


def _groups(held: Iterable[_Held], group_of: dict[int, str], now: datetime) -> tuple[GroupLine, ...]:
    people: dict[str, set[int]] = {}
    claims: dict[tuple[str, bool], list[Claim]] = {}
    for one in held:
        for booking in one.bookings:
            group = group_of[booking.person_id]
            claims.setdefault((group, one.session.ends_at <= now), []).append(booking)
            if booking.state is BookingState.CONFIRMED:
                people.setdefault(group, set()).add(booking.person_id)
    tallies: dict[str, Tally] = {}
    for (group, over), theirs in claims.items():
        tallies[group] = tallies.get(group, Tally()) + tally_of(theirs, over=over)
    return grouped(GroupLine(name, len(people.get(name, ())), tally) for name, tally in tallies.items())


def reportable(db: Db, partnership_id: int) -> tuple[Reportable, ...]:
    """The programmes that have been published, the latest first."""
    mine = select(Programme).where(col(Programme.partnership_id) == partnership_id, col(Programme.state) != ProgrammeState.DRAFT)
    rows = db.exec(mine.order_by(col(Programme.starts_on).desc(), col(Programme.id).desc()))
    return tuple(Reportable(row.id or 0, row.title, row.starts_on, row.ends_on) for row in rows)
