"""Limits that several processes share, over one database: what is drawn, what is paused, and that nobody gets more than there is."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import text

from domain.database import Db, Store
from domain.errors import Held
from domain.limits import DISCORD, MAIL, Allowance, Flow, Paused, Unlimited, named, pauses
from domain.models import Draw
from integrations.limits import SharedLimits
from tests.building import rows

ALLOWED = {MAIL: Allowance(30, 60.0), DISCORD: Allowance(50, 1.0), "channel": Allowance(5, 5.0)}


class Watch:
    """A clock that only moves when somebody waits, or a test says so."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


def limits_of(store: Store, watch: Watch) -> SharedLimits:
    return SharedLimits(store, ALLOWED, clock=watch, sleep=watch.sleep, slack=0.0)


async def test_two_processes_draw_from_one_limit(store: Store, other_store: Store, watch: Watch) -> None:
    mine, theirs = limits_of(store, watch), limits_of(other_store, watch)
    for _ in range(12):
        await mine.take(MAIL)
    for _ in range(18):
        await theirs.take(MAIL)
    assert (await mine.flow(MAIL), await theirs.flow(MAIL)) == (Flow(watch.now, 0, 30, 60.0),) * 2
    for limits in (mine, theirs):
        with pytest.raises(Held) as held:
            await limits.take(MAIL, patience=0)
        assert held.value.retry_after == pytest.approx(60.0, abs=0.01)


async def test_nobody_draws_more_than_there_is_however_many_ask_at_once(store: Store, other_store: Store, watch: Watch) -> None:
    both = limits_of(store, watch), limits_of(other_store, watch)
    asked = await asyncio.gather(*(limits.take(MAIL, patience=0) for _ in range(25) for limits in both), return_exceptions=True)
    assert [type(one) for one in asked].count(type(None)) == 30
    assert {type(one) for one in asked} == {type(None), Held}


async def test_what_left_one_by_one_is_counted_over_the_last_minute(store: Store, watch: Watch) -> None:
    limits = SharedLimits(store, {MAIL: Allowance(2, 60.0)}, clock=watch, sleep=watch.sleep, slack=0.0)
    began, went = watch.now, []
    for pause in (0, 40, 10, 0):
        watch.now += timedelta(seconds=pause)
        await limits.take(MAIL, patience=120)
        went.append(round((watch.now - began).total_seconds()))
    assert went == [0, 40, 60, 100]


async def test_a_window_is_a_little_longer_than_the_others_because_a_call_arrives_after_it_was_drawn(store: Store, watch: Watch) -> None:
    limits = SharedLimits(store, {MAIL: Allowance(1, 60.0), DISCORD: Allowance(1, 1.0)}, clock=watch, sleep=watch.sleep)
    for account in (MAIL, DISCORD):
        await limits.take(account)
        await limits.take(account, patience=100)
    assert watch.waits == [61.201, 1.051]


async def test_a_turn_with_several_accounts_is_taken_whole_or_not_at_all(store: Store, watch: Watch) -> None:
    limits, channel = limits_of(store, watch), named("channel", 7)
    for _ in range(5):
        await limits.take(DISCORD, channel)
    with pytest.raises(Held):
        await limits.take(DISCORD, channel, patience=0)
    await limits.take(DISCORD, named("channel", 8))
    drawn = [draw.account for draw in store.read_now(rows, Draw)]
    assert (drawn.count(DISCORD), drawn.count(channel)) == (6, 5)


async def test_a_kind_without_a_limit_draws_nothing_and_may_be_paused(store: Store, watch: Watch) -> None:
    limits = limits_of(store, watch)
    await limits.take("route:GET /x")
    assert (await limits.flow("route:GET /x"), store.read_now(rows, Draw)) == (None, [])
    await limits.pause("route:GET /x", 30, "Discord answered 429")
    assert await limits.flow("route:GET /x") == Flow(watch.now + timedelta(seconds=30))


async def test_a_limit_that_is_free_again_within_a_second_holds_no_letter_back(store: Store, watch: Watch) -> None:
    limits = limits_of(store, watch)
    for _ in range(50):
        await limits.take(DISCORD)
    assert await limits.flow(DISCORD) == Flow(watch.now, 50, 50, 1.0)
    await limits.take(DISCORD)
    assert watch.waits == [1.001]


async def test_what_no_longer_counts_is_deleted(store: Store, watch: Watch) -> None:
    limits = limits_of(store, watch)
    for number in range(3):
        await limits.take(named("channel", number))
    watch.now += timedelta(hours=1)
    await limits.take(MAIL)
    assert [draw.account for draw in store.read_now(rows, Draw)] == [MAIL]


# ── pauses ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_pause_that_one_process_met_is_kept_by_all(store: Store, other_store: Store, watch: Watch) -> None:
    mine, theirs = limits_of(store, watch), limits_of(other_store, watch)
    began, went = watch.now, []
    await mine.pause(DISCORD, 2, "Discord answered 429")
    for limits in (theirs, mine):
        with pytest.raises(Held) as held:
            await limits.take(DISCORD, patience=1.9)
        assert held.value.retry_after == 2.0
        await limits.take(DISCORD)
        went.append((watch.now - began).total_seconds())
        watch.now = began
    assert went == [2.0, 2.0]


async def test_a_longer_pause_is_not_cut_short_by_a_later_one(store: Store, other_store: Store, watch: Watch, now: datetime) -> None:
    await limits_of(store, watch).pause(MAIL, 300, "smtp 421 at connect")
    await limits_of(other_store, watch).pause(MAIL, 10, "smtp 450 at mail")
    assert store.read_now(pauses, now=now) == (Paused(MAIL, now + timedelta(seconds=300), "smtp 421 at connect"),)
    assert await limits_of(store, watch).flow(MAIL) == Flow(now + timedelta(seconds=300), 0, 30, 60.0)
    assert store.read_now(pauses, now=now + timedelta(seconds=300)) == ()


async def test_no_pause_is_longer_than_a_day(store: Store, watch: Watch, now: datetime) -> None:
    await limits_of(store, watch).pause(MAIL, 1e9, "nonsense")
    assert [one.until for one in store.read_now(pauses, now=now)] == [now + timedelta(days=1)]


async def test_a_store_that_is_closed_lets_nobody_call(database_url: str, watch: Watch) -> None:
    closed = Store(database_url)
    limits = limits_of(closed, watch)
    closed.close()
    with pytest.raises(Held):
        await limits.take(MAIL)


async def test_without_limits_everything_may_go() -> None:
    free = Unlimited()
    await free.pause(MAIL, 60, "")
    await free.take(MAIL, DISCORD)
    assert await free.flow(MAIL) is None


@pytest.mark.parametrize(("ahead", "minutes"), [(0, 0), (9, 0), (10, 1), (39, 1), (40, 2)])
def test_when_a_letter_leaves_is_known_by_how_many_are_before_it(now: datetime, ahead: int, minutes: int) -> None:
    assert Flow(now, 10, 30).leaves_at(ahead) == now + timedelta(minutes=minutes)


@pytest.mark.parametrize(("calls", "seconds"), [(0, 1.0), (1, 0.0)])
def test_a_limit_of_nothing_is_refused(calls: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Allowance(calls, seconds)


# ── real processes, real time ───────────────────────────────────────────────────────────────────────────────

CALLS, WINDOW_S, SLACK_S = 12, 0.5, 0.4
CALLER = """
import asyncio, sys, urllib.request
from datetime import UTC, datetime
from domain.database import Db, Store
from domain.limits import Allowance
from integrations.limits import SharedLimits

async def main(url, address, calls, window, slack, letters):
    store = Store(url)
    limits = SharedLimits(store, {"mail": Allowance(calls, window)}, clock=lambda: datetime.now(UTC), slack=slack)
    async def one():
        await limits.take("mail", patience=60)
        await asyncio.to_thread(urllib.request.urlopen, address)
    await asyncio.gather(*(asyncio.to_thread(urllib.request.urlopen, address + "warm") for _ in range(letters)))
    await asyncio.gather(*(one() for _ in range(letters)))
    store.close()

url, address, calls, window, slack, letters = sys.argv[1:]
asyncio.run(main(url, address, int(calls), float(window), float(slack), int(letters)))
"""


@pytest.fixture
def record() -> Iterator[tuple[str, list[float]]]:
    """A service that writes down when each request came: its address, and the record."""
    import time

    came: list[float] = []

    class Recording(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":
                came.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recording) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/", came
        server.shutdown()
        serving.join()


def test_two_real_processes_never_draw_more_in_any_window_than_the_limit(
    store: Store, database_url: str, record: tuple[str, list[float]]
) -> None:
    """Told by what was drawn: how long a call then takes to arrive is the machine's affair."""
    address, came = record
    keep_what_was_drawn(store)
    asked = [database_url, address, str(CALLS), str(WINDOW_S), str(SLACK_S), "15"]
    processes = [subprocess.Popen([sys.executable, "-c", CALLER, *asked]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    drawn = store.read_now(lambda db: [at_ms for (at_ms,) in db.execute(text("SELECT at_ms FROM drawn ORDER BY at_ms"))])
    assert (len(came), len(drawn)) == (30, 30)
    window_ms = (WINDOW_S + SLACK_S) * 1000
    most = max(sum(begin <= one < begin + window_ms for one in drawn) for begin in drawn)
    assert most <= CALLS, json.dumps([one - drawn[0] for one in drawn])


def keep_what_was_drawn(store: Store) -> None:
    """The limiter forgets what no longer counts; a trigger of this test's own keeps it."""
    kept = "INSERT INTO drawn VALUES (NEW.at_ms);"
    sqlite = [f"CREATE TRIGGER keep AFTER INSERT ON draw BEGIN {kept} END"]
    postgres = [
        f"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {kept} RETURN NEW; END $$",
        "CREATE TRIGGER keep AFTER INSERT ON draw FOR EACH ROW EXECUTE FUNCTION keep()",
    ]

    def make(db: Db) -> None:
        for statement in ["CREATE TABLE drawn (at_ms BIGINT)", *(sqlite if db.get_bind().dialect.name == "sqlite" else postgres)]:
            db.execute(text(statement))

    store.write_now(make)
