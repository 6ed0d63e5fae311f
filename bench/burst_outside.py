"""Five hundred people press one button within a second, seen from outside, while every call to Discord takes 80 ms.

The program runs as it is run, a process of its own, against our own Discord over real sockets. *Answered* is when Discord
has taken the first answer to a press, which it does for three seconds; *told* is when the person sees what came of it. The
baseline is a bare discord.py bot, which says hello to everybody and books nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import discord
import yarl
from sqlmodel import col, select

from bench.bare_bot import BareBot
from bench.filling import fill
from bench.ground import Ground
from bench.measuring import Figures, Limit, Line
from bench.starting import PROGRAM, SETTINGS
from domain.bookings import book
from domain.database import Db, Store
from domain.models import Booking
from domain.rules import Rules
from practiceweek.database import revisions
from tests.acceptance.discord_far import FarDiscord

PEOPLE, PLACES = 500, 50
WITHIN_S = 1.0
CALL_S = 0.08
PATIENCE_S = 60.0
FIRST_PERSON = 10_001  #: the Discord id of the first of those who are filled in


async def everybody_presses(far: FarDiscord, button: str) -> float:
    """Five hundred of them within a second, in the order of their ids; seconds until the last was told."""
    people = far.crowd(FIRST_PERSON, PEOPLE)
    began = await far.all_press(people, far.button(button), within=WITHIN_S)
    await far.seen(lambda: len(far.told) == PEOPLE, seconds=PATIENCE_S)
    return max(far.presses[who].since + after for who, after in far.told.items()) - began


@asynccontextmanager
async def running(far: FarDiscord, words: list[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, from when it is on Discord until it has been stopped."""
    environment = {**os.environ, "PRACTICEWEEK_DISCORD_TOKEN": far.token, "PRACTICEWEEK_MAIL_PASSWORD": "not asked for"}
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdin=asyncio.subprocess.DEVNULL)
    try:
        await far.until(lambda: far.gateway.connected and far.commands.get(far.guild_id))
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)


def with_people(ground: Ground, database: str) -> str:
    """A database of this program's revision with five hundred people and one session of fifty places; its URL."""
    url = ground.database(database, "pressed", empty=True)
    revisions.upgrade(url)
    now = datetime.now(UTC)
    fill(url, now=now, people=PEOPLE + 1, sessions=2, places=PLACES, next_place=1)
    store = Store(url)
    store.write_now(book, 1, 2, PEOPLE + 1, Rules(), now=now)
    store.close()
    return url


async def pressed(ground: Ground, database: str) -> Figures:
    """Ours: presses a second from the first to the last person told."""
    url = with_people(ground, database)
    async with FarDiscord(CALL_S) as far:
        config = ground.folder / "config.toml"
        settings = SETTINGS.format(folder=ground.folder, discord=far).replace(f"sqlite:///{ground.folder}/practiceweek.sqlite", url)
        config.write_text(settings, encoding="utf-8")
        async with running(far, [str(PROGRAM), "run", "--config", str(config)]):
            seconds = await everybody_presses(far, "pw:book:1:any")
    store = Store(url)
    line = store.read_now(standing)
    store.close()
    ground.drop(url)
    states = ["confirmed"] * PLACES + ["waitlisted"] * (PEOPLE - PLACES)
    in_time = sum(after <= 3.0 for after in far.answered.values())
    return {"value": PEOPLE / seconds, **_times(far), "answered_in_3_s": in_time, "in_order": float(line == list(enumerate(states, 1)))}


def _times(far: FarDiscord) -> Figures:
    answered, told = sorted(far.answered.values()), sorted(far.told.values())
    return {
        "answered_last_s": answered[-1],
        "answered_median_s": answered[PEOPLE // 2],
        "told_last_s": told[-1],
        "told_median_s": told[PEOPLE // 2],
    }


async def pressed_bare(ground: Ground, database: str) -> Figures:
    """The baseline: the same presses, and a bot that says hello."""
    async with FarDiscord(CALL_S) as far:
        words = [sys.executable, "-m", "bench.burst_outside", far.api_base, far.gateway_url, far.token, str(far.guild_id)]
        async with running(far, words):
            seconds = await everybody_presses(far, "hello")
    return {"value": PEOPLE / seconds, **_times(far)}


# ── what is looked at afterwards ────────────────────────────────────────────────────────────────────────────


def standing(db: Db) -> list[tuple[int, str]]:
    """(person, state) in the order of the queue."""
    line = select(Booking.person_id, Booking.state).where(col(Booking.session_id) == 1).order_by(col(Booking.queue_number))
    return [(person, str(state)) for person, state in db.exec(line)]


# ── the bot of the baseline ─────────────────────────────────────────────────────────────────────────────────


class HelloBot(BareBot):
    """It answers every button."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Say hello to who pressed, privately."""
        await interaction.response.send_message("Hello", ephemeral=True)


def main(api_base: str, gateway_url: str, token: str, server_id: str) -> None:
    """Run it, until it is stopped."""
    discord.http.Route.BASE = f"{api_base}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    HelloBot(int(server_id)).run(token, log_handler=None)


def _line(database: str, label: str) -> Line:
    return Line(
        what=f"500 people press one button within a second, 80 ms a call, {label}",
        unit="people/s",
        against="a bare discord.py bot that says hello",
        ours=pressed,
        baseline=pressed_bare,
        given={"database": database},
        limits=(Limit("answered_in_3_s", least=PEOPLE), Limit("in_order", least=1)),
        postgres=database == "postgresql",
    )


LINES = (_line("sqlite", "SQLite"), _line("postgresql", "PostgreSQL"))

if __name__ == "__main__":
    main(*sys.argv[1:])
