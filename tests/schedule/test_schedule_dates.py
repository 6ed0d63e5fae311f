"""Dates in words, and what a file as a whole says about them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import BadInput
from domain.schedule.dates import Hints, cell_date, find_date, gather_hints

TODAY = date(2026, 11, 21)
PLAIN = Hints(TODAY)


def settled(text: object, hints: Hints = PLAIN) -> date:
    found = cell_date(text)
    assert found is not None
    return hints.settle(found[0])


@pytest.mark.parametrize(
    "written",
    [
        "Monday 15 March 2027",
        "Mon 15th March 2027",
        "15 March 27",
        "15/03/2027",
        "15/3/27",
        "15.3.27",
        "15-Mar-27",
        "2027-03-15",
        "20270315",
        "15th of March 2027",
        "March 15, 2027",
        "15 Mar '27",
        "15/03/2027 (Mon)",
        "46461",
        46461.0,
        "15March2027",
        "15 / 03 / 2027",
    ],
)
def test_a_date_is_read_however_it_is_written(written: object) -> None:
    assert settled(written) == date(2027, 3, 15)


def test_the_day_comes_before_the_month() -> None:
    assert settled("3/4/27") == date(2027, 4, 3)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("31/04/2027", "There is no 31 April 2027: that month has 30 days."),
        ("29 Feb 2027", "There is no 29 February 2027: that month has 28 days."),
        ("03/15/2027", "There is no month 15. Write the day first and then the month, such as 15/03/2027."),
        ("Tuesday 15 March 2027", "15 March 2027 is a Monday, not a Tuesday. Please check the day and the date."),
        ("15-19 March 2027", "“15-19 March 2027” is more than one day. Give each session its own row and its own date."),
        ("15/03/2027 or 16/03/2027", "“15/03/2027 or 16/03/2027” holds two dates. Give each session its own row and its own date."),
        ("15 March", "“15 March” has no year. Write it in full, such as 15 March 2027."),
        ("Monday", "“Monday” has no date. Write the date too, such as Monday 15 March 2027."),
        ("Thursday", "“Thursday” has no date. Write the date too, such as Thursday 18 March 2027."),
        ("Mon 15 Marhc 2027", "“Marhc” is not the name of a month. If March is meant, please correct it."),
        ("15 March 1927", "The year 1927 cannot be right. Write the date in full, such as 15 March 2027."),
    ],
)
def test_a_date_that_cannot_be_is_refused_in_plain_words(written: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        settled(written)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("15/03/2027 09:30-10:30", "09:30-10:30"),
        ("15 March 2027, 10-11am", "10-11am"),
        ("15 March 10.30", "10.30"),
        ("Day 1 Monday 15 March 2027", "Day 1"),
        ("Day 1 - Monday 15 March 2027", "Day 1"),
        ("Week 2 – Monday 15 March 2027", "Week 2"),
    ],
)
def test_what_stands_beside_a_date_is_kept(text: str, rest: str) -> None:
    found = find_date(text)
    assert found is not None
    assert found[1] == rest


@pytest.mark.parametrize("text", ["12-12.40pm", "9.30am - 10am", "prerecorded", "On demand", "", "1-2-1 supervision"])
def test_words_and_hours_are_no_date(text: str) -> None:
    assert find_date(text) is None


def test_a_missing_year_comes_from_another_date_or_the_title() -> None:
    assert settled("Mon 15 March", gather_hints([], ["16/03/2027"], TODAY)) == date(2027, 3, 15)
    assert settled("15/3", gather_hints(["Practice week 2027"], [], TODAY)) == date(2027, 3, 15)
    assert settled("Mon 15 March", gather_hints(["Programme 2026/27"], [], TODAY)) == date(2027, 3, 15)
    assert settled("15/3", gather_hints([], [], TODAY, name="Practice week 2027.xlsx")) == date(2027, 3, 15)


def test_the_day_on_which_a_file_was_saved_says_nothing_about_its_dates() -> None:
    assert settled("Mon 15 March", gather_hints([], ["Mon 15 March"], TODAY, name="plan 2026-11-20.csv")) == date(2027, 3, 15)


def test_a_missing_year_is_told_by_the_weekdays_of_the_file() -> None:
    hints = gather_hints([], ["Mon 15 March", "Tue 16 March", "Wed 18 March"], TODAY)
    assert (hints.guessed, settled("Mon 15 March", hints)) == (2027, date(2027, 3, 15))


def test_of_two_years_the_weekday_chooses() -> None:
    hints = gather_hints([], ["22/09/2027", "19/01/2028"], TODAY)
    assert settled("Wed 20 October", hints) == date(2027, 10, 20)
    with pytest.raises(BadInput, match="no year"):
        settled("20 October", hints)


def test_a_weekday_alone_is_a_day_of_the_week_that_the_title_names() -> None:
    hints = gather_hints(["Practice week, w/c 15 March 2027"], [], TODAY)
    assert (settled("Monday", hints), settled("Thursday", hints), settled("Fri 19th", hints)) == (
        date(2027, 3, 15),
        date(2027, 3, 18),
        date(2027, 3, 19),
    )
    ranged = gather_hints(["15th - 19th March 2027"], [], TODAY)
    assert settled("Wednesday", ranged) == date(2027, 3, 17)
