"""The published programmes, read row by row."""

from __future__ import annotations

from domain.schedule.values import Problem, row_json
from tests.schedule.weeks_to_read import brief, programme


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
