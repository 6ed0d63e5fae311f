"""The ledger's delivery: how fast due notices leave, with nothing lost by going side by side.

The notices are reminders an hour ahead, one for each of 10,000 people, 200 a session: claimed, their facts read again, put
into words as `Letter`s and marked, over a channel that does nothing, or takes 50 ms. Nothing of the ledger is left out.
"""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func
from sqlmodel import col, select

from bench.filling import analysed, fill, rows
from bench.ground import Ground
from bench.in_use import as_in_use
from bench.measuring import Figures, Limit, Line
from domain.database import Db, Store
from domain.kinds import Channel, Kind
from domain.models import Notice, NoticeState
from domain.ports.letters import Letter, Receipt
from domain.rules import Rules
from scheduler.ticks import Ticks

DUE = 10_000
OF_A_SESSION = 200


class NoOp:
    """A channel that takes everything, after `seconds`; into `told` goes the id of each notice, as it is taken."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.told: list[int] = []

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """As mail."""
        return False

    async def flow(self) -> None:
        """No limit."""
        return

    async def send(self, letter: Letter) -> Receipt:
        """Take it."""
        if self._seconds:
            await asyncio.sleep(self._seconds)
        self.told.append(letter.notice_id)
        return Receipt(f"message-{letter.notice_id}")


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


# ── due notices ─────────────────────────────────────────────────────────────────────────────────────────────


def due_reminders(ground: Ground, database: str, due: int = DUE) -> str:
    """A database in which that many reminders are due; its URL."""
    url, now = ground.database(database, "due"), utc_now()
    starts_at = now + timedelta(hours=1)
    filled = fill(
        url, now=now, people=due, sessions=-(-due // OF_A_SESSION), bookings=due, notices=False, first=timedelta(hours=1), apart=timedelta()
    )
    rows(
        url,
        Notice,
        due,
        partnership_id=filled.partnership_id,
        key=lambda n: f"reminder:{n}:60:bench:chat",
        kind=Kind.REMINDER,
        channel=Channel.CHAT,
        need=4,
        person_id=lambda n: n,
        booking_id=lambda n: n,
        session_id=lambda n: (n - 1) // filled.each + 1,
        lead_minutes=60,
        detail=starts_at.isoformat(),
        owed_at=now,
        next_try_at=now,
        expires_at=now + timedelta(days=1),
    )
    analysed(url)
    return url


def ticks_of(store: Store, channel: NoOp, by: str) -> Ticks:
    """A scheduler's ticks over one channel."""
    return Ticks(store, Rules(), clock=utc_now, by=by, providers={}, channels={Channel.CHAT: channel})


async def drained(ground: Ground, database: str, due: int = DUE) -> Figures:
    """Ours: everything that is due leaves through a channel that does nothing; notices a second."""
    as_in_use()
    url = ground.copied(ground.made, "drain")
    store, channel = Store(url), NoOp()
    await store.read(sent)
    began = time.perf_counter()
    left = await ticks_of(store, channel, "one").deliver_by(Channel.CHAT)
    seconds = time.perf_counter() - began
    marked = await store.read(sent)
    await asyncio.to_thread(store.close)
    ground.drop(url)
    assert left == marked == len(set(channel.told)) == due, f"{left} left, {marked} were marked"
    return {"value": due / seconds}


def sent(db: Db) -> int:
    """How many notices are marked as sent."""
    return db.exec(select(func.count()).select_from(Notice).where(col(Notice.state) == NoticeState.SENT)).one()


def nothing() -> None:
    """What a job of the baseline does."""


def drained_by_apscheduler(ground: Ground, database: str, due: int = DUE) -> Figures:
    """The baseline: APScheduler with its SQLAlchemyJobStore and as many due jobs that do nothing; jobs a second."""
    url = ground.database(database, "apscheduler", empty=True)  # as it makes its own
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=url)}, timezone=UTC, job_defaults={"misfire_grace_time": None}
    )
    ran, done = 0, threading.Event()

    def count(_event: object) -> None:
        nonlocal ran
        ran += 1
        if ran == due:
            done.set()

    scheduler.add_listener(count, EVENT_JOB_EXECUTED)
    scheduler.start(paused=True)
    at = utc_now() - timedelta(seconds=1)
    for number in range(due):
        scheduler.add_job(nothing, "date", run_date=at, id=str(number))
    began = time.perf_counter()
    scheduler.resume()
    assert done.wait(500), f"only {ran} jobs ran"
    seconds = time.perf_counter() - began
    scheduler.shutdown()
    ground.drop(url)
    return {"value": due / seconds}


def _due_line(database: str, label: str) -> Line:
    return Line(
        what=f"10,000 due notices, no-op channel, {label}",
        unit="notices/s",
        against="APScheduler 3.11, SQLAlchemyJobStore, as many due jobs that do nothing",
        prepare=due_reminders,
        ours=drained,
        baseline=drained_by_apscheduler,
        given={"database": database},
        limits=(Limit("ratio", least=5),),
        postgres=database == "postgresql",
    )


# ── two schedulers ──────────────────────────────────────────────────────────────────────────────────────────

#: with 50 ms for each letter, eight at once, the whole 10,000 would take a minute a run: a sixth of them says the same
SLOW_DUE = 1_600
SLOW_S = 0.05


async def drained_slowly(ground: Ground, database: str, schedulers: int) -> Figures:
    """As `drained`, the channel taking 50 ms for each, by this many schedulers, each with a store of its own; none twice."""
    as_in_use()
    url = ground.copied(ground.made, "slowly")
    stores, channels = [Store(url) for _ in range(schedulers)], [NoOp(SLOW_S) for _ in range(schedulers)]
    for store in stores:
        await store.read(sent)
    began = time.perf_counter()
    each = zip(stores, channels, strict=True)
    passes = [ticks_of(store, channel, f"scheduler {n}").deliver_by(Channel.CHAT) for n, (store, channel) in enumerate(each)]
    left = await asyncio.gather(*passes)
    seconds = time.perf_counter() - began
    marked = await stores[0].read(sent)
    for store in stores:
        await asyncio.to_thread(store.close)
    ground.drop(url)
    told = [number for channel in channels for number in channel.told]
    assert sum(left) == marked == len(told) == len(set(told)) == SLOW_DUE, f"{sum(left)} left, {len(told) - len(set(told))} twice"
    return {"value": SLOW_DUE / seconds}


def slow_reminders(ground: Ground, database: str, schedulers: int) -> str:
    """As `due_reminders`."""
    return due_reminders(ground, database, SLOW_DUE)


def _two_line(database: str, label: str) -> Line:
    return Line(
        what=f"due notices, 50 ms in the channel, two schedulers, {label}",
        unit="notices/s",
        against="one scheduler",
        prepare=slow_reminders,
        ours=drained_slowly,
        baseline=drained_slowly,
        given={"database": database, "schedulers": 2},
        baseline_given={"database": database, "schedulers": 1},
        limits=(Limit("ratio", least=1.6),),
        postgres=database == "postgresql",
    )


ON = (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
LINES = tuple(line(*database) for line in (_due_line, _two_line) for database in ON)
