"""Whole schedules: the published programmes, and weeks of quite other shapes."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ports.files import Sheet
from domain.schedule.reading import read_schedule
from domain.schedule.values import FormulaWithoutValue, Problem, Schedule, ScheduledRow, row_json
from domain.schedule.wording import blank, words

TODAY = date(2026, 11, 21)
PROGRAMMES = Path(__file__).parents[2] / "rehearsal" / "programmes"


def read(text: str, name: str = "week.csv") -> Schedule:
    rows = tuple(tuple(cell or None for cell in row) for row in csv.reader(text.strip("\n").splitlines()))
    return read_schedule(Sheet(name, rows), today=TODAY)


def programme(name: str) -> Schedule:
    with (PROGRAMMES / name).open(encoding="utf-8", newline="") as file:
        return read_schedule(Sheet(name, tuple(tuple(cell or None for cell in row) for row in csv.reader(file))), today=TODAY)


def brief(row: ScheduledRow) -> tuple[object, ...]:
    return row.row, f"{row.starts_at:%d %b %H:%M}-{row.ends_at:%H:%M}", row.format, row.title


def test_the_regional_week_is_read_row_by_row() -> None:
    schedule = programme("regional-practice-week.csv")
    assert schedule.errors == ()
    assert [brief(row)[:3] for row in schedule.sessions] == [
        (2, "15 Mar 09:30-10:15", "teams"),
        (3, "15 Mar 10:30-12:00", "teams"),
        (4, "15 Mar 10:30-12:00", "zoom"),
        (5, "15 Mar 12:00-13:00", "teams"),
        (6, "15 Mar 12:00-13:00", "zoom"),
        (7, "15 Mar 13:15-14:00", "teams"),
        (8, "15 Mar 14:00-16:00", "in_person"),
        (9, "16 Mar 09:00-10:00", "teams"),
        (10, "16 Mar 10:00-12:30", "zoom"),
        (11, "16 Mar 11:00-12:00", "teams"),
        (12, "16 Mar 12:55-14:00", "zoom"),
        (13, "16 Mar 14:00-16:00", "teams"),
        (14, "16 Mar 14:10-15:30", "teams"),
        (15, "16 Mar 16:30-17:30", "zoom"),
        (16, "17 Mar 09:30-16:30", "in_person"),
        (17, "17 Mar 10:00-11:00", "teams"),
        (18, "17 Mar 10:00-11:00", "zoom"),
        (19, "17 Mar 11:15-12:15", "teams"),
        (20, "17 Mar 12:00-12:40", "teams"),
        (21, "17 Mar 13:00-15:00", "hybrid"),
        (22, "17 Mar 15:30-16:30", "teams"),
        (23, "18 Mar 09:15-10:00", "teams"),
        (24, "18 Mar 10:00-12:00", "zoom"),
        (25, "18 Mar 10:00-12:00", "in_person"),
        (26, "18 Mar 12:00-13:00", "teams"),
        (27, "18 Mar 12:00-13:00", "zoom"),
        (28, "18 Mar 13:30-15:00", "teams"),
        (29, "18 Mar 15:00-16:00", "teams"),
        (30, "18 Mar 19:00-20:00", "zoom"),
        (31, "19 Mar 09:30-10:30", "zoom"),
        (32, "19 Mar 10:00-11:30", "teams"),
        (33, "19 Mar 11:00-12:00", "teams"),
        (34, "19 Mar 12:00-13:00", "zoom"),
        (35, "19 Mar 13:30-15:00", "teams"),
        (36, "19 Mar 15:15-16:00", "teams"),
    ]
    assert [row.row for row in schedule.sessions if row.proposes_private] == [16, 18, 21, 30]
    assert [row.row for row in schedule.sessions if not row.places_given] == [5, 33]
    assert [problem.row for problem in schedule.warnings] == [16, 18, 21, 30]


def test_a_row_is_echoed_as_json() -> None:
    rows = programme("regional-practice-week.csv").sessions
    assert row_json(rows[19]) == {
        "row": 21,
        "title": "Parents' panel: what helped and what did not",
        "starts_at": "2027-03-17T13:00:00+00:00",
        "ends_at": "2027-03-17T15:00:00+00:00",
        "format": "hybrid",
        "venue": "Old Library, Digbeth, Birmingham",
        "places": 45,
        "audience": "Parents, managers, practitioners",
        "presenter": "Parent Partnership Programme",
        "organisation": "West Midlands Teaching Partnership",
        "series": None,
        "private": False,
    }


def test_the_safeguarding_week_has_its_hours_and_its_venue_in_the_text() -> None:
    schedule = programme("safeguarding-week-as-published.csv")
    assert schedule.errors == ()
    assert [(*brief(row), row.organisation, row.venue, row.audience) for row in schedule.sessions] == [
        (2, "21 Jun 10:00-11:00", "online", "How to complete an Organisational Safeguarding Assessment", "Leeds", None, "All agencies"),
        (
            3,
            "21 Jun 11:00-12:00",
            "online",
            "West Yorkshire Fire Service's Safe & Well and Safeguarding services",
            "Leeds",
            None,
            "All agencies",
        ),
        (4, "21 Jun 11:55-13:00", "online", "An introduction to Disclosure and Barring Service (DBS)", "Leeds", None, "All agencies"),
        (5, "21 Jun 13:10-14:30", "online", "Financial Abuse and Safeguarding (WYFEAT)", "Leeds", None, "Adults"),
        (6, "21 Jun 13:00-15:00", "online", "Domestic Homicide Reviews Briefing: Overall Learning", "Leeds", None, "All agencies"),
        (
            7,
            "22 Jun 09:00-11:30",
            "in_person",
            "Mental Capacity Act (Making decisions), Brian Jackson House",
            "Kirklees",
            "Brian Jackson House",
            "Adults",
        ),
        (
            8,
            "22 Jun 11:30-14:00",
            "in_person",
            "Mental Capacity Act (Making decisions), Brian Jackson House",
            "Kirklees",
            "Brian Jackson House",
            "Adults",
        ),
    ]
    assert [problem.row for problem in schedule.warnings] == [7, 8]


def test_the_training_is_a_series_across_the_clock_change() -> None:
    schedule = programme("practitioner-teacher-training.csv")
    assert (schedule.errors, schedule.warnings) == ((), ())
    assert [(brief(row)[:3], row.series, row.venue, row.places) for row in schedule.sessions] == [
        ((2, "22 Sep 09:00-15:00", "in_person"), "Practitioner teacher programme 2027", "Canterbury campus, room Og46", 24),
        ((3, "20 Oct 09:00-15:00", "in_person"), "Practitioner teacher programme 2027", "Medway campus, Pilkington 018", 24),
        ((4, "19 Jan 10:00-13:00", "teams"), "Practitioner teacher programme 2027", None, 24),
    ]


def test_the_clock_change_has_an_hour_that_is_missing_and_one_that_comes_twice() -> None:
    schedule = programme("clock-change.csv")
    assert [brief(row)[:3] for row in schedule.sessions] == [
        (2, "28 Mar 13:00-14:00", "zoom"),
        (3, "29 Mar 08:30-10:00", "teams"),
        (6, "01 Nov 09:30-10:30", "teams"),
        (7, "31 Oct 10:00-12:00", "in_person"),
    ]
    assert schedule.errors == (
        Problem(4, "Start", "01:30 on 28 March 2027 does not exist: the clocks go forward that night."),
        Problem(
            5, "Start", "01:30 on 31 October 2027 comes twice: the clocks go back that night. Say BST for the first or GMT for the second."
        ),
    )


def test_letters_after_a_time_choose_between_two_equal_hours() -> None:
    schedule = read("Date,Start,End,Title\n31/10/2027,01:30 BST,02:15,A\n31/10/2027,01:30 GMT,02:15,B\n21/06/2027,10:00 GMT,11:00,C\n")
    assert [brief(row)[:2] for row in schedule.sessions] == [(2, "31 Oct 00:30-02:15"), (3, "31 Oct 01:30-02:15")]
    assert schedule.errors == (Problem(4, "Start", "On 21 June 2027 the time in the UK is BST, not GMT. Please write the UK time."),)


A_WEEK_WITH_DATES_WRITTEN_ONCE = """
Cumberland Practice Week 2027,,,,,
w/c 15 March 2027,,,,,
,,,,,
Date,Session Lead,Session Times,Location,Session,Host
Mon 15 March,Jo Smith and Al Jones,12-1pm,MS Teams,Neglect: what we know,Carlisle
,Al Jones,12.30 – 1.30pm,Carlisle Civic Centre,Trauma,
,TBC,2pm (90 mins),Teams / Room 5,Reflective practice,
Tues 16 March,PSW,9 til 10,Online,Welcome,Kendal
,PSW,10am,Online,No end,
,PSW,12-1pm,,Lunch,
,,,,,
Total: 5 sessions,,,,,
"""


def test_a_date_written_once_for_the_day_carries_on_below_it() -> None:
    schedule = read(A_WEEK_WITH_DATES_WRITTEN_ONCE)
    assert [(*brief(row), row.venue, row.organisation) for row in schedule.sessions] == [
        (5, "15 Mar 12:00-13:00", "teams", "Neglect: what we know", None, "Carlisle"),
        (6, "15 Mar 12:30-13:30", "in_person", "Trauma", "Carlisle Civic Centre", "Carlisle"),
        (7, "15 Mar 14:00-15:30", "hybrid", "Reflective practice", "Room 5", "Carlisle"),
        (8, "16 Mar 09:00-10:00", "online", "Welcome", None, "Kendal"),
    ]
    assert schedule.errors == (Problem(9, "Session Times", "There is a start but no end. Write both, such as 9.30am to 10.30am."),)
    assert schedule.warnings == (
        Problem(6, "Date", "3 rows have no date of their own and take the date above them (rows 6, 7, 9)."),
        Problem(10, "Session", "This row is left out, because “Lunch” is a break."),
        Problem(12, None, "This row is left out, because it holds nothing but “Total: 5 sessions”."),
    )


def test_an_empty_date_is_a_mistake_where_the_file_writes_every_date() -> None:
    missing = "This row has no date. If it is on the same day as the row above, write the date again."
    series = read("Date,Time,Title\n22/09/2027,9-10am,A\n20/10/2027,9-10am,B\n,9-10am,C\n19/01/2028,9-10am,D")
    assert series.errors == (Problem(4, "Date", missing),)
    week = read("Date,Time,Title\n15/03/2027,9-10am,A\n15/03/2027,10-11am,B\n,11-12,C\n16/03/2027,9-10am,D\n,11-12,E")
    assert week.errors == (Problem(4, "Date", missing), Problem(6, "Date", missing))


def test_a_column_that_says_no_settles_whether_families_come() -> None:
    schedule = read(
        "Date,Time,Title,Private\n15/03/2027,9-10am,Parents A,No\n15/03/2027,9-10am,Parents B,Yes\n15/03/2027,9-10am,Parents C,"
    )
    assert [(row.private, row.proposes_private) for row in schedule.sessions] == [(False, False), (True, False), (False, True)]
    assert schedule.warnings == (Problem(4, "Private", "It looks as if families take part. Please say whether this session is private."),)


A_WEEK_UNDER_DAY_HEADINGS = """
Time,Title,Who,Where,Max
Monday 15 March 2027 - hosted by Leeds (Online),,,,
9.30am - 10.30am,Welcome,Jo,,30
11-12,Second,,TBC,unlimited
Tuesday 16 March 2027: Bradford,,,,
Time,Title,Who,Where,Max
0930-1030,Third,Sam,City Hall,max 20
1-2,"=HYPERLINK(""http://evil.example"")",Sam,City Hall,n/a
2-3,-leading minus,Sam,City Hall,
3-4,+plus,@sam,City Hall,
Wednesday 31 April 2027,,,,
9-10,Fourth,,,
"""


def test_a_day_heading_holds_for_the_rows_below_it() -> None:
    schedule = read(A_WEEK_UNDER_DAY_HEADINGS)
    assert [(*brief(row), row.organisation, row.places, row.places_given) for row in schedule.sessions] == [
        (3, "15 Mar 09:30-10:30", "online", "Welcome", "Leeds", 30, True),
        (4, "15 Mar 11:00-12:00", "online", "Second", "Leeds", None, True),
        (7, "16 Mar 09:30-10:30", "in_person", "Third", "Bradford", 20, True),
        (8, "16 Mar 13:00-14:00", "in_person", '=HYPERLINK("http://evil.example")', "Bradford", None, False),
        (9, "16 Mar 14:00-15:00", "in_person", "-leading minus", "Bradford", None, False),
        (10, "16 Mar 15:00-16:00", "in_person", "+plus", "Bradford", None, False),
    ]
    assert schedule.errors == (
        Problem(11, None, "There is no 31 April 2027: that month has 30 days."),
        Problem(12, None, "The date above this row could not be read, so this row has no date."),
    )


A_WEEK_IN_ONE_WHEN_COLUMN = """
When,Event,Facilitator,Delivery method,Spaces,Cost
15/03/2027 09:30-10:30,Alpha,X,Council House,30 places,Free
15/03/2027 12 noon - 1pm,Beta,X,Zoom webinar,1e9,
16/03/2027 prerecorded,Gamma,X,Zoom,,
On demand,Delta,X,Zoom,,
17/03/2027 10pm - 2am,Epsilon,X,https://zoom.us/j/99,-1,
Tue 17/03/2027 10-11,Zeta,X,Hybrid,lots,
CANCELLED 18/03/2027 10-11,Eta,X,Zoom,,
18/03/2027 2pm - 3pm,Theta (postponed),X,Zoom,,
"""


def test_date_and_hours_may_share_a_column() -> None:
    schedule = read(A_WEEK_IN_ONE_WHEN_COLUMN)
    assert [(*brief(row), row.venue) for row in schedule.sessions] == [
        (2, "15 Mar 09:30-10:30", "in_person", "Alpha", "Council House"),
    ]
    assert [(problem.row, problem.column) for problem in schedule.errors] == [
        (3, "Spaces"),
        (4, "When"),
        (5, "When"),
        (6, "When"),
        (6, "Spaces"),
        (7, "When"),
        (7, "Spaces"),
    ]
    assert schedule.warnings[0] == Problem(1, None, "These columns are not read: “Cost”.")
    assert schedule.warnings[-2:] == (
        Problem(8, "Event", "This row is left out, because it says that it is cancelled or postponed."),
        Problem(9, "Event", "This row is left out, because it says that it is cancelled or postponed."),
    )


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


A_WEEK_WITH_NOTES_UNDER_ITS_TITLES = """
Session,Lead,Time,Places
Day 1 - Monday 11 October 2027,,,
Opening,Jo Bell,9.30-10am,20
Forgotten,,,
Day 2 - Tuesday 12 October 2027,,,
Closing,Jo Bell,9.30-10am,20
Total places:,,,40
For queries contact week@example.org,,,
* Bring lunch,,,
"""


def test_numbered_days_are_headings_and_notes_and_totals_are_left_out() -> None:
    schedule = read(A_WEEK_WITH_NOTES_UNDER_ITS_TITLES)
    assert [brief(row)[:2] for row in schedule.sessions] == [(3, "11 Oct 08:30-09:00"), (6, "12 Oct 08:30-09:00")]
    assert [problem.row for problem in schedule.errors] == [4]
    assert [(problem.row, problem.message) for problem in schedule.warnings] == [
        (7, "This row is left out, because it holds nothing but “Total places:”."),
        (8, "This row is left out, because it holds nothing but “For queries contact week@example.org”."),
        (9, "This row is left out, because it holds nothing but “* Bring lunch”."),
    ]


TWO_WEEKS_OF_WEEKDAYS = """
Session,Time
Week commencing 7 June 2027,
MONDAY,
A,9am-10am
THURSDAY,
B,2-3.30pm
w/c 14 June,
MONDAY,
C,10:00 to 11:00
"""


def test_weekdays_count_from_the_week_that_is_announced_above_them() -> None:
    schedule = read(TWO_WEEKS_OF_WEEKDAYS)
    assert schedule.errors == ()
    assert [brief(row)[:2] for row in schedule.sessions] == [
        (4, "07 Jun 08:00-09:00"),
        (6, "10 Jun 13:00-14:30"),
        (9, "14 Jun 09:00-10:00"),
    ]


def test_a_column_of_weekdays_tells_the_year() -> None:
    schedule = read("Day,Date,Time,Title\nWed,3 Nov,9-10am,A\nThu,4 Nov,9-10am,B")
    assert [f"{row.starts_at:%d %b %Y}" for row in schedule.sessions] == ["03 Nov 2027", "04 Nov 2027"]
    assert [problem.message for problem in schedule.warnings] == [
        "No date in this file has a year. From their weekdays they are read as dates of 2027."
    ]


def test_the_answers_of_an_online_form_are_read_without_the_form_s_own_columns() -> None:
    header = (
        *("ID", "Start time", "Completion time", "Email", "Name", "Title of your session", "Proposed date", "Session start time"),
        *("Session end time", "Who will be facilitating?", "Teams or Zoom?", "How many places?", "Who is the session for?"),
    )
    sent = (1.0, datetime(2026, 10, 1, 9, 12), datetime(2026, 10, 1, 9, 20), "a@example.org", "Ann Other")  # noqa: DTZ001 - a cell has no zone
    row = (*sent, "Chairing", date(2027, 5, 17), "10:00", "11:30", "Bo Fox", "Teams", 50.0, "Chairs")
    schedule = read_schedule(Sheet("answers.xlsx", (header, row)), today=TODAY)
    assert schedule.errors == ()
    assert [(*brief(row), row.presenter, row.places, row.audience, row.reference) for row in schedule.sessions] == [
        (2, "17 May 09:00-10:30", "teams", "Chairing", "Bo Fox", 50, "Chairs", None)
    ]


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


def test_real_dates_and_times_and_serial_numbers_are_read() -> None:
    header = ("Date", "Start", "Finish", "Duration", "Title", "Private")
    rows = (
        header,
        (date(2027, 3, 15), time(9, 30), time(10, 15), None, "A", True),
        (datetime(2027, 6, 15, 0, 0), datetime(1899, 12, 31, 14, 0), None, 1.5, "B", "No"),  # noqa: DTZ001 - a cell has no zone
        (46461.0, 0.5, 0.5625, None, "C", None),
        (datetime(2027, 3, 15, 10, 0), None, None, time(1, 0), "D", None),  # noqa: DTZ001 - a cell has no zone
    )
    schedule = read_schedule(Sheet("week.xlsx", rows), today=TODAY)
    assert schedule.errors == ()
    assert [(brief(row)[1], row.private, row.private_given) for row in schedule.sessions] == [
        ("15 Mar 09:30-10:15", True, True),
        ("15 Jun 13:00-14:30", False, True),
        ("15 Mar 12:00-13:30", False, False),
        ("15 Mar 10:00-11:00", False, False),
    ]


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


def test_a_theme_that_is_a_topic_goes_into_the_description() -> None:
    schedule = read("Date,Time,Theme,Title\n15/03/2027,9-10am,Neglect,A\n15/03/2027,10-11am,Trauma (Online),B")
    assert [(row.organisation, row.description, row.format) for row in schedule.sessions] == [
        (None, "Theme: Neglect", "unknown"),
        (None, "Theme: Trauma", "online"),
    ]


def test_headings_in_two_rows_are_read_together() -> None:
    schedule = read("Date,Time,,Title\n,Start,End,\n15/03/2027,9.30,10.30,Welcome")
    assert [brief(row) for row in schedule.sessions] == [(3, "15 Mar 09:30-10:30", "unknown", "Welcome")]


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
