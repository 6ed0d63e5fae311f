"""A database filled fast: people, sessions, bookings and notices by plain SQL, a million in seconds, on both databases.

    filled = fill(url, people=20_000, sessions=2_000, bookings=1_000_000, now=now)

Person, session, booking and notice number n (from 1) have the id n. Booking n is of session `(n - 1) // each + 1`, where `each`
is bookings per session, and of person `(n - 1) % people + 1`: so nobody books a session twice as long as there are as many
people as bookings of a session. `rows` puts any number of rows of one table there, a column being a value or a function of
the row's number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from domain.database import Db, writing_engine
from domain.kinds import Channel, Format, Kind, Mode
from domain.models import Booking, BookingState, Notice, NoticeState, Organisation, Person, Programme, ProgrammeState, Session, SessionState
from domain.programmes import ensure_partnership
from domain.tables import table_of

CHUNK = 20_000


@dataclass(frozen=True)
class Filled:
    """What was put there: ids from 1 to each number. `each` bookings are of one session."""

    partnership_id: int
    programme_id: int
    people: int
    sessions: int
    bookings: int
    each: int


def fill(
    url: str,
    *,
    now: datetime,
    people: int,
    sessions: int = 1,
    bookings: int = 0,
    notices: bool = True,
    places: int | None = None,
    first: timedelta = timedelta(days=14),
    apart: timedelta = timedelta(minutes=30),
    **of_session: Any,
) -> Filled:
    """Fill an empty database: one published programme whose sessions begin `first` after `now`, `apart` from each other.

    Everyone's address is proven. Bookings are confirmed; with `notices` each has its invitation in the ledger, sent. `of_session`
    are further columns of every session, as values or functions of its number.
    """
    partnership_id = partnership(url)
    rows(url, Organisation, 1, partnership_id=partnership_id, name="Northfield Council", name_key="northfield council")
    last = now + first + apart * sessions
    rows(
        url, Programme, 1, partnership_id=partnership_id, title="Practice week", state=ProgrammeState.PUBLISHED, created_at=now,
        starts_on=(now + first).date(), ends_on=last.date(), channel_id=77,
    )  # fmt: skip
    rows(
        url, Person, people, partnership_id=partnership_id, discord_id=lambda n: 10_000 + n, name=lambda n: f"Person {n}",
        email=lambda n: f"person{n}@council.gov.uk", email_key=lambda n: f"person{n}@council.gov.uk",
        proven_at=now, privacy_read_at=now, organisation_id=1, created_at=now,
    )  # fmt: skip
    each = max(1, -(-bookings // sessions))
    assert each <= people, "somebody would have booked a session twice"
    rows(url, Session, sessions, **{**_session(partnership_id, now, now + first, apart, places, each), **of_session})
    rows(url, Booking, bookings, **_booking(partnership_id, now, people, each))
    if notices:
        rows(url, Notice, bookings, **_invitation(partnership_id, now, people, each))
    analysed(url)
    return Filled(partnership_id, 1, people, sessions, bookings, each)


def _session(partnership_id: int, now: datetime, first: datetime, apart: timedelta, places: int | None, each: int) -> dict[str, Any]:
    return {
        "partnership_id": partnership_id,
        "programme_id": 1,
        "reference": lambda n: f"PW-{n}",
        "uid": lambda n: f"bench{n}",
        "state": SessionState.PUBLISHED,
        "title": lambda n: f"Session {n}: strengths in practice",
        "description": "What works, and why.",
        "organisation_id": 1,
        "format": Format.IN_PERSON,
        "venue": "Town Hall, room 2",
        "places": places,
        "next_place": each + 1,
        "starts_at": lambda n: first + apart * (n - 1),
        "ends_at": lambda n: first + apart * (n - 1) + timedelta(minutes=25),
        "touched_at": now,
        "created_at": now,
    }


def _booking(partnership_id: int, now: datetime, people: int, each: int) -> dict[str, Any]:
    return {
        "partnership_id": partnership_id,
        "session_id": lambda n: (n - 1) // each + 1,
        "person_id": lambda n: (n - 1) % people + 1,
        "mode": Mode.ROOM,
        "state": BookingState.CONFIRMED,
        "queue_number": lambda n: (n - 1) % each + 1,
        "sequence": 1,
        "stamped_at": now,
        "invited": True,
        "asked_at": now,
        "confirmed_at": now,
    }


def _invitation(partnership_id: int, now: datetime, people: int, each: int) -> dict[str, Any]:
    return {
        "partnership_id": partnership_id,
        "key": lambda n: f"invitation:{n}:1",
        "kind": Kind.INVITATION,
        "channel": Channel.EMAIL,
        "need": 2,
        "person_id": lambda n: (n - 1) % people + 1,
        "booking_id": lambda n: n,
        "session_id": lambda n: (n - 1) // each + 1,
        "sequence": 1,
        "dtstamp": now,
        "state": NoticeState.SENT,
        "owed_at": now,
        "next_try_at": now,
        "handed_at": now,
        "first_handed_at": now,
        "attempts": 1,
        "sent_at": now,
        "told_revision": 0,
    }


def partnership(url: str) -> int:
    """A partnership with its feedback form; its id."""
    engine = writing_engine(url)
    with Db(engine) as db:
        partnership_id = ensure_partnership(db, "midlands", "Midlands Teaching Partnership", 1)
        db.commit()
    engine.dispose()
    return partnership_id


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def rows(url: str, table: type[SQLModel], count: int, *, first: int = 1, **columns: Any) -> None:
    """`count` rows with ids from `first` on, in one transaction.

    A column is a value, or a function of the row's id. A column that is not named has its default, or nothing.
    """
    if count <= 0:
        return
    dialect = sqlite.dialect() if url.startswith("sqlite") else postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy says no types here
    whole = table_of(table)
    made = [_maker(column, dialect, columns) for column in whole.columns]
    names = ", ".join(f'"{column.name}"' for column in whole.columns)
    name = whole.name
    wanted = (tuple(make(number) for make in made) for number in range(first, first + count))
    put = _into_sqlite if url.startswith("sqlite") else _into_postgresql
    put(url, name, names, wanted)


def _maker(column: Any, dialect: Any, columns: dict[str, Any]) -> Callable[[int], Any]:
    processed = column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
    if column.name == "id":
        return columns.get("id", lambda number: number)  # type: ignore[no-any-return]  # a function in either case
    given = columns.get(column.name, column.default.arg if column.default is not None and column.default.is_scalar else None)
    if callable(given) and not isinstance(given, type):
        return lambda number: processed(given(number))
    same = processed(given)
    return lambda _number: same


def _into_sqlite(url: str, table: str, names: str, wanted: Iterator[tuple[Any, ...]]) -> None:
    connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    while chunk := list(islice(wanted, CHUNK)):
        connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(chunk[0]))})', chunk)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _into_postgresql(url: str, table: str, names: str, wanted: Iterator[tuple[Any, ...]]) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what is filled in points where it should
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN'.encode()) as copy:
            for row in wanted:
                copy.write_row(row)
        cursor.execute(f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), (SELECT max(id) FROM "{table}"))""".encode())


def analysed(url: str) -> None:
    """Let the database look at what it holds, as it does by itself in the course of a day; and its files be whole."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), autocommit=True) as on_server:
        on_server.execute("VACUUM ANALYZE")
