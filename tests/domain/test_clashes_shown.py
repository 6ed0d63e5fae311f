"""What is accepted of what clashes is what was shown: who has booked something else meanwhile is asked again, by every door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Booked, Came
from domain.capacity import Clash, mark_of
from domain.letters.matters import OfferMatter
from domain.models import BookingState, Hold
from domain.own_page import own_bookings
from domain.saying_yes import Said, say_yes
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import Offered, TakenOver, take_over
from tests.building import CODE, START, Building
from tests.series_building import DAYS, run_of
from tests.visiting_building import wish


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


# ── a place that is offered ─────────────────────────────────────────────────────────────────────────────────


def offered(building: Building, ann: int) -> tuple[int, int]:
    """A session for which Ann waited, and which is offered to her; and another at that time, which she has."""
    wanted, kept, first = building.session(places=1, title="Wanted"), building.session(title="Kept"), building.person(9)
    building.book(wanted, first)
    building.book(wanted, ann)
    building.book(kept, ann, accept_clash=True)
    building.cancel(wanted, first)
    assert building.booking(wanted, ann).hold is Hold.OFFER
    return wanted, kept


def yes(building: Building, session: int, ann: int, accepted: str) -> Said:
    given = building.partnership_id, session, ann, building.rules
    said: Said = building.write(say_yes, *given, now=building.now, accept_clash=accepted)
    return said


def accepts(building: Building, ann: int, session: int) -> str:
    """What stands beside the yes on her own page."""
    shown = building.read(own_bookings, building.partnership_id, ann, building.rules, now=building.now)
    return next(str(one.accepts) for one in shown if one.page.session.id == session)


def test_a_yes_on_ones_own_page_accepts_what_stood_beside_it(building: Building) -> None:
    ann = building.person(1)
    wanted, _ = offered(building, ann)
    shown = accepts(building, ann, wanted)
    building.book(building.session(title="Newer"), ann, accept_clash=True)
    assert [yes(building, wanted, ann, mark) for mark in ("", shown)] == [Said.CLASH] * 2
    assert building.booking(wanted, ann).state is BookingState.HELD
    assert yes(building, wanted, ann, accepts(building, ann, wanted)) is Said.ACCEPTED
    assert building.booking(wanted, ann).state is BookingState.CONFIRMED


def test_an_offer_in_chat_accepts_what_its_letter_said(building: Building) -> None:
    ann = building.person(1)
    wanted, _ = offered(building, ann)
    said = next(letter.matter for letter in building.deliver() if isinstance(letter.matter, OfferMatter))
    assert said.others == ("Kept",)
    building.book(building.session(title="Newer"), ann, accept_clash=True)
    asked_first = building.book(wanted, ann)  # a button of before, that says nothing of what clashes
    again = building.book(wanted, ann, accept_clash=said.mark)
    assert [asked(one) for one in (asked_first, again)] == [(Came.CLASH, ["Kept", "Newer"])] * 2
    assert building.booking(wanted, ann).state is BookingState.HELD
    assert building.book(wanted, ann, accept_clash=mark_of(again.clashes)).came is Came.CONFIRMED


def test_an_offer_that_clashes_no_longer_is_taken_without_a_question(building: Building) -> None:
    ann = building.person(1)
    wanted, kept = offered(building, ann)
    building.cancel(kept, ann)
    assert building.book(wanted, ann).came is Came.CONFIRMED


def test_an_offer_of_a_series_accepts_what_clashes_with_any_part(building: Building) -> None:
    run, ann, first = run_of(building, places=1), building.person(1), building.person(9)
    run.book(first)
    run.book(ann)
    for number, day in enumerate(DAYS[:2]):
        building.book(building.session(title=f"Kept {number}", starts_at=day), ann, accept_clash=True)
    run.cancel(first)
    assert run.whole(ann).hold is Hold.OFFER
    said = next(letter.matter for letter in building.deliver() if isinstance(letter.matter, OfferMatter))
    shown = {accepts(building, ann, part) for part in run.parts}
    assert (said.others, shown) == (("Kept 0", "Kept 1"), {said.mark})
    building.book(building.session(title="Newer", starts_at=DAYS[2]), ann, accept_clash=True)
    assert run.book(ann, accept_clash=said.mark).state is None
    assert yes(building, run.parts[0], ann, said.mark) is Said.CLASH
    assert yes(building, run.parts[0], ann, accepts(building, ann, run.parts[2])) is Said.ACCEPTED
    assert run.states(ann) == [BookingState.CONFIRMED] * 4


def test_a_yes_to_what_a_page_asked_for_accepts_no_more_than_it_said(building: Building) -> None:
    session, known = building.session(title="Wished"), building.person(7)
    wish(building, session, 7)
    shown = accepts(building, known, session)
    building.book(building.session(title="Newer"), known, accept_clash=True)
    assert yes(building, session, known, shown) is Said.CLASH
    assert (building.booking(session, known).state, building.booking(session, known).wished) == (BookingState.HELD, True)
    assert yes(building, session, known, accepts(building, known, session)) is Said.ACCEPTED
