"""The sessions of a programme as they stand, to compare a file with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.capacity import HAS_CLAIM, HAS_PLACE
from domain.database import Db
from domain.descriptions import COPIED, NewSession
from domain.kinds import Format, Mode, Provider
from domain.models import AuditEntry, Booking, BookingState, Organisation, Presenter, Privacy, Programme, Series, Session, SessionState
from domain.schedule.matching import Existing
from domain.schedule.values import RowFormat
from domain.times import day_of


@dataclass(frozen=True)
class Standing:
    """A session that exists. `confirmed`, `held` and `waiting` count people; instants are UTC."""

    session_id: int
    state: SessionState
    session: NewSession
    series: str | None
    confirmed: int = 0
    held: int = 0
    waiting: int = 0
    having: Mapping[Mode, int] = field(default_factory=dict, hash=False)  #: people with a place, confirmed or held, by how they take part
    kept: Mapping[Mode, int] = field(default_factory=dict, hash=False)  #: of these, for whom it is only held

    @property
    def bookings(self) -> int:
        """People who would hear that it is cancelled."""
        return self.confirmed + self.held + self.waiting

    def can_change(self, now: datetime) -> bool:
        """Whether it is neither cancelled nor over."""
        return self.state is not SessionState.CANCELLED and self.session.ends_at > now


def standing(db: Db, programme: Programme) -> tuple[Standing, ...]:
    """Every session of the programme, cancelled ones among them, in the order in which they were made."""
    rows = db.exec(
        select(Session, Organisation.name, Series.title)
        .join(Organisation, col(Organisation.id) == col(Session.organisation_id), isouter=True)
        .join(Series, col(Series.id) == col(Session.series_id), isouter=True)
        .where(col(Session.programme_id) == programme.id)
        .order_by(col(Session.id))
    ).all()
    presenters = _presenters(db, programme)
    counts = _counts(db, programme)
    having, kept = _having(db, programme)
    return tuple(
        Standing(
            session.id or 0,
            session.state,
            NewSession(
                organisation=organisation,
                presenter=presenters.get(session.id or 0, _NOBODY)[0],
                presenter_address=presenters.get(session.id or 0, _NOBODY)[1],
                reference=session.reference,
                **{name: getattr(session, name) for name in COPIED},
            ),
            series,
            confirmed=counts.get((session.id or 0, BookingState.CONFIRMED), 0),
            held=counts.get((session.id or 0, BookingState.HELD), 0),
            waiting=counts.get((session.id or 0, BookingState.WAITLISTED), 0),
            having=having.get(session.id or 0, {}),
            kept=kept.get(session.id or 0, {}),
        )
        for session, organisation, series in rows
    )


#: no label, no address
_NOBODY: tuple[str | None, str | None] = (None, None)


def _presenters(db: Db, programme: Programme) -> dict[int, tuple[str | None, str | None]]:
    rows = (
        select(Presenter)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(col(Session.programme_id) == programme.id, ~col(Presenter.named), col(Presenter.ended_at).is_(None))
    )
    return {one.session_id: (one.label, one.address) for one in db.exec(rows)}  # the schedule's own label, with its address


def _counts(db: Db, programme: Programme) -> dict[tuple[int, BookingState], int]:
    rows = (
        select(Booking.session_id, Booking.state, func.count())
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Session.programme_id) == programme.id, HAS_CLAIM)
        .group_by(col(Booking.session_id), col(Booking.state))
    )
    return {(session_id, BookingState(state)): count for session_id, state, count in db.exec(rows).all()}


_ByWay = dict[int, dict[Mode, int]]


def _having(db: Db, programme: Programme) -> tuple[_ByWay, _ByWay]:
    """By session: who has a place, and of these for whom it is only held."""
    rows = (
        select(Booking.session_id, Booking.mode, Booking.state, func.count())
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Session.programme_id) == programme.id, HAS_PLACE)
        .group_by(col(Booking.session_id), col(Booking.mode), col(Booking.state))
    )
    having: defaultdict[int, Counter[Mode]] = defaultdict(Counter)
    kept: defaultdict[int, Counter[Mode]] = defaultdict(Counter)
    for session_id, mode, state, count in db.exec(rows):
        having[session_id][Mode(mode)] += count
        if state == BookingState.HELD:
            kept[session_id][Mode(mode)] = count
    return dict(having), dict(kept)


def changed_since_file(db: Db, programme_id: int) -> frozenset[int]:
    """The sessions that were changed by hand after the programme's last file, as far back as the audit trail goes."""
    mine = col(AuditEntry.programme_id) == programme_id
    last = select(func.max(AuditEntry.at)).where(mine, col(AuditEntry.action) == "import schedule").scalar_subquery()
    edits = select(AuditEntry.session_id).where(mine, col(AuditEntry.action) == "edit session", col(AuditEntry.at) > last).distinct()
    return frozenset(one for one in db.exec(edits) if one is not None)


def in_schedule_words(one: Standing, zone: str) -> Existing:
    """A session as the matching sees it."""
    session = one.session
    return Existing(
        session_id=one.session_id,
        title=session.title,
        day=day_of(session.starts_at, zone),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        reference=session.reference,
        organisation=session.organisation,
        format=_row_format(session),
        venue=session.venue,
        link=session.given_link,
        places=session.places,
        audience=session.audience or None,
        presenter=session.presenter,
        description=session.description or None,
        public_title=session.public_title,
        notes=session.notes or None,
        series=one.series,
        private=session.privacy is Privacy.PRIVATE,
    )


def _row_format(session: NewSession) -> RowFormat:
    if session.format is Format.IN_PERSON:
        return "in_person"
    if session.format is Format.HYBRID:
        return "hybrid"
    if session.provider is Provider.TEAMS:
        return "teams"
    return "zoom" if session.provider is Provider.ZOOM else "online"
