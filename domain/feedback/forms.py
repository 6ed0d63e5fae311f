"""A programme's own feedback form: what an organiser's file asks, checked against what chat can show, and set.

The rating always comes first and is given by one press; up to four questions of the organiser's follow it. Once somebody
has answered, the form stays as it is: every answer keeps the question that it answered, and counts can be added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, Closed
from domain.feedback.questions import AFTER, BEFORE, FORM, RATING, Question
from domain.models import FeedbackQuestion, FeedbackResponse, QuestionKind, Session
from domain.ports.files import WrittenQuestion
from domain.programmes import owned
from domain.schedule.wording import clean

MOST_QUESTIONS = 4  # Discord shows five parts in a form, and one says how answers are looked after
LONGEST_WORDS = 45  # of a label there, in UTF-16 units
MOST_OPTIONS, LONGEST_OPTION = 25, 100
LONGEST_OPTIONS = 1000  # of all options together, as they are kept
ANSWERED = (
    "People have answered the questions of this programme already, so they stay as they are. A new programme can have questions of its own."
)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SURE = {BEFORE, AFTER}


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────────


def check_form(written: Sequence[WrittenQuestion]) -> tuple[Question, ...]:
    """The questions as they will be asked, the rating first. Raises `BadInput` with every trouble, by the number of its question."""
    if not written:
        raise BadInput("This file has no questions. Begin each with a line [[question]].")
    troubles = [f"Question {number}: {trouble}" for number, one in enumerate(written, 1) for trouble in _troubles(one)]
    if len(written) > MOST_QUESTIONS:
        room = f"A form has room for {MOST_QUESTIONS} after the rating, which is always asked."
        troubles.append(f"There are {len(written)} questions. {room}")
    questions = (FORM[0], *(_question(number, one) for number, one in enumerate(written, 1)))
    troubles += _together(questions)
    if troubles:
        raise BadInput("\n".join(troubles))
    return questions


def _troubles(one: WrittenQuestion) -> Iterator[str]:
    words = clean(one.words or "")
    if not words:
        yield 'it has no words. Add a line such as words = "What will you do differently?"'
    elif _size(words) > LONGEST_WORDS:
        yield f"its words have {_size(words)} characters. The most is {LONGEST_WORDS}."
    if one.kind not in set(QuestionKind):
        yield f"its kind is {f'“{clean(one.kind)[:40]}”' if one.kind else 'missing'}. Write scale, choice or text."
    elif one.kind == QuestionKind.CHOICE:
        yield from _option_troubles(one.options)
    elif one.options:
        yield "only a choice has options. Take them out, or write kind = “choice”."
    if one.key is not None and (not _KEY.fullmatch(one.key) or one.key == RATING):
        yield "its key cannot be used. Leave the key out."
    if one.key in _SURE and one.kind != QuestionKind.SCALE:
        yield "a question about confidence is a scale."


def _option_troubles(options: Sequence[str]) -> Iterator[str]:
    texts = [clean(option) for option in options]
    if not 2 <= len(texts) <= MOST_OPTIONS:
        yield f"a choice has from 2 to {MOST_OPTIONS} options. This one has {len(texts)}."
    for text in texts:
        if not text:
            yield "one of its options is empty."
        elif _size(text) > LONGEST_OPTION:
            yield f"the option “{text[:30]}…” has {_size(text)} characters. The most is {LONGEST_OPTION}."
    if len({text.casefold() for text in texts}) < len(texts):
        yield "two of its options are the same."
    if sum(map(len, texts)) + len(texts) > LONGEST_OPTIONS:
        yield f"its options are too long together. The most is {LONGEST_OPTIONS:,} characters."


def _together(questions: Sequence[Question]) -> Iterator[str]:
    keys = [question.key for question in questions[1:]]
    if len(set(keys)) < len(keys):
        yield "Two questions have the same key. Leave the keys out."
    if len(_SURE & set(keys)) == 1:
        yield "Confidence is asked twice, before and after the session, or not at all: use both keys."


def _question(number: int, one: WrittenQuestion) -> Question:
    kind = QuestionKind(one.kind) if one.kind in set(QuestionKind) else QuestionKind.TEXT
    options = tuple(clean(option) for option in one.options) if kind is QuestionKind.CHOICE else ()
    return Question(one.key or f"question_{number}", kind, clean(one.words or ""), options)


def _size(text: str) -> int:
    """As Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────


def form_lines(questions: Sequence[Question]) -> tuple[str, ...]:
    """A line for each question: its words, and how it is answered."""
    return tuple(f"{number}. {question.words} {_how(question)}" for number, question in enumerate(questions, 1))


def _how(question: Question) -> str:
    if question.key == RATING:
        return "Always asked, and answered by one press: 1 to 5."
    if question.kind is QuestionKind.SCALE:
        return "A number from 1 to 5."
    if question.kind is QuestionKind.CHOICE:
        return f"One of: {'; '.join(question.options)}."
    return "In their own words."


# ── setting ─────────────────────────────────────────────────────────────────────────────────────────────────


def set_form(db: Db, partnership_id: int, programme_id: int, questions: Sequence[Question], *, actor: str, now: datetime) -> None:
    """Ask these questions in a programme from now on. Raises `Closed` once somebody has answered, `NotFound`."""
    owned(db, partnership_id, programme_id)
    answered = select(FeedbackResponse.id).join(Session, col(Session.id) == col(FeedbackResponse.session_id))
    if db.exec(answered.where(col(Session.programme_id) == programme_id)).first() is not None:
        raise Closed(ANSWERED)
    db.exec(delete(FeedbackQuestion).where(col(FeedbackQuestion.programme_id) == programme_id))
    for order, question in enumerate(questions):
        db.add(
            FeedbackQuestion(
                partnership_id=partnership_id,
                programme_id=programme_id,
                key=question.key,
                kind=question.kind,
                words=question.words,
                options="\n".join(question.options),
                order=order,
            )
        )
    db.flush()
    audit(db, partnership_id, actor, "set feedback form", now=now, programme_id=programme_id, detail=f"{len(questions)} questions")
