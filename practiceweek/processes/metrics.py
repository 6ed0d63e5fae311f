"""How it goes, for machines: `/metrics` for Prometheus, and `/health` for whoever watches that the program runs.

Counts, seconds and states; no name, no address, no id of a person. Off unless `metrics.enabled`, and for this machine only
unless `metrics.host` says otherwise: nobody is asked who they are.

`/health` is 200 while the clock has ticked lately and the database answers, and while a process only stands by; else it is 503
with the reason. A process that is to show pages, and does not, is 503 as well. One with the clock that has lost Discord stays
200, and says so: to start it again would stop the mail too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from domain import operating
from domain.database import Db
from domain.ledger.marks import Result
from domain.operating import Owed
from domain.ports.letters import Letter
from practiceweek.processes.state import State
from practiceweek.settings.faults import SettingsError

#: the ledger is not counted more often than this, however often one is asked
COUNTED_EVERY = timedelta(seconds=10)
#: a clock that has not ticked for so long has stopped; a database that does not answer in so long is away
TICKS_WITHIN_S, ANSWERS_WITHIN_S = 60.0, 5.0
LATE = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400)
TOOK = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120)
TIME = "time"  #: the tick that keeps the time


class Metrics:
    """What has been counted since the process began; it looks on as a `Watcher`. Each has a registry of its own."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.registry = CollectorRegistry()
        self._ledger = _Ledger()
        self.registry.register(self._ledger)
        self._counting = asyncio.Lock()
        self.ticked_at: float | None = None  #: when the time was last kept, by the clock of the loop
        own = self.registry
        self._letters = Counter(
            "practiceweek_letters", "Letters that a channel has answered for.", ("kind", "channel", "outcome"), registry=own
        )
        self._lateness = Histogram(
            "practiceweek_lateness_seconds",
            "From when a letter could leave on.",
            ("channel",),
            buckets=LATE,
            registry=own,
        )
        self._ticks = Histogram("practiceweek_tick_seconds", "How long a tick took.", ("tick",), buckets=TOOK, registry=own)
        self._pages = Histogram(
            "practiceweek_page_seconds", "How long an answer to a browser took.", ("status",), buckets=TOOK, registry=own
        )
        self._store = Gauge("practiceweek_store_waiting", "Use cases that wait for the writing thread.", registry=own)
        self._discord = Gauge("practiceweek_discord_connected", "1: connected to Discord, 0: not.", registry=own)
        self._standby = Gauge("practiceweek_standing_by", "1: another process answers in chat, 0: not.", registry=own)
        self._serving = Gauge("practiceweek_pages_shown", "1: this process shows pages, 0: not.", registry=own)

    # ── looking on ──────────────────────────────────────────────────────────────────────────────────────

    def ticked(self, tick: str, seconds: float) -> None:
        """As a `Watcher`."""
        self._ticks.labels(tick).observe(seconds)
        if tick == TIME:
            self.ticked_at = asyncio.get_running_loop().time()

    def handed(self, letter: Letter, result: Result, at: datetime) -> None:
        """As a `Watcher`."""
        outcome = "sent" if result.error is None else type(result.error).__name__.lower()
        self._letters.labels(letter.kind.value, letter.channel.value, outcome).inc()
        if result.error is None and letter.due_at is not None:
            self._lateness.labels(letter.channel.value).observe(max((at - letter.due_at).total_seconds(), 0.0))

    def answered(self, status: int, seconds: float) -> None:
        """A browser has had its answer. What it asked for is nobody's business: an address may be a secret."""
        self._pages.labels(f"{status // 100}xx").observe(seconds)

    # ── being asked ─────────────────────────────────────────────────────────────────────────────────────

    async def scrape(self) -> bytes:
        """Everything, as Prometheus reads it. Of a database that is away the last counts are left out."""
        await self._count()
        self._store.set(self.state.store.waiting())
        self._discord.set(self.state.connected())
        self._standby.set(self.state.stands_by())
        self._serving.set(self.state.serves())
        return generate_latest(self.registry)

    async def _count(self) -> None:
        async with self._counting:  # two who ask at once are told the same
            now = self.state.now()
            if self._ledger.at is not None and now - self._ledger.at < COUNTED_EVERY:
                return
            try:
                found = self.state.store.read(operating.owed, now=now, whose=self.state.keeps)
                self._ledger.found = await asyncio.wait_for(found, ANSWERS_WITHIN_S)
            except (SQLAlchemyError, TimeoutError, RuntimeError):
                self._ledger.found = None
            self._ledger.at = now

    async def health(self) -> tuple[int, str]:
        """The status, and why."""
        try:
            await asyncio.wait_for(self.state.store.read(_answers), ANSWERS_WITHIN_S)
        except (SQLAlchemyError, TimeoutError, RuntimeError):
            return 503, "The database does not answer."
        if self.state.has_clock:
            since = None if self.ticked_at is None else asyncio.get_running_loop().time() - self.ticked_at
            if since is None:
                return 503, "The clock has not ticked yet."
            if since > TICKS_WITHIN_S:
                return 503, f"The clock has not ticked for {int(since)} seconds."
        if self.state.has_pages and not self.state.serves():
            return 503, "The pages are not shown."
        if not self.state.has_bot:
            return 200, "All is well."
        if self.state.stands_by():
            return 200, "Standing by: another process answers in chat."
        if self.state.talks and not self.state.has_clock and not self.state.connected():
            return 503, "There is no connection to Discord."
        if not self.state.connected():
            return 200, "There is no connection to Discord. Mail and meetings go on."
        return 200, "All is well."


def _answers(db: Db) -> None:
    db.connection().execute(text("SELECT 1"))


@dataclass(eq=False)
class _Ledger(Collector):
    """The ledger's counts, as they were last read."""

    found: Owed | None = None
    at: datetime | None = field(default=None)

    def collect(self) -> Iterable[Metric]:
        """What Prometheus asks of a collector."""
        if self.found is None or self.at is None:
            return
        said = f"Notices that still ask for something. {operating.MOST_COUNTED} in a state are that many or more."
        counts = GaugeMetricFamily("practiceweek_notices", said, labels=("state", "kind", "channel"))
        for one in self.found.counts:
            counts.add_metric((one.state.value, one.kind.value, one.channel.value), one.count)
        yield counts
        late = (self.at - self.found.oldest).total_seconds() if self.found.oldest is not None else 0.0
        yield GaugeMetricFamily("practiceweek_oldest_owed_seconds", "How long the oldest notice that could leave has waited.", value=late)


@asynccontextmanager
async def served(metrics: Metrics, host: str, port: int) -> AsyncIterator[str]:
    """Answer for as long as the block lasts; where. Raises `SettingsError` for a port that is taken."""

    async def scrape(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics.scrape(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def health(_request: web.Request) -> web.Response:
        code, why = await metrics.health()
        return web.Response(status=code, text=why + "\n")

    answering = web.Application()
    answering.add_routes([web.get("/metrics", scrape), web.get("/health", health)])
    runner = web.AppRunner(answering, access_log=None, handler_cancellation=True, shutdown_timeout=2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as fault:
            raise SettingsError(
                f"metrics: {host} port {port} cannot be used: {fault.strerror}. Each process on one machine needs a port of its own: "
                "start with --metrics-port NUMBER."
            ) from None
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
