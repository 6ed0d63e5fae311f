"""A programme as everybody may read it: its open sessions by day, with what a list of them shows, and no more.

No page is read more often. So it is two statements, made once, that give columns: rows of our tables, with all that they can do, and
what a list does not show would cost five times as much. Where sessions are booked together, a third gives their series.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Executable, and_, bindparam, func, select
from sqlmodel import col

from domain.audiences import is_for_families
from domain.capacity import SEEN_CLAIM, SEEN_PLACE, TAKEN, line_moves, modes_of
from domain.database import Db
from domain.engines import STANDING
from domain.errors import NotFound
from domain.kinds import Format, Mode
from domain.models import Booking, Organisation, Privacy, Programme, ProgrammeState, Series, Session, SessionState
from domain.rules import Rules
from domain.times import day_of
from domain.views import Places


@dataclass(frozen=True)
class ListedSession:
    """A session in a list. Instants are UTC."""

    id: int
    state: SessionState
    title: str
    audience: str
    organisation: str | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    format: Format
    places: tuple[Places, ...]
    booking_open: bool  #: the programme takes bookings
    for_families: bool = False  #: who works for none of the organisations may come too
    series_id: int | None = None  #: the series that it is booked with
    part: int | None = None  #: of the series, from 1

    @property
    def full(self) -> bool:
        """Whether no place is free, however one takes part."""
        return all(one.free == 0 for one in self.places)


@dataclass(frozen=True)
class ListedPart:
    """One day of a part of a series, in whichever programme it is."""

    session_id: int
    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: SessionState
    booking_open: bool
    full: bool = False  #: no place is free, however one takes part


@dataclass(frozen=True)
class ListedSeries:
    """Sessions that are booked together, some of them in this programme. Everybody may see every part."""

    id: int
    title: str
    of: int  #: how many parts it has
    parts: tuple[ListedPart, ...]  #: by number and date

    def coming(self, now: datetime) -> tuple[ListedPart, ...]:
        """The days that are still to come."""
        return tuple(one for one in self.parts if one.state is SessionState.PUBLISHED and one.starts_at > now)

    def ahead(self, now: datetime) -> int:
        """How many parts can still be booked; 0 where one of them takes no bookings."""
        coming = self.coming(now)
        return len({one.number for one in coming}) if all(one.booking_open for one in coming) else 0

    def waits(self, now: datetime) -> bool:
        """Whether a part that is still to come is full, in whichever programme: then one waits for all of them."""
        return any(one.full for one in self.coming(now))

    def waits_in_vain(self, rules: Rules, now: datetime) -> bool:
        """Whether one would wait for it, and nobody is promoted any more: then there is nothing to ask for."""
        return self.waits(now) and not line_moves(min(one.starts_at for one in self.coming(now)), rules, now)


@dataclass(frozen=True)
class ListedDay:
    """A day with its sessions, in order of their start, cancelled ones among them."""

    day: date
    sessions: tuple[ListedSession, ...]


@dataclass(frozen=True)
class ProgrammePage:
    """A programme, and each day on which it has sessions to show."""

    id: int
    title: str
    starts_on: date
    ends_on: date
    days: tuple[ListedDay, ...]
    series: tuple[ListedSeries, ...] = ()  #: in order of their first part


def programme_page(db: Db, partnership_id: int, programme_id: int) -> ProgrammePage:
    """The page of one. Raises `NotFound` for a draft, and for one where everything is private: it is not even named."""
    asked = {"partnership": partnership_id, "programme": programme_id}
    programme = db.connection().execute(_PROGRAMME, asked).one_or_none()
    if programme is None:
        raise NotFound("We could not find that programme.")
    days: dict[date, list[ListedSession]] = defaultdict(list)
    rows: Sequence[Any] = db.connection().execute(_SESSIONS, asked).all()
    for _, each in groupby(rows, lambda row: row.id):
        session = _listed(list(each), programme)
        days[day_of(session.starts_at, programme.zone)].append(session)
    if not days and programme.default_privacy is not Privacy.OPEN:
        raise NotFound("We could not find that programme.")
    listed = tuple(ListedDay(day, tuple(sessions)) for day, sessions in days.items())
    together = _series(db, asked) if any(row.series_id is not None for row in rows) else ()
    return ProgrammePage(programme_id, programme.title, programme.starts_on, programme.ends_on, listed, together)


def _series(db: Db, asked: dict[str, int]) -> tuple[ListedSeries, ...]:
    """What is booked together and has a part in the programme, without what has a part that not everybody may see."""
    found = []
    rows: Sequence[Any] = db.connection().execute(_SERIES, asked).all()
    for (series_id, title), each in groupby(rows, lambda row: (row.series_id, row.of_series)):
        days = list(each)
        if any(one.privacy is Privacy.PRIVATE and one.state is not SessionState.CANCELLED for one in days):
            continue
        parts = tuple(_part(one) for one in days if one.state is not SessionState.DRAFT and one.privacy is Privacy.OPEN)
        found.append(ListedSeries(series_id, title, len({one.part for one in days}), parts))
    return tuple(sorted(found, key=lambda one: (one.parts[0].starts_at, one.id)))


def _part(one: Any) -> ListedPart:
    """The row is of one day of a series."""
    limits = {
        mode: one.online_places if one.format is Format.HYBRID and mode is Mode.ONLINE else one.places for mode in modes_of(one.format)
    }
    taken = {Mode.ROOM: one.in_room, Mode.ONLINE: one.online}
    full = all(most is not None and taken[mode] >= most for mode, most in limits.items())
    when = one.starts_at, one.ends_at, one.zone
    return ListedPart(one.id, one.part, one.title, *when, one.state, one.takes is ProgrammeState.PUBLISHED, full)


def _listed(rows: Sequence[Any], programme: Any) -> ListedSession:
    """The rows are of one session: one for each way of taking part and state of a booking that it has, or one without."""
    (session_id, state, title, audience, organisation, starts_at, ends_at, zone, how, in_room, online, series_id, part, *_), *_ = rows
    booking_open = programme.state is ProgrammeState.PUBLISHED
    families = is_for_families(programme.kind, audience, programme.audience)

    def of(mode: Mode, places: int | None) -> Places:
        taken = waiting = 0
        for *_, booked, way, number in rows:
            if way is mode:
                taken, waiting = (taken + number, waiting) if booked in TAKEN else (taken, waiting + number)
        return Places(mode, places, taken, waiting)

    if how is Format.HYBRID:
        places: tuple[Places, ...] = of(Mode.ROOM, in_room), of(Mode.ONLINE, online)
    else:
        places = (of(Mode.ROOM if how is Format.IN_PERSON else Mode.ONLINE, in_room),)
    shown = session_id, state, title, audience, organisation, starts_at, ends_at, zone, how, places
    return ListedSession(*shown, booking_open, families, series_id, part)


# ── statements ──────────────────────────────────────────────────────────────────────────────────────────────

_PROGRAMME = (
    select(
        col(Programme.title),
        col(Programme.state),
        col(Programme.starts_on),
        col(Programme.ends_on),
        col(Programme.zone),
        col(Programme.default_privacy),
        col(Programme.kind),
        col(Programme.audience),
    )
    .where(
        col(Programme.id) == bindparam("programme"),
        col(Programme.partnership_id) == bindparam("partnership"),
        col(Programme.state) != ProgrammeState.DRAFT,
    )
    .execution_options(**{STANDING: True})
)
_OPEN = and_(
    col(Session.programme_id) == bindparam("programme"),
    col(Session.state) != SessionState.DRAFT,
    col(Session.privacy) == Privacy.OPEN,
)
_BOOKED = (
    select(col(Booking.session_id), col(Booking.state).label("booked"), col(Booking.mode), func.count().label("number"))
    .where(col(Booking.session_id).in_(select(col(Session.id)).where(_OPEN)), SEEN_CLAIM)
    .group_by(col(Booking.session_id), col(Booking.state), col(Booking.mode))
    .subquery()
)
#: PostgreSQL plans it each time: a plan for any programme takes ten times as long as one for this, which it knows to be large or small
_SESSIONS = (
    select(
        col(Session.id),
        col(Session.state),
        col(Session.title),
        col(Session.audience),
        col(Organisation.name),
        col(Session.starts_at),
        col(Session.ends_at),
        col(Session.zone),
        col(Session.format),
        col(Session.places),
        col(Session.online_places),
        col(Session.series_id),
        col(Session.series_part),
        _BOOKED.c.booked,
        _BOOKED.c.mode,
        _BOOKED.c.number,
    )
    .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
    .outerjoin(_BOOKED, _BOOKED.c.session_id == col(Session.id))
    .where(_OPEN)
    .order_by(col(Session.starts_at), col(Session.id))
)
_TAKEN = select(func.count()).where(col(Booking.session_id) == col(Session.id), SEEN_PLACE).correlate(Session)
_SERIES: Executable = (
    select(
        col(Session.series_id),
        col(Series.title).label("of_series"),
        col(Session.id),
        col(Session.series_part).label("part"),
        col(Session.title),
        col(Session.starts_at),
        col(Session.ends_at),
        col(Session.zone),
        col(Session.state),
        col(Session.privacy),
        col(Session.format),
        col(Session.places),
        col(Session.online_places),
        _TAKEN.where(col(Booking.mode) == Mode.ROOM).scalar_subquery().label("in_room"),
        _TAKEN.where(col(Booking.mode) == Mode.ONLINE).scalar_subquery().label("online"),
        col(Programme.state).label("takes"),
    )
    .join(Series, col(Series.id) == col(Session.series_id))
    .join(Programme, col(Programme.id) == col(Session.programme_id))
    .where(col(Session.series_id).in_(select(col(Session.series_id)).where(_OPEN, col(Session.series_id).is_not(None))))
    .order_by(col(Session.series_id), col(Session.series_part), col(Session.starts_at), col(Session.id))
)
