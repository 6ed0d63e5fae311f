"""The ledger's delivery: how fast due notices leave, with nothing lost by going side by side, and how late a reminder is.

The notices are reminders an hour ahead, one for each of 10,000 people, 200 a session: claimed, their facts read again, put
into words as `Letter`s and marked, over a channel that does nothing, or takes 50 ms. Nothing of the ledger is left out.
"""

from __future__ import annotations

import asyncio
import os
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
from bench.measuring import Figures, Limit, Line
from domain.database import Db, Store
from domain.kinds import Channel, Kind
from domain.models import Milestone, Notice, NoticeState, Session
from domain.ports import Letter, Receipt
from domain.rules import Rules
from scheduler.clock import Clock
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
        url, Notice, due, partnership_id=filled.partnership_id, key=lambda n: f"reminder:{n}:60:bench:chat", kind=Kind.REMINDER,
        channel=Channel.CHAT, need=4, person_id=lambda n: n, booking_id=lambda n: n, session_id=lambda n: (n - 1) // filled.each + 1,
        lead_minutes=60, detail=starts_at.isoformat(), owed_at=now, next_try_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    analysed(url)
    return url


def ticks_of(store: Store, channel: NoOp, by: str) -> Ticks:
    """A scheduler's ticks over one channel."""
    return Ticks(store, Rules(), clock=utc_now, by=by, providers={}, channels={Channel.CHAT: channel})


def quiet() -> None:
    """The log as it is in production, at its usual level, and written away."""
    from practiceweek.logs import set_up  # noqa: PLC0415 - only in the process that measures

    set_up("info", "json", open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives


async def drained(ground: Ground, database: str, due: int = DUE) -> Figures:
    """Ours: everything that is due leaves through a channel that does nothing; notices a second."""
    quiet()
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
    url = ground.database(database, "apscheduler")
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
    quiet()
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


# ── lateness ────────────────────────────────────────────────────────────────────────────────────────────────

PENDING = 100_000
SOON = 20


def pending(ground: Ground, database: str) -> str:
    """A database with 100,000 bookings of sessions still to come; its URL."""
    url = ground.database(database, "pending")
    fill(url, now=utc_now(), people=10_000, sessions=2_000, bookings=PENDING, notices=False)
    return url


def _bring_forward(db: Db, first: datetime) -> dict[int, datetime]:
    """Let twenty of the sessions remind an hour ahead, the first at `first`, one every 0.7 seconds; when each is due."""
    due = {}
    for number in range(1, SOON + 1):
        session = db.get_one(Session, number)
        due[number] = first + timedelta(seconds=0.7 * (number - 1))
        session.starts_at = due[number] + timedelta(hours=1)
        session.ends_at = session.starts_at + timedelta(minutes=30)
        db.add(session)
        db.add(Milestone(session_id=number, what="reminder:1440", at=session.starts_at))
        db.add(Milestone(session_id=number, what="waiting_closed", at=session.starts_at))
    return due


class Stopwatch(NoOp):
    """Says when each letter of which session came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[int, datetime]] = []

    async def send(self, letter: Letter) -> Receipt:
        """Note the instant."""
        assert letter.session is not None
        self.came.append((letter.session.session_id, utc_now()))
        return await super().send(letter)


async def lateness(ground: Ground, database: str) -> Figures:
    """Ours: seconds from a reminder's instant until its letter is with the channel; the 99th of 100 in `value`."""
    quiet()
    url = ground.copied(ground.made, "late")
    store, channel = Store(url), Stopwatch()
    due = await store.write(_bring_forward, utc_now() + timedelta(seconds=3))
    clock = Clock(ticks_of(store, channel, "one"))
    clock.start()
    wanted = SOON * PENDING // 2_000
    async with asyncio.timeout(60):
        while len(channel.came) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    await clock.stop()
    await asyncio.to_thread(store.close)
    ground.drop(url)
    return _late([(at - due[number]).total_seconds() for number, at in channel.came])


def _late(seconds: list[float]) -> Figures:
    seconds.sort()
    assert seconds[0] >= 0, "a reminder came before its time"
    return {"value": seconds[int(len(seconds) * 0.99) - 1], "p50_s": seconds[len(seconds) // 2], "most_s": seconds[-1]}


_CAME: list[float] = []


def note(due: float) -> None:
    """What a job of the baseline does: it notes how late it is."""
    _CAME.append(time.time() - due)


def lateness_of_apscheduler(ground: Ground, database: str) -> Figures:
    """The baseline: as many jobs in APScheduler's job store, twenty of them soon."""
    url = ground.database(database, "apscheduler-late")
    jobstore = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(jobstores={"default": jobstore}, timezone=UTC, job_defaults={"misfire_grace_time": None})
    scheduler.start(paused=True)
    far = utc_now() + timedelta(days=30)
    scheduler.add_job(note, "date", run_date=far, args=[0.0], id="0")
    with jobstore.engine.begin() as connection:
        (one,) = connection.execute(jobstore.jobs_t.select()).all()
        later = [{"id": str(n), "next_run_time": one.next_run_time + n, "job_state": one.job_state} for n in range(1, PENDING)]
        connection.execute(jobstore.jobs_t.insert(), later)
    first = time.time() + 2
    for number in range(SOON):
        due = first + 0.7 * number
        scheduler.add_job(note, "date", run_date=datetime.fromtimestamp(due, UTC), args=[due], id=f"soon {number}")
    scheduler.resume()
    until = time.time() + 60
    while len(_CAME) < SOON and time.time() < until:
        time.sleep(0.2)
    scheduler.shutdown()
    ground.drop(url)
    return _late(_CAME)


def _late_line(database: str, label: str) -> Line:
    return Line(
        what=f"lateness of a due reminder, 100,000 bookings pending, {label}",
        unit="s (p99)",
        against="APScheduler's job store with as many jobs",
        prepare=pending,
        ours=lateness,
        baseline=lateness_of_apscheduler,
        given={"database": database},
        limits=(Limit("value", most=0.25),),
        postgres=database == "postgresql",
    )


_ON = (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
LINES = tuple(line(*database) for line in (_due_line, _two_line, _late_line) for database in _ON)
