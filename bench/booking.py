"""Booking: five hundred people who want one session at once.

The baseline of a burst is the same work by hand: the statements that real bookings said to the database are written down, and
said again over the bare driver, in one thread, a transaction for each person, each with that person's own values. In the end both
databases must hold the same bookings, the same notices and the same line.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
from sqlalchemy import event, make_url
from sqlmodel import col, select

from bench.filling import fill
from bench.ground import Ground
from bench.measuring import Figures, Limit, Line
from domain.bookings import Booked, Came, book
from domain.database import Db, Store, writing_engine
from domain.models import Booking, BookingState, Notice
from domain.rules import Rules

PEOPLE, PLACES = 500, 50
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PARTNERSHIP = SESSION = 1  #: the ids of what is filled in


def one_session(ground: Ground, database: str) -> str:
    """Five hundred people and one session of fifty places, and one more of each for a booking beforehand; the URL."""
    url = ground.database(database, "burst")
    fill(url, now=NOW, people=PEOPLE + 1, sessions=2, places=PLACES, next_place=1)
    return url


# ── the burst ───────────────────────────────────────────────────────────────────────────────────────────────


async def burst(ground: Ground, database: str) -> Figures:
    """Ours: all of them ask in the same instant, over the real use case; bookings a second, and how long they waited for their answer."""
    url = ground.copied(ground.made, "ours")
    store = Store(url)
    await store.write(book, PARTNERSHIP, SESSION + 1, PEOPLE + 1, Rules(), now=NOW)  # a program that runs has booked before
    began = time.perf_counter()
    asking = (_ask(store, person, began) for person in range(1, PEOPLE + 1))
    answers = await asyncio.gather(*asking)
    seconds = max(after for _, after in answers)
    came = [one.came for one, _ in answers]
    assert came == [Came.CONFIRMED] * PLACES + [Came.WAITLISTED] * (PEOPLE - PLACES)
    assert [one.position for one, _ in answers[PLACES:]] == list(range(1, PEOPLE - PLACES + 1))
    assert await store.read(outcome) == expected()
    await asyncio.to_thread(store.close)
    ground.drop(url)
    return {"value": PEOPLE / seconds, "p99_s": sorted(after for _, after in answers)[int(PEOPLE * 0.99) - 1]}


async def _ask(store: Store, person_id: int, began: float) -> tuple[Booked, float]:
    booked = await store.write(book, PARTNERSHIP, SESSION, person_id, Rules(), now=NOW)
    return booked, time.perf_counter() - began


def outcome(db: Db) -> tuple[list[tuple[int, str, int]], list[int]]:
    """(person, state, number in the queue) in the order of the queue, and the people who are owed an invitation."""
    line = select(Booking.person_id, Booking.state, Booking.queue_number).order_by(col(Booking.queue_number))
    line = line.where(col(Booking.session_id) == SESSION)
    owed = select(Notice.person_id).where(col(Notice.session_id) == SESSION).order_by(col(Notice.person_id))
    return [(person, str(state), number) for person, state, number in db.exec(line)], [one or 0 for one in db.exec(owed)]


def expected() -> tuple[list[tuple[int, str, int]], list[int]]:
    """The first fifty have a place and an invitation, the others wait in the order in which they asked."""
    states = [BookingState.CONFIRMED.value] * PLACES + [BookingState.WAITLISTED.value] * (PEOPLE - PLACES)
    return [(person, state, person) for person, state in enumerate(states, 1)], list(range(1, PLACES + 1))


# ── the same by hand ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Said:
    """One statement and its values, as the driver got them."""

    statement: str
    values: Any

    def of_another(self, further: int, same: Said) -> Said:
        """What the person who asks `further` behind says: where `same`, said by the next person, has other values, ours go on like that."""
        if isinstance(self.values, dict):
            return Said(self.statement, {name: _gone_on(one, same.values[name], further) for name, one in self.values.items()})
        return Said(self.statement, tuple(_gone_on(*both, further) for both in zip(self.values, same.values, strict=True)))


def _gone_on(one: Any, following: Any, further: int) -> Any:
    if one == following:
        return one
    if isinstance(one, int) and following == one + 1:
        return one + further
    return re.sub(r"\d+", lambda number: _next_number(number, following, further), one)


def _next_number(number: re.Match[str], following: str, further: int) -> str:
    there = re.compile(r"\d+").match(following, number.start())
    assert there is not None
    return number[0] if there[0] == number[0] else str(int(number[0]) + further)


@contextmanager
def _written_down(url: str) -> Any:
    """A store's writing engine's statements, while the block lasts."""
    engine, said = writing_engine(url), list[Said]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(Said(statement, values))

    yield engine, said
    engine.dispose()


def said_by(url: str) -> list[list[Said]]:
    """What each of the first people says who book, one after another."""
    with _written_down(url) as (engine, said):
        people = []
        for person in range(1, PLACES + 3):
            said.clear()
            with Db(engine) as db:
                book(db, PARTNERSHIP, SESSION, person, Rules(), now=NOW)
                db.commit()
            people.append(list(said))
    return people


def replayed(ground: Ground, database: str) -> Figures:
    """The baseline: the same statements by the bare driver, one thread, a transaction each; bookings a second."""
    learnt, url = ground.copied(ground.made, "learn"), ground.copied(ground.made, "hand")
    first = said_by(learnt)
    ground.drop(learnt)
    confirmed, waiting = (first[0], first[1]), (first[PLACES], first[PLACES + 1])
    everyone = [
        [said.of_another(person - before, same) for said, same in zip(*both, strict=True)]
        for person in range(1, PEOPLE + 1)
        for before, both in [(1, confirmed) if person <= PLACES else (PLACES + 1, waiting)]
    ]
    seconds = (_by_sqlite3 if database == "sqlite" else _by_psycopg)(url, everyone)
    store = Store(url)
    assert store.read_now(outcome) == expected()
    store.close()
    ground.drop(url)
    return {"value": PEOPLE / seconds, "statements": len(confirmed[0]), "statements_of_who_waits": len(waiting[0])}


def _by_sqlite3(url: str, everyone: Sequence[Sequence[Said]]) -> float:
    connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    began = time.perf_counter()
    for one in everyone:
        connection.execute("BEGIN IMMEDIATE")
        for said in one:
            connection.execute(said.statement, said.values).fetchall()
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def _by_psycopg(url: str, everyone: Sequence[Sequence[Said]]) -> float:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
        began = time.perf_counter()
        for one in everyone:
            for said in one:
                cursor = connection.execute(cast("Any", said.statement), said.values)
                if cursor.description is not None:
                    cursor.fetchall()
            connection.commit()
        return time.perf_counter() - began


def _burst_line(database: str, label: str, least: float) -> Line:
    return Line(
        what=f"a burst of 500 people booking one session of 50 places, {label} with fsync",
        unit="bookings/s",
        against="the same statements by hand over the bare driver, one thread, a transaction each",
        prepare=one_session,
        ours=burst,
        baseline=replayed,
        given={"database": database},
        limits=(Limit("ratio", least=least), Limit("p99_s", most=1.5)),
        postgres=database == "postgresql",
    )


LINES = (
    _burst_line("sqlite", "SQLite", 0.25),
    _burst_line("postgresql", "PostgreSQL", 0.5),
)
