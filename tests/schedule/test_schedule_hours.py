"""Hours in words, as they stand in real programmes."""

from __future__ import annotations

from datetime import time

import pytest

from domain.errors import BadInput
from domain.schedule.hours import cell_length, cell_point, read_hours, split_head, split_tail
from domain.schedule.spans import Hours, settle


def words_of(hours: Hours) -> str:
    return f"{hours.start // 60:02}:{hours.start % 60:02}-{hours.end // 60:02}:{hours.end % 60:02}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("11.00 to 12.00", "11:00-12:00"),
        ("12.00 to 13:00", "12:00-13:00"),
        ("12-12.40pm", "12:00-12:40"),
        ("12-1pm", "12:00-13:00"),
        ("1:15 – 2pm", "13:15-14:00"),
        ("9.30am - 4.30pm", "09:30-16:30"),
        ("12.55 to 14.00", "12:55-14:00"),
        ("2-4pm", "14:00-16:00"),
        ("7pm-8pm", "19:00-20:00"),
        ("12 noon - 1pm", "12:00-13:00"),
        ("noon - 1pm", "12:00-13:00"),
        ("9.30 - 12 noon", "09:30-12:00"),
        ("0930-1030", "09:30-10:30"),
        ("0900hrs - 1030hrs", "09:00-10:30"),
        ("9 til 10", "09:00-10:00"),
        ("10am until noon", "10:00-12:00"),
        ("between 2pm and 4pm", "14:00-16:00"),
        ("9-10", "09:00-10:00"),
        ("8.30-9.30", "08:30-09:30"),
        ("1-2", "13:00-14:00"),
        ("11-1pm", "11:00-13:00"),
        ("9-12pm", "09:00-12:00"),
        ("10am-11", "10:00-11:00"),
        ("9-5", "09:00-17:00"),
        ("8-6", "08:00-18:00"),
        ("5.30-7", "17:30-19:00"),
        ("7.30 to 15.30", "07:30-15:30"),
        ("1.30 to 15.00", "13:30-15:00"),
        ("10am (1 hour)", "10:00-11:00"),
        ("10am for 1.5 hours", "10:00-11:30"),
        ("2pm (90 mins)", "14:00-15:30"),
        ("9.30am for 10am - 12pm", "10:00-12:00"),
        ("9.30 a.m. to 10.30 a.m.", "09:30-10:30"),
        ("09:30:00 - 10:30:00", "09:30-10:30"),
        ("3pm start, finish 4pm", "15:00-16:00"),
        ("9.30 -11.00 (lunch provided)", "09:30-11:00"),
        ("10:00 AM – 11:00 AM", "10:00-11:00"),
        ("2.pm - 3.pm", "14:00-15:00"),
        ("9;30-10;30", "09:30-10:30"),
        ("Full day 9.15am - 4.15pm", "09:15-16:15"),
        ("all day (9.30-4.30)", "09:30-16:30"),
        ("Morning session: 9.30 – 12", "09:30-12:00"),
        ("10.15-11.15 (60 mins)", "10:15-11:15"),
        ("9.30-4.30 (6 hours)", "09:30-16:30"),
    ],
)
def test_hours_are_understood_as_a_british_reader_would(written: str, meant: str) -> None:
    assert words_of(settle(read_hours(written))) == meant


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("prerecorded", "No time could be read in “prerecorded”. A session needs a start and an end, such as 9.30am to 10.30am."),
        ("TBC", "No time could be read in “TBC”. A session needs a start and an end, such as 9.30am to 10.30am."),
        ("10am", "There is a start but no end. Write both, such as 9.30am to 10.30am."),
        ("7-8", "7 could be the morning or the evening. Please write am or pm."),
        ("16.00 to 15.00", "This ends before it starts. Please check the times."),
        ("10.30 - 9.30", "This ends before it starts. Please check the times."),
        ("10am-10am", "This starts and ends at the same time, so it lasts 0 minutes. Please check the end."),
        ("10:00-10:00", "This starts and ends at the same time, so it lasts 0 minutes. Please check the end."),
        ("10am (0 minutes)", "This starts and ends at the same time, so it lasts 0 minutes. Please check the end."),
        ("10am (25 hours)", "This is longer than a day. A session starts and ends on one day."),
        ("10pm - 2am", "This goes over midnight. A session starts and ends on one day, so split it or check the end."),
        ("11pm (2 hours)", "This goes over midnight. A session starts and ends on one day, so split it or check the end."),
        ("25:00-26:00", "“25:00” is not a time of day."),
        ("9.60-10.30", "“9.60” is not a time of day."),
        (
            "10-11am and 2-3pm",
            "“10-11am and 2-3pm” holds more than one time. Give each session its own row, with one start and one end.",
        ),
    ],
)
def test_hours_that_cannot_be_are_refused_in_plain_words(written: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        settle(read_hours(written))
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (time(9, 30), "09:30"),
        (0.395833333, "09:30"),
        ("0.395833333", "09:30"),
        (9.3, "09:30"),
        (14.0, "14:00"),
        (930.0, "09:30"),
        ("14.00", "14:00"),
    ],
)
def test_a_time_cell_may_be_a_time_or_a_number(cell: object, meant: str) -> None:
    written = cell_point(cell)
    assert written is not None
    assert words_of(settle(type(written)(written.start, None, 60)))[:5] == meant


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("1 hour", 60),
        ("1h30", 90),
        ("90 mins", 90),
        ("90", 90),
        ("1:30", 90),
        (1.5, 90),
        (90.0, 90),
        (time(1, 30), 90),
        ("1 hr 30 mins", 90),
        ("half an hour", 30),
        ("", None),
    ],
)
def test_a_duration_is_read_in_hours_or_minutes(cell: object, minutes: int | None) -> None:
    assert cell_length(cell) == minutes


def test_a_duration_in_other_words_is_refused() -> None:
    with pytest.raises(BadInput, match="is not a length of time"):
        cell_length("half a day")


@pytest.mark.parametrize(
    ("text", "meant", "title"),
    [
        ("11.00 to 12.00 How to complete a form (DBS)", "11:00-12:00", "How to complete a form (DBS)"),
        ("12-1pm: Lunch and learn", "12:00-13:00", "Lunch and learn"),
        ("10-11: Welcome", "10:00-11:00", "Welcome"),
        ("(10.00-11.00) Talk", "10:00-11:00", "Talk"),
        ("9.30 – 10.15 – Welcome", "09:30-10:15", "Welcome"),
    ],
)
def test_hours_at_the_head_of_a_text_leave_the_title(text: str, meant: str, title: str) -> None:
    split = split_head(text)
    assert split is not None
    assert (words_of(settle(split[0])), split[1]) == (meant, title)


def test_hours_at_the_end_of_a_text_leave_the_title() -> None:
    split = split_tail("Welcome (9.30am - 10.15am)")
    assert split is not None
    assert (words_of(settle(split[0])), split[1]) == ("09:30-10:15", "Welcome")


@pytest.mark.parametrize(
    "title",
    [
        "5-11 year olds: play",
        "0-19 Service",
        "1-2-1 supervision",
        "16-17 year olds and housing",
        "24 hours in A&E",
        "7 minute briefings",
        "Section 20-21 duties",
    ],
)
def test_numbers_in_a_title_are_no_hours(title: str) -> None:
    assert (split_head(title), split_tail(title)) == (None, None)
