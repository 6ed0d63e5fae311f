"""The store over a PostgreSQL server that undoes, refuses, goes away and comes back: what was told is kept, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col, select

from domain.capacity import lock
from domain.database import Db, Store
from domain.engines import IDLE_TIMEOUT_S, LOCK_TIMEOUT_S
from domain.errors import Closed, Temporary
from domain.feedback.asking import close_feedback
from domain.kinds import Provider
from domain.ledger import marks
from domain.ledger.marks import Result
from domain.models import BookingState, Partnership
from domain.programmes import ensure_partnership
from domain.provision import outcomes
from domain.rules import Rules
from tests.building import Building
from tests.conftest import NOW
from tests.postgres_faults import OwnServer, line_to

ONE, TWO = 1, 2


@pytest.fixture
def stores(postgres_url: str) -> Iterator[tuple[Store, Store]]:
    """Two processes' stores over one server; the rows `one` and `two` are there."""
    with ExitStack() as closing:
        pair = Store(postgres_url), Store(postgres_url)
        for store in pair:
            closing.callback(store.close)
        for key in ("one", "two"):
            pair[0].write_now(add, key)
        yield pair


def add(db: Db, key: str) -> str:
    db.add(Partnership(key=key, name=key))
    db.flush()
    return key


def names(db: Db) -> list[str]:
    return list(db.exec(select(Partnership.name).order_by(col(Partnership.id))))


def write_under(db: Db, partnership_id: int, word: str) -> None:
    row = db.exec(select(Partnership).where(col(Partnership.id) == partnership_id).with_for_update()).one()
    row.name += word
    db.add(row)
    db.flush()


class BothAtOnce:
    """Holds one row, waits until the other process holds the other one, then wants that: the database must undo one of the two."""

    def __init__(self) -> None:
        self._meet = threading.Barrier(2)
        self.tries = 0

    def __call__(self, db: Db, first: int, then: int, word: str) -> str:
        self.tries += 1
        write_under(db, first, word)
        if not self._meet.broken and self.tries <= 2:
            self._meet.wait(10)
        write_under(db, then, word)
        return word


async def test_of_two_who_wait_for_each_other_one_is_run_again_and_both_come_out(stores: tuple[Store, Store]) -> None:
    both = BothAtOnce()
    came = await asyncio.gather(stores[0].write(both, ONE, TWO, "-a"), stores[1].write(both, TWO, ONE, "-b"))
    assert list(came) == ["-a", "-b"]
    assert both.tries >= 3  # on a busy machine one may be undone once more
    left = stores[0].read_now(names)
    assert [sorted(name.split("-")[1:]) for name in left] == [["a", "b"], ["a", "b"]]
    assert [name.split("-")[1] for name in left] in (["a", "a"], ["b", "b"])  # one whole after the other


async def test_those_who_shared_the_commit_of_one_that_was_undone_come_out_too(stores: tuple[Store, Store]) -> None:
    both, gate = BothAtOnce(), threading.Event()
    holding = asyncio.ensure_future(stores[0].write(lambda _db: gate.wait(10)))
    beside = [asyncio.ensure_future(stores[0].write(add, f"p{n}")) for n in range(20)]
    refused = asyncio.ensure_future(stores[0].write(_refuse))
    ours = asyncio.ensure_future(stores[0].write(both, ONE, TWO, "-a"))
    await asyncio.sleep(0)
    gate.set()
    theirs = asyncio.ensure_future(stores[1].write(both, TWO, ONE, "-b"))
    came = await asyncio.gather(holding, *beside, ours, theirs)
    assert came == [True, *(f"p{n}" for n in range(20)), "-a", "-b"]
    with pytest.raises(Closed):
        await refused
    assert [sorted(name.split("-")[1:]) for name in stores[1].read_now(names)[:2]] == [["a", "b"], ["a", "b"]]
    assert stores[1].read_now(names)[2:] == [f"p{n}" for n in range(20)]


def _refuse(db: Db) -> None:
    write_under(db, ONE, "-refused")
    raise Closed("This session has started, so it can no longer be booked.")


async def test_what_another_holds_for_too_long_is_waited_for_again(stores: tuple[Store, Store], postgres_url: str) -> None:
    other = psycopg.connect(postgres_url.replace("+psycopg", ""))
    other.execute("SELECT name FROM partnership WHERE id = 1 FOR UPDATE")
    tries = []

    def impatient(db: Db) -> str:
        tries.append(1)
        if len(tries) == 3:
            other.commit()
        db.execute(text("SET LOCAL lock_timeout = '50ms'"))
        write_under(db, ONE, "-a")
        return "written"

    assert await stores[0].write(impatient) == "written"
    other.close()
    assert (len(tries), stores[1].read_now(names)) == (3, ["one-a", "two"])


async def test_what_another_holds_for_ever_keeps_the_others_waiting_no_longer_than_some_seconds_in_all(postgres_url: str) -> None:
    store = Store(postgres_url, again_within_s=0.3)
    await store.write(add, "one")
    other = psycopg.connect(postgres_url.replace("+psycopg", ""))
    other.execute("SELECT name FROM partnership WHERE id = 1 FOR UPDATE")
    gate, waits = threading.Event(), []

    def wants_it(db: Db) -> None:
        waits.append(db.execute(text("SHOW lock_timeout")).scalar_one())
        if len(waits) == 1:
            db.execute(text("SET LOCAL lock_timeout = '50ms'"))
        write_under(db, ONE, "-a")

    together = [store.write(lambda _db: gate.wait(10)), store.write(wants_it), store.write(add, "beside")]
    coming = [asyncio.ensure_future(one) for one in together]
    await asyncio.sleep(0)
    gate.set()
    held, refused, beside = await asyncio.wait_for(asyncio.gather(*coming, return_exceptions=True), 8)
    other.close()
    assert (held, type(refused), beside) == (True, OperationalError, "beside")
    assert (waits[0], waits[-1]) == ("10s", "500ms")
    await asyncio.to_thread(store.close)


@pytest.mark.parametrize("what", ["mark", "meeting", "feedback"])
async def test_who_only_points_to_a_session_keeps_nobody_from_holding_it(stores: tuple[Store, Store], postgres_url: str, what: str) -> None:
    """Whoever owes messages of many sessions points to each until its commit: holding one must not wait for that, nor it for the holder."""
    building = Building(stores[0], ONE, Rules(), NOW)

    def book() -> int:
        building.programme()
        building.host(Provider.TEAMS, "room@example.org")
        building.book(building.online(), building.person(1))
        return building.claim()[0]

    notice = await asyncio.to_thread(book)
    other = psycopg.connect(postgres_url.replace("+psycopg", ""))
    try:
        other.execute("SELECT id FROM session FOR KEY SHARE")  # as the server does for every row that points to one
        held: Awaitable[object]
        match what:
            case "mark":
                results = [Result(notice, error=Temporary("busy"))]
                held = stores[0].write(marks.mark_all, results, "post", Rules(), now=NOW)
            case "meeting":
                held = stores[0].write(outcomes.lost, 1, Rules(), now=NOW)
            case _:
                held = stores[0].write(close_feedback, Rules(), now=NOW + timedelta(days=60))
        await asyncio.wait_for(held, 8)  # whoever waits for another's row waits for ten
    finally:
        other.close()


async def test_who_is_frozen_while_they_hold_a_row_loses_it_and_is_run_again(stores: tuple[Store, Store]) -> None:
    frozen, thawed, tries = threading.Event(), threading.Event(), []

    def freezes_once(db: Db) -> str:
        tries.append(1)
        write_under(db, ONE, "-late")
        if len(tries) == 1:
            db.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
            frozen.set()
            assert thawed.wait(20)
        return "late"

    late = asyncio.ensure_future(stores[0].write(freezes_once))
    await asyncio.to_thread(frozen.wait, 10)
    await stores[1].write(write_under, ONE, "-meanwhile")
    thawed.set()
    assert await late == "late"
    assert stores[1].read_now(names) == ["one-meanwhile-late", "two"]
    assert IDLE_TIMEOUT_S < LOCK_TIMEOUT_S  # so that nobody gives up before the frozen one has lost it


@pytest.mark.parametrize("carried", [True, False])
async def test_a_commit_whose_answer_was_lost_is_an_error_and_is_not_done_again(postgres_url: str, carried: bool) -> None:
    tries = []

    def add_one(db: Db) -> str:
        tries.append(1)
        return add(db, f"p{len(tries)}")

    with line_to(postgres_url) as line:
        store = Store(line.url.render_as_string(hide_password=False))
        line.cut_at(b"COMMIT", carried=carried)
        with pytest.raises(OperationalError):
            await store.write(add_one)
        assert (line.was_cut, len(tries)) == (True, 1)
        assert await store.write(add, "after") == "after"  # the next has a connection of its own
        seen = store.read_now(names)
        store.close()
    assert seen == (["p1", "after"] if carried else ["after"])


async def test_a_line_that_is_cut_before_the_commit_is_taken_up_again(postgres_url: str) -> None:
    with line_to(postgres_url) as line:
        store = Store(line.url.render_as_string(hide_password=False))
        await store.write(add, "before")
        line.cut_at(b"INSERT INTO partnership", carried=True)
        assert await store.write(add, "during") == "during"
        assert line.was_cut
        assert store.read_now(names) == ["before", "during"]
        store.close()


async def test_a_server_that_was_restarted_is_found_again_and_has_every_place_that_was_told() -> None:
    server = OwnServer("restarted")
    store = Store(server.url)
    building = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), Rules(), NOW)
    building.programme()
    session, people = building.session(places=2), [building.person(number) for number in (1, 2, 3)]
    building.book(session, people[0])
    server.restart()  # between two
    building.book(session, people[1])
    assert building.booking(session, people[1]).state is BookingState.CONFIRMED
    tries = []

    def book_through_a_restart(db: Db) -> None:
        tries.append(1)
        held = lock(db, building.partnership_id, session)
        if len(tries) == 1:
            server.restart()  # in the middle of one
        held.venue = f"Hall {len(tries)}"

    await store.write(book_through_a_restart)
    building.book(session, people[2])
    states = [building.booking(session, person).state for person in people]
    assert (states, len(tries)) == ([BookingState.CONFIRMED, BookingState.CONFIRMED, BookingState.WAITLISTED], 2)
    store.close()
    server.close()


async def test_a_server_that_is_gone_is_an_error_and_nothing_waits_for_ever(postgres_url: str) -> None:
    with line_to(postgres_url) as line:
        store = Store(line.url.render_as_string(hide_password=False))
    with pytest.raises(DBAPIError):
        await store.write(add, "nowhere")
    store.close()


def test_the_servers_own_zone_changes_nothing(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET TimeZone TO 'America/New_York'")
    store = Store(postgres_url)
    building = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), Rules(), NOW)
    building.programme()
    session, person = building.session(), building.person(1)
    building.book(session, person)
    booked = building.booking(session, person)
    zone = store.read_now(lambda db: db.execute(text("SHOW TimeZone")).scalar_one())
    store.close()
    assert (booked.confirmed_at, zone) == (NOW, "UTC")
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:  # whoever looks from outside sees the same instant
        (told,) = connection.execute("SELECT confirmed_at AT TIME ZONE 'UTC' FROM booking").fetchone() or (None,)
    assert told == NOW.replace(tzinfo=None)
