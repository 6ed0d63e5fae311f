"""Who proves a place by a link is asked first where they have another at that time, and nobody else is told that they have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.bookings import Came
from domain.capacity import Clash
from domain.models import BookingState, EmailProof
from domain.proving import Proved, prove_by_link, wished_for
from tests.building import START, Building, rows
from tests.private_building import NEUTRAL, SECRET, made_code, private_session
from tests.series_building import DAYS, run_of
from tests.visiting_building import by_page, press, wish, wish_series

CONFIRMED, HELD = BookingState.CONFIRMED, BookingState.HELD


def accept(building: Building, token: str) -> Proved:
    """Press the button that says: this as well."""
    rules = {building.partnership_id: building.rules}
    proved: Proved = building.write(prove_by_link, (building.partnership_id,), token, rules, now=building.now, accept_clash=True)
    return proved


def shown(building: Building, token: str) -> tuple[Clash, ...]:
    """What the page of the link says that they have at that time."""
    rules = {building.partnership_id: building.rules}
    clashes: tuple[Clash, ...] = building.read(wished_for, (building.partnership_id,), token, rules, now=building.now).clashes
    return clashes


def elsewhere(building: Building, known: int, **other: Any) -> tuple[int, Clash]:
    """A session at the same hour on which person `known` has a place, and how it is named."""
    session = building.session(title="Elsewhere", **other)
    building.book(session, known)
    return session, Clash(session, "Elsewhere", START, START + timedelta(minutes=45), "Europe/London")


def test_a_clash_is_asked_about_before_anything_is_done(building: Building) -> None:
    known, session = building.person(7), building.session(places=1)
    has, clash = elsewhere(building, known)
    token = wish(building, session, 7)
    assert shown(building, token) == (clash,)
    proved = press(building, token)
    assert (proved.booked, proved.clashes) == (None, (clash,))
    (proof,) = building.read(rows, EmailProof)
    mine = building.booking(session, known)
    assert (proof.done_at, mine.state, mine.wished) == (None, HELD, True)
    booked = accept(building, token).booked
    assert booked is not None
    assert (booked.came, building.booking(session, known).clash_accepted) == (Came.CONFIRMED, True)
    assert building.booking(has, known).state is CONFIRMED


def test_once_it_is_said_nobody_is_asked_again(building: Building) -> None:
    known, session = building.person(7), building.session()
    elsewhere(building, known)
    token = wish(building, session, 7)
    accept(building, token)
    assert (shown(building, token), press(building, token).clashes) == ((), ())


def test_where_it_would_wait_it_is_asked_about_too(building: Building) -> None:
    known, session = building.person(7), building.session(places=1)
    building.book(session, building.person(1))
    _, clash = elsewhere(building, known)
    token = wish(building, session, 7)
    assert press(building, token).clashes == (clash,)
    booked = accept(building, token).booked
    assert booked is not None
    assert (booked.came, booked.position) == (Came.WAITLISTED, 1)


def test_what_was_only_wished_for_is_no_clash(building: Building) -> None:
    building.person(7)
    other, session = building.session(title="Elsewhere"), building.session()
    wish(building, other, 7)
    assert press(building, wish(building, session, 7)).clashes == ()


def test_somebody_new_is_asked_nothing(building: Building) -> None:
    session = building.session()
    token = by_page(building, session)
    assert shown(building, token) == ()
    booked = press(building, token).booked
    assert booked is not None
    assert booked.came is Came.CONFIRMED


def test_who_has_the_place_already_is_asked_nothing(building: Building) -> None:
    known, session = building.person(7), building.session()
    elsewhere(building, known)
    building.book(session, known, accept_clash=True)
    token = wish(building, session, 7)
    assert (shown(building, token), press(building, token).clashes) == ((), ())


def test_what_is_over_by_then_is_not_asked_about(building: Building) -> None:
    known, session = building.person(7), building.session()
    elsewhere(building, known)
    token = wish(building, session, 7)
    building.call_off(session)
    assert shown(building, token) == ()


def test_a_series_is_asked_about_as_a_whole(building: Building) -> None:
    run, known = run_of(building), building.person(7)
    other = building.session(title="Elsewhere", starts_at=DAYS[1], minutes=60)
    building.book(other, known)
    token = wish_series(building, run.id, 7)
    clash = Clash(other, "Elsewhere", DAYS[1], DAYS[1] + timedelta(minutes=60), "Europe/London")
    assert (shown(building, token), press(building, token).clashes) == ((clash,), (clash,))
    assert run.whole(known).wished
    accept(building, token)
    assert run.states(known) == [CONFIRMED] * 4


def test_a_private_place_is_named_by_its_plain_title(building: Building) -> None:
    private, session = private_session(building), building.session()
    seven = press(building, by_page(building, private, code=made_code(building).code)).person_id
    token = by_page(building, session)
    assert [(one.session_id, one.title) for one in shown(building, token)] == [(private, NEUTRAL)]
    assert SECRET not in str(press(building, token).clashes)
    assert building.booking(session, seven).wished


# ── pressed before ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("clashing", [True, False])
def test_a_link_that_was_pressed_in_vain_books_no_newer_wish(building: Building, clashing: bool) -> None:
    """Somebody typed their address again meanwhile. That mail asks them, and nothing else does."""
    known, other, session = building.person(7), building.person(1), building.session(places=1)
    building.book(session, other)
    building.now = START - building.rules.cutoff - timedelta(hours=1)
    old = wish(building, session, 7)
    building.now = START - building.rules.cutoff / 2
    assert press(building, old).over
    building.cancel(session, other)
    if clashing:
        elsewhere(building, known)
    new = wish(building, session, 7)
    again = press(building, old)
    mine = building.booking(session, known)
    assert (again.booked, again.clashes, again.over, mine.state, mine.wished) == (None, (), False, HELD, True)
    assert bool(press(building, new).clashes) is clashing
    accept(building, new)
    assert building.booking(session, known).state is CONFIRMED


def test_a_link_that_was_pressed_in_vain_books_no_newer_wish_for_a_series(building: Building) -> None:
    known, run = building.person(7), run_of(building, places=1)
    other = building.person(1)
    run.book(other)
    building.now = DAYS[0] - building.rules.cutoff - timedelta(hours=1)
    old = wish_series(building, run.id, 7)
    building.now = DAYS[0] - building.rules.cutoff / 2
    assert press(building, old).over
    run.cancel(other)
    wish_series(building, run.id, 7)
    press(building, old)
    assert (run.whole(known).wished, run.states(known)) == (True, [HELD] * 4)
