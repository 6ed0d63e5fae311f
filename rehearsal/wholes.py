"""Courses, judged: a run is held on all its parts or on none, and a certificate went to who completed it, and to nobody else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Attendance, Booking, BookingState, Notice, NoticeState, Person, Series, SeriesBooking, Session, SessionState
from rehearsal.entries import Found, addresses_of
from rehearsal.evidence import Evidence


def are_whole(evidence: Evidence) -> Found:
    """Who has a run has a place on every part that was still to come when they had it; who has not has none of those."""
    db = evidence.db
    parts: dict[int, list[Session]] = defaultdict(list)
    for session in db.exec(select(Session).where(col(Session.series_id).is_not(None)).order_by(col(Session.id))):
        parts[session.series_id or 0].append(session)
    held = {(one.session_id, one.person_id): one for one in db.exec(select(Booking))}
    wholes, breaches = _wholes(db), []
    for whole in wholes:
        since = {BookingState.CONFIRMED: whole.confirmed_at, BookingState.CANCELLED: whole.cancelled_at}.get(whole.state, whole.asked_at)
        has_it = whole.state is BookingState.CONFIRMED
        counted = [
            one for one in parts[whole.series_id] if one.state is SessionState.PUBLISHED and since is not None and one.starts_at > since
        ]
        for part in counted:
            mine = held.get((part.id or 0, whole.person_id))
            state = mine.state if mine is not None and (has_it or mine.series_booking_id == whole.id) else BookingState.CANCELLED
            if has_it is not (state is BookingState.CONFIRMED):
                breaches.append(f"series booking {whole.id} is {whole.state}, and on its part {part.reference} it is {state}")
    return len(wholes), breaches


def are_certified(evidence: Evidence) -> Found:
    """Completion is reckoned anew from who was there; a certificate is known by its file in the mail."""
    db = evidence.db
    completed, booked = _completed(db), _wholes(db)
    addresses = addresses_of(db)
    came = Counter(mail.to.casefold() for mail in evidence.mails if "certificate.pdf" in mail.files)
    owed: Counter[int] = Counter(whole.person_id for whole in booked if whole.id in completed)
    breaches = []
    for person in db.exec(select(Person).order_by(col(Person.id))).all():
        got = sum(came.pop(address, 0) for address in addresses.get(person.id or 0, {}))
        if got != owed[person.id or 0]:
            breaches.append(f"person {person.id} completed {owed[person.id or 0]} courses and has {got} certificates by e-mail")
    breaches += [f"{count} certificates went to an address of nobody" for count in came.values() if count]
    sent = select(Notice).where(col(Notice.kind) == Kind.CERTIFICATE, col(Notice.state) == NoticeState.SENT)
    for notice in db.exec(sent.order_by(col(Notice.id))):
        if notice.channel is Channel.CHAT and notice.series_booking_id not in completed:
            breaches.append(f"notice {notice.id}: a certificate for a course that was not completed")
    return len(booked), breaches


def _completed(db: Db) -> set[int]:
    """The series bookings of which every part was attended, in their own run or another of the course."""
    courses: Mapping[int | None, str] = {series.id: series.course_key for series in db.exec(select(Series))}
    sessions: Mapping[int | None, Session] = {one.id: one for one in db.exec(select(Session).where(col(Session.series_id).is_not(None)))}
    there: dict[tuple[int, str], set[int | None]] = defaultdict(set)
    for booking in db.exec(select(Booking).where(col(Booking.state) == BookingState.CONFIRMED)):
        session = sessions.get(booking.session_id)
        if session is not None and booking.attendance is Attendance.ATTENDED:
            there[booking.person_id, courses[session.series_id]].add(session.series_part)
    return {
        whole.id or 0
        for whole in _wholes(db)
        if whole.state is BookingState.CONFIRMED
        and {one.series_part for one in sessions.values() if one.series_id == whole.series_id}
        <= there[whole.person_id, courses[whole.series_id]]
    }


def _wholes(db: Db) -> Sequence[SeriesBooking]:
    return db.exec(select(SeriesBooking).order_by(col(SeriesBooking.id))).all()
