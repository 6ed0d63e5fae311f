"""Attendance: who was there. Marked by organisers from the start of a session on; unknown until somebody says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.models import Attendance, Booking, BookingState, Organisation, Person, Session, SessionState
from domain.places import lock
from domain.privacy import NEUTRAL_FOR_ORGANISERS, is_private, name_on, shown_title
from domain.series.completion import settle
from domain.times import clock_words, day_words, to_wall


@dataclass(frozen=True)
class Attendee:
    """A person with a confirmed place, for organisers' eyes."""

    person_id: int
    name: str
    organisation: str | None
    attendance: Attendance


@dataclass(frozen=True)
class AttendanceList:
    """Everyone with a confirmed place on a session, by name."""

    session_id: int
    title: str
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    zone: str
    people: tuple[Attendee, ...]

    def count(self, attendance: Attendance) -> int:
        """How many are marked like this."""
        return sum(person.attendance is attendance for person in self.people)


def attendance_list(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> AttendanceList:
    """The names on a session. Seeing them is recorded, so this is a write. Raises `Closed` before the start, `NotFound`."""
    session = _open_for_marking(db, partnership_id, session_id, now)
    audit(db, partnership_id, actor, "view attendance", now=now, programme_id=session.programme_id, session_id=session_id)
    return _listed(db, session)


def mark(db: Db, partnership_id: int, session_id: int, marks: Mapping[int, Attendance], *, actor: str, now: datetime) -> AttendanceList:
    """Mark some people, by person id; the others stay as they are. Raises `Closed`, `NotFound`, `BadInput` for who has no place."""
    session = _open_for_marking(db, partnership_id, session_id, now)
    bookings = {booking.person_id: booking for booking in _confirmed(db, session)}
    if not marks.keys() <= bookings.keys():
        raise BadInput("Somebody on this list has no place any more. Please open the list again.")
    for person_id, attendance in marks.items():
        bookings[person_id].attendance = attendance
        db.add(bookings[person_id])
    db.flush()
    settle(db, session, marks, now=now)
    detail = f"{len(marks)} marked"
    audit(db, partnership_id, actor, "mark attendance", now=now, programme_id=session.programme_id, session_id=session_id, detail=detail)
    return _listed(db, session)


def forget_marks(db: Db, session: Session, *, now: datetime) -> None:
    """The session is held on another day after all: who was marked on the first one is not marked any more."""
    marked = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.attendance) != Attendance.UNKNOWN)
    people = []
    for booking in db.exec(marked.order_by(col(Booking.id))).all():
        booking.attendance = Attendance.UNKNOWN
        db.add(booking)
        people.append(booking.person_id)
    db.flush()
    settle(db, session, people, now=now)


def mark_all_but(db: Db, partnership_id: int, session_id: int, absent: Collection[int], *, actor: str, now: datetime) -> AttendanceList:
    """Everyone was there but these people (none: everyone was)."""
    session = _open_for_marking(db, partnership_id, session_id, now)
    people = {booking.person_id for booking in _confirmed(db, session)} | set(absent)
    marks = {person_id: Attendance.ABSENT if person_id in absent else Attendance.ATTENDED for person_id in people}
    return mark(db, partnership_id, session_id, marks, actor=actor, now=now)


def _open_for_marking(db: Db, partnership_id: int, session_id: int, now: datetime) -> Session:
    session = lock(db, partnership_id, session_id)
    if session.state is SessionState.DRAFT:
        raise NotFound("This session is not published yet, so nobody is booked on it.")
    if session.state is SessionState.CANCELLED:
        raise Closed("This session was cancelled, so nobody was there.")
    if session.starts_at > now:
        wall = to_wall(session.starts_at, session.zone)
        raise Closed(f"You can mark who is there from the start: {day_words(wall.date())}, {clock_words(wall)}.")
    return session


def _confirmed(db: Db, session: Session) -> list[Booking]:
    mine = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED)
    return list(db.exec(mine.order_by(col(Booking.id))))


def _listed(db: Db, session: Session) -> AttendanceList:
    rows = db.exec(
        select(Booking, Person, Organisation.name)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .join(Organisation, col(Organisation.id) == col(Person.organisation_id), isouter=True)
        .where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED)
    ).all()
    private = is_private(session)
    people = [
        Attendee(booking.person_id, name_on(booking, person), None if private else organisation, booking.attendance)
        for booking, person, organisation in rows
    ]
    people.sort(key=lambda person: (person.name.casefold(), person.person_id))
    return AttendanceList(
        session.id or 0, shown_title(session, NEUTRAL_FOR_ORGANISERS), session.starts_at, session.ends_at, session.zone, tuple(people)
    )
