"""`practiceweek run`: one process of an installation, from a start to a graceful stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from signal import Signals

import aiohttp
import discord
import structlog

from bot.client import PracticeBot
from practiceweek import logs
from practiceweek.processes import loading, pulse
from practiceweek.processes.parts import Parts, assemble
from practiceweek.processes.standby import LockLost, Standby
from practiceweek.processes.turns import take_short_turns
from practiceweek.settings.installation import Settings, SettingsError
from practiceweek.typed import Part

log = structlog.get_logger(__name__)

BAD_TOKEN = "Discord does not know this bot token. Check PRACTICEWEEK_DISCORD_TOKEN."
NO_SERVER = "No partnership here has a Discord server (guild_id), so there is no bot to run. Run: practiceweek run"
TAKEN_OVER = "Another process answers in chat now, so this one has stopped."
TOKEN_REFUSED = 4004  #: the gateway's word for it
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0


async def run(settings: Settings, *, only: Part | None = None, stop_on: Iterable[Signals] = ()) -> None:
    """Run until a signal of `stop_on` comes, or Discord refuses the bot. `only`: the one part that this process is.

    Raises `SettingsError` for secrets and ids that are missing, and for a token that Discord does not know; `LockLost` when
    another process has taken over the chat.
    """
    take_short_turns()
    logs.set_up(settings.log.level, settings.log.format, secrets=settings.secrets.values())
    _require_what_it_needs(settings, only)
    stop = asyncio.Event()
    for number in stop_on:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if only is Part.WEB:
        from practiceweek.processes.alone import run_pages  # as in `parts`

        await run_pages(settings, stop)
        return
    parts = await assemble(settings, only)
    standby = Standby(settings.database.url) if parts.answers else None
    begun: list[asyncio.Task[object]] = []
    try:
        await parts.warm_up()
        loading.end()
        log.info("program.started", database=settings.database.url.split(":", 1)[0], only=only)
        token = settings.secrets.discord_token.get_secret_value()
        begun += asyncio.create_task(_talk(parts, standby, token), name="discord"), asyncio.create_task(stop.wait(), name="stop")
        begun.append(asyncio.create_task(pulse.beat(settings, pulse.state_of(parts, standby), parts.clock, parts.pages), name="pulse"))
        if parts.pages is not None:
            begun.append(asyncio.create_task(parts.pages.serve(), name="pages"))
        done, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
    except discord.LoginFailure:
        raise SettingsError(BAD_TOKEN) from None
    except discord.ConnectionClosed as closed:
        raise SettingsError(BAD_TOKEN if closed.code == TOKEN_REFUSED else f"Discord closed the door (code {closed.code}).") from None
    except LockLost:
        raise LockLost(TAKEN_OVER) from None
    finally:
        await parts.fall_silent()
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await parts.close()
        if standby is not None:
            await standby.close()
        log.info("program.stopped")


def _require_what_it_needs(settings: Settings, only: Part | None) -> None:
    """Raises `SettingsError`. Where there is no Discord server, nothing of Discord's is needed: that is said."""
    if only is Part.BOT and not settings.uses_discord:
        raise SettingsError(NO_SERVER)
    missing = settings.missing_for_pages() if only is Part.WEB else (*settings.missing_secrets(), *settings.missing_ids())
    if missing:
        raise SettingsError("\n".join(missing))
    if only is not Part.WEB and not settings.uses_discord:
        log.info("discord.not_used", runs="the scheduler" if only else "the scheduler and the pages")


async def _talk(parts: Parts, standby: Standby | None, token: str) -> None:
    """Log in to Discord, start the clock, and, when it is our turn, stay connected until the bot is closed.

    Nothing is sent before Discord knows us. But the clock does not wait for a Discord that is away: mail and meetings go on.
    """
    bot = parts.bot
    if bot is None:
        parts.start_clock()
        await asyncio.Event().wait()  # the clock and the pages are all there is
        return
    if standby is not None and parts.clock is None:
        await standby.wait()  # it has nothing else to do meanwhile, not even to tell Discord its commands
    wait = FIRST_WAIT_S
    while not await _logged_in(bot, token):
        log.warning("discord.away", again_in_seconds=wait)
        parts.start_clock()
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_S)
    parts.start_clock()
    if standby is None:
        await asyncio.Event().wait()  # the clock does the rest
        return
    if parts.clock is not None:
        await standby.wait()
    keeping, talking = asyncio.create_task(standby.keep(), name="standby"), asyncio.create_task(bot.connect(), name="gateway")
    try:
        done, _ = await asyncio.wait((keeping, talking), return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
    finally:
        for task in (keeping, talking):
            task.cancel()
        await asyncio.gather(keeping, talking, return_exceptions=True)


async def _logged_in(bot: PracticeBot, token: str) -> bool:
    """Log in; False: Discord cannot be reached, or will not have us, just now. Raises `discord.LoginFailure`."""
    try:
        await bot.login(token)
    except (OSError, aiohttp.ClientError, discord.HTTPException, discord.RateLimited) as fault:
        log.warning("discord.not_logged_in", fault=type(fault).__name__, status=getattr(fault, "status", None))
        await bot.http.close()
        bot.http.connector = discord.utils.MISSING  # discord.py would go on with the closed one
        return False
    return True
