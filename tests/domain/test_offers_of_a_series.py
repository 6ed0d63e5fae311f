"""A whole series is offered to who has a place on one of its parts by themselves: they hear of it, and that place stays theirs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain import places
from domain.agenda import next_due
from domain.kinds import Channel, Kind
from domain.letters.matters import OfferMatter
from domain.models import BookingState, Notice
from domain.ports.letters import Letter
from domain.saying_yes import Said, say_yes
from tests.building import Building, rows
from tests.series_building import DAYS, Run, run_of

HELD, CONFIRMED, WAITING, CANCELLED = BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


@dataclass
class Offered:
    """Bob has the first part by himself, Cat waits for that part alone, and Ann has the second, which Bob needs for the whole."""

    building: Building
    run: Run
    ann: int
    bob: int
    cat: int

    def letters(self) -> list[Letter]:
        return [one for one in self.building.deliver() if one.recipient.name == "Person 2"]

    def lapse(self) -> None:
        self.building.later(hours=13)
        self.building.write(places.lapse_holds, self.building.rules, now=self.building.now)


@pytest.fixture
def waiting(building: Building) -> Offered:
    """What clashes with the last part was booked since Bob asked for the whole."""
    ann, bob, cat = (building.person(number) for number in (1, 2, 3))
    run = run_of(building, days=())
    for number, day in enumerate(DAYS, start=1):
        run.parts.append(building.session(title=f"Workshop {number}", starts_at=day, minutes=180, places=1))
    building.book(run.parts[0], bob)
    building.book(run.parts[0], cat)
    building.book(run.parts[1], ann)
    for part in run.parts:
        run.add(part)
    assert run.book(bob).state is WAITING
    building.book(building.session(title="Court skills", starts_at=DAYS[2]), bob)
    building.deliver()
    return Offered(building, run, ann, bob, cat)


@pytest.fixture
def offered(waiting: Offered) -> Offered:
    waiting.building.cancel(waiting.run.parts[1], waiting.ann)
    return waiting


def test_the_offer_is_sent_and_speaks_of_a_part_that_is_kept_by_it(offered: Offered) -> None:
    assert offered.run.states(offered.bob) == [HELD, CONFIRMED, HELD, HELD]
    (letter,) = offered.letters()
    assert (letter.kind, letter.whole) == (Kind.OFFER, "Practitioner teachers 2027")
    assert letter.session is not None
    assert (letter.session.title, letter.until) == ("Workshop 2", offered.building.now + offered.building.rules.offer)
    assert isinstance(letter.matter, OfferMatter)
    assert letter.matter.others == ("Court skills",)


def test_the_single_place_stays_when_the_offer_runs_out_and_they_hear_of_that(offered: Offered) -> None:
    offered.letters()
    due = offered.building.read(next_due, offered.building.rules, now=offered.building.now)
    assert due is not None
    offered.lapse()
    assert offered.run.states(offered.bob) == [CANCELLED, CONFIRMED, CANCELLED, CANCELLED]
    assert offered.building.booking(offered.run.parts[0], offered.bob).series_booking_id is None
    assert [letter.kind for letter in offered.letters()] == [Kind.LAPSED]
    assert offered.building.cancel(offered.run.parts[0], offered.bob).was is CONFIRMED


def test_the_single_place_is_the_wholes_once_they_have_said_yes(offered: Offered) -> None:
    b, run, bob = offered.building, offered.run, offered.bob
    offered.letters()
    assert b.write(say_yes, b.partnership_id, run.parts[1], bob, b.rules, now=b.now, accept_clash=True) is Said.ACCEPTED
    assert run.states(bob) == [CONFIRMED] * 4
    assert b.booking(run.parts[0], bob).series_booking_id == run.whole(bob).id
    assert [letter.session.session_id for letter in offered.letters() if letter.session] == run.parts[1:]


def test_who_gave_the_single_place_back_meanwhile_takes_nobodys_place_with_the_whole(offered: Offered) -> None:
    b, run, bob, first = offered.building, offered.run, offered.bob, offered.run.parts[0]
    offered.letters()
    b.cancel(first, bob)
    assert b.booking(first, offered.cat).state is CONFIRMED
    assert run.book(bob, accept_clash=True).state is WAITING
    assert run.states(bob) == [WAITING] * 4
    b.deliver()
    b.later(minutes=5)
    b.cancel(first, offered.cat)
    assert run.states(bob) == [HELD] * 4  # and is asked anew, in a letter of its own
    assert [letter.kind for letter in offered.letters()] == [Kind.OFFER]
    assert run.book(bob, accept_clash=True).state is CONFIRMED


def test_who_has_every_part_by_themselves_by_now_is_asked_nothing(waiting: Offered) -> None:
    b, run, bob, first = waiting.building, waiting.run, waiting.bob, waiting.run.parts[0]
    b.book(b.session(title="Report writing", starts_at=DAYS[0]), bob, accept_clash=True)
    b.call_off(run.parts[2])
    b.call_off(run.parts[1])
    assert run.states(bob) == [CONFIRMED, CONFIRMED, CANCELLED, CANCELLED]
    assert b.booking(first, bob).series_booking_id == run.whole(bob).id
    assert b.read(rows, Notice, Notice.kind == Kind.OFFER) == []


def test_an_offer_names_no_part_that_was_called_off_before_it_left(offered: Offered) -> None:
    b, run, bob = offered.building, offered.run, offered.bob
    b.call_off(run.parts[1])
    (letter,) = [one for one in offered.letters() if one.kind is Kind.OFFER]
    assert letter.session is not None
    assert letter.session.title == "Workshop 3"
    assert b.write(say_yes, b.partnership_id, letter.session.session_id, bob, b.rules, now=b.now, accept_clash=True) is Said.ACCEPTED
    assert run.states(bob) == [CONFIRMED, CONFIRMED, CANCELLED, CONFIRMED]


def test_nor_does_the_word_that_they_have_the_whole(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2, reminders_by_chat=True)
    run.book(ann)
    run.book(bob)
    building.deliver()
    run.cancel(ann)
    building.call_off(run.parts[0])
    told = [one.session.title for one in building.deliver() if one.channel is Channel.CHAT and one.kind is Kind.PROMOTION and one.session]
    assert told == ["Workshop 2"]
