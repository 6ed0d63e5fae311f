"""Who accepted a clash is asked anew where a move, or two who become one, brings another: a place is offered then, not given."""

from __future__ import annotations

from datetime import timedelta

from domain.database import Db
from domain.merging import merge
from domain.models import Booking, BookingState, Hold, Person
from domain.undoing import undo
from tests.building import ACTOR, START, Building, rows
from tests.series_building import run_of
from tests.visiting_building import wish

LATER = START + timedelta(days=1)


def waiting_beside(building: Building, ann: int) -> tuple[int, int]:
    """A full session for which Ann waits, though it clashes with what she has; and who has its only place."""
    wanted, first = building.session(title="Wanted", places=1), building.person(9)
    building.book(wanted, first)
    building.book(building.session(title="Kept"), ann)
    building.book(wanted, ann, accept_clash=True)
    assert building.booking(wanted, ann).clash_accepted
    return wanted, first


def came(building: Building, session: int, person: int) -> tuple[BookingState, Hold | None]:
    booking = building.booking(session, person)
    return booking.state, booking.hold


def test_a_session_that_is_moved_beside_one_that_somebody_waits_for_is_asked_about(building: Building) -> None:
    ann = building.person(1)
    wanted, first = waiting_beside(building, ann)
    moved = building.session(title="Moved", starts_at=LATER)
    building.book(moved, ann)
    building.change(moved, starts_at=START, ends_at=START + timedelta(hours=1))
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.HELD, Hold.OFFER)


def test_who_waits_for_a_session_that_is_moved_beside_a_place_of_theirs_is_asked_about_it(building: Building) -> None:
    ann = building.person(1)
    wanted, first = waiting_beside(building, ann)
    building.book(building.session(title="Other", starts_at=LATER), ann)
    building.change(wanted, starts_at=LATER, ends_at=LATER + timedelta(hours=1))
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.HELD, Hold.OFFER)


def test_a_change_that_moves_nothing_asks_nobody_again(building: Building) -> None:
    ann = building.person(1)
    wanted, first = waiting_beside(building, ann)
    building.change(wanted, title="Wanted by many")
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.CONFIRMED, None)


def test_what_a_stranger_typed_on_a_session_that_is_moved_asks_nobody_again(building: Building) -> None:
    ann = building.person(1)
    wanted, first = waiting_beside(building, ann)
    moved = building.session(title="Moved", starts_at=LATER)
    wish(building, moved, 1)
    building.change(moved, starts_at=START, ends_at=START + timedelta(hours=1))
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.CONFIRMED, None)


def test_an_undo_that_moves_a_session_back_asks_as_well(building: Building) -> None:
    ann = building.person(1)
    moved = building.session(title="Moved")
    building.book(moved, ann)
    undo_id = building.change(moved, starts_at=LATER, ends_at=LATER + timedelta(hours=1)).undo_id
    assert undo_id is not None
    wanted, first = waiting_beside(building, ann)
    building.write(undo, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.HELD, Hold.OFFER)


def test_of_a_series_it_is_the_same(building: Building) -> None:
    run, ann, first = run_of(building, places=1), building.person(1), building.person(9)
    run.book(first)
    building.book(building.session(title="Kept"), ann)
    run.book(ann, accept_clash=True)
    assert run.whole(ann).clash_accepted
    moved = building.session(title="Moved", starts_at=START + timedelta(days=40))
    building.book(moved, ann)
    building.change(moved, starts_at=START, ends_at=START + timedelta(hours=1))
    assert not run.whole(ann).clash_accepted


def _becomes_one(db: Db, stays: int, goes: int, *, building: Building) -> None:
    merge(db, db.get_one(Person, stays), db.get_one(Person, goes), now=building.now)


def _of_the_pages(db: Db, person_id: int) -> None:
    person = db.get_one(Person, person_id)
    person.discord_id = None
    db.add(person)


def test_what_one_of_two_accepted_says_nothing_of_what_the_other_has(building: Building) -> None:
    ann, by_page = building.person(1), building.person(2)
    wanted, first = waiting_beside(building, ann)
    building.write(_of_the_pages, by_page)
    building.book(building.session(title="By page"), by_page)
    building.write(_becomes_one, ann, by_page, building=building)
    assert [one.person_id for one in building.read(rows, Booking, Booking.person_id == by_page)] == []
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.HELD, Hold.OFFER)


def test_two_who_become_one_are_asked_nothing_again_where_the_other_has_nothing_then(building: Building) -> None:
    ann, by_page = building.person(1), building.person(2)
    wanted, first = waiting_beside(building, ann)
    building.write(_of_the_pages, by_page)
    building.book(building.session(title="By page", starts_at=LATER), by_page)
    building.write(_becomes_one, ann, by_page, building=building)
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.CONFIRMED, None)


def test_it_is_the_same_of_what_the_one_who_goes_waits_for(building: Building) -> None:
    ann, by_page = building.person(1), building.person(2)
    wanted, first = waiting_beside(building, by_page)
    building.write(_of_the_pages, by_page)
    building.book(building.session(title="In chat"), ann)
    building.write(_becomes_one, ann, by_page, building=building)
    building.cancel(wanted, first)
    assert came(building, wanted, ann) == (BookingState.HELD, Hold.OFFER)
