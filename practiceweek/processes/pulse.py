"""The pulse of one process: its sign of life in the database, and the address where it says how it goes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain import processes
from practiceweek.processes.naming import process_name
from practiceweek.processes.parts import Parts
from practiceweek.processes.standby import Standby
from practiceweek.processes.state import State
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now

log = structlog.get_logger(__name__)

LOOKS_EVERY_S = 1.0


async def beat(settings: Settings, parts: Parts, standby: Standby | None, *, now: Callable[[], datetime] = utc_now) -> None:
    """Until it is cancelled. Raises `SettingsError` for an address that cannot be used."""

    def connected() -> bool:
        if not parts.answers:
            return parts.bot.user is not None  # it has logged in, to write; it reads nothing
        return parts.bot.is_ready() and math.isfinite(parts.bot.latency)  # without a gateway there is no latency

    def stands_by() -> bool:
        return standby is not None and standby.waiting.is_set()

    state = State(parts.store, now, parts.clock is not None, parts.answers, connected, stands_by, parts.bot.served.ids)
    async with AsyncExitStack() as stack:
        if settings.metrics.enabled:
            from practiceweek.processes.metrics import Metrics, served  # noqa: PLC0415 - who is not asked need not load what answers

            metrics = Metrics(state)
            if parts.clock is not None:
                parts.clock.watched_by(metrics)
            where = await stack.enter_async_context(served(metrics, settings.metrics.host, settings.metrics.port))
            log.info("metrics.served", port=int(where.rpartition(":")[2]))  # an address would be left out of the log
        await _say_on(state)


async def _say_on(state: State) -> None:
    """Say that we are there: now and then, and at once when we begin or cease to answer in chat."""
    name, said, said_at = process_name(), False, state.now() - processes.SAYS_EVERY
    try:
        while True:
            answers = state.talks and state.connected() and not state.stands_by()
            if answers is not said or state.now() - said_at >= processes.SAYS_EVERY:
                said, said_at = answers, state.now()
                try:
                    await state.store.write(processes.say, name, answers=answers, sends=state.has_clock, now=said_at)
                except SQLAlchemyError as fault:  # it is said again
                    log.warning("pulse.not_said", fault=type(fault).__name__)
            await asyncio.sleep(LOOKS_EVERY_S)
    finally:
        try:
            await asyncio.wait_for(state.store.write(processes.leave, name), 5)
        except (SQLAlchemyError, TimeoutError, RuntimeError) as fault:  # then it stays for a day, and is not heard of
            log.warning("pulse.not_left", fault=type(fault).__name__)
