"""A programme as everybody may read it: its open sessions by day, with what a list of them shows, and no more.

No page is read more often. So it is two statements, made once, that give columns: rows of our tables, with all that they can do, and
what a list does not show would cost five times as much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlmodel import col

from domain.capacity import TAKEN
from domain.database import Db
from domain.engines import STANDING
from domain.errors import NotFound
from domain.kinds import Format, Mode
from domain.models import Booking, BookingState, Organisation, Privacy, Programme, ProgrammeState, Session, SessionState
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

    @property
    def for_all(self) -> bool:
        """Whether it says itself that it is for everybody: so it fits whatever audience is chosen."""
        return self.audience.strip().casefold() in ("all", "everyone", "everybody")


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


def programme_page(db: Db, partnership_id: int, programme_id: int) -> ProgrammePage:
    """The page of one. Raises `NotFound` for a draft, and for one where everything is private: it is not even named."""
    asked = {"partnership": partnership_id, "programme": programme_id}
    programme = db.connection().execute(_PROGRAMME, asked).one_or_none()
    if programme is None:
        raise NotFound("We could not find that programme.")
    days: dict[date, list[ListedSession]] = defaultdict(list)
    rows: Sequence[Any] = db.connection().execute(_SESSIONS, asked).all()
    for _, each in groupby(rows, lambda row: row.id):
        session = _listed(list(each), booking_open=programme.state is ProgrammeState.PUBLISHED)
        days[day_of(session.starts_at, programme.zone)].append(session)
    if not days and programme.default_privacy is not Privacy.OPEN:
        raise NotFound("We could not find that programme.")
    listed = tuple(ListedDay(day, tuple(sessions)) for day, sessions in days.items())
    return ProgrammePage(programme_id, programme.title, programme.starts_on, programme.ends_on, listed)


def _listed(rows: Sequence[Any], *, booking_open: bool) -> ListedSession:
    """The rows are of one session: one for each way of taking part and state of a booking that it has, or one without."""
    (session_id, state, title, audience, organisation, starts_at, ends_at, zone, how, in_room, online, *_), *_ = rows

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
    return ListedSession(session_id, state, title, audience, organisation, starts_at, ends_at, zone, how, places, booking_open)


# ── statements ──────────────────────────────────────────────────────────────────────────────────────────────

_PROGRAMME = (
    select(
        col(Programme.title),
        col(Programme.state),
        col(Programme.starts_on),
        col(Programme.ends_on),
        col(Programme.zone),
        col(Programme.default_privacy),
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
    .where(col(Booking.session_id).in_(select(col(Session.id)).where(_OPEN)), col(Booking.state) != BookingState.CANCELLED)
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
        _BOOKED.c.booked,
        _BOOKED.c.mode,
        _BOOKED.c.number,
    )
    .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
    .outerjoin(_BOOKED, _BOOKED.c.session_id == col(Session.id))
    .where(_OPEN)
    .order_by(col(Session.starts_at), col(Session.id))
)
