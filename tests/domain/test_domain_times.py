"""Wall times and instants, on the nights when they part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import AmbiguousWallTime, BadInput, NonexistentWallTime
from domain.times import before, clock_words, day_of, day_words, hours_words, span_words, to_instant, to_wall, zone_words


def utc(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def wall(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall time has no zone yet


def test_the_hour_that_the_spring_change_skips_does_not_exist() -> None:
    with pytest.raises(NonexistentWallTime) as refused:
        to_instant(wall(2027, 3, 28, 1, 30))
    assert str(refused.value) == "01:30 on 28 March 2027 does not exist: the clocks go forward that night."
    assert isinstance(refused.value, BadInput)


def test_a_choice_does_not_make_a_skipped_hour_exist() -> None:
    with pytest.raises(NonexistentWallTime):
        to_instant(wall(2027, 3, 28, 1, 30), second_time=True)


def test_the_hour_that_comes_twice_is_asked_about() -> None:
    with pytest.raises(AmbiguousWallTime) as refused:
        to_instant(wall(2027, 10, 31, 1, 30))
    assert str(refused.value) == (
        "01:30 on 31 October 2027 comes twice: the clocks go back that night. Say BST for the first or GMT for the second."
    )
    assert to_instant(wall(2027, 10, 31, 1, 30), second_time=False) == utc(2027, 10, 31, 0, 30)
    assert to_instant(wall(2027, 10, 31, 1, 30), second_time=True) == utc(2027, 10, 31, 1, 30)


@pytest.mark.parametrize(
    ("on_the_wall", "instant"),
    [
        (wall(2027, 1, 15, 9, 30), utc(2027, 1, 15, 9, 30)),
        (wall(2027, 7, 15, 9, 30), utc(2027, 7, 15, 8, 30)),
        (wall(2027, 3, 28, 0, 59), utc(2027, 3, 28, 0, 59)),
        (wall(2027, 3, 28, 2, 0), utc(2027, 3, 28, 1, 0)),
        (wall(2027, 10, 31, 0, 59), utc(2027, 10, 30, 23, 59)),
        (wall(2027, 10, 31, 2, 0), utc(2027, 10, 31, 2, 0)),
    ],
)
def test_a_wall_time_is_one_instant_and_comes_back_the_same(on_the_wall: datetime, instant: datetime) -> None:
    assert to_instant(on_the_wall) == instant
    assert to_wall(instant).replace(tzinfo=None) == on_the_wall


def test_a_wall_time_has_no_offset_of_its_own() -> None:
    with pytest.raises(ValueError, match="no offset"):
        to_instant(utc(2027, 1, 15, 9, 30))


@pytest.mark.parametrize(
    ("session", "day_before"),
    [
        (utc(2027, 3, 28, 8, 30), utc(2027, 3, 27, 9, 30)),  # 9.30am BST on the Sunday; 9.30am GMT on the Saturday: 23 hours
        (utc(2027, 3, 29, 8, 30), utc(2027, 3, 28, 8, 30)),
        (utc(2027, 10, 31, 9, 30), utc(2027, 10, 30, 8, 30)),  # 9.30am GMT; 9.30am BST the day before: 25 hours
        (utc(2027, 11, 1, 9, 30), utc(2027, 10, 31, 9, 30)),
        (utc(2027, 3, 29, 0, 30), utc(2027, 3, 28, 1, 30)),  # 1.30am did not exist the day before: an hour on
        (utc(2027, 11, 1, 1, 30), utc(2027, 10, 31, 0, 30)),  # 1.30am came twice: the first
        (utc(2027, 10, 31, 1, 30), utc(2027, 10, 30, 0, 30)),  # the second 1.30am of the night
    ],
)
def test_the_day_before_is_the_same_time_on_the_wall(session: datetime, day_before: datetime) -> None:
    assert before(session, timedelta(hours=24)) == day_before


def test_two_days_before_is_a_wall_time_too() -> None:
    assert before(utc(2027, 3, 29, 8, 30), timedelta(days=2)) == utc(2027, 3, 27, 9, 30)


def test_an_hour_before_is_an_hour_that_passes() -> None:
    assert before(utc(2027, 3, 28, 1, 30), timedelta(hours=1)) == utc(2027, 3, 28, 0, 30)
    assert before(utc(2027, 10, 31, 1, 30), timedelta(hours=1)) == utc(2027, 10, 31, 0, 30)


def test_a_day_is_a_day_where_the_programme_is() -> None:
    late = utc(2027, 7, 5, 23, 15)
    assert (day_of(late), day_of(late, "UTC")) == (date(2027, 7, 6), date(2027, 7, 5))


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [
        (9, 30, "9.30am"),
        (16, 0, "4pm"),
        (12, 0, "12 noon"),
        (0, 0, "midnight"),
        (12, 5, "12.05pm"),
        (0, 45, "12.45am"),
        (23, 59, "11.59pm"),
    ],
)
def test_hours_are_written_as_public_services_write_them(hour: int, minute: int, words: str) -> None:
    assert clock_words(wall(2027, 3, 15, hour, minute)) == words


def test_a_january_session_is_worded_in_greenwich_time() -> None:
    starts, ends = utc(2027, 1, 18, 9, 30), utc(2027, 1, 18, 12, 0)
    assert span_words(starts, ends) == "Monday 18 January 2027, 9.30am to 12 noon"
    assert (hours_words(starts, ends), zone_words(starts)) == ("9.30am to 12 noon", "UK time (GMT)")


def test_a_july_session_is_worded_in_summer_time() -> None:
    starts, ends = utc(2027, 7, 5, 12, 0), utc(2027, 7, 5, 12, 45)
    assert span_words(starts, ends) == "Monday 5 July 2027, 1pm to 1.45pm"
    assert (hours_words(starts, ends), zone_words(starts)) == ("1pm to 1.45pm", "UK time (BST)")


def test_another_zone_is_named_by_its_place() -> None:
    assert zone_words(utc(2027, 7, 5, 12, 0), "America/New_York") == "New York time (EDT)"


def test_a_day_is_written_in_full() -> None:
    assert day_words(date(2027, 3, 1)) == "Monday 1 March 2027"
