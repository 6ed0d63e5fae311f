"""Who waits for a series comes first when the part that was full is in the way no more: called off, taken out, or begun."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain import calling_off
from domain.agenda import next_due
from domain.bookings import Came
from domain.kinds import Kind
from domain.models import Booking, BookingState, Milestone, SeriesBooking
from domain.rules import Rules, RulesBook
from domain.series import parts as series_parts
from domain.timekeeping import due, keep_time
from domain.visiting import ask_series
from tests.building import ACTOR, Building, rows
from tests.series_building import DAYS, Run, run_of
from tests.visiting_building import filled_in_for

CONFIRMED, WAITING, CANCELLED = BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


@pytest.fixture
def bob(building: Building) -> int:
    return building.person(2)


@pytest.fixture
def run(building: Building, bob: int) -> Run:
    """The first part is full, with Ann alone; Bob waits for the whole, of which the rest has one place."""
    first = building.session(title="Workshop 1", starts_at=DAYS[0], minutes=180, places=1)
    building.book(first, building.person(1))
    made = run_of(building, places=1, days=DAYS[1:])
    made.add(first)
    made.parts.insert(0, first)
    assert made.book(bob).state is WAITING
    building.deliver()
    return made


def place(building: Building, titles: dict[int, str | None]) -> None:
    building.write(series_parts.place_sessions, building.partnership_id, titles, building.rules, now=building.now)


def call_off_day(building: Building, day: date | None) -> None:
    where = building.partnership_id
    begun = building.write(calling_off.begin, where, building.programme_id, day, "Snow", actor=ACTOR, now=building.now)
    for session_id in begun.sessions:
        building.write(calling_off.cancel_one, where, begun.announcement_id, session_id, building.rules, now=building.now)
    building.write(calling_off.finish, where, begun.announcement_id, building.rules, now=building.now)


def told(building: Building) -> list[tuple[Kind, str]]:
    """What Bob is sent: its kind and its session."""
    return [(one.kind, one.session.title) for one in building.deliver() if one.session and one.recipient.name == "Person 2"]


@pytest.mark.parametrize("how", ["alone", "its day", "by a file"])
def test_they_have_the_rest_when_the_full_part_goes(building: Building, run: Run, bob: int, how: str) -> None:
    if how == "alone":
        building.call_off(run.parts[0])
    elif how == "its day":
        call_off_day(building, DAYS[0].date())
    else:
        place(building, {run.parts[0]: None})
    assert run.states(bob) == [CONFIRMED, CANCELLED, CONFIRMED, CONFIRMED]
    assert run.book(building.person(3)).state is WAITING
    assert [(kind, title) for kind, title in told(building) if kind is Kind.PROMOTION] == [
        (Kind.PROMOTION, "Workshop 1"),
        (Kind.PROMOTION, "Workshop 2"),
    ]


def test_nobody_is_given_a_place_that_the_same_order_calls_off(building: Building, run: Run, bob: int) -> None:
    call_off_day(building, None)
    assert run.states(bob)[1:] == [CANCELLED] * 3
    assert Kind.PROMOTION not in [kind for kind, _ in told(building)]


def test_a_part_that_begins_is_in_the_way_no_more(building: Building, run: Run, bob: int) -> None:
    building.now = DAYS[0] - timedelta(minutes=1)
    building.write(keep_time, building.rules, now=building.now)
    building.deliver()
    assert building.read(next_due, building.rules, now=building.now) == DAYS[0]
    assert run.states(bob)[0] is WAITING
    building.now = DAYS[0]
    assert "parts begun" in building.read(due, building.rules, now=building.now)
    building.write(keep_time, building.rules, now=building.now)
    assert run.states(bob) == [CONFIRMED, WAITING, CONFIRMED, CONFIRMED]
    assert "parts begun" not in building.read(due, building.rules, now=building.now)
    building.deliver()
    after = building.read(next_due, building.rules, now=building.now)
    assert after is None or after > building.now
    building.write(keep_time, building.rules, now=building.now)
    assert [one.at for one in building.read(rows, Milestone, Milestone.what == "begun")] == [DAYS[0]]


def test_a_part_begins_for_the_partnerships_that_are_kept_alone(building: Building, run: Run, bob: int) -> None:
    building.now = DAYS[0]
    others = RulesBook({building.partnership_id + 1: Rules()})
    building.write(keep_time, others, now=building.now)
    assert run.states(bob)[0] is WAITING
    building.write(keep_time, RulesBook({building.partnership_id: building.rules}), now=building.now)
    assert run.states(bob)[0] is CONFIRMED


def test_who_asks_before_the_clock_has_looked_comes_after_them(building: Building, run: Run, bob: int) -> None:
    building.now = DAYS[0]
    assert run.book(building.person(3)).state is WAITING
    assert run.states(bob) == [CONFIRMED, WAITING, CONFIRMED, CONFIRMED]


def test_who_waits_and_asks_again_then_has_a_place_and_an_invitation(building: Building, run: Run, bob: int) -> None:
    building.now = DAYS[0]
    booked = run.book(bob)
    assert (booked.state, booked.already) == (CONFIRMED, False)
    assert [kind for kind, _ in told(building)] == [Kind.INVITATION, Kind.INVITATION]


def test_one_file_may_call_a_part_off_and_bring_its_new_day(building: Building, run: Run, bob: int) -> None:
    """Were the line given on between the two, the new day would have too few places for it."""
    new = building.session(title="Workshop 1 again", starts_at=DAYS[0] + timedelta(days=7), places=1)
    place(building, {run.parts[0]: None, new: "Practitioner teachers 2027"})
    assert {one.person_id: one.state for one in building.read(rows, SeriesBooking)} == {bob: CONFIRMED}
    assert building.booking(new, bob).state is CONFIRMED
    mine = building.read(rows, Booking, Booking.person_id == bob, Booking.state == CONFIRMED)
    assert [one.session_id for one in mine] == [*run.parts[1:], new]


def test_who_makes_up_a_part_then_comes_after_them(building: Building, run: Run, bob: int) -> None:
    eve = building.person(3)
    missed = run_of(building, "Practitioner teachers 2026", days=tuple(DAYS[0] - timedelta(days=ago) for ago in (3, 2, 1)))
    missed.book(eve)
    building.now = DAYS[0]
    assert building.book(run.parts[1], eve).came is Came.WAITLISTED
    assert run.states(bob) == [CONFIRMED, WAITING, CONFIRMED, CONFIRMED]


def test_who_asks_on_a_page_then_is_not_told_that_a_place_is_kept(building: Building, run: Run, bob: int) -> None:
    building.now = DAYS[0]
    said = building.write(ask_series, building.partnership_id, run.id, filled_in_for(8), building.rules, now=building.now)
    assert said.waits
    assert run.states(bob) == [CONFIRMED, WAITING, CONFIRMED, CONFIRMED]
