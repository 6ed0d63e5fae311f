"""Problems of a schedule before it is imported: rows that cannot be, days, rooms, people and hosts that are taken."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from domain.database import Store
from domain.errors import BadInput, Refusal
from domain.hosts import sync_hosts
from domain.kinds import Provider
from domain.models import Meeting, Session
from domain.rules import Rules
from domain.schedule.importing import Fate, Imported
from domain.schedule.telling import problem_words, what_happens
from domain.schedule.values import Problem
from tests.schedule.desk import HEAD, KINSHIP, LUNCH, NO_HOUR, REFLECT, TWICE, WEEK, Desk, Row, replace_title

# ── problems ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_without_an_hour_is_an_error_on_that_row_and_nothing_is_imported(desk: Desk) -> None:
    shown = desk.preview(*WEEK, NO_HOUR)
    assert [(problem.row, problem.column) for problem in shown.errors] == [(5, "Time")]
    assert problem_words(shown.errors[0]).startswith("Row 5 (Time): ")
    assert "1 row cannot be used." in what_happens(shown)
    with pytest.raises(Refusal, match=r"^Row 5: .* Nothing was imported\.$"):
        desk.apply(*WEEK, NO_HOUR)
    assert desk.sessions() == []


def test_the_good_rows_alone_are_imported_where_the_organiser_says_so(desk: Desk) -> None:
    assert desk.apply(*WEEK, NO_HOUR, good_rows_only=True) == Imported(new=3, skipped=1)
    assert [session.title for session in desk.sessions()] == ["Lunch and learn", "Critical reflection", "Kinship care"]


def test_what_a_session_cannot_be_is_an_error_on_its_row(desk: Desk) -> None:
    shown = desk.preview((*LUNCH, "http://plain.example.org"), head=(*HEAD, "Link"))
    assert shown.errors == (Problem(2, None, "A link must start with https:// and have no spaces."),)
    assert shown.rows == ()


def test_a_file_with_no_usable_row_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match="No row of this file can be used"):
        desk.apply(NO_HOUR, good_rows_only=True)


def test_too_many_rows_at_once_are_refused(desk: Desk) -> None:
    with pytest.raises(BadInput, match=r"This file has 501 sessions\. At most 500"):
        desk.preview(*(replace_title(LUNCH, f"Session {n}") for n in range(501)))


def test_warnings_name_bank_holidays_weekends_and_past_dates(desk: Desk) -> None:
    shown = desk.preview(
        ("26/03/2027", "9-10am", "On Good Friday", "", "Teams", "", ""),
        ("20/03/2027", "9-10am", "On a Saturday", "", "Teams", "", ""),
        ("15/02/2027", "9-10am", "Long ago", "", "Teams", "", ""),
    )
    outside = "is outside the programme's days (Monday 15 March 2027 to Friday 19 March 2027). Is the date right?"
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 2 (Date): Friday 26 March 2027 is a bank holiday in England (Good Friday).",
        f"Row 2 (Date): Friday 26 March 2027 {outside}",
        "Row 3 (Date): Saturday 20 March 2027 is at a weekend.",
        f"Row 3 (Date): Saturday 20 March 2027 {outside}",
        "Row 4 (Date): Monday 15 February 2027 is in the past.",
        f"Row 4 (Date): Monday 15 February 2027 {outside}",
    ]


def test_many_rows_outside_the_programmes_days_are_one_warning(desk: Desk) -> None:
    shown = desk.preview(*(("12/04/2027", f"{hour}am-{hour}.30am", f"At {hour}", "", "Teams", "", "") for hour in (8, 9, 10, 11)))
    assert [problem.message for problem in shown.warnings] == [
        "4 rows are outside the programme's days (Monday 15 March 2027 to Friday 19 March 2027). It will be made longer to hold them."
    ]


def test_a_presenter_or_a_room_taken_by_a_session_that_exists_is_a_warning(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*LUNCH, "Ada Bell"), (*REFLECT, "Cai Dunn"), head=head)
    shown = desk.preview(
        ("15/03/2027", "12.30-1.30pm", "Two at once", "Dudley MBC", "Teams", "", "", "Ada Bell"),
        ("15/03/2027", "3-5pm", "Same room", "", "In person", "council house", "", "Eve Fox"),
        ("15/03/2027", "3.55-5pm", "Five minutes are no clash", "", "In person", "Council House", "", ""),
        head=head,
    )
    clashes = [problem_words(problem) for problem in shown.warnings if "exist" in problem.message]
    assert clashes == [
        "Row 2 (Presenter): Ada Bell is presenting at the same time as this: “Lunch and learn”, which exists already (12 noon to 1pm).",
        "Row 3 (Location): council house is used at the same time for “Critical reflection”, which exists already (2pm to 4pm).",
    ]


def test_a_room_taken_by_another_programme_is_a_warning_with_its_name(desk: Desk, store: Store, partnership_id: int, rules: Rules) -> None:
    desk.apply(REFLECT)
    desk.publish()
    other = Desk(store, partnership_id, rules)
    shown = other.preview(("15/03/2027", "3-5pm", "Same room", "", "In person", "Council House", ""))
    assert [problem.message for problem in shown.warnings] == [
        "Council House is used at the same time for “Critical reflection” of Practice week, which exists already (2pm to 4pm)."
    ]


def test_a_private_session_elsewhere_is_not_named(desk: Desk, store: Store, partnership_id: int, rules: Rules) -> None:
    desk.apply((*REFLECT, "Yes"), head=(*HEAD, "Private"))
    desk.publish()
    shown = Desk(store, partnership_id, rules).preview(("15/03/2027", "3-5pm", "Same room", "", "In person", "Council House", ""))
    assert [problem.message for problem in shown.warnings] == [
        "Council House is used at the same time for “A private session” of Practice week, which exists already (2pm to 4pm)."
    ]


def test_an_ambiguous_row_does_not_clash_with_what_it_may_be(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    twice = [(*row, "Ada Bell") for row in TWICE]
    desk.apply(*twice, head=head)
    longer = [(row[0], hours, *row[2:]) for row, hours in zip(twice, ("10.30-11.30am", "2.30-3.30pm"), strict=True)]
    shown = desk.preview(*longer, head=head)
    assert (len(shown.of(Fate.AMBIGUOUS)), shown.warnings) == (2, ())


def test_a_moved_row_does_not_clash_with_its_own_session(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*REFLECT, "Cai Dunn"), head=head)
    later: Row = (REFLECT[0], "3pm-5pm", *REFLECT[2:], "Cai Dunn")
    assert desk.preview(later, head=head).warnings == ()


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


def zoom_at(hours: str, title: str) -> Row:
    return ("16/03/2027", hours, title, "", "Zoom", "", 30.0)


def test_a_zoom_session_without_a_free_host_is_a_warning_on_its_row(desk: Desk) -> None:
    shown = desk.preview(zoom_at("10-11am", "First"), zoom_at("10.30-11.30am", "Second"), zoom_at("2-3pm", "Third"))
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 3 (Platform): No Zoom host is free on Tuesday 16 March 2027, 10.30am to 11.30am. "
        "The session would have no link for now: move it, or choose another platform."
    ]
    with desk.store.reading() as db:
        assert db.exec(select(Meeting)).all() == []  # reserved on paper only


def test_the_forecast_of_hosts_is_what_then_happens(desk: Desk) -> None:
    stands = zoom_at("3-4pm", "Stands")
    desk.apply(stands)
    desk.publish()
    hours = {"First": "9-10am", "Second": "9.30-10.30am", "Third": "11am-12pm", "Too close": "12.15-1pm", "Fourth": "1.30-2.30pm"}
    rows = [*(zoom_at(when, title) for title, when in hours.items()), stands, zoom_at("3.30-4pm", "Late")]
    foreseen = [rows[problem.row - 2][2] for problem in desk.preview(*rows).warnings]
    desk.apply(*rows)
    with desk.store.reading() as db:
        hostless = select(Session.title).join(Meeting, col(Meeting.session_id) == col(Session.id)).where(col(Meeting.host_id).is_(None))
        assert list(db.exec(hostless.order_by(col(Session.id)))) == foreseen == ["Second", "Too close", "Late"]


def test_a_moved_session_leaves_its_old_hour_to_another_row(desk: Desk) -> None:
    desk.apply(KINSHIP)
    desk.publish()
    moved: Row = ("16/03/2027", "3-4pm", *KINSHIP[2:])
    assert desk.preview(moved, zoom_at("10-11am", "In its old place")).warnings == ()


def test_a_session_moved_by_half_an_hour_does_not_stand_in_its_own_way(desk: Desk) -> None:
    desk.apply(KINSHIP)
    desk.publish()
    assert desk.preview(("16/03/2027", "10.30-11.30am", *KINSHIP[2:])).warnings == ()


def test_no_host_at_all_is_said_once(desk: Desk, partnership_id: int) -> None:
    desk.store.write_now(sync_hosts, partnership_id, [(Provider.TEAMS, "teams-1", 20, None)])
    shown = desk.preview(zoom_at("10-11am", "First"), zoom_at("2-3pm", "Second"))
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 2 (Platform): Zoom is not set up here. 2 sessions would have no link (rows 2 and 3). "
        "Give a link of your own, choose another platform, or ask for Zoom."
    ]
