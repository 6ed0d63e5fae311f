"""Reads for one person in chat: what there is to book, and where they stand. Values only; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from domain.askers import Asker, ByLink, are_claims_to, is_claim_to, is_them, person_of
from domain.counting import position
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Mode
from domain.letters.sessions import session_facts
from domain.models import (
    Booking,
    BookingState,
    EmailProof,
    Hold,
    Organisation,
    Person,
    Privacy,
    Programme,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.people import PersonView, find
from domain.picking import Found, by_reference, by_title, having_words
from domain.places import ACTIVE
from domain.ports.letters import SessionFacts
from domain.privacy import is_admitted, is_private
from domain.programmes import ProgrammeView, owned, view
from domain.proofs import waits_for
from domain.queries import material_names, session_view, session_views
from domain.rules import Rules
from domain.series.views import PartOf, part_of
from domain.times import day_of
from domain.transfers.asking import can_be_handed_over, open_transfer
from domain.views import SessionView

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Handing:
    """A colleague who is asked to take this place, by the name that was typed, until an instant (UTC)."""

    to_name: str
    until: datetime


@dataclass(frozen=True)
class Standing:
    """How one person stands with one session. `position` counts from 1 on the waiting list."""

    state: BookingState
    mode: Mode
    hold: Hold | None = None
    held_until: datetime | None = None
    position: int | None = None
    handing: Handing | None = None  #: a colleague is asked to take the place
    can_hand_over: bool = False
    wished: bool = False  #: somebody asked for it on a page with their address: it waits for their yes


@dataclass(frozen=True)
class SessionPage:
    """A session, and how the reader stands with it (None: not booked)."""

    session: SessionView
    mine: Standing | None = None
    part: PartOf | None = None  #: of a series


@dataclass(frozen=True)
class CodeStanding:
    """Whether six digits are on their way or can still be typed in, and from when new ones can be sent (None: at once)."""

    out: bool
    again_at: datetime | None = None


def open_programmes(db: Db, partnership_id: int, *, now: datetime) -> tuple[ProgrammeView, ...]:
    """Programmes that are published and not over, the next first."""
    rows = db.exec(
        select(Programme)
        .where(
            col(Programme.partnership_id) == partnership_id,
            col(Programme.state).in_((ProgrammeState.PUBLISHED, ProgrammeState.CLOSED)),
            col(Programme.ends_on) >= now.date() - timedelta(days=1),
            _has_something_open(),
        )
        .order_by(col(Programme.starts_on), col(Programme.id))
    ).all()
    return tuple(view(row) for row in rows if row.ends_on >= day_of(now, row.zone))


def _has_something_open() -> ColumnElement[bool]:
    """A private programme is not even named, unless it has an open session."""
    opened = select(Session.id).where(
        col(Session.programme_id) == col(Programme.id),
        col(Session.privacy) == Privacy.OPEN,
        col(Session.state) != SessionState.DRAFT,
    )
    return (col(Programme.default_privacy) == Privacy.OPEN) | opened.exists()


def open_programme(db: Db, partnership_id: int, programme_id: int) -> ProgrammeView:
    """One programme that everybody may see. Raises `NotFound` for a draft, and for one where everything is private."""
    programme = owned(db, partnership_id, programme_id)
    named = db.exec(select(Programme.id).where(col(Programme.id) == programme_id, _has_something_open())).first()
    if programme.state is ProgrammeState.DRAFT or named is None:
        raise NotFound("We could not find that programme.")
    return view(programme)


def session_page(db: Db, partnership_id: int, session_id: int, asker: Asker, *, now: datetime | None = None) -> SessionPage:
    """One session as this person may see it; with `now`, what it is to its series too.

    Raises `NotFound` for a draft, and for a private one that is not theirs.
    """
    session = db.get(Session, session_id)
    if session is None or session.partnership_id != partnership_id:
        raise NotFound("We could not find that session. It may have been removed.")
    mine = _booking(db, partnership_id, session_id, asker)
    if mine is not None and not is_claim_to(asker, mine):
        mine = None  # they ask as anybody does
    unknown = is_private(session) and not _claims(session, mine) and not _is_admitted(db, session, asker)
    if session.state is SessionState.DRAFT or unknown:
        raise NotFound("We could not find that session. It may have been removed.")
    shown, standing = session_view(db, session), _standing(db, mine)
    if standing is not None and standing.state is BookingState.CONFIRMED:  # of a private session nobody else hears what there is
        shown = replace(shown, materials=material_names(db, [session_id]).get(session_id, ()))
    if session.series_id is None or now is None:
        return SessionPage(shown, standing)
    person = find(db, partnership_id, asker)
    return SessionPage(shown, standing, part_of(db, session, person.id if person else None, mine, now=now))


def reader_and_page(
    db: Db, partnership_id: int, session_id: int, asker: Asker, *, now: datetime | None = None
) -> tuple[PersonView | None, SessionPage]:
    """Who looks at a session, if we know them, and what they see."""
    return find(db, partnership_id, asker), session_page(db, partnership_id, session_id, asker, now=now)


def my_bookings(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[SessionPage, ...]:
    """What this person has booked, holds or waits for and is not over, in order of its start; by link also what was wished for."""
    rows = db.exec(
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Person.partnership_id) == partnership_id,
            is_them(asker),
            col(Booking.state).in_(ACTIVE),
            are_claims_to(asker, Booking.wished),
            col(Session.ends_at) > now,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    ).all()
    views = session_views(db, [session for _, session in rows])
    return tuple(SessionPage(shown, _standing(db, booking)) for shown, (booking, _) in zip(views, rows, strict=True))


def my_calendar(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[tuple[SessionFacts, Mode, int], ...]:
    """The sessions in which this person has a place and which are not over, for a calendar file: facts, way, sequence."""
    rows = db.exec(
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Person.partnership_id) == partnership_id,
            is_them(asker),
            col(Booking.state) == BookingState.CONFIRMED,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.ends_at) > now,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    ).all()
    return tuple((session_facts(db, session), booking.mode, booking.sequence) for booking, session in rows)


def find_sessions(db: Db, partnership_id: int, words: str, *, now: datetime, limit: int = 25) -> tuple[Found, ...]:
    """Open sessions to come whose title, organisation, day, hour or reference has every word, the next first."""
    return having_words(_open_sessions(db, partnership_id, now), words, limit)


def pick_session(db: Db, partnership_id: int, typed: str, *, now: datetime) -> int:
    """The id of the session that somebody chose or typed: by its reference, or by words that only one open title has.

    Raises `BadInput` when several or none fit.
    """
    known = by_reference(db, partnership_id, typed, but_private=True)
    return known if known is not None else by_title((session for session, _ in _open_sessions(db, partnership_id, now)), typed)


def _open_sessions(db: Db, partnership_id: int, now: datetime) -> Iterable[tuple[Session, str | None]]:
    return db.exec(
        select(Session, Organisation.name)
        .join(Programme, col(Programme.id) == col(Session.programme_id))
        .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
        .where(
            col(Session.partnership_id) == partnership_id,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.privacy) == Privacy.OPEN,
            col(Session.starts_at) > now,
            col(Programme.state) == ProgrammeState.PUBLISHED,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )


def code_standing(db: Db, partnership_id: int, discord_id: int, rules: Rules, *, now: datetime) -> CodeStanding:
    """How it is with this person's six digits."""
    mine = (
        select(EmailProof)
        .join(Person, col(Person.id) == col(EmailProof.person_id))
        .where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id, col(EmailProof.by_link).is_(False))
        .order_by(col(EmailProof.id).desc())
    )
    proofs = db.exec(mine).all()
    last = next((proof for proof in proofs[:1] if proof.done_at is None), None)
    asked = sorted(proof.asked_at for proof in proofs if proof.asked_at > now - HOUR)
    again_at = asked[-rules.codes_an_hour] + HOUR if len(asked) >= rules.codes_an_hour else None
    return CodeStanding(last is not None and waits_for(last, last.address, rules, now), again_at)


def chat_is_closed(db: Db, partnership_id: int, discord_id: int) -> bool:
    """Whether Discord has refused our direct messages to this person."""
    mine = select(Person.chat_closed_at).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)
    return db.exec(mine).first() is not None


def sessions_of(db: Db, partnership_id: int, session_ids: tuple[int, ...]) -> tuple[SessionView, ...]:
    """These sessions' views, in order of their start."""
    rows = db.exec(
        select(Session)
        .where(col(Session.partnership_id) == partnership_id, col(Session.id).in_(session_ids))
        .order_by(col(Session.starts_at), col(Session.id))
    ).all()
    return session_views(db, rows)


def _booking(db: Db, partnership_id: int, session_id: int, asker: Asker) -> Booking | None:
    mine = (
        select(Booking)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, is_them(asker), col(Person.partnership_id) == partnership_id)
    )
    return db.exec(mine).first()


def _is_admitted(db: Db, session: Session, asker: Asker) -> bool:
    """In chat and by link somebody is the same person: what one door opened, the other shows."""
    person = person_of(db, session.partnership_id, asker)
    account = None if isinstance(asker, ByLink) else asker
    return is_admitted(db, session, person.discord_id if person else account, person.id if person else None)


def _claims(session: Session, booking: Booking | None) -> bool:
    """Whether somebody has a claim on a session, or had one when it was cancelled: what they were told of, they may look at."""
    if booking is None or booking.state in ACTIVE:
        return booking is not None
    return session.cancelled_at is not None and booking.cancelled_at is not None and booking.cancelled_at >= session.cancelled_at


def _standing(db: Db, booking: Booking | None) -> Standing | None:
    if booking is None or booking.state not in ACTIVE:
        return None
    if booking.state is BookingState.CONFIRMED:
        transfer, session = open_transfer(db, booking), db.get_one(Session, booking.session_id)
        handing = Handing(transfer.to_name, transfer.expires_at) if transfer is not None else None
        return Standing(booking.state, booking.mode, handing=handing, can_hand_over=can_be_handed_over(session, booking))
    waiting = booking.state is BookingState.WAITLISTED and not booking.wished
    ahead = position(db, booking) if waiting else None
    return Standing(booking.state, booking.mode, booking.hold, booking.held_until, ahead, wished=booking.wished)
