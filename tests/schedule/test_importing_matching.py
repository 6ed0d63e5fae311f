"""Which session a row of the file is, and what becomes of the sessions that the file no longer holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Refusal
from domain.kinds import Kind
from domain.models import SessionState
from domain.schedule.importing import Fate, Imported
from domain.schedule.telling import done_words, gone_words, row_words
from domain.sessions import cancel_session
from tests.schedule.desk import HEAD, KINSHIP, LUNCH, NOW, REFLECT, TWICE, WEEK, Desk, Row, counts, replace_title

# ── matching ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_matched_by_its_reference_whatever_else_changed(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn")
    renamed: Row = (lunch.reference, "18/03/2027", "9-10am", "Breakfast and learn", "Coventry City Council", "Zoom", "", 20.0)
    desk.apply(renamed, head=("Reference", *HEAD))
    now = desk.session("Breakfast and learn")
    assert (now.id, now.uid, now.reference) == (lunch.id, lunch.uid, lunch.reference)


def test_a_row_is_matched_by_title_day_and_organisation(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id
    shown = desk.preview((LUNCH[0], "1-2pm", *LUNCH[2:]))
    assert [(row.fate, row.session_id) for row in shown.rows] == [(Fate.CHANGED, lunch)]


def test_a_row_is_matched_by_start_and_organisation(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id
    shown = desk.preview(replace_title(LUNCH, "Professional curiosity"))
    assert [(row.fate, row.session_id) for row in shown.rows] == [(Fate.CHANGED, lunch)]


MOVED_TWICE = (
    ("15/03/2027", "11am-12pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
    ("15/03/2027", "3-4pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
)


def test_what_stays_ambiguous_is_asked_and_nothing_is_done_before_the_answer(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, afternoon = (session.id or 0 for session in desk.sessions())
    shown = desk.preview(*MOVED_TWICE)
    assert [(row.row, row.fate, [one.session_id for one in row.candidates]) for row in shown.rows] == [
        (2, Fate.AMBIGUOUS, [morning, afternoon]),
        (3, Fate.AMBIGUOUS, [morning, afternoon]),
    ]
    assert shown.gone == ()
    with pytest.raises(Refusal, match="Row 2 could be one of several sessions"):
        desk.apply(*MOVED_TWICE)
    assert desk.apply(*MOVED_TWICE, good_rows_only=True) == Imported(skipped=2)


def test_the_answers_settle_what_was_ambiguous(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, afternoon = (session.id or 0 for session in desk.sessions())
    assert desk.apply(*MOVED_TWICE, answers={2: morning, 3: afternoon}) == Imported(changed=2)
    assert [(session.id, session.starts_at.hour) for session in desk.sessions()] == [(morning, 11), (afternoon, 15)]


def test_an_answer_may_be_that_it_is_a_new_session(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, _ = (session.id or 0 for session in desk.sessions())
    assert desk.apply(*MOVED_TWICE, answers={2: None, 3: morning}) == Imported(new=1, changed=1)
    assert len(desk.sessions()) == 3


# ── gone, cancelled, over ───────────────────────────────────────────────────────────────────────────────────


def test_gone_cancels_nothing_unless_ticked_and_shows_its_bookings(desk: Desk) -> None:
    desk.apply(*WEEK[:2], (*KINSHIP[:6], 1.0))
    desk.publish()
    desk.book("Kinship care", "Ada")
    desk.book("Kinship care", "Ben")
    shown = desk.preview(LUNCH, REFLECT)
    assert [gone_words(one) for one in shown.gone] == ["Kinship care. Tuesday 16 March 2027, 10am to 11am: 1 booked, 1 waiting."]
    assert desk.apply(LUNCH, REFLECT) == Imported(unchanged=2)
    assert desk.session("Kinship care").state is SessionState.PUBLISHED


def test_a_ticked_session_is_cancelled_and_everyone_hears(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Kinship care", "Ada")
    desk.all_sent()
    kinship = desk.session("Kinship care").id or 0
    done = desk.apply(LUNCH, REFLECT, cancel_gone=frozenset({kinship}))
    assert done == Imported(unchanged=2, cancelled=1, told=1)
    assert done_words(done) == "2 sessions unchanged, 1 session cancelled. 1 person will be told."
    assert desk.session("Kinship care").state is SessionState.CANCELLED
    assert desk.owed() == [(Kind.CANCELLATION.value, "This session is no longer in the programme.")]


def test_a_session_that_is_in_the_file_cannot_be_ticked(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id or 0
    with pytest.raises(Refusal, match="A session that you ticked is in the file"):
        desk.apply(*WEEK, cancel_gone=frozenset({lunch}))


def test_a_session_cancelled_in_chat_is_not_made_again_by_the_same_file(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    lunch = desk.session("Lunch and learn").id or 0
    desk.store.write_now(cancel_session, desk.partnership_id, lunch, "", desk.rules, actor="discord:1", now=NOW)
    shown = desk.preview(*WEEK)
    assert counts(shown) == {"unchanged": 2, "cancelled": 1}
    assert row_words(shown.of(Fate.CANCELLED)[0]) == (
        "Row 2: Lunch and learn. This session was cancelled, and stays so. To hold it after all, add it again."
    )
    assert desk.apply(*WEEK) == Imported(unchanged=2, skipped=1)


def test_a_cancelled_day_that_is_replaced_by_another_is_a_new_session(desk: Desk) -> None:
    desk.apply(LUNCH)
    lunch = desk.session("Lunch and learn").id or 0
    desk.store.write_now(cancel_session, desk.partnership_id, lunch, "", desk.rules, actor="discord:1", now=NOW)
    assert counts(desk.preview(("17/03/2027", *LUNCH[1:]))) == {"new": 1}


def test_what_is_over_is_left_alone_and_not_called_gone(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.now = datetime(2027, 3, 15, 20, 0, tzinfo=UTC)
    shown = desk.preview((LUNCH[0], "1-2pm", *LUNCH[2:]), KINSHIP)
    assert counts(shown) == {"over": 1, "unchanged": 1}
    assert shown.gone == ()
