"""The store: what a commit promises, and to whom."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlmodel import col, select

from domain.database import Db, Store
from domain.errors import Closed, NaiveInstant
from domain.models import Partnership, Person
from tests.building import rows

#: what only a file can be: full, or locked as a whole
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add(db: Db, key: str) -> str:
    db.add(Partnership(key=key, name=key))
    return key


def add_then_refuse(db: Db, key: str) -> str:
    db.add(Partnership(key=key, name=key))
    db.flush()
    raise Closed("This session has started, so it can no longer be booked.")


def keys(db: Db) -> list[str]:
    return list(db.exec(select(Partnership.key).order_by(col(Partnership.id))))


class Gate:
    """A use case that keeps the writing thread until it is opened, so that what is handed in meanwhile shares a commit."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def wait(self, db: Db) -> None:
        self.reached.set()
        assert self.opened.wait(10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


async def all_at_once(store: Store, gate: Gate, *calls: tuple[Any, ...]) -> list[object]:
    """Hand the calls in behind a closed gate, then let them all go: they share one commit."""
    first = asyncio.ensure_future(store.write(gate.wait))
    await asyncio.to_thread(gate.reached.wait)
    waiting = [asyncio.ensure_future(store.write(*call)) for call in calls]
    await asyncio.sleep(0)
    gate.opened.set()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_refused_use_case_undoes_only_itself_within_a_shared_commit(store: Store, gate: Gate) -> None:
    outcomes = await all_at_once(store, gate, (add, "a"), (add_then_refuse, "b"), (add, "c"))
    assert [str(outcome) for outcome in outcomes] == ["a", "This session has started, so it can no longer be booked.", "c"]
    assert await store.read(keys) == ["a", "c"]


async def test_those_who_share_a_commit_run_once_and_once_more_only_where_somebody_is_refused(store: Store, gate: Gate) -> None:
    runs: list[str] = []

    def noted(db: Db, key: str) -> str:
        runs.append(key)
        return add_then_refuse(db, key) if key == "no" else add(db, key)

    await all_at_once(store, gate, (noted, "a"), (noted, "b"))
    smoothly, runs = runs, []
    outcomes = await all_at_once(store, Gate(), (noted, "c"), (noted, "no"), (noted, "d"))
    assert (smoothly, runs) == (["a", "b"], ["c", "no", "c", "no", "d"])
    assert [type(outcome).__name__ for outcome in outcomes] == ["str", "Closed", "str"]
    assert await store.read(keys) == ["a", "b", "c", "d"]


async def test_a_broken_constraint_undoes_only_the_one_who_broke_it(store: Store, gate: Gate) -> None:
    outcomes = await all_at_once(store, gate, (add, "a"), (add, "a"), (add, "c"))
    assert [type(outcome).__name__ for outcome in outcomes] == ["str", "IntegrityError", "str"]
    assert await store.read(keys) == ["a", "c"]


async def test_a_refused_use_case_that_is_alone_leaves_nothing(store: Store) -> None:
    with pytest.raises(Closed):
        await store.write(add_then_refuse, "a")
    assert await store.read(keys) == []


async def test_a_result_arrives_only_after_another_connection_can_see_it(store: Store, database_url: str) -> None:
    outside = create_engine(database_url)
    seen = []

    async def write_and_look(key: str) -> None:
        await store.write(add, key)
        with Db(outside) as db:
            seen.append(key in keys(db))

    await asyncio.gather(*(write_and_look(f"p{n}") for n in range(40)))
    outside.dispose()
    assert seen == [True] * 40


async def test_a_reader_cannot_change_anything(store: Store) -> None:
    def add_by_reading(db: Db) -> None:
        db.add(Partnership(key="a", name="a"))
        db.flush()

    with pytest.raises(DBAPIError, match=r"read-?only"):
        await store.read(add_by_reading)
    assert await store.read(keys) == []


async def test_reading_goes_on_while_a_write_is_under_way_and_sees_only_what_is_committed(store: Store, gate: Gate) -> None:
    def add_and_wait(db: Db) -> None:
        db.add(Partnership(key="a", name="a"))
        db.flush()
        gate.wait(db)

    writing = asyncio.ensure_future(store.write(add_and_wait))
    await asyncio.to_thread(gate.reached.wait)
    assert await asyncio.wait_for(store.read(keys), 5) == []
    gate.opened.set()
    await writing
    assert await store.read(keys) == ["a"]


async def test_one_reading_sees_one_moment(store: Store) -> None:
    def look_twice(db: Db) -> tuple[list[str], list[str]]:
        before = keys(db)
        store.write_now(add, "a")
        return before, keys(db)

    assert await store.read(look_twice) == ([], [])


async def test_a_wish_given_up_while_it_waits_is_never_carried_out(store: Store, gate: Gate) -> None:
    holding = asyncio.ensure_future(store.write(gate.wait))
    await asyncio.to_thread(gate.reached.wait)
    given_up, kept = asyncio.ensure_future(store.write(add, "a")), asyncio.ensure_future(store.write(add, "b"))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(holding, kept)
    assert given_up.cancelled()
    assert await store.read(keys) == ["b"]


async def test_giving_up_while_it_is_carried_out_harms_nobody(store: Store, gate: Gate) -> None:
    given_up = asyncio.ensure_future(store.write(gate.wait))
    await asyncio.to_thread(gate.reached.wait)
    given_up.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    assert await store.write(add, "a") == "a"


async def test_closing_finishes_what_was_handed_in_and_refuses_the_rest(database_url: str, gate: Gate) -> None:
    store = Store(database_url)
    holding = asyncio.ensure_future(store.write(gate.wait))
    await asyncio.to_thread(gate.reached.wait)
    waiting = [asyncio.ensure_future(store.write(add, f"p{n}")) for n in range(150)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(asyncio.to_thread(store.close))
    gate.opened.set()
    assert await asyncio.gather(holding, *waiting) == [None, *(f"p{n}" for n in range(150))]
    await closing
    with pytest.raises(RuntimeError, match="the store is closed"):
        await store.write(add, "late")
    store.close()
    again = Store(database_url)
    assert len(again.read_now(keys)) == 150
    again.close()


async def test_a_use_case_that_ends_the_thread_ends_only_itself(store: Store) -> None:
    def leave(db: Db) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        await store.write(leave)
    assert await store.write(add, "a") == "a"


def _no_more_room(db: Db) -> None:
    pages = db.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    db.connection().exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")


def _add_much(db: Db, key: str) -> str:
    db.add(Partnership(key=key, name="x" * 100_000))
    return key


@ON_SQLITE
async def test_a_full_disk_is_said_to_the_one_who_meets_it_and_nothing_is_half_there(store: Store, gate: Gate) -> None:
    await store.write(_no_more_room)
    outcomes = await all_at_once(store, gate, (add, "a"), (_add_much, "b"), (add, "c"))
    assert [type(outcome).__name__ for outcome in outcomes] == ["str", "OperationalError", "str"]
    assert await store.read(keys) == ["a", "c"]


@ON_SQLITE
async def test_a_full_disk_met_alone_leaves_nothing_and_the_store_goes_on(store: Store) -> None:
    await store.write(_no_more_room)
    with pytest.raises(OperationalError, match="full"):
        await store.write(_add_much, "b")
    assert await store.write(add, "a") == "a"
    assert await store.read(keys) == ["a"]


@ON_SQLITE
async def test_a_locked_database_is_waited_for(store: Store) -> None:
    other = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.ensure_future(store.write(add, "a"))
    for _ in range(20):
        assert await store.read(keys) == []
    other.execute("COMMIT")
    other.close()
    assert await writing == "a"


def test_an_error_names_nobody(store: Store, partnership_id: int) -> None:
    """It may be logged, with everything that it says."""
    name = "-".join(("Jane", "Doe"))  # the traceback shows this file's own lines
    jane: dict[str, Any] = {"partnership_id": partnership_id, "name": name, "discord_id": 5, "created_at": datetime(2027, 7, 5, tzinfo=UTC)}

    def add_twice(db: Db) -> None:
        db.add_all([Person(**jane), Person(**jane)])
        db.flush()

    with pytest.raises(IntegrityError) as written:
        store.write_now(add_twice)
    with pytest.raises(DBAPIError) as read:
        store.read_now(lambda db: db.execute(text("SELECT :name FROM nowhere"), {"name": name}))
    for fault in (written, read):
        assert "parameters hidden" in str(fault.value)
        assert name not in "".join(traceback.format_exception(fault.value))


def test_an_instant_comes_back_aware_and_in_utc(store: Store, partnership_id: int) -> None:
    summer = datetime(2027, 7, 5, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    store.write_now(lambda db: db.add(Person(partnership_id=partnership_id, name="Ann", created_at=summer)))
    (person,) = store.read_now(rows, Person)
    assert (person.created_at, person.created_at.tzinfo) == (datetime(2027, 7, 5, 9, 0, tzinfo=UTC), UTC)


def test_an_instant_without_a_zone_is_refused(store: Store, partnership_id: int) -> None:
    naive = datetime(2027, 7, 5, 10, 0)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError) as refused:
        store.write_now(lambda db: db.add(Person(partnership_id=partnership_id, name="Ann", created_at=naive)))
    assert isinstance(refused.value.orig, NaiveInstant)
    assert store.read_now(rows, Person) == []
