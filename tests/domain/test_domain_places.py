"""Places: the pure decisions, and the stories of those who ask, wait and give back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain import places
from domain.bookings import Booked, Came, Cancelled
from domain.capacity import mark_of
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.models import BookingState, Hold, Privacy, Session
from domain.places import Clash, Place, decide, overlaps
from domain.programmes import ensure_partnership
from domain.proofs import Proven
from domain.reminders import close_waiting
from tests.building import START, Building, proven_person


@pytest.mark.parametrize(
    ("place", "facts"),
    [
        (Place.CONFIRMED, {"places": 5, "taken": 4, "proven": True, "promoting": True}),
        (Place.HELD, {"places": 5, "taken": 4, "proven": False, "promoting": True}),
        (Place.WAITLISTED, {"places": 5, "taken": 5, "proven": True, "promoting": True}),
        (Place.WAITLISTED, {"places": 5, "taken": 7, "proven": False, "promoting": True}),
        (Place.NONE, {"places": 5, "taken": 5, "proven": True, "promoting": False}),
        (Place.CONFIRMED, {"places": 5, "taken": 4, "proven": True, "promoting": False}),
        (Place.WAITLISTED, {"places": 0, "taken": 0, "proven": True, "promoting": True}),
        (Place.CONFIRMED, {"places": None, "taken": 10_000, "proven": True, "promoting": False}),
    ],
)
def test_what_becomes_of_somebody_who_asks(place: Place, facts: dict[str, Any]) -> None:
    assert decide(**facts) == place


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 15, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        ((at(10), at(11)), True),
        ((at(9), at(10)), False),
        ((at(9), at(10, 5)), False),
        ((at(9), at(10, 6)), True),
        ((at(10, 55), at(12)), False),
        ((at(10, 54), at(12)), True),
        ((at(10, 20), at(10, 40)), True),
    ],
)
def test_five_minutes_of_overlap_are_no_clash(other: tuple[datetime, datetime], clash: bool) -> None:
    assert overlaps((at(10), at(11)), other, timedelta(minutes=5)) is clash
    assert overlaps(other, (at(10), at(11)), timedelta(minutes=5)) is clash


def test_a_free_place_is_confirmed_and_its_invitation_owed(building: Building) -> None:
    session, ann = building.session(places=1), building.person(1)
    assert building.book(session, ann) == Booked(
        Came.CONFIRMED, session, "Strengths", START, START + timedelta(minutes=45), "Europe/London"
    )
    assert building.owed() == ["invitation:1:1"]


def test_a_full_session_has_a_line_and_says_the_position(building: Building) -> None:
    session = building.session(places=1)
    came = [building.book(session, building.person(n)) for n in (1, 2, 3)]
    assert [(one.came, one.position) for one in came] == [(Came.CONFIRMED, None), (Came.WAITLISTED, 1), (Came.WAITLISTED, 2)]


def test_booking_twice_changes_nothing(building: Building) -> None:
    session, ann = building.session(places=1), building.person(1)
    first, again = building.book(session, ann), building.book(session, ann)
    assert (first.already, again.already, again.came) == (False, True, Came.CONFIRMED)
    assert building.owed() == ["invitation:1:1"]


def test_cancelling_promotes_the_first_in_line(building: Building) -> None:
    session = building.session(places=1)
    ann, bob, cat = (building.person(n) for n in (1, 2, 3))
    for person in (ann, bob, cat):
        building.book(session, person)
    assert building.cancel(session, ann) == Cancelled(session, "Strengths", BookingState.CONFIRMED, invited=False)
    assert [building.booking(session, p).state for p in (ann, bob, cat)] == [
        BookingState.CANCELLED,
        BookingState.CONFIRMED,
        BookingState.WAITLISTED,
    ]
    assert building.owed() == ["promotion:2:1"]


def test_who_is_promoted_and_likes_chat_hears_there_too(building: Building) -> None:
    session = building.session(places=1)
    ann, bob = building.person(1), building.person(2, reminders_by_chat=True)
    building.book(session, ann)
    building.book(session, bob)
    building.cancel(session, ann)
    assert building.owed() == ["promotion:2:1", "promotion:2:1:chat"]


def test_cancelling_again_is_harmless_and_what_was_never_booked_is_not_found(building: Building) -> None:
    session, ann = building.session(places=1), building.person(1)
    with pytest.raises(NotFound, match="You have no booking for this session"):
        building.cancel(session, ann)
    building.book(session, ann)
    building.cancel(session, ann)
    assert building.cancel(session, ann) == Cancelled(session, "Strengths", BookingState.CANCELLED, invited=False, already=True)


def test_booking_again_reuses_the_row_and_joins_the_line_at_its_end(building: Building) -> None:
    session = building.session(places=1)
    ann, bob = building.person(1), building.person(2)
    building.book(session, ann)
    building.book(session, bob)
    building.cancel(session, ann)
    again = building.book(session, ann)
    mine = building.booking(session, ann)
    assert (again.came, again.position, mine.id, mine.queue_number, mine.cancelled_at) == (Came.WAITLISTED, 1, 1, 3, None)


def test_a_clash_is_said_and_nothing_is_booked_until_it_is_accepted(building: Building) -> None:
    ann, first = building.person(1), building.session(title="Strengths")
    second = building.session(title="Signs of safety", starts_at=START + timedelta(minutes=30))
    building.book(first, ann)
    clash = (Clash(first, "Strengths", START, START + timedelta(minutes=45), "Europe/London"),)
    said = building.book(second, ann)
    assert (said.came, said.clashes) == (Came.CLASH, clash)
    assert building.owed() == ["invitation:1:1"]
    assert building.book(second, ann, accept_clash=True).came is Came.CONFIRMED


def test_neither_waiting_nor_a_cancelled_session_clashes(building: Building) -> None:
    ann, bob = building.person(1), building.person(2)
    full, called_off, third = (building.session(places=1, title=title) for title in ("Full", "Off", "Third"))
    building.book(full, bob)
    building.book(full, ann)
    building.book(called_off, ann)
    building.call_off(called_off)
    assert building.book(third, ann).came is Came.CONFIRMED


def test_who_waits_and_presses_book_again_hears_their_position_not_of_a_clash(building: Building) -> None:
    ann, bob = building.person(1), building.person(2)
    full, other = building.session(places=1), building.session()
    building.book(full, bob)
    building.book(full, ann)
    building.book(other, ann)
    again = building.book(full, ann)
    assert (again.came, again.position, again.already) == (Came.WAITLISTED, 1, True)


def test_a_promotion_that_would_clash_is_offered_and_may_be_taken(building: Building) -> None:
    ann, bob = building.person(1), building.person(2)
    full, other = building.session(places=1), building.session(title="Other")
    building.book(full, bob)
    building.book(full, ann)
    building.book(other, ann)
    building.cancel(full, bob)
    offered = building.booking(full, ann)
    until = building.now + timedelta(hours=12)
    assert (offered.state, offered.hold, offered.held_until) == (BookingState.HELD, Hold.OFFER, until)
    assert building.owed() == ["invitation:3:1", "offer:2:2:email"]
    asked = building.book(full, ann)
    assert (asked.came, [clash.title for clash in asked.clashes]) == (Came.CLASH, ["Other"])
    assert building.book(full, ann, accept_clash=mark_of(asked.clashes)).came is Came.CONFIRMED
    letters = building.deliver()
    assert [(letter.kind, letter.booking_id) for letter in letters] == [(Kind.INVITATION, 3), (Kind.INVITATION, 2)]  # the offer is answered


def test_an_offer_goes_on_to_the_next_when_it_is_declined_or_lapses(building: Building) -> None:
    ann, bob, cat, dan = (building.person(n) for n in (1, 2, 3, 4))
    full, other = building.session(places=1), building.session(title="Other")
    for person in (ann, bob, cat, dan):
        building.book(full, person)
    for person in (bob, cat):
        building.book(other, person)
    building.cancel(full, ann)
    building.cancel(full, bob)
    assert building.booking(full, cat).hold is Hold.OFFER
    building.later(hours=12)
    with pytest.raises(Closed, match="This offer has ended"):
        building.book(full, cat)
    assert building.write(places.lapse_holds, building.rules, now=building.now) == 1
    assert (building.booking(full, cat).state, building.booking(full, dan).state) == (BookingState.CANCELLED, BookingState.CONFIRMED)
    assert [key for key in building.owed() if key.startswith(("lapsed", "promotion"))] == ["lapsed:3:3:email", "promotion:4:1"]


def test_an_offer_ends_at_the_cut_off_at_the_latest(building: Building) -> None:
    ann, bob = building.person(1), building.person(2)
    full, other = building.session(places=1), building.session(title="Other")
    building.book(full, bob)
    building.book(full, ann)
    building.book(other, ann)
    building.now = START - timedelta(hours=5)
    building.cancel(full, bob)
    assert building.booking(full, ann).held_until == START - timedelta(hours=2)


def test_from_the_cut_off_nobody_is_promoted_and_free_places_are_first_come(building: Building) -> None:
    ann, bob, cat, dan = (building.person(n) for n in (1, 2, 3, 4))
    session = building.session(places=1)
    building.book(session, ann)
    building.book(session, bob)
    building.now = START - timedelta(hours=2)
    with pytest.raises(Closed, match="no waiting list now"):
        building.book(session, dan)
    building.cancel(session, ann)
    assert building.booking(session, bob).state is BookingState.WAITLISTED
    assert building.book(session, cat).came is Came.CONFIRMED
    building.cancel(session, cat)
    assert building.book(session, bob).came is Came.CONFIRMED


def test_a_place_is_held_until_the_address_is_proven_and_counts_as_taken(building: Building) -> None:
    session, new, ann = building.session(places=1), building.newcomer(9), building.person(1)
    held = building.book(session, new)
    assert (held.came, held.held_until) == (Came.HELD, building.now + timedelta(minutes=30))
    assert building.book(session, ann).came is Came.WAITLISTED
    building.deliver()
    assert building.prove(9) == Proven("person9@council.gov.uk", (session,), 0)
    assert building.booking(session, new).state is BookingState.CONFIRMED
    assert building.owed() == ["invitation:1:1"]


def test_a_hold_that_is_not_proven_in_time_lapses_and_promotes(building: Building) -> None:
    session, new, ann = building.session(places=1), building.newcomer(9), building.person(1)
    building.book(session, new)
    building.book(session, ann)
    building.later(minutes=29)
    assert building.write(places.lapse_holds, building.rules, now=building.now) == 0
    building.later(minutes=1)
    assert building.write(places.lapse_holds, building.rules, now=building.now) == 1
    assert [building.booking(session, p).state for p in (new, ann)] == [BookingState.CANCELLED, BookingState.CONFIRMED]
    assert building.owed() == ["verification:1:email", "lapsed:1:1:chat", "promotion:2:1"]


def test_a_hold_ends_with_the_start_of_its_session(building: Building) -> None:
    session, new = building.session(), building.newcomer(9)
    building.now = START - timedelta(minutes=10)
    assert building.book(session, new).held_until == START


def test_a_place_free_for_want_of_anybody_proven_goes_to_who_waits_as_soon_as_they_prove(building: Building) -> None:
    session, ann, new = building.session(places=1), building.person(1), building.newcomer(9)
    building.book(session, ann)
    building.book(session, new)
    building.cancel(session, ann)
    assert building.booking(session, new).state is BookingState.WAITLISTED
    building.deliver()
    building.prove(9)
    assert building.booking(session, new).state is BookingState.CONFIRMED
    assert building.owed() == ["promotion:2:1", "promotion:2:1:chat"]


def test_raising_the_places_promotes_in_order_and_fewer_than_people_have_are_refused(building: Building) -> None:
    session = building.session(places=1)
    ann, bob, cat = (building.person(n) for n in (1, 2, 3))
    for person in (ann, bob, cat):
        building.book(session, person)
    assert building.change(session, places=2).promoted == 1
    with pytest.raises(BadInput, match=r"^1 place, but 2 people have a place\. Enter at least 2, or ask some of them first\.$"):
        building.change(session, places=1)
    assert [building.booking(session, p).state for p in (ann, bob)] == [BookingState.CONFIRMED, BookingState.CONFIRMED]
    assert building.change(session, places=2).promoted == 0
    assert building.change(session, places=None).promoted == 1


def test_the_room_and_the_online_places_of_a_hybrid_session_fill_apart(building: Building) -> None:
    session = building.session(format=Format.HYBRID, places=1, online_places=1)
    people = [building.person(n) for n in (1, 2, 3)]
    with pytest.raises(BadInput, match="in the room or online"):
        building.book(session, people[0])
    came = [building.book(session, p, mode=mode) for p, mode in zip(people, (Mode.ROOM, Mode.ROOM, Mode.ONLINE), strict=True)]
    assert [one.came for one in came] == [Came.CONFIRMED, Came.WAITLISTED, Came.CONFIRMED]
    building.cancel(session, people[2])
    assert building.booking(session, people[1]).state is BookingState.WAITLISTED
    assert building.book(session, people[1], mode=Mode.ONLINE).came is Came.CONFIRMED


def test_a_place_that_is_held_counts_when_places_are_lowered(building: Building) -> None:
    session = building.session(places=5)
    building.book(session, building.newcomer(9))
    with pytest.raises(BadInput, match=r"^0 places, but 1 person has a place\. Enter at least 1, or ask them first\.$"):
        building.change(session, places=0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places": 1}, "1 place in the room, but 2 people have a place in the room. Enter at least 2, or ask some of them first."),
        ({"online_places": 0}, "0 places online, but 1 person has a place online. Enter at least 1, or ask them first."),
        (
            {"format": Format.IN_PERSON, "provider": None, "places": 2},
            "2 places, but 3 people have a place. Enter at least 3, or ask some of them first.",
        ),
    ],
)
def test_a_hybrid_session_takes_nobodys_place_away(building: Building, changes: dict[str, Any], said: str) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=5, online_places=5)
    for number, mode in ((1, Mode.ROOM), (2, Mode.ROOM), (3, Mode.ONLINE)):
        building.book(session, building.person(number), mode=mode)
    with pytest.raises(BadInput) as refused:
        building.change(session, **changes)
    assert str(refused.value) == said


def test_a_way_that_is_not_offered_is_refused(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    with pytest.raises(BadInput, match="that way"):
        building.book(session, ann, mode=Mode.ONLINE)


def test_what_has_started_can_be_neither_booked_nor_cancelled(building: Building) -> None:
    session, ann, bob = building.session(), building.person(1), building.person(2)
    building.book(session, ann)
    building.now = START
    with pytest.raises(Closed, match="has started, so it can no longer be booked"):
        building.book(session, bob)
    with pytest.raises(Closed, match="has started, so it can no longer be cancelled"):
        building.cancel(session, ann)


def test_a_cancelled_session_tells_everyone_once_and_takes_no_more(building: Building) -> None:
    ann, bob, new = building.person(1), building.person(2), building.newcomer(9)
    session = building.session(places=2)
    for person in (ann, new, bob):
        building.book(session, person)
    building.deliver()
    building.later(minutes=5)
    assert building.call_off(session, "The speaker is ill.").told == 3
    assert building.call_off(session).told == 0
    told = building.deliver()
    assert [(letter.kind, letter.channel, letter.reason, letter.by_organiser, letter.calendar is not None) for letter in told] == [
        (Kind.CANCELLATION, Channel.EMAIL, "The speaker is ill.", True, True),
        (Kind.CANCELLATION, Channel.CHAT, "The speaker is ill.", True, False),  # nothing goes to an unproven address
        (Kind.CANCELLATION, Channel.EMAIL, "The speaker is ill.", True, False),
    ]
    with pytest.raises(Closed, match="has been called off"):
        building.book(session, ann)


@pytest.mark.parametrize("what", ["draft programme", "private session"])
def test_what_is_not_open_to_all_is_not_found(building: Building, what: str) -> None:
    ann = building.person(1)
    if what == "draft programme":
        building.programme("Next year", publish=False)
        session = building.session()
    else:
        session = building.session(privacy=Privacy.PRIVATE, public_title="A session")
    with pytest.raises(NotFound):
        building.book(session, ann)


def test_a_person_of_another_partnership_cannot_book_here(building: Building) -> None:
    def neighbour(db: Db) -> int:
        return proven_person(db, ensure_partnership(db, "north", "Northern", 2), 5, now=building.now)

    session, stranger = building.session(), building.write(neighbour)
    with pytest.raises(NotFound):
        building.book(session, stranger)


def test_every_booking_marks_the_session_for_those_who_show_it(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    building.later(minutes=3)
    building.book(session, ann)
    assert building.read(lambda db: db.exec(select(Session.touched_at).where(col(Session.id) == session)).one()) == building.now


def test_a_list_that_closes_again_on_a_later_day_is_told_again(building: Building) -> None:
    session, ann, bob = building.session(places=1), building.person(1), building.person(2)
    building.book(session, ann)
    building.book(session, bob)
    building.deliver()
    told = []
    for day in (START, START + timedelta(days=3)):
        building.move(session, day)
        building.deliver()
        building.now = day - timedelta(minutes=110)
        for _ in range(2):  # once each
            building.write(close_waiting, building.rules, now=building.now)
        told.append([letter.kind for letter in building.deliver() if letter.kind is Kind.WAITING_CLOSED])
    assert told == [[Kind.WAITING_CLOSED], [Kind.WAITING_CLOSED]]
