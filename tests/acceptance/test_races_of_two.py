"""Two processes over one database: no place is given twice, no edit is lost, no code is used too often, and what is told is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain import invitations
from domain.database import Store
from domain.invitations import NewCode
from domain.models import Admission, Booking, BookingState, CodeGuess, Notice, Privacy, Session
from domain.rules import Rules
from domain.transfers import asking
from tests.acceptance.racing import Racers
from tests.building import ACTOR, START, Building, rows
from tests.conftest import NOW
from tests.series_building import run_of

CONFIRMED, WAITLISTED, CANCELLED = BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    started = Racers()
    yield started
    started.close()


@pytest.fixture
def building(store: Store, partnership_id: int) -> Building:
    made = Building(store, partnership_id, Rules(), NOW)
    made.programme()
    return made


def states(building: Building, session_id: int) -> Counter[BookingState]:
    return Counter(booking.state for booking in building.read(rows, Booking, Booking.session_id == session_id))


def test_forty_people_who_want_a_series_of_three_have_it_whole_or_wait_for_it_whole(
    building: Building, racers: Racers, database_url: str
) -> None:
    run, people = run_of(building, places=5), [building.person(number) for number in range(1, 41)]
    calls = [["book_series", building.partnership_id, run.id, person] for person in people]
    came = racers.race(database_url, building.now, calls[::2], calls[1::2])
    assert Counter(came[0] + came[1]) == {"confirmed": 5, "waitlisted": 35}
    assert Counter(tuple(run.states(person)) for person in people) == {(CONFIRMED,) * 4: 5, (WAITLISTED,) * 4: 35}
    giving = [["cancel_series", building.partnership_id, run.id, person] for person in people if run.whole(person).state is CONFIRMED]
    single = [["book", building.partnership_id, part, building.person(50 + n)] for n, part in enumerate(run.parts)]
    came = racers.race(database_url, building.now, giving, single)
    assert came == [["confirmed"] * 5, ["refused"] * 3 if came[1][0] == "refused" else ["waitlisted"] * 3]
    assert Counter(run.whole(person).state for person in people) == {CONFIRMED: 5, WAITLISTED: 30, CANCELLED: 5}
    assert [states(building, part)[CONFIRMED] for part in run.parts] == [5, 5, 5]


def test_a_hold_is_proven_or_it_lapses_and_nobody_is_told_what_is_not_so(building: Building, racers: Racers, database_url: str) -> None:
    session, newcomers = building.session(places=20), [building.newcomer(number) for number in range(1, 21)]
    for person in newcomers:
        building.book(session, person)
    waiting = [building.person(number) for number in range(21, 31)]
    for person in waiting:
        building.book(session, person)
    building.later(minutes=25)
    building.deliver()
    late = (building.now + timedelta(minutes=6)).isoformat()
    proving = [["prove", building.partnership_id, number, "123456"] for number in range(1, 21)]
    proven, lapsed = racers.race(database_url, building.now, proving, [["lapse", late]] * 20)
    states_of = [building.booking(session, person).state for person in newcomers]
    assert [bool(told) for told in proven] == [state is CONFIRMED for state in states_of]
    assert sum(lapsed) == states_of.count(CANCELLED)
    promoted = [building.booking(session, person).state is CONFIRMED for person in waiting]
    assert promoted == [True] * min(sum(lapsed), 10) + [False] * (10 - min(sum(lapsed), 10))
    assert states(building, session)[CONFIRMED] <= 20


def test_a_place_that_is_handed_over_is_taken_once(building: Building, racers: Racers, database_url: str) -> None:
    session, people = building.session(places=6), [building.person(number) for number in range(1, 7)]
    for number in range(11, 17):
        building.person(number)
    where = building.partnership_id, session
    taking, giving = [], []
    for number, person in enumerate(people, start=11):
        building.book(session, person)
        building.deliver()
        building.later(minutes=1)
        address = f"person{number}@council.gov.uk"
        building.write(asking.hand_over_place, *where, person, "Kim", address, building.rules, now=building.now)
        (letter,) = building.deliver()
        taking.append(["take_over", building.partnership_id, number, letter.code])
        giving.append(["cancel", *where, person])
    first, second = racers.race(database_url, building.now, taking, [*taking[:3], *giving[3:]])
    assert all({one, two} == {"TakenOver", "Refusal"} for one, two in zip(first[:3], second[:3], strict=True))
    assert all((one == "TakenOver") != (two == "confirmed") for one, two in zip(first[3:], second[3:], strict=True))
    assert states(building, session)[CONFIRMED] == first.count("TakenOver") + second.count("TakenOver")


def test_a_colleague_whom_many_ask_at_once_has_three_letters(building: Building, racers: Racers, database_url: str) -> None:
    calls = []
    for number in range(1, 13):
        session, person = building.session(title=f"Session {number}"), building.person(number)
        building.book(session, person)
        calls.append(["hand_over", building.partnership_id, session, person, "kim@council.gov.uk"])
    came = racers.race(database_url, building.now, calls[::2], calls[1::2])
    assert Counter(came[0] + came[1]) == {"asked": 3, "refused": 9}


def test_two_organisers_who_change_one_session_lose_nothing_of_each_other(building: Building, racers: Racers, database_url: str) -> None:
    session = building.session(places=5)
    titles = [["retitle", building.partnership_id, session, f"Title {n}"] for n in range(20)]
    numbers = [["set_places", building.partnership_id, session, 10 + n] for n in range(20)]
    came = racers.race(database_url, building.now, titles, numbers)
    assert came == [[f"Title {n}" for n in range(20)], list(range(10, 30))]
    (left,) = building.read(rows, Session, Session.id == session)
    assert (left.title, left.places) == ("Title 19", 29)


def test_a_code_for_three_lets_three_in_and_every_wrong_one_counts(building: Building, racers: Racers, database_url: str) -> None:
    building.session(title="Parents", privacy=Privacy.PRIVATE, public_title="Coffee morning")
    made = building.write(
        invitations.make_code, building.partnership_id, NewCode(building.programme_id, most_uses=3), actor=ACTOR, now=building.now
    )
    calls = [["open_code", building.partnership_id, number, made.code] for number in range(1, 21)]
    came = racers.race(database_url, building.now, calls[::2], calls[1::2])
    assert Counter(came[0] + came[1]) == {"opened": 3, "refused": 17}
    assert len(building.read(rows, Admission)) == 3
    wrong = [["open_code", building.partnership_id, 99, "WRONG"]] * 4
    racers.race(database_url, building.now, wrong, wrong)
    assert [guess.tries for guess in building.read(rows, CodeGuess, CodeGuess.discord_id == 99)] == [8]


def test_two_who_keep_time_owe_every_reminder_once(building: Building, racers: Racers, database_url: str) -> None:
    session = building.session(places=30)
    for number in range(1, 31):
        building.book(session, building.person(number))
    at = [(START - timedelta(hours=24) + timedelta(seconds=n)).isoformat() for n in range(4)]
    came = racers.race(database_url, building.now, *([[["keep_time", one] for one in at]] * 2))
    assert came == [[0] * 4] * 2
    owed = Counter(notice.person_id for notice in building.read(rows, Notice) if notice.key.startswith("reminder"))
    assert sorted(owed.values()) == [1] * 30
