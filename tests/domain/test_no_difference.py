"""Two views of feedback give away nobody: what a programme shows beyond its sessions is nothing, or at least the minimum's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some
from sqlmodel import col, delete, select

from domain.database import Db, Store
from domain.feedback.answers import Results, results_of, results_together
from domain.feedback.questions import AFTER, BEFORE, RATING, Question
from domain.models import FeedbackAnswer, FeedbackResponse, QuestionKind, Session
from domain.rules import Rules
from tests.building import Building

MINIMUM = 5
CHOICE = Question("choice", QuestionKind.CHOICE, "Which?", options=("One", "Two"))
#: of one session: of each person, whether they said how sure they felt, and whether they chose
SESSION = some.lists(some.tuples(some.booleans(), some.booleans()), min_size=MINIMUM, max_size=12)


@pytest.fixture
def sessions(store: Store, partnership_id: int, rules: Rules, now: datetime) -> tuple[Store, list[int]]:
    building = Building(store, partnership_id, rules, now)
    building.programme()
    return store, [building.session() for _ in range(4)]


def put(db: Db, ids: Sequence[int], answered: Sequence[Sequence[tuple[bool, bool]]]) -> None:
    """These answers and no others, all released."""
    db.exec(delete(FeedbackAnswer))
    db.exec(delete(FeedbackResponse))
    partnership_id = db.exec(select(Session.partnership_id).where(col(Session.id) == ids[0])).one()
    for session_id, people in zip(ids, answered, strict=False):
        for number, (sure, chose) in enumerate(people):
            key = f"{session_id}-{number}"
            when = date(2027, 3, 15)
            db.add(FeedbackResponse(id=key, released=True, partnership_id=partnership_id, session_id=session_id, received_on=when))
            db.flush()
            given_ = {RATING: 4} | ({BEFORE: 2, AFTER: 4} if sure else {}) | ({"choice": 1} if chose else {})
            db.add_all(FeedbackAnswer(response_id=key, question=question, number=value) for question, value in given_.items())
    db.flush()


def confident(results: Results) -> int:
    return results.confidence.answers if results.confidence is not None else 0


def chosen(results: Results) -> int:
    return sum(choices.answers for choices in results.choices)


def test_the_difference_of_a_programme_and_its_sessions_is_nobodys_or_a_crowds(sessions: tuple[Store, list[int]]) -> None:
    store, ids = sessions

    @examples(max_examples=25)
    @given(some.tuples(SESSION, SESSION, SESSION))
    def try_it(answered: tuple[list[tuple[bool, bool]], ...]) -> None:
        store.write_now(put, ids, answered)
        rules = Rules(minimum_answers=MINIMUM)
        each = store.read_now(results_of, ids, (CHOICE,), rules).values()
        together = store.read_now(results_together, ids, rules, (CHOICE,))
        left = [
            together.answers - sum(one.answers for one in each),
            confident(together) - sum(confident(one) for one in each),
            chosen(together) - sum(chosen(one) for one in each),
        ]
        assert [count for count in left if 0 < count < MINIMUM or count < 0] == []

    try_it()
