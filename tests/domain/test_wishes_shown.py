"""A wish that nobody has made their own: their own page asks about it, and chat, lists and reports do not know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from domain.askers import ByLink
from domain.booked import who_is_booked
from domain.bookings import Came
from domain.browsing import SessionPage, my_bookings, session_page
from domain.database import Db
from domain.exports import export
from domain.kinds import Export
from domain.models import BookingState, Hold, Programme, Session
from domain.needs.lists import needs_list
from domain.own_page import OwnBooking, own_bookings
from domain.queries import session_view
from domain.reports.programme import programme_report
from domain.schedule.standing import standing as on_schedule
from domain.series.views import SeriesPage, SeriesStanding, my_series, series_desk, series_page
from tests.building import ACTOR, Building
from tests.domain.wish_building import ACCOUNT, full, typed
from tests.series_building import run_of
from tests.visiting_building import wish, wish_series

CONFIRMED, HELD, WAITS = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED


# ── to who may have asked ───────────────────────────────────────────────────────────────────────────────────


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


def test_who_books_is_asked_about_no_clash_with_what_a_page_holds(building: Building) -> None:
    wanted, known = building.session(), building.person(7)
    wish(building, building.session(title="A stranger's idea"), 7)
    assert building.book(wanted, known).came is Came.CONFIRMED
    shown: Sequence[OwnBooking] = building.read(_own, building, known)
    assert [(one.page.session.title, one.clashes) for one in shown] == [("Strengths", ()), ("A stranger's idea", ("Strengths",))]


def _own(db: Db, building: Building, person_id: int) -> tuple[OwnBooking, ...]:
    return own_bookings(db, building.partnership_id, person_id, building.rules, now=building.now)


# ── to everybody else ───────────────────────────────────────────────────────────────────────────────────────


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
