"""A start that does not go as it should: what is a sentence, what is waited for, what is gone on without."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from domain.errors import OutsideError
from integrations.mail import Mail, XOAuth2
from integrations.teams import TeamsAccount, TeamsMeetings
from practiceweek.compose import compose
from practiceweek.settings.installation import Secrets, Settings, from_tables

PROGRAM = Path(sys.executable).with_name("practiceweek")
PARTNERSHIP = {"midlands": {"name": "Midlands", "guild_id": 1}}
#: nothing listens there
NOWHERE = "https://127.0.0.1:1"


def settings(database_url: str, **tables: object) -> Settings:
    made = from_tables({"database": {"url": database_url}, "partnership": PARTNERSHIP, **tables})
    return made.model_copy(update={"secrets": Secrets.model_construct(mail_client_secret=SecretStr("the-mail-secret"))})


class Closed:
    """A Discord that turns everyone away with a page of its guard, and counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.asked > 1:
            self.again.set()
        return web.Response(status=403, text="<html>error code: 1015</html>", content_type="text/html")


@pytest.fixture
async def closed() -> AsyncIterator[tuple[Closed, str]]:
    discord, app = Closed(), web.Application()
    app.router.add_route("*", "/{path:.*}", discord.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield discord, f"http://{host}:{port}"
    await runner.cleanup()


async def run(folder: Path, config: str, **environment: str) -> asyncio.subprocess.Process:
    path = folder / "config.toml"
    path.write_text(config + '[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n', encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        PROGRAM,
        *("run", "--config", path),
        cwd=folder,
        env={**kept, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_discord_that_turns_us_away_is_asked_again(tmp_path: Path, closed: tuple[Closed, str]) -> None:
    discord, address = closed
    config = f'[discord]\napi_base = "{address}"\n[mail]\nlogin = "none"\n'
    process = await run(tmp_path, config, PRACTICEWEEK_DISCORD_TOKEN="MTAw.G.token")
    ended, again = asyncio.create_task(process.communicate()), asyncio.create_task(discord.again.wait())
    await asyncio.wait((ended, again), timeout=30, return_when=asyncio.FIRST_COMPLETED)
    assert (process.returncode, discord.asked) == (None, 2)
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(ended, 30)
    await again
    assert (process.returncode, b"Traceback" in said, b"status=403" in said) == (0, False, True)


async def test_every_missing_secret_and_id_is_said_at_once(tmp_path: Path) -> None:
    process = await run(tmp_path, "[teams]\nenabled = true\n[zoom]\nenabled = true\n", PRACTICEWEEK_DISCORD_TOKEN="MTAw.G.token")
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert said.decode().splitlines() == [
        "There is no password for mail. Set PRACTICEWEEK_MAIL_PASSWORD in the environment.",
        "There is no client secret for Teams. Set PRACTICEWEEK_TEAMS_CLIENT_SECRET in the environment.",
        "There is no client secret for Zoom. Set PRACTICEWEEK_ZOOM_CLIENT_SECRET in the environment.",
        "teams.tenant_id is empty. Write the directory's id there, or do without: see [teams] in config.example.toml.",
        "teams.client_id is empty. Write the application's id there, or do without: see [teams] in config.example.toml.",
        "zoom.account_id is empty. Write the account's id there, or do without: see [zoom] in config.example.toml.",
        "zoom.client_id is empty. Write the app's id there, or do without: see [zoom] in config.example.toml.",
    ]


async def test_a_teams_that_does_not_start_is_logged_and_gone_on_without(database_url: str) -> None:
    account = TeamsAccount("http://elsewhere.example", NOWHERE, "tenant", "client", "secret")
    program = await compose(settings(database_url, mail={"login": "none"}))
    program = replace(program, services=replace(program.services, teams=TeamsMeetings(account)))
    with capture_logs() as logged:
        await program.warm_up()
    await program.close()
    assert logged == [{"event": "teams.cold", "log_level": "warning", "reason": "the address set for Teams cannot be used"}]


def open_connections() -> set[aiohttp.ClientSession]:
    """What azure-identity talks over, wherever it keeps it."""
    return {one for one in gc.get_objects() if isinstance(one, aiohttp.ClientSession) and not one.closed}


async def test_closing_lets_go_of_the_sign_in_for_mail(database_url: str) -> None:
    mail = {"login": "xoauth2", "username": "a", "authority": NOWHERE, "tenant_id": "tenant", "client_id": "client"}
    before = open_connections()
    program = await compose(settings(database_url, mail=mail))
    sending = program.services.mail
    assert isinstance(sending, Mail)
    login = sending._server.login
    assert isinstance(login, XOAuth2)
    with pytest.raises(OutsideError):
        await login.token()
    opened = open_connections() - before
    await program.close()
    assert (len(opened), open_connections() - before) == (1, set())
