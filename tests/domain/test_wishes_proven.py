"""Proving an address, by digits or a link, makes no wish one's own but the one it was about; nor does becoming one with an account."""

from __future__ import annotations

from datetime import timedelta

from domain.database import Db
from domain.models import Booking, BookingState, Person, Session
from domain.proofs import Proven
from domain.visiting import ask
from tests.building import START, Building, rows
from tests.domain.wish_building import full, standing
from tests.series_building import run_of
from tests.visiting_building import filled_in_for, press, wish, wish_series

CONFIRMED, HELD, WAITS = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED


# ── digits, and links for something else ────────────────────────────────────────────────────────────────────


def test_digits_in_chat_confirm_what_was_asked_for_in_chat_and_no_pages_wish(building: Building) -> None:
    typed, other, meant = (building.session(places=1, starts_at=START + timedelta(days=day)) for day in range(3))
    press(building, wish(building, other, 7))  # somebody from the pages, who has proven the address there
    wish(building, typed, 7)
    account = building.newcomer(7)
    building.book(meant, account)
    building.deliver()
    proven = building.prove(7)
    assert isinstance(proven, Proven)
    assert proven.confirmed == (meant,)
    assert [standing(building, one, account) for one in (typed, other, meant)] == [(HELD, True), (CONFIRMED, False), (CONFIRMED, False)]


def test_digits_in_chat_promote_no_pages_wish(building: Building) -> None:
    other = building.session(places=1, starts_at=START + timedelta(days=1))
    session, has = full(building)
    press(building, wish(building, other, 7))
    wish(building, session, 7)
    building.cancel(session, has)
    account = building.newcomer(7)
    building.deliver()
    building.prove(7)
    assert standing(building, session, account) == (WAITS, True)


def test_a_link_for_one_session_touches_nothing_else(building: Building) -> None:
    known = building.person(7)
    full_one, has = full(building)
    held, meant = (building.session(places=1, starts_at=START + timedelta(days=day)) for day in (1, 2))
    late = building.session(places=1, starts_at=START + timedelta(days=3))
    building.book(late, building.person(2))
    building.book(late, known)  # their own, asked for in chat
    for session in (full_one, held):
        wish(building, session, 7)
    building.cancel(full_one, has)
    press(building, wish(building, meant, 7))
    states = [standing(building, one, known) for one in (full_one, held, meant, late)]
    assert states == [(WAITS, True), (HELD, True), (CONFIRMED, False), (WAITS, False)]


def test_a_newcomer_of_the_pages_proves_by_one_mail_only_what_that_mail_was_about(building: Building) -> None:
    waits, has = full(building)
    meant = building.session(places=1, starts_at=START + timedelta(days=1))
    wish(building, waits, 7)
    token = wish(building, meant, 7)
    building.cancel(waits, has)
    person = press(building, token).person_id
    assert [standing(building, one, person) for one in (waits, meant)] == [(WAITS, True), (CONFIRMED, False)]


# ── two who become one ──────────────────────────────────────────────────────────────────────────────────────


def two_rows(building: Building, session: int, *, own: bool) -> int:
    """Person 7 known twice: proven on a page, and waiting in chat for digits. `own`: they ask in chat for the session first."""
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    account = building.newcomer(7)
    if own:
        building.book(session, account)
    wish(building, session, 7)
    building.deliver()
    return account


def test_of_two_claims_that_become_one_the_one_that_is_no_wish_stays(building: Building) -> None:
    session, has = full(building)
    account = two_rows(building, session, own=True)
    asked = building.booking(session, account)
    building.prove(7)
    kept = building.booking(session, account)
    assert (kept.id, kept.state, kept.wished) == (asked.id, WAITS, False)
    building.cancel(session, has)
    assert standing(building, session, account) == (CONFIRMED, False)


def test_of_a_place_that_a_page_holds_and_a_wish_of_ones_own_the_own_stays_and_the_place_goes_on(building: Building) -> None:
    session, has = full(building)
    first, account = building.person(2), building.newcomer(7)
    building.book(session, first)
    building.book(session, account)  # waits, behind another
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    building.deliver()
    building.write(_held_by_page, session, building)
    building.prove(7)
    assert standing(building, session, account) == (WAITS, False)
    assert standing(building, session, first) == (CONFIRMED, False)
    assert has not in {one.person_id for one in building.read(rows, Booking, Booking.session_id == session, Booking.state == HELD)}


def _held_by_page(db: Db, session_id: int, building: Building) -> None:
    """A place more, and a page that is quicker than the line."""
    session = db.get_one(Session, session_id)
    session.places = 2
    db.add(session)
    db.flush()
    ask(db, building.partnership_id, session_id, filled_in_for(7), building.rules, now=building.now)


def test_what_is_only_wished_stays_wished_when_two_become_one(building: Building) -> None:
    session, _ = full(building)
    account = two_rows(building, session, own=False)
    building.prove(7)
    assert standing(building, session, account) == (WAITS, True)


def held_and_waiting(building: Building) -> tuple[int, int, int, str]:
    """Person 7 waits in chat behind person 8, and a page holds the place that came free meanwhile; who they are, and its link."""
    session, has = full(building)
    ahead, account = building.newcomer(8), building.newcomer(7)
    building.book(session, ahead)
    building.book(session, account)
    building.cancel(session, has)  # nobody in line is proven: the place stays free
    token = wish(building, session, 7)
    building.deliver()
    for number in (8, 7):
        building.prove(number)
    return session, ahead, account, token


def test_the_link_makes_the_wish_their_own_before_two_become_one(building: Building) -> None:
    session, ahead, account, token = held_and_waiting(building)
    assert press(building, token).person_id == account
    assert [standing(building, session, one) for one in (account, ahead)] == [(CONFIRMED, False), (WAITS, False)]


def test_a_held_wish_that_gives_way_leaves_its_place_to_the_line(building: Building) -> None:
    """By the link of another mail, which says nothing of this session."""
    session, ahead, account, _ = held_and_waiting(building)
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    building.write(_forget_address, account)
    token = wish(building, other, 7)
    building.write(_forget_address, account, "person7@council.gov.uk")
    assert press(building, token).person_id == account
    assert [standing(building, session, one) for one in (account, ahead)] == [(WAITS, False), (CONFIRMED, False)]


def _forget_address(db: Db, person_id: int, key: str | None = None) -> None:
    """The page does not know the account by this address, as before it was proven in chat."""
    person = db.get_one(Person, person_id)
    person.email_key = key
    db.add(person)


def test_a_series_wished_on_a_page_gives_way_to_the_claim_in_chat(building: Building) -> None:
    run = run_of(building, places=1)
    has = building.person(1)
    run.book(has)
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    account = building.newcomer(7)
    wish_series(building, run.id, 7)
    run.book(account)
    building.deliver()
    building.prove(7)
    assert (run.whole(account).wished, run.states(account)) == (False, [WAITS] * 4)
    assert {one.wished for one in building.read(rows, Booking, Booking.person_id == account)} == {False}
    run.cancel(has)
    assert run.states(account) == [CONFIRMED] * 4
