"""Answers: what people said about sessions, stored apart from them, and how much of it may be seen.

Nothing that is stored leads from an answer to a person. `FeedbackGiven` knows who has answered, `FeedbackResponse`
what was answered, on which day; they share only the session. The key of a response is random. It travels to the
person once, in a button, so that a few words can follow the rating; with the words, or when the session's feedback
closes, the response is given a new key and the old one leads nowhere.

What shows, and when (`rules.minimum_answers` is the minimum):

- A session's answers are *released* in batches of the minimum, so that a sixth answer cannot be seen arriving. The rest
  are released when its feedback closes, if at least the minimum have answered. Words that follow a released rating
  wait as a response of their own, and come with the next batch or at the close.
- A session with fewer answers than the minimum never shows them. They may count in the programme's numbers, never its
  comments, once feedback has closed for all of its sessions, and only if those answers are together at least the
  minimum: so the difference between the programme's numbers and its sessions' is never a handful of people.
- A question's numbers, and the counts of a choice, show when at least the minimum have answered that question. Comments
  stand in the order of the alphabet, for each question by itself, so that neither the hour nor a second answer of the
  same person shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound
from domain.feedback.questions import AFTER, BEFORE, RATING, SCALE, Question, form
from domain.models import FeedbackAnswer, FeedbackResponse, QuestionKind, Session
from domain.rules import Rules


@dataclass(frozen=True)
class Spread:
    """How many chose each number, from 1 to 5."""

    counts: tuple[int, int, int, int, int]

    @property
    def answers(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """To one decimal."""
        return _mean(sum(number * count for number, count in enumerate(self.counts, 1)), self.answers)


@dataclass(frozen=True)
class Confidence:
    """Means, to one decimal, of those who gave both numbers."""

    answers: int
    before: float
    after: float


@dataclass(frozen=True)
class Comments:
    """What people wrote to one question, in the order of the alphabet."""

    question: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """How many gave each answer to one question, in the question's own order."""

    question: str
    counts: tuple[tuple[str, int], ...]

    @property
    def answers(self) -> int:
        return sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Results:
    """What may be seen of the answers. `answers` counts people; 0 with nothing else: not enough to show yet."""

    answers: int = 0
    rating: Spread | None = None
    confidence: Confidence | None = None
    comments: tuple[Comments, ...] = ()
    choices: tuple[Choices, ...] = ()


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def results(db: Db, partnership_id: int, session_id: int, rules: Rules) -> Results:
    """What may be seen of one session's answers. Raises `NotFound` for another partnership's session."""
    session = db.get(Session, session_id)
    if session is None or session.partnership_id != partnership_id:
        raise NotFound("We could not find that session. It may have been removed.")
    return results_of(db, [session_id], form(db, partnership_id, session.programme_id), rules)[session_id]


def results_of(db: Db, session_ids: Sequence[int], questions: Sequence[Question], rules: Rules) -> dict[int, Results]:
    """What may be seen of each of these sessions' answers, asked by these questions."""
    gathered = _gather(db, session_ids)
    return {session_id: _told(gathered.get(session_id, {}), questions, rules.minimum_answers) for session_id in session_ids}


def results_together(db: Db, session_ids: Sequence[int], rules: Rules, questions: Sequence[Question] = ()) -> Results:
    """The numbers of all that is released of these sessions, without comments.

    To a choice, and to how sure people felt, only those sessions add up that show it, and the others if they are enough together: so
    what is left after the sessions' own counts are taken away is nobody's, or at least the minimum's.
    """
    gathered = _gather(db, session_ids)
    together = {key: answers for responses in gathered.values() for key, answers in responses.items()}
    told = _told(together, (), rules.minimum_answers)
    if not told.answers:
        return told
    found = (_choices_together(gathered.values(), question, rules.minimum_answers) for question in questions if _is_counted(question))
    confidence = _confidence_together(gathered.values(), rules.minimum_answers)
    return replace(told, confidence=confidence, choices=tuple(choices for choices in found if choices is not None))


#: by the key of a response, by the key of a question
_Responses = dict[str, dict[str, int | str]]


def _gather(db: Db, session_ids: Sequence[int]) -> dict[int, _Responses]:
    released = (
        select(FeedbackResponse.session_id, FeedbackResponse.id, FeedbackAnswer)
        .join(FeedbackAnswer, col(FeedbackAnswer.response_id) == col(FeedbackResponse.id))
        .where(col(FeedbackResponse.session_id).in_(session_ids), col(FeedbackResponse.released).is_(True))
    )
    gathered: dict[int, _Responses] = {}
    for session_id, response_id, answer in db.exec(released):
        value = answer.number if answer.number is not None else answer.text or ""
        gathered.setdefault(session_id, {}).setdefault(response_id, {})[answer.question] = value
    return gathered


def _told(responses: _Responses, questions: Sequence[Question], minimum: int) -> Results:
    people = sum(RATING in answers for answers in responses.values())
    if people < max(minimum, 1):
        return Results()
    comments = [Comments(q.words, _texts(responses, q.key)) for q in questions if q.kind is QuestionKind.TEXT]
    chosen = tuple(c for q in questions if _is_counted(q) if (c := _choices([responses], q, minimum)) is not None)
    return Results(people, _spread(responses), _confidence(responses, minimum), tuple(c for c in comments if c.texts), chosen)


def _is_counted(question: Question) -> bool:
    """A choice, or a scale that has no picture of its own."""
    return question.kind is QuestionKind.CHOICE or (question.kind is QuestionKind.SCALE and question.key not in (RATING, BEFORE, AFTER))


def _choices(portions: Iterable[_Responses], question: Question, minimum: int) -> Choices | None:
    """The counts of one question, if at least the minimum answered it."""
    given = [answers[question.key] for responses in portions for answers in responses.values() if question.key in answers]
    if len(given) < max(minimum, 1):
        return None
    options = question.options if question.kind is QuestionKind.CHOICE else SCALE
    return Choices(question.words, tuple((option, given.count(number)) for number, option in enumerate(options, 1)))


def _choices_together(sessions: Iterable[_Responses], question: Question, minimum: int) -> Choices | None:
    by_themselves: list[_Responses] = []
    others: list[_Responses] = []
    for responses in sessions:
        people = sum(RATING in answers for answers in responses.values())
        shows = people >= minimum and _choices([responses], question, minimum) is not None
        (by_themselves if shows else others).append(responses)
    enough = _choices(others, question, minimum) is not None
    return _choices([*by_themselves, *(others if enough else ())], question, minimum)


def _confidence_together(sessions: Iterable[_Responses], minimum: int) -> Confidence | None:
    """As choices: of those that show it themselves, and of the others if they are enough together."""
    by_themselves: _Responses = {}
    others: _Responses = {}
    for responses in sessions:
        people = sum(RATING in answers for answers in responses.values())
        shows = people >= minimum and _confidence(responses, minimum) is not None
        (by_themselves if shows else others).update(responses)
    enough = _confidence(others, minimum) is not None
    return _confidence(by_themselves | (others if enough else {}), minimum)


def _spread(responses: _Responses) -> Spread:
    given = [answers.get(RATING) for answers in responses.values()]
    one, two, three, four, five = (given.count(number) for number in range(1, 6))
    return Spread((one, two, three, four, five))


def _confidence(responses: _Responses, minimum: int) -> Confidence | None:
    pairs = [(a[BEFORE], a[AFTER]) for a in responses.values() if BEFORE in a and AFTER in a]
    if len(pairs) < max(minimum, 1):
        return None
    before, after = (_mean(sum(int(pair[i]) for pair in pairs), len(pairs)) for i in (0, 1))
    return Confidence(len(pairs), before, after)


def _texts(responses: _Responses, key: str) -> tuple[str, ...]:
    texts = (str(answers[key]) for answers in responses.values() if key in answers)
    return tuple(sorted(texts, key=lambda text: (text.casefold(), text)))


def _mean(total: int, answers: int) -> float:
    """To one decimal, a half going up, as a spreadsheet does it."""
    return (20 * total + answers) // (2 * answers) / 10
