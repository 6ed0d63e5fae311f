"""`practiceweek run`: the bot and the clock in one process, from a start to a graceful stop."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable
from signal import Signals

import aiohttp
import discord
import structlog

from practiceweek import logs
from practiceweek.compose import Program, compose
from practiceweek.settings import Settings, SettingsError

log = structlog.get_logger(__name__)

BAD_TOKEN = "Discord does not know this bot token. Check PRACTICEWEEK_DISCORD_TOKEN."
TOKEN_REFUSED = 4004  #: the gateway's word for it
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0


async def run(settings: Settings, *, stop_on: Iterable[Signals] = ()) -> None:
    """Run until a signal of `stop_on` comes, or Discord refuses the bot.

    Raises `SettingsError` for secrets and ids that are missing, and for a token that Discord does not know.
    """
    logs.set_up(settings.log.level, settings.log.format, secrets=settings.secrets.values())
    if missing := (*settings.missing_secrets(), *settings.missing_ids()):
        raise SettingsError("\n".join(missing))
    token = settings.secrets.discord_token.get_secret_value()
    stop = asyncio.Event()
    for number in stop_on:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    program = await compose(settings)
    begun: list[asyncio.Task[object]] = []
    try:
        await program.warm_up()
        gc.freeze()  # what is loaded now stays: the collector need not look at it again and again
        log.info("program.started", database=settings.database.url.split(":", 1)[0])
        begun += asyncio.create_task(_talk(program, token), name="discord"), asyncio.create_task(stop.wait(), name="stop")
        done, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
    except discord.LoginFailure:
        raise SettingsError(BAD_TOKEN) from None
    except discord.ConnectionClosed as closed:
        raise SettingsError(BAD_TOKEN if closed.code == TOKEN_REFUSED else f"Discord closed the door (code {closed.code}).") from None
    finally:
        await program.clock.stop()
        await program.bot.close()
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await program.close()
        log.info("program.stopped")


async def _talk(program: Program, token: str) -> None:
    """Log in to Discord, start the clock, and stay connected until the bot is closed.

    Nothing is sent before Discord knows us. But the clock does not wait for a Discord that is away: mail and meetings go on.
    """
    wait = FIRST_WAIT_S
    while not await _logged_in(program, token):
        log.warning("discord.away", again_in_seconds=wait)
        _start_clock(program)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_S)
    _start_clock(program)
    await program.bot.connect()


async def _logged_in(program: Program, token: str) -> bool:
    """Log in; False: Discord cannot be reached, or will not have us, just now. Raises `discord.LoginFailure`."""
    try:
        await program.bot.login(token)
    except (OSError, aiohttp.ClientError, discord.HTTPException, discord.RateLimited) as fault:
        log.warning("discord.not_logged_in", fault=type(fault).__name__, status=getattr(fault, "status", None))
        await program.bot.http.close()
        program.bot.http.connector = discord.utils.MISSING  # discord.py would go on with the closed one
        return False
    return True


def _start_clock(program: Program) -> None:
    program.clock.start()
    program.clock.wake()
