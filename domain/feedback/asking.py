"""Feedback: who is asked when a session has ended, and taking what they answer.

How answers are kept apart from who gave them, and when they show, is told in `domain.feedback.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, false, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.errors import Closed, NotAllowed, Refusal
from domain.feedback.answers import results
from domain.feedback.keeping import add_answers, close_feedback, feedback_over, first_closes, mix, rekey, release_batch, store
from domain.feedback.questions import RATING, Question, checked, checked_scale, ensure_form, form
from domain.kinds import Channel, Kind
from domain.models import (
    Attendance,
    Booking,
    BookingState,
    FeedbackGiven,
    FeedbackResponse,
    Milestone,
    Person,
    Session,
    SessionState,
)
from domain.notices import owe_all, preferred_channel, to_person
from domain.once import put_in
from domain.partnerships import of_these
from domain.places import lock
from domain.privacy import require_nothing_hidden, shown_title
from domain.rules import Rules, RulesOf
from domain.standing import First, at

MILESTONE = "feedback"

__all__ = [
    "Awaited", "Rated", "WordsForm", "awaiting", "close_feedback", "complete", "ensure_form", "feedback_over", "first_closes",
    "first_prompt", "give_rating", "owe_prompts", "prompts_due", "results", "told_title", "was_there", "words_form",
]  # fmt: skip


@dataclass(frozen=True)
class Awaited:
    """A session on which somebody may still give feedback. Instants are UTC."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str


@dataclass(frozen=True)
class Rated:
    """A rating is stored. `token` lets the same person add a few words, once; it is kept nowhere else."""

    token: str
    title: str


@dataclass(frozen=True)
class WordsForm:
    """The short form that follows a rating."""

    title: str
    questions: tuple[Question, ...]


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def was_there(booking: Booking) -> bool:
    """Marked as there; or not marked at all, and booked."""
    confirmed = booking.state is BookingState.CONFIRMED and booking.attendance is Attendance.UNKNOWN
    return booking.attendance is Attendance.ATTENDED or confirmed


def check_open(session: Session, rules: Rules, *, now: datetime) -> None:
    """Raises `Closed` unless feedback on this session is taken now."""
    if session.state is not SessionState.PUBLISHED:
        raise Closed("This session did not take place, so there is no feedback to give.")
    if now < session.ends_at:
        raise Closed("This session is not over yet. Please come back when it has ended.")
    if session.feedback_closed_at is not None or now >= session.ends_at + rules.feedback_open:
        raise Closed("Feedback on this session has closed. Thank you for wanting to help.")


def check_theirs(session: Session, booking: Booking | None, rules: Rules, *, now: datetime) -> None:
    """Raises `Closed` as `check_open`, and `NotAllowed` for who was not there."""
    check_open(session, rules, now=now)
    if booking is not None and booking.attendance is Attendance.ABSENT:
        raise NotAllowed("Our list says that you were not at this session. If that is wrong, please tell an organiser.")
    if booking is None or not was_there(booking):
        raise NotAllowed("You did not have a place on this session, so you cannot give feedback on it.")


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def _unasked() -> ColumnElement[bool]:
    done = select(Milestone.id).where(
        col(Milestone.session_id) == col(Session.id), col(Milestone.what) == MILESTONE, col(Milestone.at) == col(Session.ends_at)
    )
    return (col(Session.state) == SessionState.PUBLISHED) & col(Session.feedback_closed_at).is_(None) & ~done.exists()


def _to_ask(rules: RulesOf, now: datetime | None = None) -> tuple[ColumnElement[bool], ...]:
    return _unasked(), col(Session.ends_at) <= at(now=now), _still_taken(rules, now)


def prompts_due(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `owe_prompts` has anything to do."""
    return _first_unasked(rules) <= at()


def owe_prompts(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Ask everyone who was at a session that has ended, once, by the channel they prefer; how many were asked.

    A session that ended longer ago than feedback is taken is not asked about any more.
    """
    over = select(Session).where(*_to_ask(rules, now))
    asked = 0
    for session in db.exec(over.order_by(col(Session.ends_at), col(Session.id))).all():
        booked = (
            select(Booking, Person)
            .join(Person, col(Person.id) == col(Booking.person_id))
            .where(col(Booking.session_id) == session.id)
            .order_by(col(Booking.id))
        )
        ends = session.ends_at + rules.of(session.partnership_id).feedback_open
        prompts = [
            to_person(Kind.FEEDBACK, person, key=f"feedback:{booking.id}", now=now, session=session, booking=booking, expires_at=ends)
            for booking, person in db.exec(booked).all()
            if was_there(booking) and (person.proven_at is not None or preferred_channel(person) is Channel.CHAT)
        ]
        asked += owe_all(db, prompts)
        put_in(db, [Milestone(session_id=session.id or 0, what=MILESTONE, at=session.ends_at)])
    return asked


def first_prompt(rules: RulesOf) -> First:
    """The next instant at which `owe_prompts` has something to do; it may have passed."""
    return First(_first_unasked(rules))


def _first_unasked(rules: RulesOf) -> ColumnElement[datetime | None]:
    """When the first session ends about which nobody was asked: in the order of the index, so that those to come are not looked at."""
    unasked = select(Session.ends_at).where(_unasked(), _still_taken(rules))
    return unasked.order_by(col(Session.ends_at)).limit(1).scalar_subquery()


def _still_taken(rules: RulesOf, now: datetime | None = None) -> ColumnElement[bool]:
    """The session ended so lately that its partnership still takes feedback on it. The index begins at the longest.

    Without `now` it is reckoned from when the question is asked.
    """
    decided = rules.deciding(lambda one: (one.feedback_open,))
    if not decided:
        return false()  # no partnership is kept
    each = (
        and_(col(Session.ends_at) > at(-lasting, now=now), *of_these(Session.partnership_id, whose)) for lasting, whose in decided.items()
    )
    lately = col(Session.ends_at) > at(-max(decided), now=now)
    return lately if None in decided.values() and len(decided) == 1 else and_(lately, or_(*each))


def awaiting(db: Db, partnership_id: int, person_id: int, rules: Rules, *, now: datetime) -> tuple[Awaited, ...]:
    """The sessions on which this person may give feedback now, the latest first."""
    given = select(FeedbackGiven.session_id).where(col(FeedbackGiven.person_id) == person_id)
    mine = (
        select(Session, Booking)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .where(
            col(Session.partnership_id) == partnership_id,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.feedback_closed_at).is_(None),
            col(Session.ends_at) <= now,
            col(Session.ends_at) > now - rules.feedback_open,
            col(Session.id).not_in(given),
            col(Booking.person_id) == person_id,
        )
        .order_by(col(Session.ends_at).desc(), col(Session.id))
    )
    return tuple(
        Awaited(session.id or 0, told_title(session), session.starts_at, session.ends_at, session.zone)
        for session, booking in db.exec(mine)
        if was_there(booking)
    )


def told_title(session: Session) -> str:
    """What a session is called where others may look on."""
    return shown_title(session)


# ── answering ───────────────────────────────────────────────────────────────────────────────────────────────


def give_rating(db: Db, partnership_id: int, session_id: int, person_id: int, rating: int, rules: Rules, *, now: datetime) -> Rated:
    """Store one person's rating, 1 to 5, apart from the person.

    Raises `Closed` when feedback is not taken now, `NotAllowed` for who was not there, `Refusal` for a second rating.
    """
    session = lock(db, partnership_id, session_id)
    number = checked_scale(rating)
    booking = db.exec(select(Booking).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person_id)).first()
    if booking is None:
        require_nothing_hidden(session)
    check_theirs(session, booking, rules, now=now)
    if has_answered(db, session_id, person_id):
        raise Refusal("You have given your feedback on this session already. Thank you.")
    db.add(FeedbackGiven(session_id=session_id, person_id=person_id))
    token = store(db, session, {RATING: number}, now=now)
    release_batch(db, session_id, rules.minimum_answers)
    mix(db, session_id)
    return Rated(token, told_title(session))


def has_answered(db: Db, session_id: int, person_id: int) -> bool:
    """Whether this person has given their rating; what they answered is not to be found."""
    return db.get(FeedbackGiven, (session_id, person_id)) is not None


def words_form(db: Db, partnership_id: int, token: str, rules: Rules, *, now: datetime) -> WordsForm:
    """The short form to show for a token. Raises `Closed` once it is spent."""
    session = _session_of(db, partnership_id, token)
    check_open(session, rules, now=now)
    return WordsForm(told_title(session), _short_form(db, session))


def complete(db: Db, partnership_id: int, token: str, answers: Mapping[str, int | str], rules: Rules, *, now: datetime) -> None:
    """Add the short form's answers, by the key of their question, to a rating. Once: the token is spent. Raises `Closed`, `BadInput`."""
    session = lock(db, partnership_id, _session_of(db, partnership_id, token).id or 0)
    check_open(session, rules, now=now)
    clean = checked(_short_form(db, session), answers)
    released = db.exec(select(FeedbackResponse.released).where(col(FeedbackResponse.id) == token)).one()
    if released:  # the rating shows already: the words must not be seen arriving
        store(db, session, clean, now=now)
    else:
        add_answers(db, token, clean)
    rekey(db, [token])
    mix(db, session.id or 0)


def _short_form(db: Db, session: Session) -> tuple[Question, ...]:
    questions = form(db, session.partnership_id, session.programme_id)
    return tuple(question for question in questions if question.key != RATING)


def _session_of(db: Db, partnership_id: int, token: str) -> Session:
    of_token = (
        select(Session)
        .join(FeedbackResponse, col(FeedbackResponse.session_id) == col(Session.id))
        .where(col(FeedbackResponse.id) == token, col(FeedbackResponse.partnership_id) == partnership_id)
    )
    session = db.exec(of_token).first()
    if session is None:
        raise Closed("We have your answers on this session already, or its feedback has closed. Thank you.")
    return session
