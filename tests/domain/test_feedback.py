"""Feedback over a real database: who is asked, what is kept, what may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col, select

from domain.attendance import mark, mark_all_but
from domain.bookings import book, cancel
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.errors import BadInput, Closed, NotAllowed, Refusal
from domain.feedback.answers import Comments, Confidence, Results, Spread, results_together
from domain.feedback.asking import (
    awaiting,
    close_feedback,
    complete,
    first_closes,
    first_prompt,
    give_rating,
    owe_prompts,
    results,
    words_form,
)
from domain.feedback.questions import FORM
from domain.kinds import Channel, Format, Kind
from domain.ledger.claims import claim
from domain.letters.handing import hand_over
from domain.models import (
    Attendance,
    FeedbackAnswer,
    FeedbackQuestion,
    FeedbackResponse,
    Notice,
    NoticeState,
    Person,
    ProgrammeKind,
    Session,
)
from domain.programmes import NewProgramme, create, ensure_partnership, publish
from domain.rules import Rules
from domain.sessions import add, cancel_session
from domain.standing import Firsts

START = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
END = START + timedelta(hours=1)
WEEK_LATER = END + timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """A published programme with sessions at the same hour on following days, and people booked on each."""

    store: Store
    partnership_id: int
    rules: Rules
    programme_id: int
    sessions: tuple[int, ...]
    people: tuple[int, ...]

    def rate(self, session: int, person: int, rating: int, now: datetime = END) -> str:
        given = self.store.write_now(give_rating, self.partnership_id, session, person, rating, self.rules, now=now)
        return given.token

    def words(self, token: str, answers: dict[str, int | str], now: datetime = END) -> None:
        self.store.write_now(complete, self.partnership_id, token, answers, self.rules, now=now)

    def seen(self, session: int) -> Results:
        return self.store.read_now(results, self.partnership_id, session, self.rules)

    def close(self, now: datetime = WEEK_LATER + timedelta(days=30)) -> int:
        return self.store.write_now(close_feedback, self.rules, now=now)


def some_people(db: Db, partnership_id: int, count: int, now: datetime) -> tuple[int, ...]:
    people = [
        Person(
            partnership_id=partnership_id,
            discord_id=5000 + number,
            name=f"Person {number}",
            email=f"p{number}@council.example",
            email_key=f"p{number}@council.example",
            proven_at=now,
            reminders_by_chat=number % 2 == 0,
            created_at=now,
        )
        for number in range(count)
    ]
    db.add_all(people)
    db.flush()
    return tuple(person.id or 0 for person in people)


def a_week(store: Store, partnership_id: int, rules: Rules, now: datetime, *, people: int = 12, sessions: int = 1) -> Week:
    new = NewProgramme("Practice Week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
    programme = store.write_now(create, partnership_id, new, actor="test", now=now).id
    ids = []
    for number in range(sessions):
        shift = timedelta(days=number)
        wanted = NewSession(f"Session {number}", START + shift, END + shift, Format.IN_PERSON)
        ids.append(store.write_now(add, partnership_id, programme, wanted, rules, actor="test", now=now).session_id)
    store.write_now(publish, partnership_id, programme, None, rules, actor="test", now=now)
    booked = store.write_now(some_people, partnership_id, people, now)
    for session in ids:
        for person in booked:
            store.write_now(book, partnership_id, session, person, rules, now=now)
    return Week(store, partnership_id, rules, programme, tuple(ids), booked)


@pytest.fixture
def week(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Week:
    return a_week(store, partnership_id, rules, now)


def asked(db: Db) -> Sequence[tuple[int | None, Channel, str, datetime | None]]:
    rows = db.exec(select(Notice).where(col(Notice.kind) == Kind.FEEDBACK).order_by(col(Notice.person_id))).all()
    return [(n.person_id, n.channel, n.key, n.expires_at) for n in rows]


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


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────

TABLES = ("feedbackgiven", "feedbackresponse", "feedbackanswer")


def everything_about(week: Week) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the three tables, in the order in which the database has them."""

    def look(db: Db) -> dict[str, list[tuple[object, ...]]]:
        by = "NOT INDEXED" if db.get_bind().dialect.name == "sqlite" else "ORDER BY ctid"
        return {table: [tuple(row) for row in db.connection().exec_driver_sql(f"SELECT * FROM {table} {by}")] for table in TABLES}

    return week.store.read_now(look)


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
