"""`practiceweek check` and the pages: their key, their address, and whether they answer there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from domain.findings import Finding, missing, off, ok, unsure
from practiceweek.check import Surroundings, look
from practiceweek.processes.looking import MAKE_A_KEY, START
from practiceweek.settings.installation import Secrets, Settings, from_tables
from tests.name_server import NameServer

KEY = "q7Zt0mWc4Jf9sLx2Vb8n"
KEPT = ok("The key for the links in e-mails is there, and long enough.")


def settings(folder: Path, address: str, key: str = KEY) -> Settings:
    tables = {
        "database": {"url": f"sqlite:///{folder / 'practiceweek.sqlite'}"},
        "discord": {"api_base": "http://127.0.0.1:9"},
        "mail": {"host": "127.0.0.1", "port": 9, "security": "none", "login": "none", "timeout_seconds": 1},
        "web": {"enabled": True, "address": address},
        "partnership": {"midlands": {"name": "Midlands", "guild_id": 1}},
    }
    return from_tables(tables).model_copy(update={"secrets": Secrets.model_construct(web_key=SecretStr(key))})


async def pages(folder: Path, address: str, key: str = KEY) -> tuple[Finding, ...]:
    """What is found out about the pages."""
    async with NameServer({}, frozenset()) as names:
        found = await look(settings(folder, address, key), Surroundings(names.address))
    return next(one.findings for one in found if one.name == "Pages")


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[str]:
    """A web server with one page; its address."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    served = web.Application()
    served.add_routes([web.get("/accessibility", page)])
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_key_that_is_missing_is_said_once(tmp_path: Path) -> None:
    async with NameServer({}, frozenset()) as names:
        found = await look(settings(tmp_path, "https://127.0.0.1:9", ""), Surroundings(names.address))
    named = [one.name for one in found for finding in one.findings if finding.sentence == "There is no key for the links in e-mails."]
    assert named == ["Settings"]


async def test_a_partnership_without_a_server_does_not_use_discord(tmp_path: Path) -> None:
    both = settings(tmp_path, "https://127.0.0.1:9")
    without = both.partnership["midlands"].model_copy(update={"guild_id": None})
    async with NameServer({}, frozenset()) as names:
        found = await look(both.model_copy(update={"partnership": {"midlands": without}}), Surroundings(names.address))
        beside = await look(
            both.model_copy(update={"partnership": {"midlands": without, **both.partnership, "north": without}}),
            Surroundings(names.address),
        )
    assert {one.name: one.findings for one in found}["Discord"] == (off("Discord: not used."),)
    said = {one.name: [finding.sentence for finding in one.findings] for one in beside}
    assert said["Discord (north)"] == ["Discord: not used."]
    assert said["Discord (midlands)"] == ["There is no bot token, so nothing could be looked at."]


async def test_pages_that_answer_are_well(tmp_path: Path) -> None:
    async with answering(200) as address:
        found = await pages(tmp_path, f"{address}/")
    assert found == (KEPT, ok(f"The links in e-mails lead to {address}."), ok(f"The pages answer at {address}."))


async def test_pages_that_do_not_answer_are_started(tmp_path: Path) -> None:
    async with answering(502) as address:
        found = await pages(tmp_path, address)
    assert found[2:] == (unsure(f"The pages could not be opened at {address}: the answer was 502.", START),)
    gone = await pages(tmp_path, address)
    assert gone[2:] == (unsure(f"The pages could not be opened at {address}: nothing answered.", START),)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://pages.example.org", "web.address does not begin with https://, so others could read what people open and type."),
        ("https://practice-week.example.org", "web.address is still the one of our example."),
    ],
)
async def test_an_address_that_people_cannot_use_safely_is_said_and_not_opened(tmp_path: Path, address: str, said: str) -> None:
    assert [one.sentence for one in await pages(tmp_path, address)] == [KEPT.sentence, said]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("q7Zt0m", "The key for the links in e-mails is too short, so links could be guessed."),
        ("a" * 40, "The key for the links in e-mails repeats itself, so links could be guessed."),
    ],
)
async def test_a_key_that_could_be_guessed_is_said_with_how_to_make_one(tmp_path: Path, key: str, said: str) -> None:
    assert (await pages(tmp_path, "https://practice-week.example.org", key))[0] == missing(said, MAKE_A_KEY)
