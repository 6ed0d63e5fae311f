"""APScheduler as the clock, and nothing else.

A handful of fixed ticks in memory, and one wake at the next due instant. The scheduler holds no work: losing it
loses nothing, because every tick asks the database what is due. APScheduler 3.11; version 4 is an alpha.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from domain import agenda
from domain.kinds import Channel
from scheduler.ticks import Ticks
from scheduler.watching import Nobody, Watcher

log = structlog.get_logger(__name__)

#: how often each tick runs when nothing wakes it earlier
EVERY = timedelta(seconds=10)
STOP_WITHIN_S = 20.0
#: five hundred people who book within a second are two looks at what they are owed, and not five hundred
GATHER_S = 0.25
#: what is due and cannot be done yet (the mail server's minute is full) is not looked at more often than this
SOONEST = timedelta(seconds=0.5)


class _Tick:
    """A tick that never runs beside itself: asked for while it runs, it runs once more afterwards."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._work = work
        self._again = False
        self.running: asyncio.Task[None] | None = None
        self.watcher: Watcher = Nobody()

    async def run(self) -> None:
        """Begin, without waiting: the scheduler cancels what waits in it when it shuts down."""
        self._again = True
        if self.running is None or self.running.done():
            self.running = asyncio.create_task(self._until_quiet(), name=f"tick-{self.name}")

    async def _until_quiet(self) -> None:
        while self._again:
            self._again = False
            began = asyncio.get_running_loop().time()
            try:
                await self._work()
            except Exception:  # the database is locked, the disk is full: the next tick tries again
                log.exception("tick.failed", tick=self.name)
            self.watcher.ticked(self.name, asyncio.get_running_loop().time() - began)


class Clock:
    """Runs the ticks of one process in real time. `start()` on the loop that will run them, `stop()` before it ends."""

    def __init__(self, ticks: Ticks, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), every: timedelta = EVERY) -> None:
        self._ticks = ticks
        self._now = now
        self._every = every
        self._stopped = False
        self._waking: asyncio.TimerHandle | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 3, "misfire_grace_time": None})
        self._deliveries = [_Tick(f"notices-{channel}", partial(self._deliver, channel)) for channel in ticks.channels]
        self._works = [
            _Tick("time", self._keep_time),
            _Tick("meetings", self._provide),
            *self._deliveries,
            _Tick("postings", ticks.show),
            *([_Tick("replies", self._read_replies)] if ticks.reading is not None else []),
        ]

    def watched_by(self, watcher: Watcher) -> None:
        """Let somebody look on."""
        self._ticks.watched_by(watcher)
        for work in self._works:
            work.watcher = watcher

    def start(self) -> None:
        """Begin ticking; the first ticks run at once. Does nothing when it ticks already, or was stopped: a log-in may end that late."""
        if self._scheduler.running or self._stopped:
            return
        for work in self._works:
            self._scheduler.add_job(work.run, "interval", seconds=self._every.total_seconds(), id=work.name, next_run_time=self._now())
        self._scheduler.start()

    def wake(self) -> None:
        """Something is owed: look in a moment, once for all who call within it. For the loop's own thread."""
        if self._scheduler.running and self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(GATHER_S, self._look)

    def _look(self) -> None:
        self._waking = None
        if self._scheduler.running:
            for work in self._works:
                self._scheduler.modify_job(work.name, next_run_time=self._now())

    async def stop(self) -> None:
        """Let what is under way finish (20 s at most), then give back what was claimed. For good: it does not begin again."""
        self._stopped = True
        if self._waking is not None:
            self._waking.cancel()
        self._ticks.wind_down()
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            await asyncio.sleep(0)  # what it has begun hands its tick on now; cancelled, it would be logged as a failure
            self._scheduler.shutdown(wait=False)
        running = [work.running for work in self._works if work.running is not None and not work.running.done()]
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._ticks.release()

    async def _keep_time(self) -> None:
        if await self._ticks.keep_time():
            await self._deliver_now()
        await self._set_alarm()

    async def _provide(self) -> None:
        if await self._ticks.provide():
            await self._deliver_now()
            await self._set_alarm()

    async def _read_replies(self) -> None:
        if await self._ticks.read_replies():
            await self._deliver_now()

    async def _deliver_now(self) -> None:
        """What has just been owed, or has just got its link, leaves at once: the ticks of the channels may have looked too early."""
        if not self._stopped:
            for work in self._deliveries:
                await work.run()

    async def _deliver(self, channel: Channel) -> None:
        if await self._ticks.deliver_by(channel):
            await self._set_alarm()

    async def _set_alarm(self) -> None:
        """One wake at the next due instant, if that comes before the next fixed tick. What cannot be done yet never puts it off."""
        now = self._now()
        due, next_ = await self._ticks.store.read(agenda.due_and_next, self._ticks.rules, now=now)
        instants = [instant for instant in (now + SOONEST if due else None, next_) if instant is not None]
        if not instants or min(instants) - now >= self._every or not self._scheduler.running:
            return
        set_for = self._scheduler.get_job("wake")
        if set_for is None or set_for.next_run_time is None or min(instants) < set_for.next_run_time:
            self._scheduler.add_job(self._alarm, "date", run_date=min(instants), id="wake", replace_existing=True)

    async def _alarm(self) -> None:
        self._look()
