"""A whole series that a stranger may have typed in somebody's name: nobody is promoted by it, and its owner is treated as if nobody had."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Closed
from domain.kinds import Format, Mode
from domain.models import AuditEntry, Booking, BookingState
from domain.saying_yes import say_yes
from domain.visiting import ask_series
from tests.building import START, Building, rows
from tests.domain.wish_building import due_now, lapse, standing, tick, yes
from tests.series_building import DAYS, run_of
from tests.visiting_building import filled_in_for, press, prove_token, wish, wish_series

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED


# ── nobody is promoted by a stranger ────────────────────────────────────────────────────────────────────────


def test_a_strangers_wish_for_a_series_is_not_promoted_and_counts_in_nobodys_position(building: Building) -> None:
    run = run_of(building, places=1)
    has, known, waits = building.person(1), building.person(7), building.person(8)
    run.book(has)
    wish_series(building, run.id, 7)
    assert (run.whole(known).wished, run.states(known)) == (True, [WAITS] * 4)
    assert run.book(waits).position == 1
    run.cancel(has)
    assert (run.states(known), run.states(waits)) == ([WAITS] * 4, [CONFIRMED] * 4)


def test_the_owner_who_presses_the_mails_link_has_a_free_series_at_once(building: Building) -> None:
    run = run_of(building, places=1)
    has, known = building.person(1), building.person(7)
    run.book(has)
    token = wish_series(building, run.id, 7)
    run.cancel(has)
    press(building, token)
    assert (run.whole(known).wished, run.states(known)) == (False, [CONFIRMED] * 4)
    assert {one.wished for one in building.read(rows, Booking, Booking.person_id == known)} == {False}


def test_who_asks_for_the_series_in_chat_makes_the_wish_their_own(building: Building) -> None:
    held, waiting = run_of(building, places=1), run_of(building, "Another course", places=1, days=DAYS[:2])
    known, has = building.person(7), building.person(1)
    waiting.book(has)
    wish_series(building, held.id, 7)
    wish_series(building, waiting.id, 7)
    assert held.states(known) == [HELD] * 4
    held.book(known, accept_clash=True)
    waiting.book(known, accept_clash=True)
    assert (held.whole(known).wished, held.states(known)) == (False, [CONFIRMED] * 4)
    assert (waiting.whole(known).wished, waiting.states(known)) == (False, [WAITS] * 3)
    waiting.cancel(has)
    assert waiting.states(known) == [CONFIRMED] * 3


def test_digits_in_chat_confirm_no_series_that_a_page_holds(building: Building) -> None:
    run, other = run_of(building, places=1), building.session(places=1, starts_at=START + timedelta(days=2))
    press(building, wish(building, other, 7))
    wish_series(building, run.id, 7)
    account = building.newcomer(7)
    building.deliver()
    building.prove(7)
    assert (run.whole(account).wished, run.states(account)) == (True, [HELD] * 4)


def test_a_yes_on_ones_own_page_confirms_the_series_that_a_page_holds(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    building.write(say_yes, building.partnership_id, run.parts[1], known, building.rules, now=building.now)
    assert (run.whole(known).wished, run.states(known)) == (False, [CONFIRMED] * 4)


# ── it ends by itself ───────────────────────────────────────────────────────────────────────────────────────


def test_a_series_wish_ends_silently_after_a_day(building: Building) -> None:
    run = run_of(building, places=1)
    has, known = building.person(1), building.person(7)
    run.book(has)
    wish_series(building, run.id, 7)
    building.deliver()
    before = building.notices()
    building.later(days=1)
    assert "wishes" in due_now(building)
    tick(building)
    assert "wishes" not in due_now(building)
    assert (run.states(known), run.whole(known).wished, building.notices()) == ([ENDED] * 4, False, before)
    lapsed = building.read(rows, AuditEntry, AuditEntry.action == "lapse in series")
    assert [(one.actor, one.series_id) for one in lapsed] == [("clock", run.id)]


def test_a_held_series_of_somebody_known_lapses_without_a_word(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    building.deliver()
    before = building.notices()
    lapse(building)
    assert (run.states(known), building.notices()) == ([ENDED] * 4, before)


@pytest.mark.parametrize("places", [1, 2])
def test_a_strangers_wish_for_a_series_takes_no_single_place_away(building: Building, places: int) -> None:
    """Somebody has one part by itself: when the wish lapses, held or waiting, that place stays theirs."""
    run, known = run_of(building, places=places), building.person(7)
    alone = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), places=2)
    building.book(alone, known)
    run.add(alone)
    if places == 1:
        run.book(building.person(1))
    wish_series(building, run.id, 7)
    building.deliver()
    building.later(days=1)
    tick(building)
    assert (run.whole(known).state, standing(building, alone, known)) == (ENDED, (CONFIRMED, False))


def test_who_waits_for_one_part_alone_waits_on_when_a_strangers_wish_for_the_series_ends(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    alone = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), places=1)
    building.book(alone, building.person(1))
    building.book(alone, known)
    run.add(alone)
    wish_series(building, run.id, 7)
    building.later(days=1)
    tick(building)
    assert (run.whole(known).state, standing(building, alone, known)) == (ENDED, (WAITS, False))


# ── it is made their own ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("waits", [True, False])
def test_a_clash_that_is_not_accepted_leaves_a_series_wish_a_wish(building: Building, waits: bool) -> None:
    run, has, known = run_of(building, places=1), building.person(1), building.person(7)
    if waits:
        run.book(has)
    building.book(building.session(title="Theirs", starts_at=DAYS[0], minutes=180), known)
    wish_series(building, run.id, 7)
    before = run.whole(known), building.read(rows, Booking, Booking.person_id == known)
    assert run.book(known, accept_clash=False).state is None
    assert (run.whole(known), building.read(rows, Booking, Booking.person_id == known)) == before
    assert run.states(known) == [WAITS if waits else HELD] * 4


def test_a_series_that_they_book_themselves_is_decided_anew_and_keeps_their_number(building: Building) -> None:
    run = run_of(building, places=1)
    has, known, later = building.person(1), building.person(7), building.person(8)
    run.book(has)
    wish_series(building, run.id, 7)
    run.book(later)
    said = run.book(known)
    assert (said.state, said.position, said.already, run.whole(known).wished) == (WAITS, 1, False, False)
    run.cancel(has)
    assert (run.states(known), run.states(later)) == ([CONFIRMED] * 4, [WAITS] * 4)


def test_a_held_series_that_they_book_themselves_has_its_places_and_one_message_each(building: Building) -> None:
    run, known, waits = run_of(building, places=1), building.person(7), building.person(8)
    wish_series(building, run.id, 7)
    run.book(waits)
    building.deliver()
    assert run.book(known).state is CONFIRMED
    assert (run.states(known), run.states(waits), run.whole(known).wished) == ([CONFIRMED] * 4, [WAITS] * 4, False)
    assert sorted(letter.kind.value for letter in building.deliver()) == ["invitation"] * 3


def test_a_page_that_asks_for_a_series_again_keeps_its_number_and_the_end_of_its_hold(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    first = run.whole(known)
    building.later(minutes=10)
    press(building, wish_series(building, run.id, 7))
    assert (run.states(known), run.whole(known).queue_number) == ([CONFIRMED] * 4, first.queue_number)


def test_a_series_wish_asked_for_again_lasts_as_long_as_the_new_mails_link(building: Building) -> None:
    run, has, known = run_of(building, places=1), building.person(1), building.person(7)
    run.book(has)
    wish_series(building, run.id, 7)
    building.later(hours=23)
    wish_series(building, run.id, 7)
    building.later(hours=2)
    tick(building)
    assert (run.states(known), run.whole(known).wished) == ([WAITS] * 4, True)


def test_a_series_of_one_part_that_has_begun_is_closed(building: Building) -> None:
    run, known = run_of(building, days=DAYS[:1]), building.person(7)
    building.now = DAYS[0] - timedelta(minutes=5)
    wish_series(building, run.id, 7)
    building.now = DAYS[0] + timedelta(seconds=1)
    with pytest.raises(Closed):
        run.book(known)


def test_a_series_that_does_not_fit_when_the_link_is_pressed_is_waited_for_and_its_places_go_on(building: Building) -> None:
    """They wait for the room of one part by themselves, and a page asked for the series online."""
    run, known, other = run_of(building, places=1), building.person(7), building.person(8)
    alone = hybrid_part(building)
    building.book(alone, building.person(1), mode=Mode.ROOM)
    building.book(alone, known, mode=Mode.ROOM)
    run.add(alone)
    online = replace(filled_in_for(7), mode=Mode.ONLINE)
    building.write(ask_series, building.partnership_id, run.id, online, building.rules, now=building.now)
    token = prove_token(building)
    assert run.book(other, mode=Mode.ONLINE).state is WAITS
    assert (run.states(known), standing(building, alone, known)) == ([HELD] * 4, (WAITS, False))
    press(building, token)
    assert (run.whole(known).wished, run.states(known), standing(building, alone, known)) == (False, [WAITS] * 4, (WAITS, False))
    assert (run.states(other), standing(building, alone, other)) == ([CONFIRMED] * 4, (CONFIRMED, False))


def hybrid_part(building: Building) -> int:
    starts_at = DAYS[-1] + timedelta(days=7)
    return building.session(title="Workshop 4", starts_at=starts_at, format=Format.HYBRID, venue="Hall", places=1, online_places=5)


def test_a_yes_on_ones_own_page_to_a_series_that_waits_makes_it_their_own(building: Building) -> None:
    run, has, known = run_of(building, places=1), building.person(1), building.person(7)
    run.book(has)
    wish_series(building, run.id, 7)
    yes(building, run.parts[1], known)
    assert (run.states(known), run.whole(known).wished) == ([WAITS] * 4, False)
    run.cancel(has)
    assert run.states(known) == [CONFIRMED] * 4
