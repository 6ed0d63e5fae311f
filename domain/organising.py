"""Reads for organisers: the programmes and sessions that they run, drafts among them. Counts, never people.

`roles` are the Discord roles of the person who asks; None stands for an organiser of the whole partnership.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.descriptions import NewSession, described
from domain.errors import BadInput, NotFound
from domain.fitting import count_confirmed
from domain.models import (
    Booking,
    Notice,
    NoticeState,
    Organisation,
    Programme,
    ProgrammeOrganiser,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.picking import Found, by_reference, by_title, having_words
from domain.privacy import having_their_own, is_or_may_be_private, is_private
from domain.programmes import ProgrammeView, organiser_roles, owned, view
from domain.times import day_of


@dataclass(frozen=True)
class SessionDesk:
    """A session as its organisers see it. `active` counts who would hear that it is cancelled: everyone with a place, held or confirmed, or
    on the waiting list, but nobody of whom a page only has a wish."""

    session_id: int
    programme_id: int
    programme: str
    state: SessionState
    reference: str
    session: NewSession
    confirmed: int
    active: int

    def is_ahead(self, now: datetime) -> bool:
        """Whether it is neither cancelled nor over, so that presenters and materials can still be given to it."""
        return self.state is not SessionState.CANCELLED and self.session.ends_at > now


@dataclass(frozen=True)
class MayBePrivate:
    """A drafted session whose wording proposes private. Instants are UTC."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str


@dataclass(frozen=True)
class ToPublish:
    """What publishing a programme would open. `drafted` are those that people could book then."""

    programme: ProgrammeView
    drafted: int
    sessions: int
    days: tuple[date, ...]
    asked: tuple[MayBePrivate, ...] = ()  #: stay closed until somebody says whether they are private
    private: int = 0  #: of all sessions: shown to nobody who was not invited
    begun: int = 0  #: of the drafted ones: nobody can book them any more


def organised(db: Db, partnership_id: int, roles: Collection[int] | None) -> tuple[ProgrammeView, ...]:
    """The programmes that this person organises, the latest first; archived ones are left out."""
    mine = select(Programme).where(col(Programme.partnership_id) == partnership_id, col(Programme.state) != ProgrammeState.ARCHIVED)
    if roles is not None:
        by_role = select(ProgrammeOrganiser.programme_id).where(col(ProgrammeOrganiser.role_id).in_(roles))
        mine = mine.where(col(Programme.id).in_(by_role))
    return tuple(view(row) for row in db.exec(mine.order_by(col(Programme.starts_on).desc(), col(Programme.id).desc())))


def pick_programme(db: Db, partnership_id: int, typed: str) -> ProgrammeView:
    """The programme that somebody chose or typed: an id, or its title. Raises `BadInput` when none or several fit.

    One that is put away stands in nobody's way.
    """
    typed = typed.strip()
    if re.fullmatch(r"[0-9]{1,12}", typed):
        return view(owned(db, partnership_id, int(typed)))
    rows = db.exec(select(Programme).where(col(Programme.partnership_id) == partnership_id)).all()
    titled = [row for row in rows if row.title.casefold() == typed.casefold()]
    found = [row for row in titled if row.state is not ProgrammeState.ARCHIVED] or titled
    if len(found) != 1:
        raise BadInput("Please choose one of the programmes that are shown while you type.")
    return view(found[0])


def find_desk_sessions(
    db: Db, partnership_id: int, words: str, roles: Collection[int] | None, *, now: datetime, begun: bool, limit: int = 25
) -> tuple[Found, ...]:
    """Sessions of this person's programmes that have every word: those that are not over, or the `begun` ones, the last first."""
    found = _desk_sessions(db, partnership_id, roles, now, begun)
    return having_words(found, words, limit, having_their_own(db, partnership_id))


def pick_desk_session(db: Db, partnership_id: int, typed: str, roles: Collection[int] | None, *, now: datetime, begun: bool = False) -> int:
    """The id of the session that an organiser chose or typed: by its reference, or by words that only one of their titles has.

    Raises `BadInput` when several or none fit.
    """
    known = _theirs_to_know(db, by_reference(db, partnership_id, typed), roles)
    if known is not None:
        return known
    found = (one for one, _ in _desk_sessions(db, partnership_id, roles, now, begun))
    return by_title(found, typed, having_their_own(db, partnership_id))


def _theirs_to_know(db: Db, session_id: int | None, roles: Collection[int] | None) -> int | None:
    """Of another programme's session that is or may be private an organiser does not even hear that it exists."""
    session = db.get(Session, session_id) if session_id is not None else None
    if session is None or roles is None or not is_or_may_be_private(session):
        return session_id
    return session_id if organiser_roles(db, session.partnership_id, session.programme_id) & set(roles) else None


def _desk_sessions(
    db: Db, partnership_id: int, roles: Collection[int] | None, now: datetime, begun: bool
) -> Iterable[tuple[Session, str | None]]:
    wanted = [programme.id for programme in organised(db, partnership_id, roles)]
    rows = (
        select(Session, Organisation.name)
        .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
        .where(col(Session.programme_id).in_(wanted), col(Session.state) != SessionState.CANCELLED)
    )
    if begun:
        rows = rows.where(col(Session.starts_at) <= now, col(Session.state) == SessionState.PUBLISHED).order_by(
            col(Session.starts_at).desc()
        )
    else:
        rows = rows.where(col(Session.ends_at) > now).order_by(col(Session.starts_at))
    return db.exec(rows.order_by(col(Session.id)))


def session_desk(db: Db, partnership_id: int, session_id: int) -> SessionDesk:
    """One session for its organisers. Raises `NotFound`."""
    session = db.get(Session, session_id)
    if session is None or session.id is None or session.partnership_id != partnership_id:
        raise NotFound("We could not find that session. It may have been removed.")
    active = db.exec(select(Booking.id).where(col(Booking.session_id) == session.id, HAS_CLAIM, col(Booking.wished).is_(False))).all()
    return SessionDesk(
        session_id=session.id,
        programme_id=session.programme_id,
        programme=db.get_one(Programme, session.programme_id).title,
        state=session.state,
        reference=session.reference,
        session=described(db, partnership_id, session.id),
        confirmed=count_confirmed(db, session.id),
        active=len(active),
    )


def still_owed(db: Db, partnership_id: int, programme_id: int | None) -> int:
    """How many messages have yet to be sent: about one programme, or all of them."""
    owed = (
        select(func.count())
        .select_from(Notice)
        .outerjoin(Session, col(Session.id) == col(Notice.session_id))
        .where(col(Notice.partnership_id) == partnership_id, col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED)))
    )
    if programme_id is not None:
        owed = owed.where((col(Session.programme_id) == programme_id) | (col(Notice.programme_id) == programme_id))
    return db.exec(owed).one()


def to_publish(db: Db, partnership_id: int, programme_id: int, *, now: datetime) -> ToPublish:
    """What publishing would open. Raises `BadInput` when the programme has no session."""
    programme = owned(db, partnership_id, programme_id)
    sessions = db.exec(select(Session).where(col(Session.programme_id) == programme_id, col(Session.state) != SessionState.CANCELLED)).all()
    if not sessions:
        raise BadInput("There are no sessions in this programme yet. Import a schedule or add a session first.")
    drafted = [session for session in sessions if session.state is SessionState.DRAFT]
    asked = sorted((session for session in drafted if session.privacy_asked), key=lambda session: (session.starts_at, session.id))
    days = tuple(sorted({day_of(session.starts_at, programme.zone) for session in sessions}))
    return ToPublish(
        view(programme),
        sum(not session.privacy_asked and session.starts_at > now for session in drafted),
        len(sessions) - len(asked),
        days,
        tuple(MayBePrivate(one.id or 0, one.title, one.starts_at, one.ends_at, one.zone) for one in asked),
        sum(is_private(session) for session in sessions),
        sum(not session.privacy_asked and session.starts_at <= now for session in drafted),
    )
