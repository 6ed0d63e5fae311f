"""The parts of one process: they hear what other processes owe, and leave nothing open where they cannot be made."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pydantic import SecretStr

from domain import processes
from domain.bell import ring
from domain.database import Db, Store
from practiceweek.processes.parts import assemble
from practiceweek.processes.pulse import state_of
from practiceweek.settings.installation import Secrets, Settings, from_tables
from practiceweek.times import utc_now
from practiceweek.typed import Part
from scheduler.watching import Nobody

#: half of what a clock waits that nobody wakes
SOON_S = 5


class Watching(Nobody):
    """Notes that the clock looked at what is due."""

    def __init__(self) -> None:
        self.looked = asyncio.Event()

    def ticked(self, tick: str, seconds: float) -> None:
        if tick == "time":
            self.looked.set()


def settings(database_url: str, **discord: str) -> Settings:
    partnership = {"midlands": {"name": "Midlands", "guild_id": 1}}
    return from_tables({"database": {"url": database_url}, "mail": {"login": "none"}, "discord": discord, "partnership": partnership})


def owe_something(db: Db) -> None:
    processes.say(db, "another", answers=True, sends=False, now=utc_now())
    ring(db)


@pytest.mark.parametrize("only", [None, Part.SCHEDULER])
async def test_whoever_has_a_clock_hears_what_another_process_owes(database_url: str, only: Part | None) -> None:
    parts, watching, other = await assemble(settings(database_url), only), Watching(), Store(database_url)
    assert parts.clock is not None
    parts.clock.watched_by(watching)
    try:
        parts.start_clock()
        await asyncio.wait_for(watching.looked.wait(), SOON_S)
        for _ in range(3):  # the first look may be at its own beginning
            watching.looked.clear()
            await other.write(owe_something)
            await asyncio.wait_for(watching.looked.wait(), SOON_S)
    finally:
        await parts.fall_silent()
        await parts.close()
        other.close()


@pytest.mark.parametrize("only", [None, Part.SCHEDULER])
async def test_where_there_is_no_server_there_is_no_bot_and_the_clock_goes(database_url: str, only: Part | None) -> None:
    secrets = Secrets.model_construct(web_key=SecretStr("a key for links, long enough, surely"))
    tables = {"mail": {"login": "none"}, "web": {"enabled": True, "port": 0}, "partnership": {"midlands": {"name": "Midlands"}}}
    alone = from_tables({"database": {"url": database_url}, **tables}).model_copy(update={"secrets": secrets})
    parts, watching = await assemble(alone, only), Watching()
    assert (parts.bot, parts.answers, parts.clock is not None, parts.pages is not None) == (None, False, True, only is None)
    assert parts.clock is not None
    parts.clock.watched_by(watching)
    state = state_of(parts, None)
    try:
        parts.start_clock()
        await asyncio.wait_for(watching.looked.wait(), SOON_S)
    finally:
        await parts.fall_silent()
        await parts.close()
    assert (state.has_bot, state.connected(), state.keeps) == (False, False, parts.keeps)


@pytest.mark.parametrize("only", [None, Part.BOT, Part.SCHEDULER])
async def test_parts_that_cannot_be_made_leave_no_database_open(database_url: str, only: Part | None) -> None:
    with pytest.raises(ValueError, match="IPv6"):
        await assemble(settings(database_url, gateway_url="wss://[nowhere"), only)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith(("store", "bell"))] == []
