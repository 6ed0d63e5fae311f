"""The start and the memory of an idle program, from outside, beside a bare discord.py bot.

Both run as they would be run, as processes of their own, against our own Discord over real sockets. Ours is `practiceweek run`
on a SQLite database that is there already, mail by SMTP, Teams and Zoom not configured. *Ready* is when Discord has
welcomed the bot, its commands made known. Memory is what the process holds (RSS) three seconds later; `pss_mb` counts what is shared
with other processes in part only.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from bench.ground import Ground
from bench.measuring import Figures, Limit, Line
from tests.acceptance.discord_server import DiscordServer

#: after it is ready: what is done once at the start is over, and nothing is due
IDLE_S = 3.0
PROGRAM = Path(sys.executable).with_name("practiceweek")

SETTINGS = """
[database]
url = "sqlite:///{folder}/practiceweek.sqlite"

[log]
format = "json"

[discord]
api_base = "{discord.api_base}"
gateway_url = "{discord.gateway_url}"

[mail]
host = "127.0.0.1"
port = 9
security = "none"
login = "none"
sender = "practice-week@midlands.example"

[partnership.midlands]
name = "Midlands Teaching Partnership"
guild_id = {discord.guild_id}
organiser_roles = [{discord.organiser_role}]
contact = "Workforce team, 0121 496 0000"
"""


def prepare(ground: Ground, whose: str) -> None:
    """A first start makes the database; what is measured is every later one. It also leaves everything compiled."""
    asyncio.run(_started(ground, "ours", idle=0.0))
    asyncio.run(_started(ground, "bare", idle=0.0))


def start(ground: Ground, whose: str) -> Figures:
    """Seconds from the start of the process until it is ready."""
    return asyncio.run(_started(ground, whose, idle=0.0))


def idle(ground: Ground, whose: str) -> Figures:
    """MB that it holds when it has been ready for a while."""
    figures = asyncio.run(_started(ground, whose, idle=IDLE_S))
    return {**figures, "value": figures["rss_mb"]}


async def _started(ground: Ground, whose: str, *, idle: float) -> Figures:
    async with DiscordServer() as discord:
        words = _ours(ground, discord) if whose == "ours" else _bare(discord)
        environment = {**os.environ, "PRACTICEWEEK_DISCORD_TOKEN": discord.token}
        begun = time.perf_counter()
        with (ground.folder / "log.txt").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *words, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            ready = asyncio.create_task(discord.until(lambda: discord.gateway.connected))
            ended = asyncio.create_task(process.wait())
            await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
            seconds = time.perf_counter() - begun
            assert process.returncode is None, (ground.folder / "log.txt").read_text(encoding="utf-8")[-300:]
            await ready
            ended.cancel()
            assert discord.commands.get(discord.guild_id), "it is there, but its commands are not"
            await asyncio.sleep(idle)
            return {"value": seconds, "start_s": seconds, **_memory(process.pid)}
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 15)


def _ours(ground: Ground, discord: DiscordServer) -> list[str]:
    config = ground.folder / "config.toml"
    config.write_text(SETTINGS.format(folder=ground.folder, discord=discord), encoding="utf-8")
    return [str(PROGRAM), "run", "--config", str(config)]


def _bare(discord: DiscordServer) -> list[str]:
    return [sys.executable, "-m", "bench.bare_bot", discord.api_base, discord.gateway_url, discord.token, str(discord.guild_id)]


def _memory(pid: int) -> Figures:
    """What a process holds now, and the most that it held, from /proc."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines())
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    shares = dict(line.split(":", 1) for line in rollup)
    return {"rss_mb": _mb(status["VmRSS"]), "pss_mb": _mb(shares["Pss"]), "peak_mb": _mb(status["VmHWM"])}


def _mb(said: str) -> float:
    return int(said.split(maxsplit=1)[0]) / 1024


LINES = (
    Line(
        what="start to ready",
        unit="s",
        against="a bare discord.py bot",
        prepare=prepare,
        ours=start,
        baseline=start,
        given={"whose": "ours"},
        baseline_given={"whose": "bare"},
        limits=(Limit("value", most=3.0),),
    ),
    Line(
        what="idle memory, Teams not configured",
        unit="MB",
        against="a bare discord.py bot",
        prepare=prepare,
        ours=idle,
        baseline=idle,
        given={"whose": "ours"},
        baseline_given={"whose": "bare"},
        limits=(Limit("ratio", most=2.0),),
    ),
)
