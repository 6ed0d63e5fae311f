"""The pulse of one process: its sign of life in the database, and the address where it says how it goes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain import processes
from practiceweek.processes.naming import process_name
from practiceweek.processes.parts import Parts
from practiceweek.processes.standby import Standby
from practiceweek.processes.state import State
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now
from scheduler.clock import Clock

if TYPE_CHECKING:
    from practiceweek.processes.pages import Pages

log = structlog.get_logger(__name__)

LOOKS_EVERY_S = 1.0


def state_of(parts: Parts, standby: Standby | None, *, now: Callable[[], datetime] = utc_now) -> State:
    """What a process with a bot says of itself."""

    def connected() -> bool:
        if parts.bot is None:
            return False
        if not parts.answers:
            return parts.bot.user is not None  # it has logged in, to write; it reads nothing
        return parts.bot.is_ready() and math.isfinite(parts.bot.latency)  # without a gateway there is no latency

    def stands_by() -> bool:
        return standby is not None and standby.waiting.is_set()

    def serves() -> bool:
        return parts.pages is not None and parts.pages.serves

    has_clock, has_pages = parts.clock is not None, parts.pages is not None
    uses_chat = parts.bot is not None
    return State(parts.store, now, has_clock, parts.answers, connected, stands_by, parts.keeps, has_pages, serves, uses_chat)


async def beat(settings: Settings, state: State, clock: Clock | None = None, pages: Pages | None = None) -> None:
    """Until it is cancelled. Raises `SettingsError` for an address that cannot be used."""
    async with AsyncExitStack() as stack:
        if settings.metrics.enabled:
            from practiceweek.processes.metrics import Metrics, served  # who is not asked need not load what answers

            metrics = Metrics(state)
            if clock is not None:
                clock.watched_by(metrics)
            if pages is not None:
                pages.watched_by(metrics.answered)
            where = await stack.enter_async_context(served(metrics, settings.metrics.host, settings.metrics.port))
            log.info("metrics.served", port=int(where.rpartition(":")[2]))  # an address would be left out of the log
        await _say_on(state)


async def _say_on(state: State) -> None:
    """Say that we are there: now and then, and at once when we begin or cease to answer in chat, or to show pages."""
    name, said, said_at = process_name(), (False, False), state.now() - processes.SAYS_EVERY
    try:
        while True:
            does = answers, serves = state.talks and state.connected() and not state.stands_by(), state.serves()
            if does != said or state.now() - said_at >= processes.SAYS_EVERY:
                said, said_at = does, state.now()
                try:
                    await state.store.write(processes.say, name, answers=answers, sends=state.has_clock, serves=serves, now=said_at)
                except SQLAlchemyError as fault:  # it is said again
                    log.warning("pulse.not_said", fault=type(fault).__name__)
            await asyncio.sleep(LOOKS_EVERY_S)
    finally:
        try:
            await asyncio.wait_for(state.store.write(processes.leave, name), 5)
        except (SQLAlchemyError, TimeoutError, RuntimeError) as fault:  # then it stays for a day, and is not heard of
            log.warning("pulse.not_left", fault=type(fault).__name__)
