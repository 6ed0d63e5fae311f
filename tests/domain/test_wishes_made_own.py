"""Somebody asks themselves for what a stranger may have typed in their name: they are treated as if nobody had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Came
from domain.errors import NotFound
from domain.kinds import Format, Mode
from domain.models import BookingState, Hold, Needs
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import TakenOver, take_over
from domain.ways import change_way
from tests.building import CODE, Building, rows
from tests.domain.wish_building import ACCOUNT, full, standing, tick, typed, yes
from tests.visiting_building import press, wish

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED


def hybrid(building: Building, *, places: int = 5, online_places: int = 5) -> int:
    return building.session(format=Format.HYBRID, venue="Hall", places=places, online_places=online_places)


# ── a clash is asked about ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("waits", [True, False])
def test_a_clash_that_is_not_accepted_leaves_the_wish_a_wish(building: Building, waits: bool) -> None:
    session, has = full(building)
    known, theirs = building.person(7), building.session(title="Theirs")
    building.book(theirs, known)
    if not waits:
        building.cancel(session, has)
    wish(building, session, 7)
    before = building.booking(session, known)
    said = building.book(session, known)
    assert (said.came, [one.title for one in said.clashes]) == (Came.CLASH, ["Theirs"])
    assert building.booking(session, known) == before
    building.change(session, places=4)
    assert standing(building, session, known) == (WAITS if waits else HELD, True)


def test_a_clash_that_they_accept_is_their_own_booking(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    building.book(building.session(title="Theirs"), known)
    wish(building, session, 7)
    assert building.book(session, known, accept_clash=True).came is Came.WAITLISTED
    building.cancel(session, has)
    assert standing(building, session, known) == (CONFIRMED, False)


def test_a_page_accepts_no_clash_for_who_asks_without_one(building: Building) -> None:
    """They have nothing else when they ask, and book something else while they wait."""
    session, has = full(building)
    known = building.person(7)
    wish(building, session, 7)
    assert building.book(session, known).came is Came.WAITLISTED
    building.book(building.session(title="Theirs"), known)
    building.cancel(session, has)
    mine = building.booking(session, known)
    assert (mine.state, mine.hold, mine.clash_accepted) == (HELD, Hold.OFFER, False)


def test_what_a_page_holds_is_nobodys_clash(building: Building) -> None:
    session, has = full(building)
    waits = building.person(7)
    building.book(session, waits)
    wish(building, building.session(title="A stranger's idea"), 7)
    assert building.book(building.session(title="Theirs"), building.person(8)).came is Came.CONFIRMED
    building.cancel(session, has)
    assert standing(building, session, waits) == (CONFIRMED, False)


# ── their own way, name, needs and hour ─────────────────────────────────────────────────────────────────────


def test_they_take_part_as_they_say_and_the_place_that_a_page_held_goes_on(building: Building) -> None:
    session = hybrid(building, places=1, online_places=1)
    known, waits = building.person(7), building.person(8)
    typed(building, session, 7, mode=Mode.ROOM)
    building.book(session, waits, mode=Mode.ROOM)
    assert building.book(session, known, mode=Mode.ONLINE).came is Came.CONFIRMED
    assert [building.booking(session, one).mode for one in (known, waits)] == [Mode.ONLINE, Mode.ROOM]
    assert [standing(building, session, one) for one in (known, waits)] == [(CONFIRMED, False), (CONFIRMED, False)]


def test_who_asks_for_the_other_way_is_last_in_its_line(building: Building) -> None:
    session = hybrid(building, places=1, online_places=1)
    known, first = building.person(7), building.person(2)
    building.book(session, building.person(1), mode=Mode.ONLINE)
    typed(building, session, 7, mode=Mode.ROOM)
    building.book(session, first, mode=Mode.ONLINE)
    said = building.book(session, known, mode=Mode.ONLINE)
    assert (said.came, said.position, building.booking(session, first).queue_number) == (Came.WAITLISTED, 2, 3)
    assert building.book(session, building.person(3), mode=Mode.ROOM).came is Came.CONFIRMED  # nothing is held there any more


def test_who_asks_the_same_way_keeps_their_number_among_two_in_line(building: Building) -> None:
    session, has = full(building)
    known, later = building.person(7), building.person(8)
    wish(building, session, 7)
    building.book(session, later)
    assert building.book(session, known).position == 1
    building.cancel(session, has)
    assert [standing(building, session, one) for one in (known, later)] == [(CONFIRMED, False), (WAITS, False)]


def test_a_page_that_asks_again_writes_over_way_needs_and_hour_but_keeps_number_and_end_of_the_hold(building: Building) -> None:
    session, known = hybrid(building), building.person(7)
    typed(building, session, 7, mode=Mode.ONLINE, needs={"access": "A ramp", "dietary": "No nuts"})
    first = building.booking(session, known)
    building.later(minutes=10)
    token = typed(building, session, 7, mode=Mode.ONLINE, needs={"dietary": "No milk"})
    again = building.booking(session, known)
    assert (again.queue_number, again.held_until, again.asked_at) == (first.queue_number, first.held_until, building.now)
    assert [(one.access, one.dietary) for one in building.read(rows, Needs)] == [("", "No milk")]
    token = typed(building, session, 7, mode=Mode.ROOM)
    assert (building.booking(session, known).mode, building.read(rows, Needs)) == (Mode.ROOM, [])
    press(building, token)
    assert (building.booking(session, known).mode, standing(building, session, known)) == (Mode.ROOM, (CONFIRMED, False))


def test_a_wish_asked_for_again_lasts_as_long_as_the_new_mails_link(building: Building) -> None:
    session, has = full(building)
    known, later = building.person(7), building.person(8)
    wish(building, session, 7)
    building.book(session, later)
    building.deliver()
    building.later(hours=23)
    token = wish(building, session, 7)
    building.later(hours=2)
    tick(building)
    press(building, token)
    building.cancel(session, has)
    assert [standing(building, session, one) for one in (known, later)] == [(CONFIRMED, False), (WAITS, False)]


def test_what_a_stranger_said_they_need_is_gone_when_they_book_themselves(building: Building) -> None:
    session, known = building.session(), building.person(7)
    typed(building, session, 7, needs={"access": "A stranger's words"})
    building.book(session, known)
    assert building.read(rows, Needs) == []


def test_what_they_need_stays_when_they_press_the_link(building: Building) -> None:
    session, known = building.session(), building.person(7)
    press(building, typed(building, session, 7, needs={"access": "A ramp"}))
    assert (standing(building, session, known), [one.access for one in building.read(rows, Needs)]) == ((CONFIRMED, False), ["A ramp"])


def test_a_hold_that_is_over_and_not_yet_ended_is_decided_anew(building: Building) -> None:
    session, known = building.session(places=1), building.person(7)
    wish(building, session, 7)
    building.now += building.rules.hold + timedelta(seconds=5)
    assert building.book(session, known).came is Came.CONFIRMED
    tick(building)
    assert standing(building, session, known) == (CONFIRMED, False)
    assert [key for key in building.owed() if key.startswith("lapsed")] == []


# ── a yes on one's own page ─────────────────────────────────────────────────────────────────────────────────


def test_a_yes_to_a_wish_that_waits_keeps_its_number(building: Building) -> None:
    session, has = full(building)
    known, later = building.person(7), building.person(8)
    wish(building, session, 7)
    building.book(session, later)
    for _ in range(2):
        yes(building, session, known)
    assert standing(building, session, known) == (WAITS, False)
    building.cancel(session, has)
    assert [standing(building, session, one) for one in (known, later)] == [(CONFIRMED, False), (WAITS, False)]


def test_a_yes_to_a_wish_that_waits_has_a_free_place_at_once(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    wish(building, session, 7)
    building.cancel(session, has)
    yes(building, session, known)
    assert standing(building, session, known) == (CONFIRMED, False)


# ── places that change hands ────────────────────────────────────────────────────────────────────────────────


def test_a_wish_stands_in_nobodys_way_who_takes_a_place_over(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    typed(building, session, 7, needs={"access": "A stranger's words"})
    to = "Person 7", "person7@council.gov.uk"
    building.write(hand_over_place, building.partnership_id, session, has, *to, building.rules, now=building.now)
    building.deliver()
    taken = building.write(take_over, building.partnership_id, ACCOUNT, f"1-{CODE}", building.rules, now=building.now)
    assert isinstance(taken, TakenOver)
    assert [standing(building, session, one) for one in (known, has)] == [(CONFIRMED, False), (ENDED, False)]
    assert building.read(rows, Needs) == []


def test_nobody_changes_the_way_of_a_wish(building: Building) -> None:
    session = hybrid(building, places=1)
    building.book(session, building.person(1), mode=Mode.ROOM)
    known = building.person(7)
    typed(building, session, 7, mode=Mode.ROOM)
    with pytest.raises(NotFound):
        building.write(change_way, building.partnership_id, session, known, Mode.ONLINE, building.rules, now=building.now)
