"""Feedback over a real database: what is kept of an answer, and what may be seen of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col, select

from domain.database import Db, Store
from domain.feedback.answers import Comments, Confidence, Results, Spread, results_together
from domain.feedback.asking import owe_prompts
from domain.kinds import Channel, Kind
from domain.ledger.claims import claim
from domain.letters.handing import hand_over
from domain.models import FeedbackResponse, Notice, NoticeState, Session
from domain.rules import Rules
from tests.domain.feedback_week import END, TABLES, WEEK_LATER, Week, a_week, everything_about

# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────


def hidden_numbers(week: Week) -> set[str]:
    """What a database tells of the order of writing beside the rows themselves."""

    def look(db: Db) -> set[str]:
        if db.get_bind().dialect.name == "postgresql":
            return {str(xmin) for table in TABLES for (xmin,) in db.connection().exec_driver_sql(f"SELECT DISTINCT xmin FROM {table}")}
        for table in TABLES:
            with pytest.raises(OperationalError, match="no such column: rowid"):
                db.connection().exec_driver_sql(f"SELECT rowid FROM {table}")
        return {"none"}

    return week.store.read_now(look)


def test_nothing_that_is_kept_links_an_answer_to_a_person(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    week = a_week(store, partnership_id, rules, now, people=40)
    session = week.sessions[0]
    tokens = []
    for number, person in enumerate(reversed(week.people)):
        tokens.append(week.rate(session, person, number % 5 + 1, now=END + timedelta(minutes=number)))
        if number % 2:
            week.words(tokens[-1], {"do_better": f"answer {number:02}"}, now=END + timedelta(minutes=number))
    assert tokens != sorted(tokens)  # the keys tell no order either: one chance in 40! that they do
    rows = everything_about(week)
    assert len(hidden_numbers(week)) == 1  # one transaction for all, or no number at all
    columns = {table: [column.name for column in SQLModel.metadata.tables[table].columns] for table in TABLES}
    assert columns == {
        "feedbackgiven": ["session_id", "person_id"],
        "feedbackresponse": ["id", "partnership_id", "session_id", "received_on", "released"],
        "feedbackanswer": ["response_id", "question", "number", "text"],
    }
    # who has given: the session and the person, and nothing of the answer
    assert rows["feedbackgiven"] == [(session, person) for person in sorted(week.people)]
    # what was said: one day for all, and keys that are random; the rows stand in the order of their keys
    assert {(p, s, day) for _, p, s, day, _ in rows["feedbackresponse"]} in (
        {(partnership_id, session, "2027-03-15")},
        {(partnership_id, session, date(2027, 3, 15))},
    )
    keys = [str(key) for key, *_ in rows["feedbackresponse"]]
    assert keys == sorted(keys)
    in_file = [str(text) for *_, text in rows["feedbackanswer"] if text is not None]
    assert sorted(in_file) == [f"answer {number:02}" for number in range(1, 40, 2)]
    assert in_file != sorted(in_file)  # one chance in 20! to be in the order of asking
    assert in_file != sorted(in_file, reverse=True)


# ── what may be seen ────────────────────────────────────────────────────────────────────────────────────────


def test_the_sixth_answer_cannot_be_seen_arriving_until_the_tenth(week: Week) -> None:
    session = week.sessions[0]
    seen = []
    for person, rating in zip(week.people, [5, 5, 4, 4, 3, 1, 1, 1, 1, 1], strict=False):
        week.rate(session, person, rating)
        seen.append(week.seen(session))
    nothing, five, ten = Results(), Results(5, Spread((0, 0, 1, 2, 2))), Results(10, Spread((5, 0, 1, 2, 2)))
    assert seen == [nothing] * 4 + [five] * 5 + [ten]


def test_a_batch_is_whole_and_drawn_by_lot_when_more_than_one_has_come_together(week: Week) -> None:
    session, cautious = week.sessions[0], replace(week, rules=replace(week.rules, minimum_answers=9))
    for person in week.people[:7]:
        cautious.rate(session, person, 3)
    week.rate(session, week.people[7], 3)  # the minimum is five again: eight wait
    assert week.seen(session) == Results(5, Spread((0, 0, 5, 0, 0)))


def test_the_rest_shows_at_the_close(week: Week) -> None:
    session = week.sessions[0]
    for person, rating in zip(week.people, [5, 5, 5, 5, 5, 1, 2], strict=False):
        week.rate(session, person, rating)
    open_still = week.seen(session)
    closed = week.close(WEEK_LATER)
    assert (open_still, closed, week.seen(session)) == (Results(5, Spread((0, 0, 0, 0, 5))), 1, Results(7, Spread((1, 1, 0, 0, 5))))
    assert week.close(WEEK_LATER) == 0


def test_words_that_follow_a_released_rating_wait_for_the_next_batch(week: Week) -> None:
    session = week.sessions[0]
    tokens = [week.rate(session, person, 4) for person in week.people[:5]]
    for number, token in enumerate(tokens):
        week.words(token, {"do_better": f"words {number}", "confidence_before": 2, "confidence_after": 3 + number % 2})
    five = week.seen(session)
    for person in week.people[5:9]:
        week.rate(session, person, 5)
    nine = week.seen(session)
    week.rate(session, week.people[9], 5)
    ten = week.seen(session)
    words = Comments("What could be better?", tuple(f"words {number}" for number in range(5)))
    assert (five, nine) == (Results(5, Spread((0, 0, 0, 5, 0))),) * 2
    assert ten == Results(10, Spread((0, 0, 0, 5, 5)), Confidence(5, 2.0, 3.4), (words,))


def test_words_before_the_fifth_rating_come_with_it_in_the_order_of_the_alphabet(week: Week) -> None:
    session = week.sessions[0]
    for person, text in zip(week.people, ["zebra", "Mango", "apple"], strict=False):
        week.words(week.rate(session, person, 4), {"do_differently": text})
    week.rate(session, week.people[3], 4)
    hidden = week.seen(session)
    week.rate(session, week.people[4], 4)
    words = Comments("What will you do differently?", ("apple", "Mango", "zebra"))
    assert (hidden, week.seen(session)) == (Results(), Results(5, Spread((0, 0, 0, 5, 0)), None, (words,)))


def test_a_small_session_counts_only_in_the_programme_and_only_with_enough_others(
    store: Store, partnership_id: int, rules: Rules, now: datetime
) -> None:
    week = a_week(store, partnership_id, rules, now, people=5, sessions=3)
    large, small, smaller = week.sessions
    later = END + timedelta(days=2)
    for person in week.people:
        week.rate(large, person, 5)
    for person in week.people[:3]:
        week.words(week.rate(small, person, 2, now=later), {"do_better": "secret"}, now=later)
    for person in week.people[:2]:
        week.rate(smaller, person, 1, now=later)

    def whole() -> Results:
        return store.read_now(results_together, week.sessions, rules)

    five = Results(5, Spread((0, 0, 0, 0, 5)))
    week.close(WEEK_LATER + timedelta(days=1))  # the large and the small one; the third still takes answers
    before_the_last = whole()
    week.close(WEEK_LATER + timedelta(days=2))
    assert (before_the_last, whole()) == (five, Results(10, Spread((2, 3, 0, 0, 5))))
    assert [week.seen(session) for session in week.sessions] == [five, Results(), Results()]


def test_a_handful_over_all_small_sessions_is_never_counted(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    week = a_week(store, partnership_id, rules, now, people=5, sessions=2)
    for person in week.people:
        week.rate(week.sessions[0], person, 5)
    for person in week.people[:4]:
        week.rate(week.sessions[1], person, 1, now=END + timedelta(days=1))
    week.close()
    assert store.read_now(results_together, week.sessions, rules) == Results(5, Spread((0, 0, 0, 0, 5)))
    hidden = store.read_now(lambda db: len(db.exec(select(FeedbackResponse).where(~col(FeedbackResponse.released))).all()))
    assert hidden == 4


def test_prompts_that_nobody_could_send_end_with_the_feedback(week: Week, store: Store, rules: Rules) -> None:
    store.write_now(owe_prompts, rules, now=END)
    week.close(WEEK_LATER)
    feedback = store.write_now(claim, "me", [Channel.CHAT, Channel.EMAIL], now=WEEK_LATER)
    for notice in feedback:
        store.write_now(hand_over, notice.id, "me", rules, now=WEEK_LATER)
    states = store.read_now(lambda db: set(db.exec(select(Notice.state).where(col(Notice.kind) == Kind.FEEDBACK))))
    assert states == {NoticeState.EXPIRED}


def test_closing_marks_the_session(week: Week, store: Store) -> None:
    week.close(WEEK_LATER)
    assert store.read_now(lambda db: db.get_one(Session, week.sessions[0]).feedback_closed_at) == WEEK_LATER
