"""Somebody asks themselves for what a stranger may have typed in their name: they are treated as if nobody had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.askers import ByLink
from domain.booked import who_is_booked
from domain.bookings import Came
from domain.browsing import SessionPage, my_bookings, session_page
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.exports import export
from domain.kinds import Export, Format, Mode
from domain.models import Booking, BookingState, Hold, Needs, Programme, Session
from domain.needs.lists import needs_list
from domain.own_page import OwnBooking, own_bookings
from domain.queries import session_view
from domain.reports.programme import programme_report
from domain.saying_yes import say_yes
from domain.schedule.standing import standing as on_schedule
from domain.series.views import SeriesPage, SeriesStanding, my_series, series_desk, series_page
from domain.timekeeping import keep_time
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import TakenOver, take_over
from domain.visiting import FilledIn, ask, ask_series
from domain.ways import change_way
from tests.building import ACTOR, CODE, Building, rows
from tests.series_building import DAYS, run_of
from tests.visiting_building import filled_in_for, press, prove_token, wish, wish_series

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED
#: the Discord account of person 7
ACCOUNT = 7


def standing(building: Building, session_id: int, person_id: int) -> tuple[BookingState, bool]:
    """The state of their claim, and whether it is but a wish from a page."""
    mine = building.booking(session_id, person_id)
    return mine.state, mine.wished


def tick(building: Building) -> None:
    building.write(keep_time, building.rules, now=building.now)


def typed(building: Building, session_id: int, number: int, **other: Any) -> str:
    """A wish from a page, in detail; the token of the mail's link."""
    said: FilledIn = replace(filled_in_for(number), **other)
    building.write(ask, building.partnership_id, session_id, said, building.rules, now=building.now)
    return prove_token(building)


def full(building: Building, **other: Any) -> tuple[int, int]:
    """A session whose one place is somebody's, and that person."""
    session, has = building.session(places=1, **other), building.person(1)
    assert building.book(session, has).came is Came.CONFIRMED
    return session, has


def hybrid(building: Building, *, places: int = 5, online_places: int = 5) -> int:
    return building.session(format=Format.HYBRID, venue="Hall", places=places, online_places=online_places)


def yes(building: Building, session_id: int, person_id: int) -> None:
    building.write(say_yes, building.partnership_id, session_id, person_id, building.rules, now=building.now)


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


def test_who_books_is_asked_about_no_clash_with_what_a_page_holds(building: Building) -> None:
    wanted, known = building.session(), building.person(7)
    wish(building, building.session(title="A stranger's idea"), 7)
    assert building.book(wanted, known).came is Came.CONFIRMED
    shown: Sequence[OwnBooking] = building.read(_own, building, known)
    assert [(one.page.session.title, one.clashes) for one in shown] == [("Strengths", ()), ("A stranger's idea", ("Strengths",))]


def _own(db: Db, building: Building, person_id: int) -> tuple[OwnBooking, ...]:
    return own_bookings(db, building.partnership_id, person_id, building.rules, now=building.now)


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


# ── series ──────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("waits", [True, False])
def test_in_chat_a_wish_is_no_claim_and_on_ones_own_page_it_asks(building: Building, waits: bool) -> None:
    session = full(building)[0] if waits else building.session(places=1)
    known = building.person(7)
    wish(building, session, 7)
    where = building.partnership_id
    in_chat: SessionPage = building.read(session_page, where, session, ACCOUNT, now=building.now)
    assert (in_chat.mine, building.read(my_bookings, where, ACCOUNT, now=building.now)) == (None, ())
    (by_link,) = building.read(my_bookings, where, ByLink(known), now=building.now)
    shown = by_link.mine
    assert (shown.state, shown.wished, shown.position, shown.held_until is None) == (WAITS if waits else HELD, True, None, waits)
    (own,) = building.read(_own, building, known)
    assert (own.asks_yes, own.other_way, own.asks_needs) == (True, None, not waits)


def test_in_chat_a_series_wish_is_no_claim(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    where = building.partnership_id
    page: SeriesPage = building.read(series_page, where, run.id, ACCOUNT, now=building.now)
    part: SessionPage = building.read(session_page, where, run.parts[0], ACCOUNT, now=building.now)
    assert part.part is not None
    assert (page.mine, [one.owned for one, _ in page.parts], part.mine, part.part.owned) == (None, [False] * 3, None, False)
    assert building.read(my_series, where, ACCOUNT) == ()
    held = run.whole(known).held_until
    assert building.read(my_series, where, ByLink(known)) == ((run.id, page.title, SeriesStanding(HELD, Hold.PROOF, held)),)


def test_nobody_counts_or_lists_a_wish_that_waits(building: Building) -> None:
    """Not the card that everybody sees, nor the schedule, the export, nor the organisers' lists."""
    session, _ = full(building)
    building.person(7)
    typed(building, session, 7, needs={"access": "A stranger's words"})
    waits = building.person(8)
    building.book(session, waits)
    card = building.read(lambda db: session_view(db, db.get_one(Session, session)))
    assert [(one.taken, one.waiting) for one in card.places] == [(1, 1)]
    line = building.read(lambda db: on_schedule(db, db.get_one(Programme, building.programme_id)))[-1]
    assert (line.confirmed, line.held, line.waiting, line.bookings) == (1, 0, 1, 2)
    listed = building.write(who_is_booked, building.partnership_id, session, actor=ACTOR, now=building.now)
    assert [(one.name, one.state) for one in listed] == [("Person 1", CONFIRMED), ("Person 8", WAITS)]
    told = building.write(needs_list, building.partnership_id, session, actor=ACTOR, now=building.now)
    assert told.lines == ()
    sheet = building.write(_export, building).pages[0]
    assert [(row[5], row[9]) for row in sheet.rows] == [("Person 1", "Booked"), ("Person 8", "Waiting")]


def _export(db: Db, building: Building) -> Any:
    where = building.partnership_id, building.programme_id
    return export(db, *where, Export.BOOKINGS, building.rules, sees_private=True, actor=ACTOR, now=building.now)


def test_a_wish_that_waited_is_in_no_figure_of_the_report(building: Building) -> None:
    session, _ = full(building)
    wish(building, session, 7)
    report = building.read(programme_report, building.partnership_id, building.programme_id, building.rules, now=building.now)
    assert [(one.tally.confirmed, one.tally.waiting) for one in report.sessions if one.tally.confirmed] == [(1, 0)]


def test_organisers_of_a_series_see_no_wish_that_waits(building: Building) -> None:
    run = run_of(building, places=1)
    run.book(building.person(1))
    building.person(7)
    wish_series(building, run.id, 7)
    desk = building.write(series_desk, building.partnership_id, run.id, actor=ACTOR, now=building.now)
    assert [(one.name, one.state) for one in desk.people] == [("Person 1", CONFIRMED)]


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
