"""Whatever people and organisers do with a series, somebody has all of its parts or none, and no part has too many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import places
from domain.errors import Refusal
from domain.models import Booking, BookingState, Series, SeriesBooking, Session
from tests.building import Building, rows
from tests.series_building import run_of

HELD, CONFIRMED, WAITING = BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED


def check(building: Building, run: Any) -> None:
    """No part has more people than places, and every part of a claim is like the claim."""
    bookings = building.read(rows, Booking)
    sessions = {one.id: one for one in building.read(rows, Session)}
    for part in run.parts:
        there = [one for one in bookings if one.session_id == part and one.state in (HELD, CONFIRMED)]
        assert len(there) <= (sessions[part].places or 0)
    for whole in building.read(rows, SeriesBooking):
        live = [part for part in run.parts if sessions[part].state == "published"]
        states = {one.state for one in bookings if one.person_id == whole.person_id and one.session_id in live}
        assert states == {whole.state}


def test_forty_people_at_once_for_three_places(building: Building) -> None:
    run = run_of(building, places=3)
    people = [building.person(number) for number in range(1, 41)]
    with ThreadPoolExecutor(16) as pool:
        came = [one.state for one in pool.map(run.book, people)]
        assert (came.count(CONFIRMED), came.count(WAITING)) == (3, 37)
        check(building, run)
        list(pool.map(run.cancel, people[:20]))
    check(building, run)
    assert sum(one.state is CONFIRMED for one in building.read(rows, SeriesBooking)) == 3


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["book", "cancel"]), st.integers(0, 4)),
        st.tuples(st.just("places"), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("call off"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(1, 20)),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_people_and_organisers_do_it_stays_all_or_none(building: Building, acts: list[tuple[Any, ...]]) -> None:
    building.now = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    run = run_of(building, f"Run {len(building.read(rows, Series))} of many", places=1)
    people = [building.person(number) for number in _fresh(building)]
    for name, *what in acts:
        try:
            if name == "book":
                run.book(people[what[0]], accept_clash=what[0] % 2 == 0)
            elif name == "cancel":
                run.cancel(people[what[0]])
            elif name == "places" and not _over(building, run.parts[what[0]], what[1]):
                building.change(run.parts[what[0]], places=what[1])
            elif name == "call off":
                building.call_off(run.parts[what[0]])
            elif name == "wait":
                building.later(hours=what[0])
                building.write(places.lapse_holds, building.rules, now=building.now)
        except Refusal:
            pass
        mine = {one.id for one in building.read(rows, SeriesBooking, SeriesBooking.series_id == run.id)}
        for whole in building.read(rows, SeriesBooking, SeriesBooking.series_id == run.id):
            live = [one.id for one in building.read(rows, Session, Session.series_id == run.id) if one.state == "published"]
            states = {one.state for one in building.read(rows, Booking, Booking.series_booking_id == whole.id) if one.session_id in live}
            assert states <= {whole.state}
        assert len(mine) <= 5


def _fresh(building: Building) -> range:
    first = 1000 + 10 * len(building.read(rows, Series))
    return range(first, first + 5)


def _over(building: Building, session_id: int, places_: int) -> bool:
    there = [one for one in building.read(rows, Booking, Booking.session_id == session_id) if one.state in (HELD, CONFIRMED)]
    return len(there) > places_
