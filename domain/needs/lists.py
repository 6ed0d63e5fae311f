"""What people need, for organisers and presenters: who is told names, and who only numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit
from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.errors import NotFound
from domain.models import Booking, BookingState, Needs, Person, Presenter, Session
from domain.needs.own import asked_needs, told
from domain.places import find_session
from domain.privacy import NEUTRAL_FOR_ORGANISERS, name_on, shown_title


@dataclass(frozen=True)
class NeedsLine:
    """One person's needs, for organisers."""

    booking_id: int
    name: str
    told: tuple[tuple[str, str], ...]
    seen_to: bool


@dataclass(frozen=True)
class NeedsList:
    """Everyone's needs for a session, for its organisers. Instants are UTC."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    lines: tuple[NeedsLine, ...]


@dataclass(frozen=True)
class NeedsCount:
    """What a presenter may know: how many come, and what is needed, by question, in the order of the letters."""

    title: str
    booked: int
    needs: tuple[tuple[str, tuple[str, ...]], ...]


def needs_list(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> NeedsList:
    """Who needs what, with names. Seeing it is recorded, so this is a write. For that programme's organisers."""
    session = find_session(db, partnership_id, session_id)
    audit(db, partnership_id, actor, "view needs", now=now, programme_id=session.programme_id, session_id=session_id)
    rows = _rows(db, session)
    lines = [NeedsLine(b.id or 0, name_on(b, person), told(needs), needs.answered_at is not None) for needs, b, person in rows]
    title = shown_title(session, NEUTRAL_FOR_ORGANISERS)
    return NeedsList(session_id, title, session.starts_at, session.ends_at, session.zone, tuple(lines))


def _rows(db: Db, session: Session) -> Sequence[tuple[Needs, Booking, Person]]:
    told = (
        select(Needs, Booking, Person)
        .join(Booking, col(Booking.id) == col(Needs.booking_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session.id, HAS_CLAIM)
        .order_by(col(Booking.queue_number))
    )
    return db.exec(told).all()


def mark_seen_to(db: Db, partnership_id: int, session_id: int, booking_ids: Sequence[int], *, actor: str, now: datetime) -> None:
    """An organiser has seen to these needs; the people see that on their card. Raises `NotFound` for another session's."""
    session = find_session(db, partnership_id, session_id)
    mine = {booking.id: needs for needs, booking, _ in _rows(db, session)}
    if not set(booking_ids) <= mine.keys():
        raise NotFound("Somebody on this list has changed their mind. Please open the list again.")
    for booking_id in booking_ids:
        mine[booking_id].answered_at = now
        db.add(mine[booking_id])
    db.flush()
    detail = f"{len(booking_ids)} seen to"
    audit(db, partnership_id, actor, "answer needs", now=now, programme_id=session.programme_id, session_id=session_id, detail=detail)


def needs_for_presenter(db: Db, partnership_id: int, session_id: int, discord_id: int) -> NeedsCount:
    """`needs_count` for who presents the session. Raises `NotFound`, as for a session that does not exist, for anybody else."""
    theirs = (
        select(Presenter.id)
        .join(Person, col(Person.id) == col(Presenter.person_id))
        .where(
            col(Presenter.session_id) == session_id,
            col(Presenter.partnership_id) == partnership_id,
            col(Presenter.ended_at).is_(None),
            col(Presenter.declined_at).is_(None),
            col(Person.discord_id) == discord_id,
        )
    )
    if db.exec(theirs).first() is None:
        raise NotFound("We could not find that session. It may have been removed.")
    return needs_count(db, partnership_id, session_id)


def needs_count(db: Db, partnership_id: int, session_id: int) -> NeedsCount:
    """What is needed, without names: for the presenters of a session. The order says nothing of who asked."""
    session = find_session(db, partnership_id, session_id)
    rows = _rows(db, session)
    coming = [needs for needs, booking, _ in rows if booking.state is BookingState.CONFIRMED]
    by_question = {
        question: tuple(sorted(text for needs in coming if (text := getattr(needs, question)))) for question in asked_needs(session)
    }
    confirmed = select(Booking.id).where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED)
    told = tuple((question, texts) for question, texts in by_question.items() if texts)
    return NeedsCount(shown_title(session), len(db.exec(confirmed).all()), told)
