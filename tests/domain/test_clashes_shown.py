"""What is accepted of what clashes is what was shown: who has booked something else meanwhile is asked again, by every door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Booked, Came
from domain.capacity import Clash, mark_of
from domain.letters.matters import OfferMatter
from domain.models import BookingState, Hold
from domain.own_page import own_bookings
from domain.proving import prove_by_link
from domain.saying_yes import Said, say_yes
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import Offered, TakenOver, take_over
from tests.building import CODE, START, Building
from tests.series_building import DAYS, run_of
from tests.visiting_building import wish, wish_series


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
    assert building.booking(session, ann).clash_accepted
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


# ── who waits, and has another place since ──────────────────────────────────────────────────────────────────


def is_offered(building: Building, session: int, person: int) -> bool:
    """Whether a place that came free is offered them, as it clashes with one that they have since; else it is theirs."""
    mine = building.booking(session, person)
    assert mine.state in (BookingState.CONFIRMED, BookingState.HELD)
    return mine.hold is Hold.OFFER


def waiting_with_a_clash(building: Building, ann: int | None = None) -> tuple[int, int, int, int]:
    """A full session and who has its place; and Ann, who waits for it, though she has another one then."""
    wanted, first = building.session(places=1), building.session(title="First")
    other, ann = building.person(1), ann or building.person(2)
    building.book(wanted, other)
    building.book(first, ann)
    assert asked(building.book(wanted, ann)) == (Came.CLASH, ["First"])
    assert building.book(wanted, ann, accept_clash=True).came is Came.WAITLISTED
    return wanted, first, other, ann


def test_an_accepted_clash_is_not_asked_about_again_when_a_place_comes_free(building: Building) -> None:
    wanted, _, other, ann = waiting_with_a_clash(building)
    building.book(building.session(title="Later", starts_at=START + timedelta(hours=5)), ann)
    building.cancel(wanted, other)
    assert not is_offered(building, wanted, ann)


def test_an_accepted_clash_speaks_for_no_other_that_came_while_they_waited(building: Building) -> None:
    wanted, first, other, ann = waiting_with_a_clash(building)
    building.cancel(first, ann)
    assert building.book(building.session(title="Second"), ann).came is Came.CONFIRMED  # nothing was said of the place they wait for
    building.cancel(wanted, other)
    assert is_offered(building, wanted, ann)


def test_nor_for_one_of_a_series_that_came_while_they_waited(building: Building) -> None:
    wanted, _, other, ann = waiting_with_a_clash(building)
    assert run_of(building).book(ann, accept_clash=True).state is BookingState.CONFIRMED
    building.cancel(wanted, other)
    assert is_offered(building, wanted, ann)


def test_nor_for_one_that_is_offered_meanwhile(building: Building) -> None:
    second, third, ann = building.session(title="Second", places=1), building.person(3), building.person(2)
    building.book(second, third)
    assert building.book(second, ann).came is Came.WAITLISTED
    wanted, _, other, _ = waiting_with_a_clash(building, ann)
    building.cancel(second, third)
    assert is_offered(building, second, ann)
    building.cancel(wanted, other)
    assert is_offered(building, wanted, ann)


def test_what_was_accepted_of_a_place_that_is_kept_stays_accepted_when_the_address_is_proven(building: Building) -> None:
    wanted, kept, other, new = building.session(places=1), building.session(title="Kept"), building.person(1), building.newcomer(7)
    building.book(wanted, other)
    assert building.book(kept, new).came is Came.HELD
    assert building.book(wanted, new, accept_clash=True).came is Came.WAITLISTED
    building.deliver()
    building.prove(7)
    building.cancel(wanted, other)
    assert not is_offered(building, wanted, new)


def test_who_proves_an_address_in_time_for_a_kept_place_is_asked_about_what_they_waited_for_before(building: Building) -> None:
    wanted, first, other, new = building.session(places=1), building.session(title="First"), building.person(1), building.newcomer(7)
    building.book(wanted, other)
    building.book(first, new)
    assert building.book(wanted, new, accept_clash=True).came is Came.WAITLISTED
    building.cancel(first, new)
    assert building.book(building.session(title="Second"), new).came is Came.HELD
    building.deliver()
    building.prove(7)
    building.cancel(wanted, other)
    assert is_offered(building, wanted, new)


def test_a_wish_that_is_made_ones_own_is_another_place_too(building: Building) -> None:
    wanted, _, other, ann = waiting_with_a_clash(building)
    token = wish(building, building.session(title="Second"), 2)
    building.write(
        prove_by_link, (building.partnership_id,), token, {building.partnership_id: building.rules}, now=building.now, accept_clash=True
    )
    building.cancel(wanted, other)
    assert is_offered(building, wanted, ann)


def test_who_waits_for_a_series_is_asked_about_what_they_booked_since(building: Building) -> None:
    run, other, ann = run_of(building, places=1), building.person(1), building.person(2)
    run.book(other)
    first = building.session(title="First")
    building.book(first, ann)
    assert run.book(ann, accept_clash=True).state is BookingState.WAITLISTED
    building.cancel(first, ann)
    assert building.book(building.session(title="Second"), ann).came is Came.CONFIRMED
    run.cancel(other)
    assert (run.whole(ann).state, run.whole(ann).hold) == (BookingState.HELD, Hold.OFFER)


def test_a_series_with_a_part_that_is_theirs_already_can_be_said_yes_to(building: Building) -> None:
    run = run_of(building)
    person = building.person(1)
    other = building.session(title="Other", starts_at=DAYS[2] + timedelta(days=7), minutes=60)
    building.book(other, person)
    late = building.session(title="Fourth", starts_at=DAYS[2] + timedelta(days=7))
    building.book(late, person, accept_clash=True)
    run.add(late)
    wish_series(building, run.id, 1)
    assert run.whole(person).state is BookingState.HELD
    own = building.read(own_bookings, building.partnership_id, person, building.rules, now=building.now)
    parts = [one for one in own if one.asks_yes]
    assert [one.clashes for one in parts] == [("Other",)] * 3  # it stands beside each button, which all say the same
    accepts = {one.accepts for one in parts}
    assert len(accepts) == 1
    asked = building.partnership_id, run.parts[0], person, building.rules
    assert building.write(say_yes, *asked, now=building.now) is Said.CLASH
    assert building.write(say_yes, *asked, now=building.now, accept_clash=accepts.pop()) is Said.ACCEPTED
