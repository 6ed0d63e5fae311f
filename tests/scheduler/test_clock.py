"""APScheduler in real time, over a real SQLite file. Tests wait for what happens, never for time to pass."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.database import Db, Store
from domain.kinds import Channel, Kind
from domain.ledger.claims import claim
from domain.models import Notice, NoticeState, Person
from domain.notices import owe_person
from domain.ports.letters import Letter, Receipt
from domain.rules import Rules
from scheduler.clock import Clock
from scheduler.ticks import Ticks
from scheduler.watching import Nobody

WITHIN_S = 20.0


class Recorder:
    """A channel that takes everything and says when something came. `gate` holds a letter back until it is opened."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.came = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return False

    async def flow(self) -> None:
        return None

    async def send(self, letter: Letter) -> Receipt:
        self.begun.set()
        await self.gate.wait()
        self.letters.append(letter)
        self.came.set()
        return Receipt(f"message-{len(self.letters)}")


def utc_now() -> datetime:
    return datetime.now(UTC)


def owe_one(db: Db, partnership_id: int, number: int, *, at: datetime) -> None:
    person = Person(partnership_id=partnership_id, discord_id=number, name=f"Person {number}", created_at=at)
    db.add(person)
    db.flush()
    owe_person(db, Kind.WAITING_CLOSED, person, key=f"test:{number}", now=utc_now(), channel=Channel.CHAT, next_try_at=at)


def states(db: Db) -> dict[str, NoticeState]:
    return {notice.key: notice.state for notice in db.exec(select(Notice).order_by(col(Notice.id)))}


@pytest.fixture
def channel() -> Recorder:
    return Recorder()


@pytest.fixture
def ticks(store: Store, rules: Rules, channel: Recorder) -> Ticks:
    return Ticks(store, rules, clock=utc_now, by="this process", providers={}, channels={Channel.CHAT: channel})


async def test_a_due_notice_is_sent_when_the_clock_starts(store: Store, partnership_id: int, ticks: Ticks, channel: Recorder) -> None:
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    clock = Clock(ticks, every=timedelta(hours=1))
    clock.start()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    await clock.stop()
    assert [letter.key for letter in channel.letters] == ["test:1:chat"]
    assert await store.read(states) == {"test:1:chat": NoticeState.SENT}


async def test_one_alarm_is_set_for_the_next_due_instant(store: Store, partnership_id: int, ticks: Ticks, channel: Recorder) -> None:
    due = utc_now() + timedelta(seconds=1)
    await store.write(owe_one, partnership_id, 1, at=due)
    clock = Clock(ticks, every=timedelta(hours=1))
    clock.start()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    late = utc_now() - due
    await clock.stop()
    assert timedelta() <= late < timedelta(seconds=5)


async def test_a_wake_sends_at_once_what_is_owed_while_the_clock_runs(
    store: Store, partnership_id: int, ticks: Ticks, channel: Recorder
) -> None:
    clock = Clock(ticks, every=timedelta(hours=1))
    clock.start()
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    clock.wake()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    await clock.stop()
    assert await store.read(states) == {"test:1:chat": NoticeState.SENT}


async def test_a_graceful_stop_lets_the_letter_under_way_finish(store: Store, partnership_id: int, ticks: Ticks, channel: Recorder) -> None:
    channel.gate.clear()
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    clock = Clock(ticks, every=timedelta(hours=1))
    clock.start()
    await asyncio.wait_for(channel.begun.wait(), WITHIN_S)
    stopping = asyncio.create_task(clock.stop())
    channel.gate.set()
    await asyncio.wait_for(stopping, WITHIN_S)
    assert await store.read(states) == {"test:1:chat": NoticeState.SENT}


async def test_a_graceful_stop_gives_back_what_was_claimed_and_not_handed_over(store: Store, partnership_id: int, ticks: Ticks) -> None:
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    await store.write(claim, "this process", [Channel.CHAT], now=utc_now())
    await Clock(ticks).stop()
    assert await store.read(states) == {"test:1:chat": NoticeState.QUEUED}


async def test_a_start_after_a_week_off_sends_nothing_stale(store: Store, partnership_id: int, ticks: Ticks, channel: Recorder) -> None:
    def owe_old(db: Db) -> None:
        week_ago = utc_now() - timedelta(days=7)
        person = Person(partnership_id=partnership_id, discord_id=1, name="Person", created_at=week_ago)
        db.add(person)
        db.flush()
        key, ended = "old", week_ago + timedelta(hours=1)
        owe_person(db, Kind.WAITING_CLOSED, person, key=key, now=week_ago, channel=Channel.CHAT, expires_at=ended)

    await store.write(owe_old)
    await store.write(owe_one, partnership_id, 2, at=utc_now())
    clock = Clock(ticks, every=timedelta(hours=1))
    clock.start()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    await clock.stop()
    assert await store.read(states) == {"old:chat": NoticeState.EXPIRED, "test:2:chat": NoticeState.SENT}


async def test_a_tick_that_fails_is_tried_again(store: Store, partnership_id: int, rules: Rules, channel: Recorder) -> None:
    failures = threading.Semaphore(1)

    class FailsOnce(Ticks):
        async def deliver_by(self, channel: Channel) -> int:
            if failures.acquire(blocking=False):
                raise OSError("the disk is full")
            return await super().deliver_by(channel)

    ticks = FailsOnce(store, rules, clock=utc_now, by="this process", providers={}, channels={Channel.CHAT: channel})
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    clock = Clock(ticks, every=timedelta(milliseconds=200))
    clock.start()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    await clock.stop()
    assert await store.read(states) == {"test:1:chat": NoticeState.SENT}


async def test_a_clock_that_was_stopped_does_not_begin_again(store: Store, partnership_id: int, ticks: Ticks, channel: Recorder) -> None:
    clock = Clock(ticks)
    await clock.stop()
    await store.write(owe_one, partnership_id, 1, at=utc_now())
    clock.start()  # as by a log-in that ends while the program stops
    clock.wake()
    another = Clock(ticks)
    another.start()
    await asyncio.wait_for(channel.came.wait(), WITHIN_S)
    await another.stop()
    assert (clock._scheduler.running, len(channel.letters)) == (False, 1)


async def test_a_pass_that_owes_nothing_looks_once_at_each_channel(store: Store, rules: Rules, channel: Recorder) -> None:
    looks: list[Channel] = []
    kept = asyncio.Event()

    class Counting(Ticks):
        async def deliver_by(self, channel: Channel) -> int:
            looks.append(channel)
            return await super().deliver_by(channel)

    class Watching(Nobody):
        def ticked(self, tick: str, seconds: float) -> None:
            if tick == "time":
                kept.set()

    clock = Clock(
        Counting(store, rules, clock=utc_now, by="this process", providers={}, channels={Channel.CHAT: channel}), every=timedelta(hours=1)
    )
    clock.watched_by(Watching())
    clock.start()
    await asyncio.wait_for(kept.wait(), WITHIN_S)
    await clock.stop()
    assert looks == [Channel.CHAT]
