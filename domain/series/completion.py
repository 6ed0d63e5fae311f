"""Completion: a series is completed when every part was attended, in its own run or in another run of the course.

It follows from attendance, in the transaction that marks it. Marking is sometimes wrong, so the certificate rests for ten
minutes before it is sent. Taking a mark back takes the completion back with it: an unsent certificate is not sent, one that
was sent cannot be fetched again, and organisers no longer see the series as completed. The number stays with the booking, so
that whoever completes again has the same number, and hears of it only once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.askers import Asker, is_theirs, is_them
from domain.attended import attended_by
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Channel, Kind
from domain.letters.matters import CertificateMatter
from domain.models import BookingState, Notice, NoticeState, Partnership, Person, Series, SeriesBooking, Session
from domain.notices import owe, to_person
from domain.records import Attended, CompletionFacts
from domain.rules import Rules
from domain.series.making_up import attended_parts
from domain.series.runs import find_series, part_numbers
from domain.times import day_of

#: how long a completion rests before its certificate is sent
RESTS = timedelta(minutes=10)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read for something else


@dataclass(frozen=True)
class Completed:
    """A series that a person has completed."""

    series_booking_id: int
    title: str
    course: str
    completed_at: datetime  #: UTC
    number: str


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def new_number() -> str:
    """`K7Q2M-9XWTB`: short enough to read out, and one of 590 million million, so that nobody guesses another's."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{digits[:5]}-{digits[5:]}"


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def settle(db: Db, session: Session, people: Iterable[int], *, now: datetime) -> int:
    """Bring completion into line with the attendance of these people at this session; how many series were completed."""
    if session.series_id is None:
        return 0
    key = find_series(db, session.partnership_id, session.series_id).course_key
    wholes = (
        select(SeriesBooking)
        .join(Series, col(Series.id) == col(SeriesBooking.series_id))
        .where(
            col(Series.partnership_id) == session.partnership_id,
            col(Series.course_key) == key,
            col(SeriesBooking.person_id).in_(list(people)),
            col(SeriesBooking.state) == BookingState.CONFIRMED,
        )
        .order_by(col(SeriesBooking.id))
    )
    return sum(_settle_one(db, whole, key, now=now) for whole in db.exec(wholes).all())


def settle_series(db: Db, series_id: int, *, now: datetime) -> int:
    """As `settle`, for everybody who has the series, when its parts have become fewer or more; how many completed it by that."""
    key = db.get_one(Series, series_id).course_key
    mine = select(SeriesBooking).where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.state) == BookingState.CONFIRMED)
    return sum(_settle_one(db, whole, key, now=now) for whole in db.exec(mine.order_by(col(SeriesBooking.id))).all())


def _settle_one(db: Db, whole: SeriesBooking, key: str, *, now: datetime) -> bool:
    parts = part_numbers(db, whole.series_id)
    done = bool(parts) and parts <= attended_parts(db, whole.partnership_id, whole.person_id, key)
    if done and whole.completed_at is None:
        whole.completed_at = max(now, _over_at(db, whole))
        whole.certificate = whole.certificate or _free_number(db)
        db.add(whole)
        db.flush()
        _owe_certificate(db, whole, now=now)
        return True
    if not done and whole.completed_at is not None:
        whole.completed_at = None
        db.add(whole)
        db.flush()
    return False


def _over_at(db: Db, whole: SeriesBooking) -> datetime:
    """When the last workshop that counts is over. Who says “I am here” at its door has completed nothing before."""
    return max(one.ends_at for one in _workshops(db, whole, db.get_one(Series, whole.series_id)))


def _free_number(db: Db) -> str:
    number = new_number()
    while db.exec(select(SeriesBooking.id).where(col(SeriesBooking.certificate) == number)).first() is not None:
        number = new_number()
    return number


def _owe_certificate(db: Db, whole: SeriesBooking, *, now: datetime) -> None:
    """By e-mail, and by chat to who takes messages there; each once, unless it was put aside before it was sent."""
    person = db.get_one(Person, whole.person_id)
    ways = [Channel.EMAIL] if person.proven_at is not None else []
    if person.discord_id is not None and person.chat_closed_at is None:
        ways.append(Channel.CHAT)
    for way in ways:
        notice = to_person(
            Kind.CERTIFICATE,
            person,
            key=f"certificate:{whole.id}:{whole.certificate}",
            now=now,
            channel=way,
            next_try_at=(whole.completed_at or now) + RESTS,
        )
        notice.series_booking_id = whole.id
        if not owe(db, notice):
            _revive(db, notice.key, at=notice.next_try_at)


def _revive(db: Db, key: str, *, at: datetime) -> None:
    known = db.exec(select(Notice).where(col(Notice.key) == key)).one()
    if known.state is NoticeState.SUPERSEDED:
        known.state, known.next_try_at = NoticeState.QUEUED, at
        db.add(known)
        db.flush()


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def read_certificate(db: Db, notice: Notice, _rules: Rules, *, now: datetime) -> CertificateMatter | None:
    """What a certificate's letter speaks of. None: the completion was taken back."""
    whole = db.get(SeriesBooking, notice.series_booking_id) if notice.series_booking_id else None
    if whole is None or whole.completed_at is None:
        return None
    return CertificateMatter(facts_of(db, whole))


def my_completed(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[Completed, ...]:
    """The series that this person has completed, the latest first."""
    mine = (
        select(SeriesBooking, Series)
        .join(Series, col(Series.id) == col(SeriesBooking.series_id))
        .join(Person, col(Person.id) == col(SeriesBooking.person_id))
        .where(
            col(SeriesBooking.partnership_id) == partnership_id,
            is_them(asker),
            col(SeriesBooking.completed_at) <= now,
        )
        .order_by(col(SeriesBooking.completed_at).desc(), col(SeriesBooking.id))
    )
    return tuple(
        Completed(whole.id or 0, series.title, series.course, whole.completed_at, whole.certificate or "")
        for whole, series in db.exec(mine)
        if whole.completed_at is not None
    )


def completion_facts(db: Db, partnership_id: int, asker: Asker, series_booking_id: int, *, now: datetime) -> CompletionFacts:
    """A certificate for the person whose it is. Raises `NotFound` for anybody else's, and where nothing was completed."""
    whole = db.get(SeriesBooking, series_booking_id)
    person = db.get(Person, whole.person_id) if whole else None
    theirs = person is not None and is_theirs(asker, person) and person.partnership_id == partnership_id
    if whole is None or not theirs or whole.completed_at is None or whole.completed_at > now:
        raise NotFound("We have no such certificate for you. It comes when every part has been marked as attended.")
    return facts_of(db, whole)


def facts_of(db: Db, whole: SeriesBooking) -> CompletionFacts:
    """What stands on the certificate of a completed series. Its day is that of the last workshop, not of the marking."""
    series = db.get_one(Series, whole.series_id)
    person = db.get_one(Person, whole.person_id)
    workshops = _workshops(db, whole, series)
    last = max(workshops, key=lambda one: one.ends_at)
    return CompletionFacts(
        partnership=db.get_one(Partnership, whole.partnership_id).name,
        person=person.name,
        course=series.course,
        sessions=workshops,
        completed_on=day_of(last.ends_at, last.zone),
        number=whole.certificate or "",
    )


def _workshops(db: Db, whole: SeriesBooking, series: Series) -> tuple[Attended, ...]:
    """One for each part: in the person's own run if they were there, else the first in which they made it up."""
    runs = select(Series.id).where(col(Series.partnership_id) == whole.partnership_id, col(Series.course_key) == series.course_key)
    of_course = {session.id or 0: session.series_id for session in db.exec(select(Session).where(col(Session.series_id).in_(runs)))}
    there = [one for one in attended_by(db, whole.person_id) if one.session_id in of_course]
    there.sort(key=lambda one: (of_course[one.session_id] != whole.series_id, one.starts_at))
    found: dict[int, Attended] = {}
    for one in there:
        if one.part in part_numbers(db, whole.series_id):
            found.setdefault(one.part or 0, one)
    return tuple(found[number] for number in sorted(found))
