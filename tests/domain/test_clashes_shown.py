"""What is accepted of what clashes is what was shown: who has booked something else meanwhile is asked again, by every door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Booked, Came
from domain.capacity import Clash, mark_of
from domain.models import BookingState
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import Offered, TakenOver, take_over
from tests.building import CODE, START, Building
from tests.series_building import run_of


def titles(clashes: tuple[Clash, ...]) -> list[str]:
    return [one.title for one in clashes]


def asked(came: Booked) -> tuple[Came, list[str]]:
    return came.came, titles(came.clashes)


def test_what_was_booked_since_the_question_is_asked_about_before_anything_is_booked(building: Building) -> None:
    wanted, kept, newer = building.session(), building.session(title="Kept"), building.session(title="Newer")
    ann = building.person(1)
    building.book(kept, ann)
    shown = building.book(wanted, ann)
    assert asked(shown) == (Came.CLASH, ["Kept"])
    building.book(newer, ann, accept_clash=True)
    again = building.book(wanted, ann, accept_clash=mark_of(shown.clashes))
    assert asked(again) == (Came.CLASH, ["Kept", "Newer"])
    assert building.book(wanted, ann, accept_clash=mark_of(again.clashes)).came is Came.CONFIRMED
    assert building.booking(wanted, ann).clash_accepted


def test_what_no_longer_clashes_is_not_asked_about_and_nothing_is_accepted(building: Building) -> None:
    wanted, kept, ann = building.session(), building.session(title="Kept"), building.person(1)
    building.book(kept, ann)
    shown = building.book(wanted, ann)
    building.cancel(kept, ann)
    assert building.book(wanted, ann, accept_clash=mark_of(shown.clashes)).came is Came.CONFIRMED
    assert not building.booking(wanted, ann).clash_accepted


@pytest.mark.parametrize("said", ["", "accepted", "0" * 12])
def test_what_was_never_shown_accepts_nothing(building: Building, said: str) -> None:
    wanted, kept, ann = building.session(), building.session(title="Kept"), building.person(1)
    building.book(kept, ann)
    assert asked(building.book(wanted, ann, accept_clash=said)) == (Came.CLASH, ["Kept"])


def test_of_a_series_it_is_the_same(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    building.book(building.session(title="Kept"), ann)
    shown = run.book(ann)
    assert (shown.state, titles(shown.clashes)) == (None, ["Kept"])
    building.book(building.session(title="Newer"), ann, accept_clash=True)
    again = run.book(ann, accept_clash=mark_of(shown.clashes))
    assert (again.state, titles(again.clashes)) == (None, ["Kept", "Newer"])
    assert run.book(ann, accept_clash=mark_of(again.clashes)).state is BookingState.CONFIRMED
    assert run.whole(ann).clash_accepted


def test_of_a_colleagues_place_it_is_the_same(building: Building) -> None:
    session, giver, ann = building.session(), building.person(1), building.person(2)
    building.book(session, giver)
    building.book(building.session(title="Kept"), ann)
    building.deliver()
    where = building.partnership_id, session, giver, "Ann", "person2@council.gov.uk"
    building.write(hand_over_place, *where, building.rules, now=building.now)
    building.deliver()

    def take(accepted: str) -> Offered | TakenOver:
        given = building.partnership_id, 2, f"1-{CODE}", building.rules
        came: Offered | TakenOver = building.write(take_over, *given, now=building.now, accept_clash=accepted)
        return came

    shown = take("")
    assert isinstance(shown, Offered)
    building.book(building.session(title="Newer"), ann, accept_clash=True)
    again = take(mark_of(shown.clashes))
    assert isinstance(again, Offered)
    assert (titles(shown.clashes), titles(again.clashes)) == (["Kept"], ["Kept", "Newer"])
    assert take(mark_of(again.clashes)) == TakenOver(session, "person2@council.gov.uk")
    assert building.now < START - timedelta(days=1)
