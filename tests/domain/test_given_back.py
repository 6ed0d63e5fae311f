"""An old mail's link books no place that its owner gave back after it was asked for: it only opens their own page."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.database import Db
from domain.given_back import GivenBack, given_back
from domain.merging import merge
from domain.models import BookingState, Person, Session
from domain.places import lapse_holds
from domain.proofs import Proven
from domain.proving import Proved, prove_by_link, wished_for
from domain.series.booking import cancel_series
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import take_over
from tests.building import CODE, Building
from tests.series_building import Run, run_of
from tests.visiting_building import press, wish, wish_series

CANCELLED, CONFIRMED = BookingState.CANCELLED, BookingState.CONFIRMED


def asked_again(building: Building, session: int) -> str:
    """Asked for on the page, a while after anything else."""
    building.later(minutes=5)
    token = wish(building, session, 7)
    building.later(minutes=5)
    return token


def give_back(building: Building, session: int, person: int) -> None:
    building.later(minutes=5)
    building.cancel(session, person)
    building.later(minutes=5)


def shown(building: Building, token: str) -> tuple[bool, GivenBack | None]:
    rules = {building.partnership_id: building.rules}
    wished = building.read(wished_for, (building.partnership_id,), token, rules, now=building.now)
    return wished.has, wished.given_back


def outcome(proved: Proved) -> tuple[object, ...]:
    return proved.booked, proved.over, proved.stands, proved.given_back


GONE = (None, False, None, GivenBack.CANCELLED)


def test_of_two_letters_the_older_books_nothing_once_they_cancelled(building: Building) -> None:
    session = building.session()
    first, second = asked_again(building, session), asked_again(building, session)
    me = press(building, second).person_id
    assert shown(building, first) == (True, None)
    give_back(building, session, me)
    assert [shown(building, token) for token in (first, second)] == [(False, GivenBack.CANCELLED)] * 2
    assert [outcome(press(building, token)) for token in (first, second, first)] == [GONE] * 3
    assert building.booking(session, me).state is CANCELLED


def test_who_had_a_place_asked_again_and_cancelled_has_none_by_that_letter(building: Building) -> None:
    session, me = building.session(), building.person(7)
    building.book(session, me)
    token = asked_again(building, session)
    assert shown(building, token) == (True, None)
    give_back(building, session, me)
    assert outcome(press(building, token)) == GONE
    assert building.booking(session, me).state is CANCELLED


def test_who_said_on_their_own_page_that_they_do_not_want_it_has_none_by_the_letter(building: Building) -> None:
    session, me = building.session(), building.person(7)
    token = asked_again(building, session)
    give_back(building, session, me)
    assert outcome(press(building, token)) == GONE


def test_what_is_asked_for_after_it_was_cancelled_is_booked_and_no_older_letter_books_it(building: Building) -> None:
    session, me = building.session(), building.person(7)
    building.book(session, me)
    old = asked_again(building, session)
    give_back(building, session, me)
    new = asked_again(building, session)
    assert outcome(press(building, old)) == GONE
    assert building.booking(session, me).wished, "it asks them still"
    assert shown(building, new) == (False, None)
    assert press(building, new).stands is CONFIRMED
    assert shown(building, old) == (True, None), "they have it again"


@pytest.mark.parametrize("known", [False, True])
def test_a_hold_that_ended_by_itself_was_given_back_by_nobody(building: Building, known: bool) -> None:
    session = building.session()
    if known:
        building.person(7)
    token = asked_again(building, session)
    building.now += building.rules.hold
    building.write(lapse_holds, building.rules, now=building.now)
    assert shown(building, token) == (False, None)
    assert press(building, token).stands is CONFIRMED


def test_a_series_that_they_cancelled_is_booked_by_no_older_letter(building: Building) -> None:
    run, me = run_of(building), building.person(7)
    tokens = []
    for _ in range(2):
        building.later(minutes=5)
        tokens.append(wish_series(building, run.id, 7))
    building.later(minutes=5)
    press(building, tokens[1])
    building.later(minutes=5)
    building.write(cancel_series, building.partnership_id, run.id, me, building.rules, now=building.now)
    assert outcome(press(building, tokens[0])) == GONE
    assert run.whole(me).state is CANCELLED


def test_a_clash_is_not_asked_about_for_what_is_not_booked(building: Building) -> None:
    session, me = building.session(), building.person(7)
    building.book(session, me)
    token = asked_again(building, session)
    give_back(building, session, me)
    building.book(building.session(title="Elsewhere"), me)
    rules = {building.partnership_id: building.rules}
    proved = building.write(prove_by_link, (building.partnership_id,), token, rules, now=building.now)
    assert (proved.clashes, proved.given_back) == ((), GivenBack.CANCELLED)


def test_a_place_that_was_handed_on_is_not_booked_by_an_older_letter(building: Building) -> None:
    session, me = building.session(), building.person(7)
    building.book(session, me)
    building.deliver()
    token = asked_again(building, session)
    building.person(8)
    about = building.partnership_id, session, me, "Bea", "person8@council.gov.uk", building.rules
    building.write(hand_over_place, *about, now=building.now)
    building.deliver()
    building.later(minutes=5)
    building.write(take_over, building.partnership_id, 8, f"1-{CODE}", building.rules, now=building.now)
    assert outcome(press(building, token)) == (None, False, None, GivenBack.HANDED)


# ── two rows become one ─────────────────────────────────────────────────────────────────────────────────────


def account_of_seven(building: Building) -> int:
    """Person 7 proves their address in chat: from here on the account's row is theirs, and who asked by the page went."""
    account = building.newcomer(7)
    building.deliver()
    assert isinstance(building.prove(7), Proven)
    return account


def test_what_they_cancelled_before_two_rows_became_one_is_booked_by_no_older_letter(building: Building) -> None:
    """Both rows were once booked there, so one of the two bookings stays with who went."""
    session, account = building.session(), building.newcomer(7)
    building.book(session, account)
    building.cancel(session, account)
    first, second = asked_again(building, session), asked_again(building, session)
    page = press(building, second).person_id
    assert page != account
    give_back(building, session, page)
    assert account_of_seven(building) == account
    assert shown(building, first) == (False, GivenBack.CANCELLED)
    assert outcome(press(building, first)) == GONE
    assert building.booking(session, account).state is CANCELLED


def test_a_series_that_they_cancelled_before_two_rows_became_one_is_booked_by_no_older_letter(building: Building) -> None:
    run, tokens = run_of(building), []
    for _ in range(2):
        building.later(minutes=5)
        tokens.append(wish_series(building, run.id, 7))
    page = press(building, tokens[1]).person_id
    building.later(minutes=5)
    run.cancel(page)
    account = account_of_seven(building)
    assert shown(building, tokens[0]) == (False, GivenBack.CANCELLED)
    assert outcome(press(building, tokens[0])) == GONE
    assert run.whole(account).state is CANCELLED


def test_what_they_cancelled_is_known_however_many_rows_became_one(building: Building) -> None:
    run, asked_at = run_of(building), building.now
    first, second, third, other = (building.person(number, discord_id=None) for number in (7, 8, 9, 10))
    for person in (first, other):
        run.book(person)
    building.later(minutes=5)
    run.cancel(first)
    for stays, goes in ((second, first), (third, second)):
        building.write(_merged, stays, goes, building)
    assert [building.read(_given_back, run, one, asked_at) for one in (third, other)] == [GivenBack.CANCELLED, None]


def _merged(db: Db, stays: int, goes: int, building: Building) -> None:
    merge(db, db.get_one(Person, stays), db.get_one(Person, goes), now=building.now)


def _given_back(db: Db, run: Run, person: int, since: datetime) -> GivenBack | None:
    return given_back(db, db.get_one(Session, run.parts[0]), [person], since)


def test_what_somebody_else_cancelled_is_nothing_that_they_gave_back(building: Building) -> None:
    session, account, other = building.session(), building.newcomer(7), building.person(8)
    building.book(session, other)
    token = asked_again(building, session)
    give_back(building, session, other)
    assert account_of_seven(building) == account
    assert shown(building, token) == (False, None)
    assert press(building, token).stands is CONFIRMED
