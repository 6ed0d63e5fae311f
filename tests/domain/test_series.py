"""A series is booked, waited for, promoted and cancelled as one, on a real database file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import places, reminders
from domain.capacity import mark_of
from domain.database import Db
from domain.errors import NotFound, Refusal
from domain.kinds import Channel, Format, Kind, Mode
from domain.ledger import marks
from domain.models import Booking, BookingState, Hold, Notice, SeriesBooking
from domain.series.booking import SeriesBooked, SeriesCancelled
from domain.times import to_wall
from tests.building import Building, rows
from tests.series_building import DAYS, run_of

HELD, CONFIRMED, WAITING, CANCELLED = BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


def test_booking_the_whole_confirms_every_part_with_an_invitation_of_its_own(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    assert run.book(ann) == SeriesBooked(run.id, "Practitioner teachers 2027", CONFIRMED, tuple(run.parts))
    assert run.states(ann) == [CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED]
    letters = building.deliver()
    assert [(one.kind, one.session.title, one.calendar.sequence) for one in letters if one.session and one.calendar] == [
        (Kind.INVITATION, f"Workshop {number}", 1) for number in (1, 2, 3)
    ]
    assert run.book(ann).already
    assert building.owed() == []


def test_the_hour_is_the_same_on_the_wall_either_side_of_the_clock_change(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    hours = [f"{to_wall(one.session.starts_at, one.session.zone):%H:%M %Z}" for one in building.deliver() if one.session]
    assert hours == ["09:30 GMT", "09:30 BST", "09:30 BST"]
    reminded = []
    for day in DAYS:  # and each part reminds by itself, the same wall time the day before
        building.now = day - timedelta(hours=24)
        building.write(reminders.owe_reminders, building.rules, now=building.now)
        reminded += [one.session.title for one in building.deliver() if one.session]
    assert reminded == ["Workshop 1", "Workshop 2", "Workshop 3"]


def test_one_full_part_makes_the_whole_wait(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    building.change(run.parts[0], places=5)
    building.change(run.parts[2], places=5)
    run.book(ann)
    assert run.book(bob) == SeriesBooked(run.id, "Practitioner teachers 2027", WAITING, tuple(run.parts), position=1)
    assert run.states(bob) == [WAITING] * 4
    building.deliver()
    assert run.cancel(ann) == SeriesCancelled(run.id, "Practitioner teachers 2027", CONFIRMED, invited=True)
    assert (run.states(ann), run.states(bob)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    sent = [(one.recipient.name, one.kind, one.session.title) for one in building.deliver() if one.session]
    assert sent == [
        *(("Person 2", Kind.PROMOTION, f"Workshop {number}") for number in (1, 2, 3)),
        *(("Person 1", Kind.CANCELLATION, f"Workshop {number}") for number in (1, 2, 3)),
    ]
    assert run.cancel(ann).already


def test_places_come_free_only_when_there_is_one_on_every_part(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    run.book(ann)
    run.book(bob)
    run.book(cat)
    building.change(run.parts[0], places=2)
    building.change(run.parts[1], places=3)
    assert run.states(bob) == [WAITING] * 4
    building.change(run.parts[2], places=3)
    assert (run.states(bob), run.states(cat)) == ([CONFIRMED] * 4, [WAITING] * 4)
    assert run.book(cat).position == 1


def test_booking_again_goes_to_the_end_of_the_line_and_reuses_the_rows(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    for person in (ann, bob, cat):
        run.book(person)
    run.cancel(bob)
    assert run.book(bob).position == 2
    assert len(building.read(rows, SeriesBooking)) == 3
    assert len(building.read(rows, Booking)) == 9


def test_a_part_is_neither_booked_nor_cancelled_alone(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    said = "This is part 2 of 3 of Practitioner teachers 2027. The parts belong together."
    with pytest.raises(Refusal) as refused:
        building.book(run.parts[1], ann)
    assert str(refused.value) == f"{said} Book the whole series: press Book all parts, or use /series browse."
    run.book(ann)
    with pytest.raises(Refusal) as refused:
        building.cancel(run.parts[1], ann)
    assert str(refused.value).startswith(f"{said} You can cancel the whole series: press Cancel all parts, or use /my series.")
    assert run.states(ann) == [CONFIRMED] * 4


def test_a_clash_with_any_part_is_shown_and_accepted_for_all(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    other = building.session(title="Court skills", starts_at=DAYS[1])
    building.book(other, ann)
    shown = run.book(ann)
    assert (shown.state, [clash.title for clash in shown.clashes]) == (None, ["Court skills"])
    assert building.read(rows, SeriesBooking) == []
    assert run.book(ann, accept_clash=True).state is CONFIRMED


def test_an_offer_is_one_and_is_taken_as_one(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    run.book(ann)
    run.book(bob)
    building.book(building.session(title="Court skills", starts_at=DAYS[2]), bob)
    building.deliver()
    run.cancel(ann)
    assert run.states(bob) == [HELD] * 4
    offers = [one for one in building.deliver() if one.kind is Kind.OFFER]
    assert [(one.session.title, one.until) for one in offers if one.session] == [("Workshop 1", building.now + building.rules.offer)]
    asked = run.book(bob)
    assert (asked.state, [clash.title for clash in asked.clashes]) == (None, ["Court skills"])
    assert run.book(bob, accept_clash=mark_of(asked.clashes)).state is CONFIRMED
    assert run.states(bob) == [CONFIRMED] * 4


def test_an_offer_that_is_not_taken_goes_on_as_one(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    for person in (ann, bob, cat):
        run.book(person)
    building.book(building.session(title="Court skills", starts_at=DAYS[2]), bob)
    run.cancel(ann)
    building.later(hours=13)
    building.write(places.lapse_holds, building.rules, now=building.now)
    assert (run.states(bob), run.states(cat)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    lapsed = [one.key for one in building.read(rows, Notice, Notice.kind == Kind.LAPSED)]
    assert lapsed == [f"lapsed:series:{run.whole(bob).id}:2:email"]


def test_a_newcomer_holds_every_part_until_the_address_is_proven(building: Building) -> None:
    run, eve = run_of(building, places=1), building.newcomer(9)
    held = run.book(eve)
    assert (held.state, held.held_until) == (HELD, building.now + building.rules.hold)
    assert run.states(eve) == [HELD] * 4
    assert run.book(building.person(1)).state is WAITING
    building.deliver()
    assert building.prove(9).confirmed == tuple(run.parts)
    assert run.states(eve) == [CONFIRMED] * 4


def test_a_hold_that_is_not_proven_lapses_on_every_part_and_goes_on(building: Building) -> None:
    run, eve, ann = run_of(building, places=1), building.newcomer(9), building.person(1)
    run.book(eve)
    run.book(ann)
    building.later(minutes=31)
    building.write(places.lapse_holds, building.rules, now=building.now)
    assert (run.states(eve), run.states(ann)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    assert run.whole(eve).hold is None


def test_nobody_unproven_is_promoted_and_proving_takes_a_free_whole(building: Building) -> None:
    run, ann, eve = run_of(building, places=1), building.person(1), building.newcomer(9)
    run.book(ann)
    run.book(eve)
    run.cancel(ann)
    assert run.states(eve) == [WAITING] * 4
    building.deliver()
    building.prove(9)
    assert run.states(eve) == [CONFIRMED] * 4


def test_a_hybrid_part_asks_how_and_waits_for_that_way(building: Building) -> None:
    run = run_of(building)
    building.change(run.parts[1], format=Format.HYBRID, places=1, online_places=1)
    ann, bob, cat = building.person(1), building.person(2), building.person(3)
    assert [run.book(who, mode=mode).state for who, mode in ((ann, Mode.ROOM), (bob, Mode.ROOM), (cat, Mode.ONLINE))] == [
        CONFIRMED, WAITING, CONFIRMED,
    ]  # fmt: skip
    assert [building.booking(part, bob).mode for part in run.parts] == [Mode.ROOM, Mode.ROOM, Mode.ROOM]
    run.cancel(cat)
    assert run.states(bob) == [WAITING] * 4
    run.cancel(ann)
    assert run.states(bob) == [CONFIRMED] * 4


def test_a_move_brings_the_end_of_every_hold_nearer(building: Building) -> None:
    run, eve = run_of(building), building.newcomer(9)
    run.book(eve)
    soon = building.now + timedelta(minutes=10)
    building.move(run.parts[1], soon)
    assert {run.whole(eve).held_until, *(building.booking(part, eve).held_until for part in run.parts)} == {soon}
    assert run.whole(eve).hold is Hold.PROOF


def test_another_partnership_sees_nothing_of_it(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    with pytest.raises(NotFound):
        building.write(_book_elsewhere, run.id, ann, building)


def _book_elsewhere(db: Db, series_id: int, person_id: int, building: Building) -> None:
    from domain.series.booking import book_series

    book_series(db, building.partnership_id + 1, series_id, person_id, building.rules, now=building.now)


def test_what_chat_refused_about_a_series_speaks_of_the_whole_by_mail_too(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2, reminders_by_chat=True)
    other = building.session(title="At the same time", starts_at=DAYS[0], minutes=60)
    run.book(ann)
    run.book(bob)
    building.book(other, bob)
    building.deliver()
    run.cancel(ann)
    (offered,) = building.claim(channels=[Channel.CHAT])
    letter = building.hand_over(offered)
    assert letter is not None
    assert (letter.kind, letter.whole) == (Kind.OFFER, "Practitioner teachers 2027")
    building.write(marks.mark_permanent, offered, "post", "refused", now=building.now)
    by_mail = [(one.kind, one.channel, one.whole) for one in building.deliver() if one.kind is Kind.OFFER]
    assert by_mail == [(Kind.OFFER, Channel.EMAIL, "Practitioner teachers 2027")]
