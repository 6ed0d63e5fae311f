"""Mistakes in a whole schedule: each is told with its row, and spares the others."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ports.files import Sheet
from domain.schedule.reading import read_schedule
from domain.schedule.values import FormulaWithoutValue, Problem
from domain.schedule.wording import blank, words
from tests.schedule.weeks_to_read import TODAY, read


def test_an_empty_date_is_a_mistake_where_the_file_writes_every_date() -> None:
    missing = "This row has no date. If it is on the same day as the row above, write the date again."
    series = read("Date,Time,Title\n22/09/2027,9-10am,A\n20/10/2027,9-10am,B\n,9-10am,C\n19/01/2028,9-10am,D")
    assert series.errors == (Problem(4, "Date", missing),)
    week = read("Date,Time,Title\n15/03/2027,9-10am,A\n15/03/2027,10-11am,B\n,11-12,C\n16/03/2027,9-10am,D\n,11-12,E")
    assert week.errors == (Problem(4, "Date", missing), Problem(6, "Date", missing))


BAD = "Date,Start,End,Title,Platform,Places\n15/03/2027,9.00,10.00,Good,Teams,10\n15/03/2027,9.00,10.00,Good too,Teams,10\n"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("31/04/2027,9.00,10.00,Bad,Teams,10", "Date"),
        ("29/02/2027,9.00,10.00,Bad,Teams,10", "Date"),
        (",9.00,10.00,Bad,Teams,10", "Date"),
        ("15/03/2027,16.00,15.00,Bad,Teams,10", "End"),
        ("15/03/2027,9.00,9.00,Bad,Teams,10", "End"),
        ("15/03/2027,22.00,01.00,Bad,Teams,10", "End"),
        ("15/03/2027,prerecorded,,Bad,Teams,10", "Start"),
        ("15/03/2027,,,Bad,Teams,10", "Start"),
        ("15/03/2027,9.00,10.00,,Teams,10", "Title"),
        ("15/03/2027,9.00,10.00,Bad,Teams,-1", "Places"),
        ("15/03/2027,9.00,10.00,Bad,Teams,1e9", "Places"),
        ("15/03/2027,9.00,10.00,Bad,Teams,lots", "Places"),
        ("15/03/2027,9.00,10.00,Bad,javascript:alert(1),10", "Platform"),
        (f"15/03/2027,9.00,10.00,{'x' * 201},Teams,10", "Title"),
    ],
)
def test_one_bad_row_is_one_error_with_its_number_and_spares_the_others(row: str, column: str) -> None:
    schedule = read(BAD + row)
    assert [(problem.row, problem.column) for problem in schedule.errors] == [(4, column)]
    assert [session.row for session in schedule.sessions] == [2, 3]


def test_a_start_that_holds_only_a_date_is_an_error_and_never_lost() -> None:
    schedule = read("Date,Start,End,Title\n15/03/2027,15/03/2027,,A\n,1/1/0001,,B")
    assert schedule.sessions == ()
    assert [(problem.row, problem.column) for problem in schedule.errors] == [(2, "Start"), (3, "Date"), (3, "Start")]


def test_a_missing_time_is_told_of_the_column_in_which_the_sheet_keeps_its_hours() -> None:
    published = read("Date,Information and Events\n15/03/2027,9-10am: A\n15/03/2027,Podcast at any time")
    assert [(problem.row, problem.column) for problem in published.errors] == [(3, "Information and Events")]
    when = read("When,What\n15/03/2027 9-10am,A\n15/03/2027,B")
    assert [(problem.row, problem.column) for problem in when.errors] == [(3, "When")]


def test_lines_within_a_cell_are_items_of_a_list() -> None:
    row = ("15/03/2027", "9-10am", "Outcomes\nin practice", "Jo Smith\nAl Jones", "County Hall\nMatlock")
    schedule = read_schedule(Sheet("week.csv", (("Date", "Time", "Title", "Lead", "Venue"), row)), today=TODAY)
    assert [(row.title, row.presenter, row.venue) for row in schedule.sessions] == [
        ("Outcomes in practice", "Jo Smith, Al Jones", "County Hall, Matlock")
    ]


def test_missing_columns_are_named() -> None:
    needs = "A schedule needs a title, a date, and a time (or a start and an end)."
    for text, said in (
        (
            "Title,Presenter,Places\nA,B,3",
            f"Columns are missing: date and time. {needs} The headings here are “Title”, “Presenter”, “Places”.",
        ),
        ("Date,Title\n15/03/2027,A\n16/03/2027,B", f"A column is missing: time. {needs} The headings here are “Date”, “Title”."),
        ("Time,Title\n9-10am,A\n9-10am,B", f"A column is missing: date. {needs} The headings here are “Time”, “Title”."),
    ):
        assert read(text).errors == (Problem(1, None, said),)


def test_a_heading_that_is_nearly_one_of_ours_is_asked_about() -> None:
    schedule = read("Date,Time,Title,Platfrom,Cost\n15/03/2027,9-10am,A,Teams,5")
    asked = Problem(1, "Platfrom", "This column is not read. Did you mean “Platform”?")
    assert schedule.warnings[:2] == (asked, Problem(1, None, "These columns are not read: “Cost”."))
    assert read("Dtae,Titel,Place\n15/03/2027,A,B").warnings[-1].message == "This column is not read. Did you mean “Title”?"


def test_duplicate_headings_are_named() -> None:
    schedule = read("Date,Time,Title,Title\n15/03/2027,9-10am,A,B")
    assert schedule.errors == (
        Problem(1, "Title", "The heading “Title” stands there twice. Only its first column is read; rename the other."),
    )


def test_a_file_without_headings_or_with_a_timetable_is_told_what_to_do() -> None:
    assert read("15/03/2027,9-10am,Welcome").errors[0].message.startswith("No row of headings was found.")
    assert read("Time,Monday 15 March 2027,Tuesday 16 March 2027\n9-10am,A,B").errors[0].message.startswith("This looks like a timetable")
    assert read_schedule(Sheet("empty.csv", ()), today=TODAY).errors == (Problem(1, None, "This sheet is empty."),)


def test_a_weekday_that_contradicts_its_date_is_an_error() -> None:
    schedule = read("Day,Date,Time,Title\nTuesday,15/03/2027,9-10am,A\nMonday,15/03/2027,9-10am,B")
    assert schedule.errors == (Problem(2, "Day", "15 March 2027 is a Monday, not Tuesday. Please check the day and the date."),)


def test_a_formula_without_its_result_is_an_error_on_its_row() -> None:
    formula = FormulaWithoutValue()
    header = ("Date", "Time", "Title", "Places")
    rows = (
        header,
        (formula, "9-10am", "A", 3.0),
        ("15/03/2027", "9-10am", formula, 3.0),
        ("15/03/2027", "9-10am", "C", FormulaWithoutValue("#REF!")),
    )
    schedule = read_schedule(Sheet("week.xlsx", rows), today=TODAY)
    assert schedule.sessions == ()
    assert [(problem.row, problem.column) for problem in schedule.errors] == [(2, "Date"), (3, "Title"), (4, "Places")]
    assert schedule.errors[2].message == "This cell shows #REF!, so its formula did not work. Please type the value in."


def test_a_reference_that_stands_twice_is_an_error_on_the_second_row() -> None:
    schedule = read("Reference,Date,Time,Title\nAB-1,15/03/2027,9-10am,A\nab-1,16/03/2027,9-10am,B")
    assert [row.row for row in schedule.sessions] == [2]
    assert schedule.errors == (Problem(3, "Reference", "The reference “ab-1” stands in row 2 too. Each session needs its own."),)


def test_hidden_characters_never_reach_a_title() -> None:
    schedule = read_schedule(
        Sheet(
            "x.csv",
            (("Date", "Time", "Title"), ("15/03/2027", "9-10am", "Hi\u202e\u200bde\r\nit\x07"), ("15/03/2027", "9-10am", "\u200b\u202e")),
        ),
        today=TODAY,
    )
    assert [row.title for row in schedule.sessions] == ["Hide it"]
    assert schedule.errors == (Problem(3, "Title", "This row has no title."),)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.just(FormulaWithoutValue()),
    st.sampled_from(
        ["15/03/2027", "Mon 15 March", "9-10am", "10", "12 noon", "Teams", "31/10/2027", "01:30", "TBC", "7-8", "99/99/9999", "1/13/27"]
    ),
)


@given(st.lists(st.tuples(*[CELLS] * 6), max_size=6))
def test_whatever_stands_in_a_row_it_becomes_a_session_or_is_spoken_of(rows: list[tuple[object, ...]]) -> None:
    header = ("Date", "Start", "End", "Title", "Platform", "Places")
    schedule = read_schedule(Sheet("any.csv", (header, *rows)), today=TODAY)
    told = {problem.row for problem in (*schedule.errors, *schedule.warnings)} | {row.row for row in schedule.sessions}
    full = [number for number, row in enumerate(rows, start=2) if words(row[3]) and sum(not blank(cell) for cell in row) > 1]
    assert set(full) <= told or 1 in {problem.row for problem in schedule.errors}
    assert all(row.starts_at < row.ends_at and row.starts_at.tzinfo is UTC for row in schedule.sessions)
