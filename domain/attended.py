"""What a person attended, read for that person: the list to keep, and a certificate of attendance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.askers import Asker, person_of
from domain.database import Db
from domain.errors import NotFound
from domain.models import Attendance, Booking, BookingState, Organisation, Partnership, Programme, Session
from domain.privacy import is_private, shown_title
from domain.records import AttendanceFacts, Attended
from domain.times import day_of


@dataclass(frozen=True)
class ProgrammeAttended:
    """A programme of which somebody attended something."""

    programme_id: int
    title: str
    sessions: int


def attended_by(db: Db, person_id: int, *, programme_id: int | None = None, over_by: datetime | None = None) -> tuple[Attended, ...]:
    """Every session that a person was marked as there, the earliest first; of one programme, if it is given.

    `over_by`: only what has ended by then. Who says “I am here” at the door has not attended it yet.
    """
    mine = (
        select(Session, Organisation.name)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
        .where(
            col(Booking.person_id) == person_id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.attendance) == Attendance.ATTENDED,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    if over_by is not None:
        mine = mine.where(col(Session.ends_at) <= over_by)
    if programme_id is not None:
        mine = mine.where(col(Session.programme_id) == programme_id)
    return tuple(attended(session, organisation) for session, organisation in db.exec(mine))


def attended(session: Session, organisation: str | None) -> Attended:
    """A session as the list shows it."""
    private = is_private(session)
    return Attended(
        session_id=session.id or 0,
        programme_id=session.programme_id,
        title=shown_title(session),
        organisation=None if private else organisation,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        part=session.series_part,
    )


def my_attended(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[Attended, ...]:
    """What this person attended and is over. Empty for somebody we do not know."""
    person = person_of(db, partnership_id, asker)
    return attended_by(db, person.id or 0, over_by=now) if person else ()


def programmes_attended(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[ProgrammeAttended, ...]:
    """The programmes of which this person attended something, the latest first."""
    person = person_of(db, partnership_id, asker)
    counts: dict[int, int] = {}
    for one in attended_by(db, person.id or 0, over_by=now) if person else ():
        counts[one.programme_id] = counts.get(one.programme_id, 0) + 1
    rows = db.exec(select(Programme).where(col(Programme.id).in_(counts)).order_by(col(Programme.starts_on).desc(), col(Programme.id)))
    return tuple(ProgrammeAttended(row.id or 0, row.title, counts[row.id or 0]) for row in rows)


def attendance_facts(db: Db, partnership_id: int, asker: Asker, programme_id: int, *, now: datetime) -> AttendanceFacts:
    """A certificate of attendance for the person behind a Discord account. Raises `NotFound` where they attended nothing of it."""
    person = person_of(db, partnership_id, asker)
    programme = db.get(Programme, programme_id)
    sessions = attended_by(db, person.id or 0, programme_id=programme_id, over_by=now) if person else ()
    if person is None or programme is None or programme.partnership_id != partnership_id or not sessions:
        raise NotFound("We have no record that you attended a session of this programme. If you did, please tell an organiser.")
    partnership = db.get_one(Partnership, partnership_id)
    return AttendanceFacts(partnership.name, person.name, programme.title, sessions, day_of(now, programme.zone))
