"""Feedback by an e-mailed link: the same questions, storage and minimum as in chat, on one page and in one transaction.

The link knows whose it is, so that somebody answers once. What they answer is stored by `domain.feedback.asking`, apart from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.database import Db
from domain.errors import Refusal
from domain.feedback.asking import check_theirs, complete, give_rating, has_answered, told_title
from domain.feedback.questions import RATING, Question, form
from domain.links import opened
from domain.models import Booking, Purpose, Session
from domain.places import find_session
from domain.rules import Rules


@dataclass(frozen=True)
class AskedByLink:
    """What the page of a link shows. Instants are UTC."""

    partnership_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    rating: str  #: the words of the one question that has to be answered
    questions: tuple[Question, ...] = ()  #: the others
    given: bool = False
    refused: str = ""  #: why nothing can be answered: too early, too late, not there


def asked_by_link(db: Db, partnership_ids: Sequence[int], token: str, rules_of: Mapping[int, Rules], *, now: datetime) -> AskedByLink:
    """What the link asks, or why it does not. Raises `NotFound` for a link that is over."""
    session, booking = _theirs(db, partnership_ids, token, now=now)
    questions = form(db, session.partnership_id, session.programme_id)
    given, refused = has_answered(db, session.id or 0, booking.person_id), ""
    try:
        check_theirs(session, booking, rules_of[session.partnership_id], now=now)
    except Refusal as refusal:
        refused = str(refusal)
    return AskedByLink(
        partnership_id=session.partnership_id,
        title=told_title(session),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        rating=next(one.words for one in questions if one.key == RATING),
        questions=tuple(one for one in questions if one.key != RATING),
        given=given,
        refused="" if given else refused,
    )


def answer_by_link(
    db: Db,
    partnership_ids: Sequence[int],
    token: str,
    rating: int,
    answers: Mapping[str, int | str],
    rules_of: Mapping[int, Rules],
    *,
    now: datetime,
) -> None:
    """Take the rating, and the other answers by the key of their question. A second time it changes nothing.

    Raises `BadInput` for an answer that does not fit, `Closed`, `NotAllowed`, and `NotFound` for a link that is over.
    """
    session, booking = _theirs(db, partnership_ids, token, now=now)
    whose, session_id, ruled = session.partnership_id, session.id or 0, rules_of[session.partnership_id]
    if has_answered(db, session_id, booking.person_id):
        return
    rated = give_rating(db, whose, session_id, booking.person_id, rating, ruled, now=now)
    if any(isinstance(answer, int) or answer.strip() for answer in answers.values()):
        complete(db, whose, rated.token, answers, ruled, now=now)


def _theirs(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> tuple[Session, Booking]:
    link = opened(db, partnership_ids, Purpose.FEEDBACK, token, now=now)
    booking = db.get_one(Booking, link.booking_id)
    return find_session(db, link.partnership_id, booking.session_id), booking
