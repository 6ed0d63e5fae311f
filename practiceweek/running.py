"""`practiceweek run`: the bot and the clock in one process, from a start to a graceful stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from signal import Signals

import discord
import structlog

from practiceweek import logs
from practiceweek.compose import compose
from practiceweek.settings import Settings, SettingsError

log = structlog.get_logger(__name__)


async def run(settings: Settings, *, stop_on: Iterable[Signals] = ()) -> None:
    """Run until a signal of `stop_on` comes, or Discord refuses the bot. Raises `SettingsError` for a token that Discord does not know."""
    logs.set_up(settings.log.level, settings.log.format, secrets=settings.secrets.values())
    token = settings.secrets.discord_token.get_secret_value()
    if not token:
        raise SettingsError("There is no bot token. Set PRACTICEWEEK_DISCORD_TOKEN in the environment.")
    stop = asyncio.Event()
    for number in stop_on:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    program = await compose(settings)
    try:
        await program.warm_up()
        program.clock.start()
        log.info("program.started", database=settings.database.url.split(":", 1)[0])
        talking = asyncio.create_task(program.bot.start(token), name="discord")
        waiting = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait((talking, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if talking.done():
            talking.result()
    except discord.LoginFailure:
        raise SettingsError("Discord does not know this bot token. Check PRACTICEWEEK_DISCORD_TOKEN.") from None
    finally:
        await program.clock.stop()
        await program.bot.close()
        await program.close()
        log.info("program.stopped")
