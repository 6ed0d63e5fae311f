"""Overbooking is impossible: many callers, and two processes, race for the places of one session.

Run as a script, this file is one of the two processes: it books the people it is given, all at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from domain import bookings
from domain.bookings import Booked, Came
from domain.database import Db, Store
from domain.errors import Refusal
from domain.models import Booking, BookingState
from domain.rules import Rules
from tests.building import Building

PLACES = 5
ROOT = Path(__file__).parents[2]
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def scene(store: Store, partnership_id: int, people: int, places: int = PLACES) -> tuple[Building, int, list[int]]:
    """A session, and people whose addresses are proven."""
    building = Building(store, partnership_id, Rules(), NOW)
    building.programme()
    return building, building.session(places=places), [building.person(number) for number in range(1, people + 1)]


def standing(db: Db, session_id: int) -> tuple[int, list[int]]:
    """(confirmed, the queue numbers of those who wait)."""
    mine = db.exec(select(Booking).where(col(Booking.session_id) == session_id).order_by(col(Booking.queue_number))).all()
    confirmed = sum(booking.state is BookingState.CONFIRMED for booking in mine)
    return confirmed, [booking.queue_number for booking in mine if booking.state is BookingState.WAITLISTED]


async def test_fifty_callers_at_once_never_get_more_than_the_places(store: Store, partnership_id: int) -> None:
    building, session_id, people = scene(store, partnership_id, 50)
    came = await asyncio.gather(
        *(store.write(bookings.book, partnership_id, session_id, person, building.rules, now=building.now) for person in people)
    )
    assert [one.came for one in came].count(Came.CONFIRMED) == PLACES
    assert sorted(one.position for one in came if one.position) == list(range(1, 46))
    assert await store.read(standing, session_id) == (PLACES, list(range(6, 51)))


async def test_one_person_pressing_fifty_times_has_one_booking(store: Store, partnership_id: int) -> None:
    building, session_id, (person,) = scene(store, partnership_id, 1)
    came = await asyncio.gather(
        *(store.write(bookings.book, partnership_id, session_id, person, building.rules, now=building.now) for _ in range(50))
    )
    assert [one.already for one in came].count(False) == 1
    assert building.owed() == ["invitation:1:1"]


async def test_cancelling_and_booking_at_once_leaves_no_place_empty_and_none_given_twice(store: Store, partnership_id: int) -> None:
    building, session_id, people = scene(store, partnership_id, 40)
    for person in people[:20]:
        building.book(session_id, person)
    cancels = (store.write(bookings.cancel, partnership_id, session_id, person, building.rules, now=building.now) for person in people[:5])
    books = (store.write(bookings.book, partnership_id, session_id, person, building.rules, now=building.now) for person in people[20:])
    await asyncio.gather(*(call for pair in zip(books, [*cancels, *([None] * 15)], strict=True) for call in pair if call is not None))
    confirmed = [building.booking(session_id, person).state is BookingState.CONFIRMED for person in people[:11]]
    assert confirmed == [False] * 5 + [True] * 5 + [False]  # those first in line have the places
    assert await store.read(standing, session_id) == (PLACES, list(range(11, 41)))


def test_two_processes_never_get_more_than_the_places(store: Store, partnership_id: int, database_url: str) -> None:
    _, session_id, people = scene(store, partnership_id, 120, places=40)
    halves = people[::2], people[1::2]
    racing = [_start(database_url, partnership_id, session_id, half) for half in halves]
    for process in racing:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=120) for process in racing]
    assert [(process.returncode, errors) for process, (_, errors) in zip(racing, ends, strict=True)] == [(0, ""), (0, "")]
    came = [outcome for output, _ in ends for outcome in json.loads(output)]
    assert [came.count("confirmed"), came.count("waitlisted"), len(came)] == [40, 80, 120]
    assert store.read_now(standing, session_id) == (40, list(range(41, 121)))


def test_two_processes_that_book_and_cancel_keep_the_line_in_order(store: Store, partnership_id: int, database_url: str) -> None:
    building, session_id, people = scene(store, partnership_id, 60)
    for person in people[:30]:
        building.book(session_id, person)
    racing = [
        _start(database_url, partnership_id, session_id, people[30:]),
        _start(database_url, partnership_id, session_id, people[:10], give_back=True),
    ]
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=120) for process in racing]
    assert [(process.returncode, errors) for process, (_, errors) in zip(racing, ends, strict=True)] == [(0, ""), (0, "")]
    confirmed, waiting = store.read_now(standing, session_id)
    assert (confirmed, waiting) == (PLACES, list(range(16, 61)))


# ── one of the two processes ────────────────────────────────────────────────────────────────────────────────


def _start(url: str, partnership_id: int, session_id: int, people: list[int], *, give_back: bool = False) -> subprocess.Popen[str]:
    order = json.dumps({"url": url, "partnership": partnership_id, "session": session_id, "people": people, "give_back": give_back})
    return subprocess.Popen(
        [sys.executable, __file__, order],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


async def _race(order: dict[str, Any]) -> list[str]:
    store = Store(str(order["url"]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    use_case = bookings.cancel if order["give_back"] else bookings.book
    came = []
    people = order["people"]
    assert isinstance(people, list)
    for few in (people[at : at + 5] for at in range(0, len(people), 5)):  # small commits, so that the processes take turns
        calls = (
            store.write(use_case, order["partnership"], order["session"], person, Rules(), now=NOW + timedelta(hours=1)) for person in few
        )
        came += [_word(one) for one in await asyncio.gather(*calls, return_exceptions=True)]
    store.close()
    return came


def _word(outcome: object) -> str:
    if isinstance(outcome, Booked):
        return outcome.came.value
    if isinstance(outcome, Refusal):
        return "refused"
    if isinstance(outcome, BaseException):
        raise outcome
    return "cancelled"


if __name__ == "__main__":
    sys.stdout.write("\n".join([json.dumps(asyncio.run(_race(json.loads(sys.argv[1]))))]))
