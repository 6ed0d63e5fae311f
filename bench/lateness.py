"""How late a reminder is, with a hundred thousand bookings pending: from its instant until its letter is with the channel."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from bench.delivery import ON, NoOp, ticks_of, utc_now
from bench.filling import fill
from bench.ground import Ground
from bench.in_use import as_in_use
from bench.measuring import Figures, Limit, Line
from domain.database import Db, Store
from domain.models import Milestone, Session
from domain.ports.letters import Letter, Receipt
from scheduler.clock import Clock

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
    as_in_use()
    url = ground.copied(ground.made, "late")
    store, channel = Store(url), Stopwatch()
    due = await store.write(_bring_forward, utc_now() + timedelta(seconds=3))
    clock = Clock(ticks_of(store, channel, "one"))
    clock.start()
    wanted = SOON * PENDING // 2_000
    async with asyncio.timeout(60):
        while len(channel.came) < wanted:  # noqa: ASYNC110 - a channel tells nobody
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


LINES = tuple(_late_line(*database) for database in ON)
