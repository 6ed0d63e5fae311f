"""Whole schedules: weeks of quite other shapes."""

from __future__ import annotations

from datetime import date, datetime, time

from domain.ports.files import Sheet
from domain.schedule.reading import read_schedule
from domain.schedule.values import Problem
from tests.schedule.weeks_to_read import TODAY, brief, read


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


def test_a_column_that_says_no_settles_whether_families_come() -> None:
    schedule = read(
        "Date,Time,Title,Private\n15/03/2027,9-10am,Parents A,No\n15/03/2027,9-10am,Parents B,Yes\n15/03/2027,9-10am,Parents C,"
    )
    assert [(row.private, row.proposes_private) for row in schedule.sessions] == [(False, False), (True, False), (False, True)]
    words = "It looks as if families take part: it says “Parents”. Please say whether this session is private."
    assert schedule.warnings == (Problem(4, "Title", words, asks_private=True),)


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


def test_a_theme_that_is_a_topic_goes_into_the_description() -> None:
    schedule = read("Date,Time,Theme,Title\n15/03/2027,9-10am,Neglect,A\n15/03/2027,10-11am,Trauma (Online),B")
    assert [(row.organisation, row.description, row.format) for row in schedule.sessions] == [
        (None, "Theme: Neglect", "unknown"),
        (None, "Theme: Trauma", "online"),
    ]


def test_headings_in_two_rows_are_read_together() -> None:
    schedule = read("Date,Time,,Title\n,Start,End,\n15/03/2027,9.30,10.30,Welcome")
    assert [brief(row) for row in schedule.sessions] == [(3, "15 Mar 09:30-10:30", "unknown", "Welcome")]
