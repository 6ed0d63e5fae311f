"""Questions: the form that people answer after a session, and which answers fit it.

The rating is given by one press; the other questions are the short form that may follow. A programme may have its own
questions; else its partnership's stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from domain.database import Db
from domain.errors import BadInput
from domain.models import FeedbackQuestion, QuestionKind

RATING = "rating"
BEFORE = "confidence_before"
AFTER = "confidence_after"
LONGEST_TEXT = 1000
TOO_LONG = f"Please use at most {LONGEST_TEXT:,} characters for an answer."
#: what the numbers of a rating mean
RATINGS = ("1 Not useful", "2", "3", "4", "5 Very useful")


@dataclass(frozen=True)
class Question:
    """One question of a form. `words` are at most 45 characters; a choice has `options`, and its answer is the number of one of them."""

    key: str
    kind: QuestionKind
    words: str
    options: tuple[str, ...] = ()


#: what the numbers of any other scale mean
SCALE = ("1: not at all", "2", "3", "4", "5: very")
#: what is asked where nobody has chosen otherwise; the rating is given by one press, the rest is the short form
FORM = (
    Question(RATING, QuestionKind.SCALE, "How useful was this session?"),
    Question(BEFORE, QuestionKind.SCALE, "How confident were you before the session?"),
    Question(AFTER, QuestionKind.SCALE, "How confident are you now?"),
    Question("do_differently", QuestionKind.TEXT, "What will you do differently?"),
    Question("do_better", QuestionKind.TEXT, "What could be better?"),
)


def checked(questions: Iterable[Question], answers: Mapping[str, int | str]) -> dict[str, int | str]:
    """The answers that fit the questions, their texts cleaned and empty ones left out. Raises `BadInput`, of the question's key."""
    asked = {question.key: question for question in questions}
    clean: dict[str, int | str] = {}
    for key, answer in answers.items():
        if key not in asked or isinstance(answer, str) != (asked[key].kind is QuestionKind.TEXT):
            raise BadInput(field=key)
        if isinstance(answer, str):
            text = _text(answer, field=key)
            if text:
                clean[key] = text
        elif asked[key].kind is QuestionKind.CHOICE:
            clean[key] = checked_choice(answer, asked[key].options, field=key)
        else:
            clean[key] = checked_scale(answer, field=key)
    if not clean:
        raise BadInput("You have not written anything yet. Answer at least one question, or leave it: your rating is in.")
    return clean


def checked_scale(number: int, *, field: str = RATING) -> int:
    """A number from 1 to 5. Raises `BadInput`."""
    if not 1 <= number <= 5:
        raise BadInput("Please choose a number from 1 to 5.", field=field)
    return number


def checked_choice(number: int, options: Sequence[str], *, field: str = "") -> int:
    """The number of one of the options, from 1. Raises `BadInput`."""
    if not 1 <= number <= len(options):
        raise BadInput("Please choose one of the answers that are offered.", field=field)
    return number


def _text(text: str, *, field: str) -> str:
    """Lines kept, what cannot be seen taken out."""
    lines = (" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in text.splitlines())
    clean = "\n".join(line for line in lines if line)
    if len(clean) > LONGEST_TEXT:
        raise BadInput(TOO_LONG, field=field)
    return clean


def ensure_form(db: Db, partnership_id: int) -> None:
    """The partnership's own questions, as they stand or as they begin."""
    mine = col(FeedbackQuestion.partnership_id) == partnership_id, col(FeedbackQuestion.programme_id).is_(None)
    if db.exec(select(FeedbackQuestion.id).where(*mine)).first() is not None:
        return
    for order, question in enumerate(FORM):
        db.add(
            FeedbackQuestion(partnership_id=partnership_id, key=question.key, kind=question.kind, words=question.words, order=order),
        )
    db.flush()


def form(db: Db, partnership_id: int, programme_id: int) -> tuple[Question, ...]:
    """A programme's questions in order: its own, else the partnership's."""
    asked = select(FeedbackQuestion).where(col(FeedbackQuestion.partnership_id) == partnership_id)
    for owner in (col(FeedbackQuestion.programme_id) == programme_id, col(FeedbackQuestion.programme_id).is_(None)):
        if rows := sorted(db.exec(asked.where(owner)), key=lambda row: (row.order, row.key)):
            return tuple(Question(row.key, row.kind, row.words, tuple(row.options.splitlines())) for row in rows)
    return FORM
