"""Five hundred people who press one button: nobody too many has a place, the line is the order of asking, and each costs little."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain.bookings import Came, book
from domain.database import Db, Store, writing_engine
from domain.kinds import Format, Mode
from domain.models import Booking, Notice, Part
from domain.pressed import book_if_plain
from domain.series import parts
from tests.building import ACTOR, Building, proven_person
from tests.private_building import private_session

PEOPLE, PLACES = 500, 50


def crowd(db: Db, partnership_id: int, *, now: datetime) -> list[int]:
    """Five hundred people whose addresses are proven; their ids, in the order in which they will ask."""
    return [proven_person(db, partnership_id, number, now=now) for number in range(1, PEOPLE + 1)]


def line_of(db: Db, session_id: int) -> list[tuple[int, str]]:
    """(person, state) in the order of the queue."""
    mine = select(Booking.person_id, col(Booking.state)).where(col(Booking.session_id) == session_id).order_by(col(Booking.queue_number))
    return [(person, state.value) for person, state in db.exec(mine)]


def invited(db: Db) -> list[int | None]:
    """Who is owed something, in the order in which it was owed."""
    return list(db.exec(select(Notice.person_id).order_by(col(Notice.id))))


async def test_of_five_hundred_at_once_fifty_have_a_place_and_the_rest_wait_in_the_order_of_asking(
    building: Building, store: Store
) -> None:
    session, people = building.session(places=PLACES), building.write(crowd, building.partnership_id, now=building.now)
    wishes = (store.write(book, building.partnership_id, session, person, building.rules, now=building.now) for person in people)
    came = await asyncio.gather(*wishes)
    assert [(one.came, one.position) for one in came] == [(Came.CONFIRMED, None)] * PLACES + [
        (Came.WAITLISTED, number) for number in range(1, PEOPLE - PLACES + 1)
    ]
    states = ["confirmed"] * PLACES + ["waitlisted"] * (PEOPLE - PLACES)
    assert await store.read(line_of, session) == list(zip(people, states, strict=True))
    assert await store.read(invited) == people[:PLACES]


def said(building: Building, session_id: int, person_id: int) -> list[str]:
    """The first words of each statement of one booking."""
    engine, words = writing_engine(building.store.url), list[str]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words.append(" ".join(statement.replace('"', "").split()[:3]).removesuffix(" ("))

    with Db(engine) as db:
        book(db, building.partnership_id, session_id, person_id, building.rules, now=building.now)
        db.commit()
    engine.dispose()
    return [word for word in words if not word.startswith("BEGIN")]


def test_a_booking_says_six_statements_and_five_where_they_wait(building: Building) -> None:
    """One locks the session, one reads all that decides, and one writes each row: a seventh would be said five hundred times in a burst."""
    session = building.session(places=1)
    ann, bob = building.person(1), building.person(2)
    confirmed, waiting = said(building, session, ann), said(building, session, bob)
    assert confirmed == [
        "SELECT session.id, session.partnership_id,",
        "SELECT programme.state, person.id,",
        "INSERT INTO booking",
        "UPDATE session SET",
        "INSERT INTO notice",
        "INSERT INTO auditentry",
    ]
    assert waiting == [word for word in confirmed if word != "INSERT INTO notice"]


def press(building: Building, session_id: int, number: int, mode: Mode | None = None) -> Any:
    return building.write(book_if_plain, building.partnership_id, session_id, number, building.rules, now=building.now, mode=mode)


def test_who_is_known_and_proven_is_booked_by_the_press_alone(building: Building) -> None:
    session, ann = building.session(places=1), building.person(1)
    done = press(building, session, 1)
    assert (done.came, done.already) == (Came.CONFIRMED, False)
    assert (press(building, session, 1).came, press(building, session, 1).already) == (Came.CONFIRMED, True)
    assert building.read(line_of, session) == [(ann, "confirmed")]


@pytest.mark.parametrize("why", ["a stranger", "not proven", "a family", "private", "of a series", "no way chosen", "another partnership"])
def test_where_something_has_to_be_asked_first_a_press_changes_nothing(building: Building, why: str) -> None:
    number, partnership = 1, building.partnership_id
    of_session: dict[str, Any] = {}
    if why == "no way chosen":
        of_session = {"format": Format.HYBRID, "online_places": 3, "given_link": "https://meet.example/1"}
    session = private_session(building) if why == "private" else building.session(**of_session)
    match why:
        case "a stranger":
            pass
        case "not proven":
            building.newcomer(number)
        case "a family":
            building.person(number, part=Part.PARENT)
        case _:
            building.person(number)
    if why == "of a series":
        series = building.write(parts.create, partnership, "Course", None, actor=ACTOR, now=building.now)
        building.write(parts.add_part, partnership, series, session, actor=ACTOR, now=building.now)
    if why == "another partnership":
        partnership += 1
    owed = building.owed()
    assert building.write(book_if_plain, partnership, session, number, building.rules, now=building.now) is None
    assert (building.read(line_of, session), building.owed()) == ([], owed)


def test_a_press_that_says_the_way_books_a_hybrid_session(building: Building) -> None:
    session = building.session(format=Format.HYBRID, online_places=3, given_link="https://meet.example/1")
    building.person(1)
    assert press(building, session, 1, Mode.ONLINE).came is Came.CONFIRMED
