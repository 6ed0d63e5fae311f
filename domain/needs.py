"""Needs: what one person needs in order to come to one session. Adjustments, never a diagnosis.

Six questions for a private session, two for an open one with a room. Each may be left empty. They stand in a table of
their own, apart from the booking; organisers see them with a name, each view recorded, presenters without; and they are
deleted a while after the session (`Rules.needs_kept`), or as soon as the place is given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Format
from domain.models import Booking, BookingState, Needs, Person, Presenter, Privacy, Session
from domain.partnerships import of_these
from domain.places import ACTIVE, find_session
from domain.privacy import NEUTRAL_FOR_ORGANISERS, name_on, shown_title
from domain.rules import Rules, RulesOf
from domain.standing import at, today
from domain.texts import one_line
from domain.times import LONDON, day_of

PRIVATE_QUESTIONS = ("access", "interpreter", "childcare", "travel", "dietary", "supporter")
ROOM_QUESTIONS = ("access", "dietary")
LONGEST = 300


@dataclass(frozen=True)
class MyNeeds:
    """What one person has told for a session, by question. `asked` are the questions that fit it."""

    session_id: int
    title: str
    asked: tuple[str, ...]
    told: tuple[tuple[str, str], ...]
    seen_to: bool
    delete_on: date | None

    def of(self, question: str) -> str:
        """What was told to this question; empty: nothing."""
        return dict(self.told).get(question, "")


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


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def questions_for(*, private: bool, format_: Format) -> tuple[str, ...]:
    """The questions that fit a session."""
    if private:
        return PRIVATE_QUESTIONS
    return () if format_ is Format.ONLINE else ROOM_QUESTIONS


def asked_needs(session: Session) -> tuple[str, ...]:
    """The questions that fit this session: all six where it is private, access and food where there is a room."""
    return questions_for(private=session.privacy is Privacy.PRIVATE, format_=session.format)


def delete_day(session: Session, rules: Rules) -> date:
    """The day on which what was told for this session is deleted: `needs_kept` after its last day."""
    return day_of(session.ends_at, session.zone) + rules.needs_kept


def _told(needs: Needs) -> tuple[tuple[str, str], ...]:
    return tuple((question, text) for question in PRIVATE_QUESTIONS if (text := getattr(needs, question)))


# ── one's own ───────────────────────────────────────────────────────────────────────────────────────────────


def my_needs(db: Db, partnership_id: int, session_id: int, discord_id: int) -> MyNeeds:
    """What somebody has told for a session on which they have, hold or wait for a place. Raises `NotFound`."""
    session, booking = _mine(db, partnership_id, session_id, discord_id)
    return _view(session, _of(db, booking))


def tell_needs(
    db: Db, partnership_id: int, session_id: int, discord_id: int, answers: Mapping[str, str], rules: Rules, *, now: datetime
) -> MyNeeds:
    """Tell or change some of what one needs; an empty answer takes that one back. Raises `BadInput`, `Closed`, `NotFound`."""
    session, booking = _mine(db, partnership_id, session_id, discord_id)
    if session.ends_at <= now:
        raise Closed("This session is over, so there is nothing more to arrange.")
    if not set(answers) <= set(asked_needs(session)):
        raise BadInput("That is not asked for this session.")
    needs = _of(db, booking) or Needs(
        partnership_id=partnership_id, booking_id=booking.id or 0, told_at=now, delete_on=delete_day(session, rules)
    )
    before = _told(needs)
    for question, text in answers.items():
        setattr(needs, question, one_line(text, LONGEST, "what you need") if text.strip() else "")
    if not _told(needs):
        return withdraw_needs(db, partnership_id, session_id, discord_id)
    if _told(needs) != before:
        needs.told_at, needs.answered_at = now, None
    needs.delete_on = delete_day(session, rules)
    db.add(needs)
    db.flush()
    return _view(session, needs)


def withdraw_needs(db: Db, partnership_id: int, session_id: int, discord_id: int) -> MyNeeds:
    """Take everything back: it is deleted at once. Harmless to repeat."""
    session, booking = _mine(db, partnership_id, session_id, discord_id)
    needs = _of(db, booking)
    if needs is not None and needs.id is not None:
        db.delete(needs)
        db.flush()
    return _view(session, None)


def forget_with_place(db: Db, booking: Booking) -> None:
    """The place goes to somebody else: what was told for it is deleted at once, and never seen by them."""
    needs = _of(db, booking)
    if needs is not None:
        db.delete(needs)
        db.flush()


def _mine(db: Db, partnership_id: int, session_id: int, discord_id: int) -> tuple[Session, Booking]:
    row = db.exec(
        select(Session, Booking)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Session.id) == session_id,
            col(Session.partnership_id) == partnership_id,
            col(Person.discord_id) == discord_id,
            col(Booking.state).in_(ACTIVE),
        )
    ).first()
    if row is None:
        raise NotFound("You have no booking for this session.")
    return row


def _of(db: Db, booking: Booking) -> Needs | None:
    return db.exec(select(Needs).where(col(Needs.booking_id) == booking.id)).first()


def _view(session: Session, needs: Needs | None) -> MyNeeds:
    return MyNeeds(
        session.id or 0,
        shown_title(session),
        asked_needs(session),
        _told(needs) if needs else (),
        seen_to=needs is not None and needs.answered_at is not None,
        delete_on=needs.delete_on if needs else None,
    )


# ── for organisers and presenters ───────────────────────────────────────────────────────────────────────────


def needs_list(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> NeedsList:
    """Who needs what, with names. Seeing it is recorded, so this is a write. For that programme's organisers."""
    session = find_session(db, partnership_id, session_id)
    audit(db, partnership_id, actor, "view needs", now=now, programme_id=session.programme_id, session_id=session_id)
    rows = _rows(db, session)
    lines = [NeedsLine(b.id or 0, name_on(b, person), _told(needs), needs.answered_at is not None) for needs, b, person in rows]
    title = shown_title(session, NEUTRAL_FOR_ORGANISERS)
    return NeedsList(session_id, title, session.starts_at, session.ends_at, session.zone, tuple(lines))


def _rows(db: Db, session: Session) -> Sequence[tuple[Needs, Booking, Person]]:
    told = (
        select(Needs, Booking, Person)
        .join(Booking, col(Booking.id) == col(Needs.booking_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session.id, col(Booking.state).in_(ACTIVE))
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


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────


def needs_over(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `forget_needs` has anything to do."""
    return _no_longer_needed(rules).exists()


def _no_longer_needed(rules: RulesOf, now: datetime | None = None) -> SelectOfScalar[Any]:
    """Looked for from the side of the needs, which are few, and never from that of the bookings.

    Without `now` it is reckoned from when the question is asked.
    """
    decided = rules.deciding(lambda one: (one.needs_kept,)).items()
    over = (and_(col(Session.ends_at) <= at(-kept, now=now), *of_these(Session.partnership_id, whose)) for kept, whose in decided)
    day = today() if now is None else day_of(now, LONDON)
    place = select(Booking.id).join(Session, col(Session.id) == col(Booking.session_id)).where(col(Booking.id) == col(Needs.booking_id))
    ended = place.where(or_(col(Booking.state) == BookingState.CANCELLED, *over)).exists()
    return select(Needs.id).where((col(Needs.delete_on) <= day) | ended)


def forget_needs(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Delete what is no longer needed: its day has come, or the place was given back; how many.

    The day is reckoned anew, because the session may have moved.
    """
    rows = db.exec(
        select(Needs, Booking, Session)
        .join(Booking, col(Booking.id) == col(Needs.booking_id))
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Needs.id).in_(_no_longer_needed(rules, now)))
    ).all()
    deleted = 0
    for needs, booking, session in rows:
        due = delete_day(session, rules.of(session.partnership_id))
        if booking.state is not BookingState.CANCELLED and due > day_of(now, session.zone):
            needs.delete_on = due
            db.add(needs)
        else:
            db.delete(needs)
            deleted += 1
    db.flush()
    return deleted
