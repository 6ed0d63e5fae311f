"""The parts that one process runs: the bot, the clock, the pages, or all of them.

    practiceweek run                      everything; pages, where the settings say so
    practiceweek run --only bot           answers in chat; what it owes, a scheduler sends
    practiceweek run --only scheduler     sends, makes meetings, keeps the time; as many as one likes
    practiceweek run --only web           shows pages (`practiceweek.processes.pages`); as many as one likes

They meet in the database and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.client import PracticeBot
from domain.bell import Bell
from domain.database import Store
from domain.letters.handing import six_digits
from practiceweek.compose import Alarm, Program, compose, make_bot, make_ticks
from practiceweek.kept import Kept, open_store
from practiceweek.limits import shared_limits
from practiceweek.processes.ringing import Ringing
from practiceweek.services import Services, link_key, make_services
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now
from practiceweek.typed import Part
from scheduler.clock import Clock

if TYPE_CHECKING:
    from practiceweek.processes.pages import Pages


@dataclass(frozen=True)
class Parts:
    """What stands ready. `await fall_silent()`, then `await close()`, let go of everything."""

    store: Store
    bot: PracticeBot | None  #: a process that does not answer in chat writes with it all the same; None: no partnership has a server
    keeps: tuple[int, ...]  #: the partnerships of its settings
    answers: bool  #: whether this process talks to people in chat
    clock: Clock | None = None
    services: Services | None = None
    pages: Pages | None = None
    closing: list[Callable[[], None]] = field(default_factory=list)

    async def warm_up(self) -> None:
        """What is slow the first time, off the loop, before anyone waits for it."""
        if self.services is not None:
            await self.services.warm_up()
        if self.pages is not None:
            await self.pages.warm_up()

    def start_clock(self) -> None:
        """Where this process has the clock."""
        if self.clock is not None:
            self.clock.start()
            self.clock.wake()

    async def fall_silent(self) -> None:
        """Let what is under way finish, and begin nothing more. Who has sent a form gets the answer before all else stops."""
        if self.pages is not None:
            await self.pages.close()
        if self.clock is not None:
            await self.clock.stop()
        for close in self.closing:
            await asyncio.to_thread(close)
        if self.bot is not None:
            await self.bot.close()

    async def close(self) -> None:
        """Close connections, then the database."""
        if self.services is not None:
            await self.services.close()
        await asyncio.to_thread(self.store.close)


async def assemble(settings: Settings, only: Part | None) -> Parts:
    """The parts of this process, from the settings. Nothing is connected but the database; what fails here leaves nothing open."""
    if only is Part.BOT:
        return await _bot_alone(settings)
    if only is Part.SCHEDULER:
        return await _scheduler_alone(settings)
    program = await compose(settings)
    async with AsyncExitStack() as undone:
        undone.push_async_callback(program.close)
        pages = _pages(settings, program) if settings.web.enabled else None
        undone.pop_all()
    keeps = _ids(program.kept)
    parts = Parts(program.store, program.bot, keeps, program.bot is not None, program.clock, program.services, pages)
    _listen(parts, program.clock)  # on SQLite it hears its own commits too: a look more, and none too few
    return parts


def _ids(kept: Sequence[Kept]) -> tuple[int, ...]:
    return tuple(sorted(one.id for one in kept))


def _pages(settings: Settings, program: Program) -> Pages:
    from practiceweek.processes.pages import Pages, make_front  # who shows no pages has none of what serves them in memory

    limits = shared_limits(settings, program.store)
    front = make_front(settings, program.store, program.kept, wake=program.clock.wake, limits=limits)
    return Pages(front, settings.web.host, settings.web.port)


async def _bot_alone(settings: Settings) -> Parts:
    async with AsyncExitStack() as undone:
        store, kept = await open_store(settings)
        undone.push_async_callback(asyncio.to_thread, store.close)
        bot = make_bot(settings, store, kept, now=utc_now, wake=Ringing(store), limits=shared_limits(settings, store))
        undone.pop_all()
    return Parts(store, bot, _ids(kept), True)


async def _scheduler_alone(settings: Settings) -> Parts:
    async with AsyncExitStack() as undone:
        store, kept = await open_store(settings)
        undone.push_async_callback(asyncio.to_thread, store.close)
        limits = shared_limits(settings, store)
        services = make_services(settings, kept, now=utc_now, limits=limits)
        undone.push_async_callback(services.close)
        silent = settings.model_copy(update={"discord": settings.discord.model_copy(update={"sync_commands": False})})
        bot = make_bot(silent, store, kept, now=utc_now, wake=Alarm(), limits=limits)
        ticks = make_ticks(store, kept, services, bot, now=utc_now, digits=six_digits, limits=limits, links=link_key(settings))
        undone.pop_all()
    clock = Clock(ticks, now=utc_now)
    parts = Parts(store, bot, _ids(kept), False, clock, services)
    _listen(parts, clock)
    return parts


def _listen(parts: Parts, clock: Clock) -> None:
    """Other processes owe things too: look when they ring."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        loop.call_soon_threadsafe(clock.wake)

    listening = Bell(parts.store, heard)
    parts.closing.append(listening.close)
    listening.listen()
