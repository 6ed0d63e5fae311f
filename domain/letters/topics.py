"""What many notices are about, read together: as columns, by a handful of queries however many they are.

Columns stand under the names that the tables have, in tuples with names: what decides over one letter asks for some thirty values,
and a row as the database's library gives it takes several times as long for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Select, select
from sqlmodel import SQLModel, col

from domain.database import Db
from domain.day_reminders import MOST_IN_ONE, Told
from domain.kinds import Channel, Kind, Mode
from domain.letters.sessions import facts_of
from domain.many import among
from domain.materials import attachments_of
from domain.models import Booking, BookingState, Hold, Person, Session, SessionState
from domain.ports.letters import Attachment, SessionFacts
from domain.tables import table_of
from domain.times import day_of

T = TypeVar("T")


class NoticeColumns(NamedTuple):
    """Of a notice, from the ledger."""

    id: int
    partnership_id: int
    key: str
    kind: Kind
    channel: Channel
    person_id: int | None
    booking_id: int | None
    session_id: int | None
    programme_id: int | None
    proof_id: int | None
    presenter_id: int | None
    series_booking_id: int | None
    transfer_id: int | None
    announcement_id: int | None
    digest_reader_id: int | None
    sequence: int | None
    dtstamp: datetime | None
    lead_minutes: int | None
    detail: str
    fallback_of: int | None
    owed_at: datetime
    expires_at: datetime | None
    attempts: int
    first_handed_at: datetime | None
    next_try_at: datetime

    @property
    def is_calendar(self) -> bool:
        """Whether it changes a calendar: then writing it down says of its booking that an invitation may be there."""
        return self.sequence is not None


class BookingColumns(NamedTuple):
    """Of a booking."""

    id: int
    session_id: int
    person_id: int
    mode: Mode
    state: BookingState
    hold: Hold | None
    held_until: datetime | None
    sequence: int
    invited: bool
    alias: str | None


class PersonColumns(NamedTuple):
    """Of a person."""

    id: int
    name: str
    email: str | None
    proven_at: datetime | None
    discord_id: int | None


class BookedSession(NamedTuple):
    """A booking, and when its session starts."""

    booking: BookingColumns
    starts_at: datetime  #: UTC
    zone: str


def columns_of(model: type[SQLModel], fields: Iterable[str]) -> list[Column[Any]]:
    """The columns of a model's table that these fields are read from."""
    columns = table_of(model).c
    return [columns[name] for name in fields]


_BOOKING = columns_of(Booking, BookingColumns._fields)
_B = table_of(Booking).c
#: put together once: with so many columns that takes as long as a small database takes to answer
_READ_BOOKINGS, _READ_PEOPLE = select(*_BOOKING), select(*columns_of(Person, PersonColumns._fields))
_READ_BOOKED = select(*_BOOKING, col(Session.starts_at), col(Session.zone)).join(Session, col(Session.id) == _B.session_id)


@dataclass
class Topics:
    """What the notices are about, by id."""

    sessions: dict[int, Session]
    locked: frozenset[int]  #: of these sessions, shared: those of calendar messages that nobody is changing
    facts: dict[int, SessionFacts]
    bookings: dict[int, BookingColumns]
    people: dict[int, PersonColumns]
    days: dict[int, list[BookedSession]]  #: of a person: the sessions of their next days, in order of their start
    files: dict[int, tuple[Attachment, ...]] = field(default_factory=dict)

    def is_held_up(self, notice: NoticeColumns) -> bool:
        """Whether somebody is changing the session of this calendar message just now."""
        return notice.is_calendar and notice.session_id not in self.locked

    def files_of(self, db: Db, session_id: int) -> tuple[Attachment, ...]:
        """What travels with an invitation, read once."""
        if session_id not in self.files:
            has = any(one.file_name for one in self.facts[session_id].materials)
            self.files[session_id] = attachments_of(db, self.sessions[session_id]) if has else ()
        return self.files[session_id]

    def of_its_day(self, notice: NoticeColumns) -> list[BookedSession]:
        """What a day's reminder speaks of."""
        day = Told.read(notice.detail).day
        booked = self.days.get(notice.person_id or 0, ())
        return [one for one in booked if day_of(one.starts_at, one.zone) == day][:MOST_IN_ONE]


def read_topics(db: Db, notices: Sequence[NoticeColumns], now: datetime) -> Topics:
    """All that these notices are about. Nothing is waited for: a session that somebody is changing is not locked, and is read as it was."""
    locked = _sessions(db, {notice.session_id for notice in notices if notice.is_calendar}, locked=True)
    days = _days(db, [notice for notice in notices if notice.booking_id is None], now)
    told = {notice.session_id for notice in notices if not notice.is_calendar}
    told |= {one.booking.session_id for day in days.values() for one in day}
    sessions = locked | _sessions(db, told - locked.keys())
    bookings = _by_id(db, BookingColumns._make, _READ_BOOKINGS, {notice.booking_id for notice in notices})
    people = _by_id(db, PersonColumns._make, _READ_PEOPLE, {notice.person_id for notice in notices})
    return Topics(sessions, frozenset(locked), facts_of(db, list(sessions.values())), bookings, people, days)


def _sessions(db: Db, ids: set[int | None], *, locked: bool = False) -> dict[int, Session]:
    """By id. `locked`: shared, for this transaction, without those that somebody is changing."""
    if not ids:
        return {}
    rows = select(Session).where(col(Session.id).in_(ids)).order_by(col(Session.id))
    if locked:
        rows = rows.with_for_update(read=True, skip_locked=True)
    return {session.id or 0: session for session in db.scalars(rows.execution_options(populate_existing=True))}


def _by_id(db: Db, made: Callable[[Iterable[Any]], T], rows: Select[Any], ids: set[int | None]) -> dict[int, T]:
    """The first of their columns is the id."""
    known = [number for number in ids if number is not None]
    if not known:
        return {}
    found = db.connection().execute(rows.where(among(db, rows.selected_columns[0], known))).all()
    return {row[0]: made(row) for row in found}


def _days(db: Db, notices: Sequence[NoticeColumns], now: datetime) -> dict[int, list[BookedSession]]:
    """As `day_reminders.sessions_to_tell`, of many: what each person has booked from now on."""
    days: defaultdict[int, list[BookedSession]] = defaultdict(list)
    if not notices:
        return days
    longest = max(notice.lead_minutes or 0 for notice in notices)
    rows = _READ_BOOKED.where(
        among(db, _B.person_id, {notice.person_id for notice in notices if notice.person_id is not None}),
        _B.state == BookingState.CONFIRMED,
        col(Session.state) == SessionState.PUBLISHED,
        col(Session.starts_at) > now,
        col(Session.starts_at) < now + timedelta(minutes=longest) + timedelta(days=2),
    ).order_by(col(Session.starts_at), col(Session.id))
    for *of_booking, starts_at, zone in db.connection().execute(rows).all():
        booking = BookingColumns._make(of_booking)
        days[booking.person_id].append(BookedSession(booking, starts_at, zone))
    return days
