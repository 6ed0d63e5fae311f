"""A series with a private part is offered to nobody: it is in no list, has no page, and is not booked. Who has it keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.askers import ByLink
from domain.choosing import book_series_mine, what_to_book
from domain.errors import NotFound
from domain.models import Booking, BookingState
from domain.series.views import open_series, series_page
from domain.visiting import FilledIn, ask_series
from tests.building import Building, rows
from tests.private_building import make_private
from tests.series_building import DAYS, Run, run_of

TYPED = FilledIn("Ann", "ann@example.org", organisation="Northfield Council")


@pytest.fixture
def run(building: Building) -> Run:
    """A run that is booked by one person; its second part is private since."""
    made = run_of(building)
    made.book(building.person(1))
    building.write(make_private, made.parts[1])
    return made


def offered(building: Building, person: int) -> list[int]:
    """What is offered in chat, and on the page of somebody in none."""
    listed = building.read(open_series, building.partnership_id, now=building.now)
    own = building.read(what_to_book, building.partnership_id, person, building.rules, now=building.now)
    return [*(number for number, _ in listed), *(one.id for one in own.series)]


@pytest.mark.parametrize("held", [False, True])
def test_it_is_offered_and_shown_to_nobody_who_has_it_not(building: Building, run: Run, held: bool) -> None:
    other = run_of(building, "Practitioner teachers 2028")
    if held:
        building.now = DAYS[1] + timedelta(days=1)  # the private part is over
    stranger = building.person(2)
    assert offered(building, stranger) == [other.id, other.id]
    for asker in (2, ByLink(stranger), 999):
        with pytest.raises(NotFound, match="We could not find that series"):
            building.read(series_page, building.partnership_id, run.id, asker, now=building.now)
    assert building.read(series_page, building.partnership_id, other.id, 2, now=building.now).others == ()


def test_it_is_booked_by_nobody_through_any_door(building: Building, run: Run) -> None:
    stranger, where = building.person(2), (building.partnership_id, run.id)
    with pytest.raises(NotFound):
        run.book(stranger)
    with pytest.raises(NotFound):
        building.write(book_series_mine, *where, stranger, building.rules, now=building.now)
    with pytest.raises(NotFound):
        building.write(ask_series, *where, TYPED, building.rules, now=building.now)
    assert [one.person_id for one in building.read(rows, Booking, Booking.person_id == stranger)] == []


def test_who_has_it_sees_it_still_and_may_give_it_back(building: Building, run: Run) -> None:
    page = building.read(series_page, building.partnership_id, run.id, 1, now=building.now)
    assert page.mine is not None
    assert ([view.id for _, view in page.parts], page.mine.state) == ([run.parts[0], run.parts[2]], BookingState.CONFIRMED)
    assert run.cancel(page_owner(building)).was is BookingState.CONFIRMED


def page_owner(building: Building) -> int:
    return int(building.read(rows, Booking)[0].person_id)


def test_a_private_part_that_was_called_off_keeps_nothing_back(building: Building, run: Run) -> None:
    building.call_off(run.parts[1])
    assert offered(building, building.person(2)) == [run.id, run.id]
