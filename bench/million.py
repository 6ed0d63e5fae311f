"""A million bookings: what a booking and a quiet tick cost there, beside the same at ten thousand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from sqlmodel import col, select

from bench.booking import NOW, PARTNERSHIP
from bench.filling import analysed, fill
from bench.ground import Ground
from bench.measuring import Figures, Limit, Line
from domain import sessions
from domain.agenda import due_and_next
from domain.bookings import book
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.kinds import Format
from domain.models import Session
from domain.rules import Rules
from scheduler.ticks import Ticks

MANY, FEW = 1_000_000, 10_000
OF_A_SESSION, OF_A_PERSON = 500, 20
BOOKED, TICKS = 300, 50


def many_and_few(ground: Ground, database: str, **_: Any) -> dict[str, str]:
    """Two databases of the same shape: five hundred bookings of a session, twenty of a person. Half of the sessions are over."""
    made = {}
    for bookings in (FEW, MANY):
        made[str(bookings)] = url = ground.database(database, f"holds_{bookings}")
        held, apart = bookings // OF_A_SESSION, timedelta(minutes=30)
        over: dict[str, Any] = {"feedback_closed_at": lambda n, last=held // 2: NOW if n <= last else None}
        fill(
            url, now=NOW, people=bookings // OF_A_PERSON, sessions=held, bookings=bookings, first=-apart * (held // 2), apart=apart, **over
        )
        store = Store(url)
        asyncio.run(_ticks(store).run_due())  # what the past still owed
        _open_another(store)
        store.close()
        analysed(url)
    return made


def _ticks(store: Store) -> Ticks:
    return Ticks(store, Rules(), clock=lambda: NOW, by="bench", providers={}, channels={})


def _open_another(store: Store) -> None:
    """A session more, for whoever books during the measurement; nothing else is on at its time."""
    starts_at = NOW + timedelta(days=100)
    new = NewSession(
        title="Another", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), format=Format.IN_PERSON, venue="Town Hall", places=50
    )
    store.write_now(sessions.add, PARTNERSHIP, 1, new, Rules(), actor="bench", now=NOW)


def booking_among(ground: Ground, database: str, bookings: int) -> Figures:
    """Milliseconds that one booking takes, the median of people who book one after another: half have a place, half wait."""
    url = ground.made[str(bookings)]
    store, took = Store(url), list[float]()
    _open_another(store)
    session_id = store.read_now(_last_session)
    store.write_now(book, PARTNERSHIP, session_id, BOOKED, Rules(), now=NOW)
    for person_id in range(1, BOOKED):
        began = time.perf_counter()
        store.write_now(book, PARTNERSHIP, session_id, person_id, Rules(), now=NOW, accept_clash=True)
        took.append(time.perf_counter() - began)
    store.close()
    return {"value": median(took) * 1000, "p99_ms": sorted(took)[int(len(took) * 0.99)] * 1000}


def _last_session(db: Db) -> int:
    return db.exec(select(col(Session.id)).order_by(col(Session.id).desc())).first() or 0


async def quiet_tick(ground: Ground, database: str, bookings: int) -> Figures:
    """Milliseconds of one pass of the clock with nothing due, the next instant looked up: the median."""
    store = Store(ground.made[str(bookings)])
    ticks, took = _ticks(store), list[float]()
    for _ in range(TICKS):
        began = time.perf_counter()
        await ticks.run_due()
        await store.read(due_and_next, Rules(), now=NOW)
        took.append(time.perf_counter() - began)
    await asyncio.to_thread(store.close)
    return {"value": median(took[5:]) * 1000, "p99_ms": sorted(took[5:])[-1] * 1000}


def _million_line(what: str, measurement: Callable[..., Any], database: str, label: str, *more: Limit) -> Line:
    return Line(
        what=f"{what} at 1,000,000 bookings, {label}",
        unit="ms",
        against="the same at 10,000",
        prepare=many_and_few,
        ours=measurement,
        baseline=measurement,
        given={"database": database, "bookings": MANY},
        baseline_given={"database": database, "bookings": FEW},
        limits=(Limit("ratio", most=1.3), *more),
        postgres=database == "postgresql",
    )


LINES = (
    *(
        _million_line(what, measurement, database, label, *more)
        for database, label in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
        for what, measurement, more in (("a booking", booking_among, ()), ("a quiet tick", quiet_tick, (Limit("value", most=5.0),)))
    ),
)
