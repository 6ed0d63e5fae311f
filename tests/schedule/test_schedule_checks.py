"""Warnings about a schedule that can be read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.schedule.checks import check_rows
from domain.schedule.values import Problem, ScheduledRow

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
HOLIDAYS = {date(2027, 3, 29): "Easter Monday"}


def row(number: int, start: str, minutes: int = 60, **more: Any) -> ScheduledRow:
    starts_at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    values: dict[str, Any] = {"title": f"Session {number}", **more}
    return ScheduledRow(row=number, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **values)


def warnings(*rows: ScheduledRow) -> tuple[Problem, ...]:
    return check_rows(rows, now=NOW, holidays=HOLIDAYS)


def test_an_hour_of_today_that_has_passed_is_asked_about_and_a_later_one_is_not() -> None:
    words = "9am on Saturday 21 November 2026 has passed already."
    found = warnings(row(2, "2026-11-21T09:00", title="Now"), row(3, "2026-11-21T09:01", title="Soon"))
    assert [one for one in found if one.column == "Time"] == [Problem(2, "Time", words)]


def test_days_that_are_unlikely_are_asked_about() -> None:
    assert warnings(
        row(2, "2027-03-27T10:00"),
        row(3, "2027-03-29T10:00"),
        row(4, "2026-11-20T10:00"),
        row(5, "2027-03-30T01:30"),
        row(6, "2026-11-23T10:00"),
    ) == (
        Problem(2, "Date", "Saturday 27 March 2027 is at a weekend."),
        Problem(3, "Date", "Monday 29 March 2027 is a bank holiday in England (Easter Monday)."),
        Problem(4, "Date", "Friday 20 November 2026 is in the past."),
        Problem(5, "Time", "This starts at 2.30am, in the night. Is that meant?"),
    )


def test_one_presenter_at_two_places_at_once_is_a_clash() -> None:
    first = row(2, "2027-03-15T10:00", presenter="Jo Smith", organisation="Leeds")
    second = row(3, "2027-03-15T10:30", presenter="jo  smith", organisation="leeds")
    assert warnings(second, first) == (
        Problem(
            3, "Presenter", "jo  smith has two sessions at once: this one and row 2 (“Session 2”, 10am to 11am) overlap by 30 minutes."
        ),
    )


def test_a_presenter_among_several_is_found() -> None:
    first = row(2, "2027-03-15T10:00", presenter="Jo Smith and Al Jones")
    assert [problem.row for problem in warnings(first, row(3, "2027-03-15T10:30", presenter="Al Jones"))] == [3]


def test_the_same_label_in_another_organisation_is_another_presenter() -> None:
    first = row(2, "2027-03-15T10:00", presenter="Principal Social Worker", organisation="Leeds")
    assert warnings(first, row(3, "2027-03-15T10:00", presenter="Principal Social Worker", organisation="Kirklees")) == ()


def test_nobody_in_particular_does_not_clash() -> None:
    first = row(2, "2027-03-15T10:00", presenter="TBC", organisation="Leeds", venue="Room 1", format="in_person")
    assert warnings(first, row(3, "2027-03-15T10:00", presenter="TBC", organisation="Leeds", venue="Room 2", format="in_person")) == ()


def test_five_minutes_of_overlap_are_none_and_six_are_one() -> None:
    first = row(2, "2027-03-15T10:00", presenter="Jo Smith")
    assert warnings(first, row(3, "2027-03-15T10:55", presenter="Jo Smith")) == ()
    assert [problem.row for problem in warnings(first, row(3, "2027-03-15T10:54", presenter="Jo Smith"))] == [3]


def test_one_room_used_twice_at_once_is_a_clash_but_not_online() -> None:
    rooms = [
        row(number, "2027-03-15T10:00", venue="Old Library", format=kind, presenter=f"P {number}")
        for number, kind in ((2, "in_person"), (3, "hybrid"), (4, "teams"))
    ]
    assert warnings(*rooms) == (
        Problem(3, "Venue", "Old Library is used twice at once: this one and row 2 (“Session 2”, 10am to 11am) overlap by 60 minutes."),
    )


def test_a_host_alone_is_asked_about_where_neither_presenter_nor_room_is_named() -> None:
    first, second = row(5, "2027-06-21T13:10", 80, organisation="Leeds"), row(6, "2027-06-21T13:00", 120, organisation="Leeds")
    assert warnings(first, second) == (
        Problem(
            6,
            "Organisation",
            "Leeds has two sessions at once: this one and row 5 (“Session 5”, 2.10pm to 3.30pm) overlap by 80 minutes. Is that meant?",
        ),
    )


def test_a_row_that_stands_there_twice_is_said_once() -> None:
    first, second = (row(number, "2027-03-15T10:00", title="Welcome", presenter="Jo Smith", organisation="Leeds") for number in (2, 3))
    assert warnings(first, second) == (
        Problem(3, "Title", "This is the same as row 2: the same title at the same time. Is one of them too many?"),
    )
