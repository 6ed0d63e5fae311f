"""`practiceweek run --only web`: the pages alone, in a process of their own."""

from __future__ import annotations

import asyncio

import structlog

from practiceweek.kept import open_store
from practiceweek.limits import shared_limits
from practiceweek.processes import loading, pulse
from practiceweek.processes.pages import Pages, make_front
from practiceweek.processes.ringing import Ringing
from practiceweek.processes.state import State
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now

log = structlog.get_logger(__name__)


async def run_pages(settings: Settings, stop: asyncio.Event) -> None:
    """Until it is told to stop. What it owes, a scheduler sends. Raises `SettingsError`."""
    store, kept = await open_store(settings)
    begun: list[asyncio.Task[object]] = []
    try:
        front = make_front(settings, store, kept, wake=Ringing(store), limits=shared_limits(settings, store))
        pages = Pages(front, settings.web.host, settings.web.port)
        await pages.warm_up()
        state = State(
            store, utc_now, False, False, lambda: False, lambda: False, frozenset(one.id for one in kept), True, lambda: pages.serves
        )
        loading.end()
        try:
            begun += (
                asyncio.create_task(pages.serve(), name="pages"),
                asyncio.create_task(stop.wait(), name="stop"),
                asyncio.create_task(pulse.beat(settings, state, pages=pages), name="pulse"),
            )
            done, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            await pages.close()
    finally:
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await asyncio.to_thread(store.close)
        log.info("program.stopped")
