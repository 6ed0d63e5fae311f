"""The clock of a rehearsal: it stands still, goes forward when told, and never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.errors import NaiveInstant
from rehearsal.clock import TravellingClock

#: 10am in London on the Sunday of the spring change, an hour later than the same hour of the day before would be
SPRING = datetime(2027, 3, 28, 10, 0, tzinfo=ZoneInfo("Europe/London"))


def test_it_stands_still_until_it_is_told_to_go() -> None:
    clock = TravellingClock(SPRING)
    assert [clock(), clock()] == [datetime(2027, 3, 28, 9, 0, tzinfo=UTC)] * 2
    clock.travel_to(clock() + timedelta(days=7))
    assert clock() == datetime(2027, 4, 4, 9, 0, tzinfo=UTC)


def test_it_tells_utc_whatever_zone_it_is_given() -> None:
    clock = TravellingClock(SPRING - timedelta(days=1))
    assert (clock(), clock().tzinfo) == (datetime(2027, 3, 27, 10, 0, tzinfo=UTC), UTC)
    clock.travel_to(SPRING)  # the same hour on the wall, 23 hours later
    assert (clock(), clock().tzinfo) == (datetime(2027, 3, 28, 9, 0, tzinfo=UTC), UTC)


def test_it_may_stay_where_it_is() -> None:
    clock = TravellingClock(SPRING)
    clock.travel_to(SPRING)
    assert clock() == SPRING


def test_it_never_goes_back() -> None:
    clock = TravellingClock(SPRING)
    with pytest.raises(ValueError, match="cannot travel back from 2027-03-28 09:00:00"):
        clock.travel_to(SPRING - timedelta(microseconds=1))
    assert clock() == SPRING


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        TravellingClock(datetime(2027, 3, 28, 9, 0))  # noqa: DTZ001 - that is the point
    clock = TravellingClock(SPRING)
    with pytest.raises(NaiveInstant):
        clock.travel_to(datetime(2027, 3, 29, 9, 0))  # noqa: DTZ001 - that is the point
