"""Feedback over a real database: who is asked, and who may answer when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.attendance import mark, mark_all_but
from domain.bookings import cancel
from domain.database import Db, Store
from domain.errors import BadInput, Closed, NotAllowed, Refusal
from domain.feedback.asking import awaiting, close_feedback, first_closes, first_prompt, owe_prompts, words_form
from domain.feedback.questions import FORM
from domain.kinds import Channel, Kind
from domain.ledger.claims import claim
from domain.letters.handing import hand_over
from domain.models import Attendance, FeedbackAnswer, FeedbackQuestion, Person
from domain.programmes import ensure_partnership
from domain.rules import Rules
from domain.sessions import cancel_session
from domain.standing import Firsts
from tests.domain.feedback_week import END, START, WEEK_LATER, Week, a_week, asked, everything_about

# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_everyone_with_a_place_is_asked_once_when_the_session_has_ended(
    store: Store, partnership_id: int, rules: Rules, now: datetime
) -> None:
    week = a_week(store, partnership_id, rules, now, people=3)
    before = store.write_now(owe_prompts, rules, now=END - timedelta(seconds=1))
    at_the_end = store.write_now(owe_prompts, rules, now=END)
    again = store.write_now(owe_prompts, rules, now=END + timedelta(hours=1))
    one, two, three = week.people
    assert (before, at_the_end, again) == (0, 3, 0)
    assert store.read_now(asked) == [
        (one, Channel.CHAT, "feedback:1:chat", WEEK_LATER),
        (two, Channel.EMAIL, "feedback:2:email", WEEK_LATER),
        (three, Channel.CHAT, "feedback:3:chat", WEEK_LATER),
    ]


def test_who_was_absent_cancelled_or_only_waited_is_not_asked(week: Week, store: Store, partnership_id: int, rules: Rules) -> None:
    session = week.sessions[0]
    there, absent, unmarked, gone, *others = week.people
    for person in (gone, *others):
        store.write_now(cancel, partnership_id, session, person, rules, now=START - timedelta(hours=1))
    marks = {there: Attendance.ATTENDED, absent: Attendance.ABSENT}
    store.write_now(mark, partnership_id, session, marks, actor="test", now=START)
    store.write_now(owe_prompts, rules, now=END)
    assert [person for person, *_ in store.read_now(asked)] == [there, unmarked]


def test_who_is_marked_absent_after_being_asked_gets_no_letter(week: Week, store: Store, partnership_id: int, rules: Rules) -> None:
    store.write_now(owe_prompts, rules, now=END)
    store.write_now(mark_all_but, partnership_id, week.sessions[0], {week.people[0]}, actor="test", now=END)
    letters = []
    while batch := store.write_now(claim, "me", [Channel.CHAT, Channel.EMAIL], now=END):
        letters += [store.write_now(hand_over, one.id, "me", rules, now=END) for one in batch if one.kind is Kind.FEEDBACK]
    told = [letter.recipient.name for letter in letters if letter is not None]
    assert sorted(told) == sorted(f"Person {number}" for number in range(1, 12))


def test_a_session_long_over_and_a_cancelled_one_are_not_asked_about(
    store: Store, partnership_id: int, rules: Rules, now: datetime
) -> None:
    week = a_week(store, partnership_id, rules, now, people=2, sessions=2)
    store.write_now(cancel_session, partnership_id, week.sessions[1], "", rules, actor="test", now=START)
    assert store.write_now(owe_prompts, rules, now=WEEK_LATER) == 0


def test_who_has_answered_by_then_gets_no_letter(week: Week, store: Store, rules: Rules) -> None:
    store.write_now(owe_prompts, rules, now=END)
    for person in week.people:
        week.rate(week.sessions[0], person, 4)
    feedback = [n for n in store.write_now(claim, "me", [Channel.CHAT, Channel.EMAIL], now=END) if n.kind is Kind.FEEDBACK]
    assert [store.write_now(hand_over, notice.id, "me", rules, now=END) for notice in feedback] == [None] * 12


def next_prompt(db: Db, rules: Rules, *, now: datetime) -> datetime | None:
    return Firsts([first_prompt(rules)]).ask(db, now=now)[0]


def next_close(db: Db, rules: Rules) -> datetime | None:
    return Firsts(first_closes(rules)).ask(db, now=START)[0]


def test_the_clock_wakes_at_the_next_end_and_at_the_close(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    a_week(store, partnership_id, rules, now, people=1, sessions=2)
    second_end = END + timedelta(days=1)
    first = store.read_now(next_prompt, rules, now=START)
    store.write_now(owe_prompts, rules, now=END)
    assert (first, store.read_now(next_prompt, rules, now=END)) == (END, second_end)
    assert store.read_now(next_close, rules) == WEEK_LATER
    store.write_now(close_feedback, rules, now=WEEK_LATER)
    assert store.read_now(next_close, rules) == second_end + timedelta(days=7)
    store.write_now(owe_prompts, rules, now=second_end)
    store.write_now(close_feedback, rules, now=second_end + timedelta(days=7))
    assert (store.read_now(next_prompt, rules, now=second_end), store.read_now(next_close, rules)) == (None, None)


def test_a_person_sees_the_sessions_they_can_still_answer_for(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    week = a_week(store, partnership_id, rules, now, people=2, sessions=3)
    person = week.people[0]
    at = END + timedelta(days=1, hours=1)  # two of the three are over
    titles = [one.title for one in store.read_now(awaiting, partnership_id, person, rules, now=at)]
    week.rate(week.sessions[1], person, 5, now=at)
    left = [one.title for one in store.read_now(awaiting, partnership_id, person, rules, now=at)]
    assert (titles, left) == (["Session 1", "Session 0"], ["Session 0"])


# ── answering ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_rating_is_refused(week: Week) -> None:
    session, person = week.sessions[0], week.people[0]
    week.rate(session, person, 5)
    with pytest.raises(Refusal, match="already"):
        week.rate(session, person, 1)
    assert ratings(week) == [5]


def ratings(week: Week) -> list[int | None]:
    mine = select(col(FeedbackAnswer.number)).where(col(FeedbackAnswer.question) == "rating").order_by(col(FeedbackAnswer.number))
    return week.store.read_now(lambda db: list(db.exec(mine)))


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (END - timedelta(seconds=1), "This session is not over yet. Please come back when it has ended."),
        (WEEK_LATER, "Feedback on this session has closed. Thank you for wanting to help."),
    ],
)
def test_feedback_is_taken_from_the_end_for_a_week(week: Week, at: datetime, sentence: str) -> None:
    with pytest.raises(Closed) as refused:
        week.rate(week.sessions[0], week.people[0], 4, now=at)
    week.rate(week.sessions[0], week.people[0], 4, now=WEEK_LATER - timedelta(seconds=1))
    assert str(refused.value) == sentence


def test_who_had_no_place_or_was_absent_cannot_answer(week: Week, store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    session = week.sessions[0]
    stranger = Person(partnership_id=partnership_id, name="Stranger", created_at=now)

    def joins(db: Db) -> int:
        db.add(stranger)
        db.flush()
        return stranger.id or 0

    stranger_id = store.write_now(joins)
    store.write_now(mark_all_but, partnership_id, session, {week.people[0]}, actor="test", now=START)
    said = []
    for person in (stranger_id, week.people[0]):
        with pytest.raises(NotAllowed) as refused:
            week.rate(session, person, 4)
        said.append(str(refused.value))
    assert said == [
        "You did not have a place on this session, so you cannot give feedback on it.",
        "Our list says that you were not at this session. If that is wrong, please tell an organiser.",
    ]


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_from_one_to_five(week: Week, rating: int) -> None:
    with pytest.raises(BadInput, match="from 1 to 5"):
        week.rate(week.sessions[0], week.people[0], rating)
    week.rate(week.sessions[0], week.people[0], 3)  # nothing was kept of the first try


def test_the_form_begins_as_five_questions_and_can_be_reworded(week: Week, store: Store, partnership_id: int, rules: Rules) -> None:
    token = week.rate(week.sessions[0], week.people[0], 4)
    begun = store.read_now(words_form, partnership_id, token, rules, now=END).questions

    def reword(db: Db) -> None:
        asked = db.exec(select(FeedbackQuestion).where(col(FeedbackQuestion.key) == "do_better")).one()
        asked.words = "What should we change?"
        db.add(asked)

    store.write_now(reword)
    store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)  # as at every start
    assert begun == FORM[1:]
    assert store.read_now(words_form, partnership_id, token, rules, now=END).questions == (
        *FORM[1:4],
        replace(FORM[4], words="What should we change?"),
    )


def test_words_are_taken_once_and_the_token_then_leads_nowhere(week: Week, store: Store, partnership_id: int, rules: Rules) -> None:
    token = week.rate(week.sessions[0], week.people[0], 4)
    week.words(
        token,
        {"confidence_before": 2, "confidence_after": 4, "do_differently": " Listen\u202e first.\n\n\nThen write. ", "do_better": "  "},
    )
    with pytest.raises(Closed, match="We have your answers"):
        week.words(token, {"do_better": "More"})
    with pytest.raises(Closed, match="We have your answers"):
        store.read_now(words_form, partnership_id, token, rules, now=END)
    rows = everything_about(week)
    kept = sorted((question, number, text) for _, question, number, text in rows["feedbackanswer"])
    assert kept == [
        ("confidence_after", 4, None),
        ("confidence_before", 2, None),
        ("do_differently", None, "Listen first.\nThen write."),
        ("rating", 4, None),
    ]
    assert len({response for response, *_ in rows["feedbackanswer"]}) == 1
    assert token not in str(rows)


@pytest.mark.parametrize(
    "answers", [{}, {"do_better": " \n "}, {"rating": 1}, {"confidence_after": 6}, {"do_better": "x" * 1001}, {"do_better": 3}, {"x": "y"}]
)
def test_words_that_do_not_fit_are_refused_and_the_token_stays_good(week: Week, answers: dict[str, int | str]) -> None:
    token = week.rate(week.sessions[0], week.people[0], 4)
    with pytest.raises(BadInput):
        week.words(token, answers)
    week.words(token, {"do_better": "Longer breaks"})


def test_no_words_are_taken_after_the_close_and_no_old_token_leads_to_an_answer(week: Week) -> None:
    token = week.rate(week.sessions[0], week.people[0], 4)
    week.close()
    with pytest.raises(Closed):
        week.words(token, {"do_better": "Too late"}, now=WEEK_LATER)
    assert token not in str(everything_about(week))
