"""The report of a programme, and which programmes there are reports of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from domain.capacity import HAS_CLAIM, modes_of, places_of
from domain.database import Db
from domain.feedback.answers import Results, results_of, results_together
from domain.feedback.questions import form
from domain.kinds import Format
from domain.merging import was_folded
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
from domain.reports.figures import (
    AREAS,
    NOT_GIVEN,
    CancelledLine,
    Claim,
    GroupLine,
    ProgrammeReport,
    Reportable,
    SessionLine,
    Tally,
    Totals,
    grouped,
    places_in_all,
    tally_of,
)
from domain.rules import Rules


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
    counted = claims.where(
        col(Booking.session_id).in_(bookings), or_(HAS_CLAIM, col(Booking.state) == BookingState.CANCELLED), ~was_folded()
    )
    for session_id, person_id, state, attendance in db.exec(counted.order_by(col(Booking.id))):
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
        by_way=tuple((mode, places_of(session, mode)) for mode in modes_of(session.format)) if session.format is Format.HYBRID else (),
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
