"""Reads for display: what a card, a list or a menu shows. Values only; nothing here changes anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, func
from sqlmodel import SQLModel, col, select

from domain.audiences import is_for_families
from domain.capacity import SEEN_CLAIM
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Format, Mode
from domain.models import (
    Booking,
    Material,
    Organisation,
    Presenter,
    Privacy,
    Programme,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.places import TAKEN
from domain.presenters.telling import shown_label
from domain.privacy import is_private, shown_title
from domain.times import day_of
from domain.views import DayView, Places, SessionView

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class DayCount:
    """A day of a programme, and how many open sessions it has."""

    day: date
    sessions: int


def day_view(db: Db, partnership_id: int, programme_id: int, day: date) -> DayView:
    """A day of a programme, to post or browse."""
    programme = db.get(Programme, programme_id)
    if programme is None or programme.partnership_id != partnership_id:
        raise NotFound("We could not find that programme.")
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    near = select(Session).where(
        *_public(programme_id), col(Session.starts_at) > noon - timedelta(days=2), col(Session.starts_at) < noon + timedelta(days=2)
    )
    rows = db.exec(near.order_by(col(Session.starts_at), col(Session.id))).all()
    sessions = session_views(db, [s for s in rows if day_of(s.starts_at, programme.zone) == day])
    return DayView(programme_id, programme.title, day, programme.zone, sessions)


def programme_days(db: Db, partnership_id: int, programme_id: int) -> tuple[DayCount, ...]:
    """The days on which a programme has sessions to show, in order."""
    programme = db.get(Programme, programme_id)
    if programme is None or programme.partnership_id != partnership_id:
        raise NotFound("We could not find that programme.")
    starts = db.exec(select(Session.starts_at).where(*_public(programme_id))).all()
    days = Counter(day_of(starts_at, programme.zone) for starts_at in starts)
    return tuple(DayCount(day, count) for day, count in sorted(days.items()))


def _public(programme_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Session.programme_id) == programme_id, col(Session.state) != SessionState.DRAFT, col(Session.privacy) == Privacy.OPEN


def session_view(db: Db, session: Session) -> SessionView:
    """One session's view."""
    return session_views(db, [session])[0]


def session_views(db: Db, sessions: Sequence[Session]) -> tuple[SessionView, ...]:
    """Many sessions' views, by the same few queries however many they are."""
    ids = [session.id or 0 for session in sessions]
    programmes = {p.id: p for p in _rows(db, Programme, {s.programme_id for s in sessions})}
    organisations = {o.id: o.name for o in _rows(db, Organisation, {s.organisation_id for s in sessions if s.organisation_id})}
    presenters: dict[int, list[str]] = defaultdict(list)
    present = select(Presenter).where(col(Presenter.session_id).in_(ids), col(Presenter.ended_at).is_(None))
    for presenter in db.exec(present.order_by(col(Presenter.named), col(Presenter.id))):
        presenters[presenter.session_id].append(presenter.label)
    counted = _counted(db, ids)
    materials = material_names(db, ids)
    return tuple(
        SessionView(
            id=session.id or 0,
            programme_id=session.programme_id,
            programme=programmes[session.programme_id].title,
            reference=session.reference,
            state=session.state,
            title=shown_title(session),
            description="" if is_private(session) else session.description,
            audience="" if is_private(session) else session.audience,
            organisation=None if is_private(session) else organisations.get(session.organisation_id),
            presenter=None if is_private(session) else shown_label(presenters[session.id or 0]),
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            zone=session.zone,
            format=session.format,
            provider=session.provider,
            venue=session.venue,
            private=is_private(session),
            places=_places(session, counted),
            booking_open=programmes[session.programme_id].state is ProgrammeState.PUBLISHED,
            for_families=_for_families(session, programmes[session.programme_id]),
            materials=() if is_private(session) else materials.get(session.id or 0, ()),
        )
        for session in sessions
    )


def material_names(db: Db, session_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """What there is to read for these sessions, by name."""
    named: dict[int, tuple[str, ...]] = {}
    rows = select(Material.session_id, Material.label).where(col(Material.session_id).in_(session_ids)).order_by(col(Material.id))
    for session_id, label in db.exec(rows):
        named[session_id] = (*named.get(session_id, ()), label)
    return named


def welcomes_families(db: Db, sessions: Sequence[Session]) -> bool:
    """Whether who works for none of the organisations may book these: one, or all that is still to come of a series."""
    programmes = {p.id: p for p in _rows(db, Programme, {one.programme_id for one in sessions})}
    return bool(sessions) and all(_for_families(one, programmes[one.programme_id]) for one in sessions)


def _for_families(session: Session, programme: Programme) -> bool:
    return is_for_families(programme.kind, session.audience, programme.audience)


Counted = dict[tuple[int, Mode], tuple[int, int]]  # session and way: taken, waiting


def _rows(db: Db, model: type[Row], ids: Iterable[int]) -> Sequence[Row]:
    return db.exec(select(model).where(col(model.id).in_(sorted(ids)))).all()  # type: ignore[attr-defined]  # every model of ours has an id


def _counted(db: Db, session_ids: Sequence[int]) -> Counted:
    rows = db.exec(
        select(Booking.session_id, Booking.mode, Booking.state, func.count())
        .where(col(Booking.session_id).in_(session_ids), SEEN_CLAIM)
        .group_by(col(Booking.session_id), col(Booking.mode), col(Booking.state))
    ).all()
    counted: Counted = {}
    for session_id, mode, state, n in rows:
        key = session_id, Mode(mode)
        taken, waiting = counted.get(key, (0, 0))
        counted[key] = (taken + n, waiting) if state in TAKEN else (taken, waiting + n)
    return counted


def _places(session: Session, counted: Counted) -> tuple[Places, ...]:
    def of(mode: Mode, places: int | None) -> Places:
        return Places(mode, places, *counted.get((session.id or 0, mode), (0, 0)))

    if session.format is Format.HYBRID:
        return of(Mode.ROOM, session.places), of(Mode.ONLINE, session.online_places)
    return (of(Mode.ROOM if session.format is Format.IN_PERSON else Mode.ONLINE, session.places),)
