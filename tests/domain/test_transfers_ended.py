"""How the handing of a place ends: by a code that is used or tried too often, a no, the clock, or what became of the session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlmodel import col

from domain import bookings
from domain.agenda import next_due
from domain.errors import Refusal
from domain.models import Booking, BookingState, TransferState
from domain.timekeeping import keep_time
from domain.transfers import taking as taking_over
from domain.transfers.taking import Offered, TakenOver
from tests.building import START, Building, rows
from tests.domain.transfer_building import COLLEAGUE, NEWCOMER, TYPED, asked, look, outcomes, states, take, transfer

# ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_five_wrong_tries_end_the_code_and_the_giver_is_told(building: Building) -> None:
    session_id, _ = asked(building)
    for guesser in range(20, 25):
        assert isinstance(take(building, guesser, "1-000000", newcomer=NEWCOMER), Refusal)
    assert transfer(building).state is TransferState.LAPSED
    assert "too often" in str(take(building, 9, newcomer=NEWCOMER))
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "tries")]
    assert states(building, session_id) == ["confirmed", "waitlisted"]


def test_a_person_may_guess_only_so_often_whatever_they_guess(building: Building) -> None:
    asked(building)
    for number in range(10):
        assert "does not work" in str(look(building, 20, f"{number + 100}-000000"))
    assert "too many codes" in str(look(building, 20))
    building.later(hours=1)
    assert isinstance(look(building, 20), Offered)


def test_a_code_of_another_partnership_opens_nothing_here(building: Building) -> None:
    from domain.programmes import ensure_partnership

    asked(building)
    elsewhere = building.write(ensure_partnership, "north", "Northern Partnership", 2)
    said = building.write(taking_over.look_at_offer, elsewhere, 9, TYPED, building.rules, now=building.now)
    assert "does not work" in str(said)


def test_a_code_works_once(building: Building) -> None:
    asked(building)
    take(building, 9, newcomer=NEWCOMER)
    assert str(take(building, 9)) == "You have taken this place already."
    assert str(take(building, 10, newcomer=NEWCOMER)) == "This code has been used already."


def test_two_who_type_the_same_code_at_once_make_one_booking(building: Building) -> None:
    session_id, _ = asked(building)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda number: take(building, number, newcomer=NEWCOMER), range(20, 24)))
    assert sum(isinstance(one, TakenOver) for one in done) == 1
    assert states(building, session_id).count("confirmed") == 1


# ── without the code ────────────────────────────────────────────────────────────────────────────────────────


def test_a_colleague_who_says_no_leaves_the_place_where_it_is(building: Building) -> None:
    session_id, _ = asked(building)
    assert building.write(taking_over.decline, building.partnership_id, 9, TYPED, now=building.now) == "person1@council.gov.uk"
    assert states(building, session_id) == ["confirmed", "waitlisted"]
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "declined")]
    assert "said no" in str(take(building, 9, newcomer=NEWCOMER))


def test_an_unanswered_question_lapses_by_the_clock_and_the_giver_is_told(building: Building) -> None:
    session_id, _ = asked(building)
    ends = building.now + timedelta(hours=48)
    assert building.read(next_due, building.rules, now=building.now) == ends
    building.now = ends
    assert "run out" in str(take(building, 9, newcomer=NEWCOMER))
    building.write(keep_time, building.rules, now=building.now)
    building.write(keep_time, building.rules, now=building.now)
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "lapsed")]
    assert (transfer(building).state, states(building, session_id)) == (TransferState.LAPSED, ["confirmed", "waitlisted"])


def test_a_place_given_back_meanwhile_cannot_be_taken_even_when_it_is_booked_again(building: Building) -> None:
    session_id, giver = asked(building, waiting=False)
    building.later(minutes=1)
    building.cancel(session_id, giver)
    assert "no longer offers" in str(take(building, 9, newcomer=NEWCOMER))
    building.book(session_id, giver)
    assert "no longer offers" in str(take(building, 9, newcomer=NEWCOMER))
    building.write(keep_time, building.rules, now=building.now)
    assert transfer(building).state is TransferState.WITHDRAWN
    assert outcomes(building.deliver()) == []


def test_a_cancelled_session_says_so_and_a_moved_one_is_shown_as_it_is_now(building: Building) -> None:
    session_id, _ = asked(building)
    building.move(session_id, START + timedelta(hours=3))
    mine = building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    later = building.session(starts_at=START + timedelta(hours=3), title="Then")
    building.book(later, mine)
    assert [clash.session_id for clash in take(building, 9).clashes] == [later]
    building.call_off(session_id)
    assert str(take(building, 9)) == "This session has been called off."
    building.write(keep_time, building.rules, now=building.now)
    assert outcomes(building.deliver()) == []


def test_agreeing_while_the_giver_cancels_leaves_one_place_for_one_person(building: Building) -> None:
    session_id, giver = asked(building)

    def agree() -> Any:
        return take(building, 9, newcomer=NEWCOMER)

    def cancel() -> Any:
        return building.write(bookings.cancel, building.partnership_id, session_id, giver, building.rules, now=building.now)

    with ThreadPoolExecutor(2) as pool:
        outcomes_ = [future.result() for future in (pool.submit(agree), pool.submit(cancel))]
    found = states(building, session_id)
    assert found.count("confirmed") == 1
    assert found[0] == "cancelled"
    agreed = isinstance(outcomes_[0], TakenOver)
    assert transfer(building).state is (TransferState.AGREED if agreed else TransferState.ASKED)
    assert building.read(rows, Booking, col(Booking.state) == BookingState.CONFIRMED)[-1].person_id != giver
