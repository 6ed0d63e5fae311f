"""Exports: a programme as tables for a spreadsheet. The sessions can be sent back as a schedule and change nothing.

Bookings and attendance hold names, for the programme's organisers alone, and every export is on record. Of a private
session they hold the chosen name and nothing else of a person. Feedback shows what a report may show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from domain.audit import audit
from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.kinds import Export, Format, Mode
from domain.merging import was_folded
from domain.models import Attendance, Booking, BookingState, Organisation, Person, Privacy, Programme, Session, SessionState
from domain.ports.files import Page
from domain.privacy import NEUTRAL_FOR_ORGANISERS, is_or_may_be_private, shown_title
from domain.programmes import owned
from domain.reports.figures import AREAS, ProgrammeReport
from domain.reports.programme import programme_report
from domain.roll import booking_reference
from domain.rules import Rules
from domain.schedule.proposals import PROVIDERS
from domain.schedule.standing import Standing, standing
from domain.times import to_wall


@dataclass(frozen=True)
class Exported:
    """A workbook to write. `file_name` has no ending."""

    title: str
    file_name: str
    pages: tuple[Page, ...]


def export(
    db: Db, partnership_id: int, programme_id: int, what: Export, rules: Rules, *, sees_private: bool, actor: str, now: datetime
) -> Exported:
    """The tables of a programme. A write, because it is recorded. Raises `NotFound`.

    `sees_private`: whether who asks may see sessions that are or may be private, and the people on them; else they are left out.
    """
    programme = owned(db, partnership_id, programme_id)
    match what:
        case Export.SESSIONS:
            pages: tuple[Page, ...] = (_sessions_page(db, programme, sees_private),)
        case Export.BOOKINGS:
            pages = (_bookings_page(db, programme, sees_private),)
        case Export.ATTENDANCE:
            pages = (_attendance_page(db, programme, sees_private, now),)
        case Export.FEEDBACK:
            pages = _feedback_pages(programme_report(db, partnership_id, programme_id, rules, now=now))
    audit(db, partnership_id, actor, f"export {what}", now=now, programme_id=programme_id, detail=f"{len(pages[0].rows)} rows")
    return Exported(f"{programme.title}: {what}", f"{what}-{programme_id}", pages)


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────

#: headings that a schedule is read by
SESSION_HEAD = (
    "Reference", "Title", "Date", "Start", "End", "Platform", "Venue", "Link", "Places", "Audience", "Presenter",
    "Presenter e-mail", "Organisation", "Series", "Description", "Notes", "Private", "Public title", "Status",
)  # fmt: skip


def _sessions_page(db: Db, programme: Programme, sees_private: bool) -> Page:
    """Every session that may be seen, in the order of their days."""
    seen = [one for one in standing(db, programme) if sees_private or not is_or_may_be_private(one.session)]
    found = sorted(seen, key=lambda one: (one.session.starts_at, one.session_id))
    return Page("Sessions", SESSION_HEAD, tuple(_session_row(one, programme.zone) for one in found))


def _session_row(one: Standing, zone: str) -> tuple[object, ...]:
    session = one.session
    start, end = to_wall(session.starts_at, zone), to_wall(session.ends_at, zone)
    places: int | str | None = "No limit" if session.places is None else session.places or None  # none at all cannot be said in a schedule
    return (
        session.reference,
        session.title,
        start.date(),
        start.time(),
        end.time(),
        _platform(one),
        session.venue,
        session.given_link,
        places,
        session.audience or None,
        session.presenter,
        session.presenter_address,
        session.organisation,
        one.series,
        session.description or None,
        session.notes or None,
        None if session.privacy_asked else "Yes" if session.privacy is Privacy.PRIVATE else "No",  # an open question stays open
        session.public_title,
        _STATES[one.state],
    )


_STATES = {SessionState.DRAFT: "Draft", SessionState.PUBLISHED: "Published", SessionState.CANCELLED: "Cancelled"}


def _platform(one: Standing) -> str:
    session = one.session
    if session.format is Format.IN_PERSON:
        return "In person"
    if session.format is Format.HYBRID:
        return "Hybrid"
    return "Online" if session.given_link or session.provider is None else PROVIDERS[session.provider]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────

_BOOKING_STATES = {
    BookingState.HELD: "Kept for now",
    BookingState.CONFIRMED: "Booked",
    BookingState.WAITLISTED: "Waiting",
    BookingState.CANCELLED: "Cancelled",
}
_MODES = {Mode.ROOM: "In the room", Mode.ONLINE: "Online"}
_MARKS = {Attendance.ATTENDED: "Yes", Attendance.ABSENT: "No", Attendance.UNKNOWN: None}
_WHO = ("Name", "E-mail", "Organisation", "Service area")
_Row = tuple[Session, Booking, Person, str | None]


def _booked(db: Db, programme: Programme, sees_private: bool) -> Iterator[_Row]:
    rows = (
        select(Session, Booking, Person, Organisation.name)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .join(Organisation, col(Organisation.id) == col(Person.organisation_id), isouter=True)
        .where(col(Session.programme_id) == programme.id, or_(HAS_CLAIM, col(Booking.state) == BookingState.CANCELLED), ~was_folded())
        .order_by(col(Session.starts_at), col(Session.id), col(Booking.queue_number), col(Booking.id))
    )
    if not sees_private:
        rows = rows.where(col(Session.privacy) == Privacy.OPEN, col(Booking.alias).is_(None))  # it was private when they booked
    return iter(db.exec(rows).all())


def _title(session: Session) -> str:
    return shown_title(session, NEUTRAL_FOR_ORGANISERS)


def _who(session: Session, booking: Booking, person: Person, organisation: str | None) -> tuple[object, ...]:
    if session.privacy is Privacy.PRIVATE or booking.alias is not None:  # a name is chosen only for a private session
        return booking.alias, None, None, None
    return person.name, person.email, organisation, AREAS[person.service_area]


def _bookings_page(db: Db, programme: Programme, sees_private: bool) -> Page:
    head = ("Booking", "Reference", "Session", "Date", "Start", *_WHO, "State", "How", "Asked at")
    return Page("Bookings", head, tuple(_booking_row(row) for row in _booked(db, programme, sees_private)))


def _booking_row(row: _Row) -> tuple[object, ...]:
    session, booking, _, _ = row
    start = to_wall(session.starts_at, session.zone)
    asked = to_wall(booking.asked_at, session.zone).replace(tzinfo=None, second=0, microsecond=0)
    first = booking_reference(booking.id or 0), session.reference, _title(session), start.date(), start.time()
    return (*first, *_who(*row), _BOOKING_STATES[booking.state], _MODES[booking.mode], asked)


def _attendance_page(db: Db, programme: Programme, sees_private: bool, now: datetime) -> Page:
    """Everyone with a place on a session that has begun. It can be filled in and sent back, one session at a time."""
    head = ("Booking", "Reference", "Session", "Date", "Start", *_WHO, "Attended")
    begun = (row for row in _booked(db, programme, sees_private) if row[0].starts_at <= now and row[1].state is BookingState.CONFIRMED)
    held = (row for row in begun if row[0].state is SessionState.PUBLISHED)
    return Page("Attendance", head, tuple(_attendance_row(row) for row in held))


def _attendance_row(row: _Row) -> tuple[object, ...]:
    session, booking, _, _ = row
    start = to_wall(session.starts_at, session.zone)
    first = booking_reference(booking.id or 0), session.reference, _title(session), start.date(), start.time()
    return (*first, *_who(*row), _MARKS[booking.attendance])


# ── feedback ────────────────────────────────────────────────────────────────────────────────────────────────


def _feedback_pages(report: ProgrammeReport) -> tuple[Page, ...]:
    """Numbers, counts of choices, and comments, of what is released."""
    head = ("Reference", "Session", "Date", "Answers", "Rating", "Confidence before", "Confidence after")
    numbers = Page("Feedback", head, tuple(_numbers(report)))
    choices = Page("Choices", ("Reference", "Session", "Question", "Choice", "Answers"), tuple(_choices(report)))
    comments = Page("Comments", ("Reference", "Session", "Question", "Comment"), tuple(_comments(report)))
    return tuple(page for page in (numbers, choices, comments) if page is numbers or page.rows)


def _numbers(report: ProgrammeReport) -> Iterable[tuple[object, ...]]:
    for line in report.sessions:
        results = line.results
        sure = (results.confidence.before, results.confidence.after) if results.confidence else (None, None)
        day = to_wall(line.starts_at, line.zone).date()
        yield line.reference, line.title, day, results.answers or None, results.rating.mean if results.rating else None, *sure


def _choices(report: ProgrammeReport) -> Iterable[tuple[object, ...]]:
    for line in report.sessions:
        for chosen in line.results.choices:
            for option, count in chosen.counts:
                yield line.reference, line.title, chosen.question, option, count


def _comments(report: ProgrammeReport) -> Iterable[tuple[object, ...]]:
    for line in report.sessions:
        for comments in line.results.comments:
            for text in comments.texts:
                yield line.reference, line.title, comments.question, text
