"""One's own needs at a session: what is asked, told, changed and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlmodel import col, select

from domain.askers import Asker, is_them
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.fields import Fields
from domain.kinds import Format
from domain.models import Booking, Needs, Person, Privacy, Session
from domain.places import ACTIVE
from domain.privacy import shown_title
from domain.rules import Rules
from domain.texts import one_line
from domain.times import day_of

PRIVATE_QUESTIONS = ("access", "interpreter", "childcare", "travel", "dietary", "supporter")
ROOM_QUESTIONS = ("access", "dietary")
ONLINE_QUESTIONS = ("access",)
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


def questions_for(*, private: bool, format_: Format) -> tuple[str, ...]:
    """The questions that fit a session."""
    if private:
        return PRIVATE_QUESTIONS
    return ONLINE_QUESTIONS if format_ is Format.ONLINE else ROOM_QUESTIONS


def asked_needs(session: Session) -> tuple[str, ...]:
    """The questions that fit this session: all six where it is private, access and food where there is a room, access online."""
    return questions_for(private=session.privacy is Privacy.PRIVATE, format_=session.format)


def delete_day(session: Session, rules: Rules) -> date:
    """The day on which what was told for this session is deleted: `needs_kept` after its last day."""
    return day_of(session.ends_at, session.zone) + rules.needs_kept


def told(needs: Needs) -> tuple[tuple[str, str], ...]:
    return tuple((question, text) for question in PRIVATE_QUESTIONS if (text := getattr(needs, question)))


def my_needs(db: Db, partnership_id: int, session_id: int, asker: Asker) -> MyNeeds:
    """What somebody has told for a session on which they have, hold or wait for a place. Raises `NotFound`."""
    session, booking = _mine(db, partnership_id, session_id, asker)
    return _view(session, _of(db, booking))


def tell_needs(
    db: Db, partnership_id: int, session_id: int, asker: Asker, answers: Mapping[str, str], rules: Rules, *, now: datetime
) -> MyNeeds:
    """Tell or change some of what one needs; an empty answer takes that one back, and what is asked no more goes too.

    Raises `BadInput`, `Closed`, `NotFound`.
    """
    session, booking = _mine(db, partnership_id, session_id, asker)
    if session.ends_at <= now:
        raise Closed("This session is over, so there is nothing more to arrange.")
    if not set(answers) <= set(asked_needs(session)):
        raise BadInput("That is not asked for this session.")
    needs = _of(db, booking) or Needs(
        partnership_id=partnership_id, booking_id=booking.id or 0, told_at=now, delete_on=delete_day(session, rules)
    )
    fields = Fields()
    read = {question: fields.read(partial(_read, question, text), "") for question, text in answers.items()}
    fields.require()
    for question in PRIVATE_QUESTIONS:
        if question not in asked_needs(session):  # it is asked no more, and could be taken back nowhere
            setattr(needs, question, "")
    before = told(needs)
    for question, text in read.items():
        setattr(needs, question, text)
    if not told(needs):
        return withdraw_needs(db, partnership_id, session_id, asker)
    if told(needs) != before:
        needs.told_at, needs.answered_at = now, None
    needs.delete_on = delete_day(session, rules)
    db.add(needs)
    db.flush()
    return _view(session, needs)


def _read(question: str, text: str) -> str:
    return one_line(text, LONGEST, "what you need", field=question) if text.strip() else ""


def withdraw_needs(db: Db, partnership_id: int, session_id: int, asker: Asker) -> MyNeeds:
    """Take everything back: it is deleted at once. Harmless to repeat."""
    session, booking = _mine(db, partnership_id, session_id, asker)
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


def _mine(db: Db, partnership_id: int, session_id: int, asker: Asker) -> tuple[Session, Booking]:
    row = db.exec(
        select(Session, Booking)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Session.id) == session_id,
            col(Session.partnership_id) == partnership_id,
            is_them(asker),
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
        told(needs) if needs else (),
        seen_to=needs is not None and needs.answered_at is not None,
        delete_on=needs.delete_on if needs else None,
    )
