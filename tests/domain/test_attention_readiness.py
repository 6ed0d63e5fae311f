"""The attention list beyond links and letters: presenters, rooms, needs, privacy, and places that do not fit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.attention import Concern, attention
from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, BookingState, Needs, Presenter, Privacy, Session
from tests.building import START, Building

DAY = timedelta(days=1)
WHEN = "(Monday 15 March 2027, 9.30am to 10.15am)"


def says(building: Building, programme_id: int | None = None) -> list[tuple[Concern, str]]:
    where = building.partnership_id, programme_id or building.programme_id
    return [(item.concern, item.sentence) for item in building.read(attention, *where, building.rules, now=building.now)]


def put(building: Building, *made: Any) -> None:
    building.write(lambda db: db.add_all(made))


def changed(building: Building, table: type[Any], row_id: int, **values: Any) -> None:
    def set_(db: Db) -> None:
        row = db.get_one(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        db.add(row)

    building.write(set_)


def presenter(building: Building, session_id: int, **more: Any) -> Presenter:
    return Presenter(partnership_id=building.partnership_id, session_id=session_id, label="Ann Other", **more)


def test_a_presenter_who_has_not_said_yes_is_told_a_week_before(building: Building) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1))
    put(building, presenter(building, session_id, address="ann@council.example"), presenter(building, session_id))
    building.now = START - 7 * DAY - timedelta(seconds=1)
    assert says(building) == []
    building.now = START - 7 * DAY
    words = f"“Strengths” {WHEN}: its presenter has not said yes yet. Please ask them, or name somebody else with /session presenters."
    assert says(building) == [(Concern.UNCONFIRMED, words)]
    changed(building, Presenter, 1, confirmed_at=building.now)
    assert says(building) == []


def test_a_presenter_who_said_no_is_told_at_once(building: Building) -> None:
    session_id = building.session()
    put(building, presenter(building, session_id, address="ann@council.example", declined_at=building.now))
    words = f"“Strengths” {WHEN}: its presenter has said that they cannot come. "
    assert says(building) == [
        (Concern.DECLINED, words + "Name somebody else with /session presenters, or move the session with /session reschedule.")
    ]
    changed(building, Presenter, 1, ended_at=building.now)
    assert says(building) == []


def test_two_sessions_in_one_room_at_once_are_told_once_and_five_minutes_are_forgiven(building: Building) -> None:
    building.session(title="First")
    building.session(title="Second", starts_at=START + timedelta(minutes=40), venue="town hall,  Room 2")
    assert says(building) == []
    building.session(title="Third", starts_at=START + timedelta(minutes=30))
    shared = {words.split(" has the same room as ")[0] for concern, words in says(building) if concern is Concern.ROOM_CLASH}
    assert len(shared) == 2
    assert says(building)[0][1].endswith("Town Hall, room 2. Change the room with /session edit.")


def test_a_clash_with_a_private_session_of_another_programme_does_not_say_its_title(building: Building) -> None:
    private = building.session(title="Parents of children in care", privacy=Privacy.PRIVATE)
    other = building.programme("Another week")
    building.session(title="Mine")
    words = f"“Mine” {WHEN} has the same room as a private session of another programme: Town Hall, room 2. "
    mine = (Concern.ROOM_CLASH, words + "Change the room with /session edit.")
    assert [item for item in says(building, other) if "Mine" in item[1]] == [mine]
    building.call_off(private)
    assert [item for item in says(building, other) if "Mine" in item[1]] == []


@pytest.mark.parametrize("first", [Privacy.OPEN, Privacy.PRIVATE])
@pytest.mark.parametrize("sees", [False, True])
def test_where_a_private_session_is_is_not_told_by_the_one_that_shares_its_room(building: Building, first: Privacy, sees: bool) -> None:
    second = Privacy.PRIVATE if first is Privacy.OPEN else Privacy.OPEN
    for privacy in (first, second):
        building.session(title="Parents of children in care" if privacy is Privacy.PRIVATE else "Open", privacy=privacy)
    (item,) = building.read(attention, building.partnership_id, building.programme_id, building.rules, now=building.now, sees_private=sees)
    assert ("“Parents of children in care”" in item.sentence) is sees
    if not sees:
        assert item.sentence.startswith(f"“Open” {WHEN} has the same room as a private session: Town Hall, room 2. ")


def test_nor_by_an_open_session_of_another_programme(building: Building) -> None:
    building.session(title="Elsewhere", venue="Rowan House")
    mine = building.programme("Another week")
    building.session(title="Parents of children in care", privacy=Privacy.PRIVATE, venue="Rowan House")
    ((_, words),) = [item for item in says(building, mine) if item[0] is Concern.ROOM_CLASH and "another session" in item[1]]
    assert words.endswith(f"{WHEN} has the same room as another session. Change the room with /session edit.")


def test_needs_are_counted_until_somebody_has_seen_to_them(building: Building) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1))
    booking = building.booking(session_id, 1)
    put(
        building,
        Needs(
            partnership_id=building.partnership_id,
            booking_id=booking.id or 0,
            access="A ramp",
            told_at=building.now,
            delete_on=date(2027, 4, 1),
        ),
    )
    words = f"“Strengths” {WHEN}: 1 person has told you what they need to be able to come. See what, and answer, with /session needs."
    assert says(building) == [(Concern.NEEDS, words)]
    assert "ramp" not in words
    changed(building, Needs, 1, answered_at=building.now)
    assert says(building) == []


def test_a_session_whose_privacy_awaits_an_answer_is_told(building: Building) -> None:
    session_id = building.session()
    changed(building, Session, session_id, privacy_asked=True)
    words = f"“Strengths” {WHEN} looks as if families take part. Say whether it is private with /session private, before you publish it."
    assert says(building) == [(Concern.PRIVACY, words)]


def test_an_empty_session_is_told_three_days_before(building: Building) -> None:
    session_id = building.session()
    building.now = START - 3 * DAY - timedelta(seconds=1)
    assert says(building) == []
    building.now = START - 3 * DAY
    words = f"“Strengths” {WHEN}: nobody has booked. Tell people about it, or cancel it with /session cancel."
    assert says(building) == [(Concern.EMPTY, words)]
    building.book(session_id, building.person(1))
    assert says(building) == []


def test_an_overfull_session_and_one_with_a_free_place_while_people_wait_are_told(building: Building) -> None:
    session_id = building.session(places=1)
    for number in (1, 2, 3):
        building.book(session_id, building.person(number))
    assert says(building) == []
    second = building.booking(session_id, 2)
    changed(building, Booking, second.id or 0, state=BookingState.CONFIRMED)
    words = (
        f"“Strengths” {WHEN}: 2 people booked, for 1 place. Add places with /session places, or choose a larger room with /session edit."
    )
    assert says(building) == [(Concern.OVERFULL, words)]
    changed(building, Session, session_id, places=4)
    words = f"“Strengths” {WHEN}: 1 person waits for a place, and 2 are free. Ask them to open the session with /my bookings and book."
    assert says(building) == [(Concern.WAITING, words)]
    assert second.mode is Mode.ROOM
