"""A running program, watched from outside: its address for machines, its health, and `practiceweek status` beside it."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest

from tests.acceptance.installation import PROGRAM, Installation, Running, eventually


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """The same, and machines may ask it how it is."""
    settings = installation.config.read_text(encoding="utf-8") + "\n[metrics]\nenabled = true\nport = 0\n"
    installation.config.write_text(settings, encoding="utf-8")
    return installation


async def address(running: Running) -> str:
    """Where it says that it can be asked."""
    said = await eventually(lambda: re.search(r'"port": (\d+), "event": "metrics.served"|"metrics.served".*?"port": (\d+)', running.logged))
    return f"http://127.0.0.1:{said[1] or said[2]}"


async def status(installation: Installation) -> tuple[int, dict[str, object]]:
    asked = await asyncio.create_subprocess_exec(
        PROGRAM, "status", "--json", "--config", str(installation.config), stdout=asyncio.subprocess.PIPE, cwd=installation.folder
    )
    said, _ = await asked.communicate()
    return asked.returncode or 0, json.loads(said)


async def until_well(installation: Installation) -> dict[str, object]:
    async with asyncio.timeout(30):
        while (found := await status(installation))[0] != 0:
            pass
    return found[1]


async def test_a_running_program_is_well_until_it_is_stopped(installation: Installation) -> None:
    running = await installation.start()
    at = await address(running)
    assert (await until_well(installation))["wrong"] == []
    async with aiohttp.ClientSession() as asking:
        async with asking.get(f"{at}/health") as answer:
            assert (answer.status, await answer.text()) == (200, "All is well.\n")
        async with asking.get(f"{at}/metrics") as answer:
            said = await answer.text()
    assert "practiceweek_discord_connected 1.0" in said
    assert re.search(r'practiceweek_tick_seconds_count\{tick="time"\} [1-9]', said)
    assert await running.stop() == 0
    code, found = await status(installation)
    silence = "No process is running, so nothing is sent and nobody answers in chat. Start it with: practiceweek run"
    assert (code, found["wrong"], found["processes"]) == (1, [silence], [])


async def test_a_port_that_is_taken_stops_the_program_with_a_sentence(installation: Installation) -> None:
    first = await installation.start()
    port = (await address(first)).rpartition(":")[2]
    second = await installation.run("run", "--only", "scheduler", "--metrics-port", port)
    assert await second.ended() == 2
    assert f"metrics: 127.0.0.1 port {port} cannot be used" in second.logged
    assert await first.stop() == 0
