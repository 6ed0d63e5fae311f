"""The logs: whoever writes a line, no secret, address or join link is in it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import httpx
import pytest
import structlog
from aiohttp import web
from discord.http import HTTPClient, Route

from practiceweek import logs

ADDRESS = "alice.adams@council.gov.uk"
TOKEN = "MTIzNDU2Nzg5MDEy.Gabcde.a-very-secret-token"
PAGE = "/j/81234567890?pwd=abcdef0123456789"
LINK = f"https://zoom.example{PAGE}"
#: what must never be seen: the address and the pieces that make a link or a secret usable
SECRETS = (ADDRESS, "alice.adams", "81234567890", "abcdef0123456789", TOKEN)
FORMS = ("text", "json")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Logging is the process's own: put back what was there."""
    root = logging.getLogger()
    before, known = (root.handlers[:], root.level), structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    yield
    root.handlers, level = before
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.configure(**known)


def written(form: str, level: str = "info") -> io.StringIO:
    """Set logging up; what is written comes here."""
    stream = io.StringIO()
    logs.set_up(level, form, stream, secrets=[TOKEN, ""])
    return stream


def nothing_leaks(stream: io.StringIO) -> str:
    """What was written, once it is certain that no secret is in it."""
    text = stream.getvalue()
    assert text
    assert [secret for secret in SECRETS if secret in text] == []
    return text


def fields_of(stream: io.StringIO) -> dict[str, Any]:
    """The only line, read as JSON."""
    (line,) = nothing_leaks(stream).splitlines()
    read: dict[str, Any] = json.loads(line)
    return read


# ── our own lines ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_of_ours_says_what_happened_and_when() -> None:
    stream = written("json")
    structlog.get_logger("scheduler.ticks").info("notice.sent", notice=7, kind="invitation")
    read = fields_of(stream)
    assert read.pop("timestamp").endswith("Z")
    assert read == {"event": "notice.sent", "notice": 7, "kind": "invitation", "level": "info", "logger": "scheduler.ticks"}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_handed_to_a_line_is_blanked_however_deep_it_lies(form: str) -> None:
    stream = written(form)
    structlog.get_logger("ours").warning(
        f"told {ADDRESS}",
        reason=f"550 <{ADDRESS}> no such box",
        link=LINK,
        people=[ADDRESS, {"address": ADDRESS, ADDRESS: 1}],
        error=ValueError(f"cannot open {LINK}"),
        where=f"/v2/users/{ADDRESS.replace('@', '%40')}/meetings",
        header=f"Authorization: Bearer {TOKEN}",
        raw=ADDRESS.encode(),
        count=3,
    )
    text = nothing_leaks(stream)
    assert "550 <<address>> no such box" in text
    assert "cannot open <link>" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_of_ours_is_blanked_wherever_it_turns_up(form: str) -> None:
    stream = written(form)
    structlog.get_logger("ours").error(f"login failed with {TOKEN}", given={"password": TOKEN})
    assert "login failed with <secret>" in nothing_leaks(stream)


@pytest.mark.parametrize("form", FORMS)
def test_context_and_positional_words_are_blanked(form: str) -> None:
    stream = written(form)
    with structlog.contextvars.bound_contextvars(person=ADDRESS):
        structlog.get_logger("ours").info("opened %s for %s", LINK, ADDRESS)
    assert "opened <link> for <address>" in nothing_leaks(stream)


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_is_written_without_what_it_quotes(form: str) -> None:
    stream = written(form)
    try:
        try:
            raise OSError(f"no route to {LINK}")
        except OSError as first:
            raise RuntimeError(f"could not write to {ADDRESS}") from first
    except RuntimeError:
        structlog.get_logger("ours").exception("notice.broken", notice=1)
    text = nothing_leaks(stream)
    assert "Traceback (most recent call last)" in text
    assert "RuntimeError: could not write to <address>" in text
    assert "OSError: no route to <link>" in text


def test_a_line_stays_one_line_of_json_when_a_link_stands_in_quotes() -> None:
    stream = written("json")
    structlog.get_logger("ours").info(f"went to \"{LINK}\", then to '{LINK}'", quoted=f'{{"join_url": "{LINK}\\"}}')
    assert fields_of(stream)["event"] == "went to \"<link>\", then to '<link>'"


def test_ordinary_words_stay_as_they_are() -> None:
    stream = written("json")
    words = "the bot may not add commands to the server: 3 @ 5, 50% of 12:30, a/b"
    structlog.get_logger("ours").info(words)
    assert fields_of(stream)["event"] == words


# ── the libraries' lines ────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def answering(*answers: web.Response) -> AsyncIterator[str]:
    """A server that gives these answers in turn; its address."""
    left = list(answers)

    async def answer(_request: web.Request) -> web.Response:
        return left.pop(0)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("form", FORMS)
async def test_what_httpx_raises_names_no_link(form: str) -> None:
    stream = written(form)
    async with answering(web.Response(status=404)) as address, httpx.AsyncClient() as client:
        try:
            (await client.get(address + PAGE)).raise_for_status()
        except httpx.HTTPStatusError:
            structlog.get_logger("ours").exception("meeting.broken")
    assert "Client error '404 Not Found' for url '<link>'" in nothing_leaks(stream)


async def test_what_httpx_says_of_every_request_is_not_written() -> None:
    stream = written("text", "debug")
    async with answering(web.Response()) as address, httpx.AsyncClient() as client:
        await client.get(address + PAGE, headers={"Authorization": f"Bearer {TOKEN}"})
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", FORMS)
async def test_what_discord_py_warns_of_names_no_token(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, "debug")
    kind = {"Content-Type": "application/json", "Via": "1.1 here"}
    wait = web.Response(body=b'{"message": "slow down", "retry_after": 0.01, "global": false}', status=429, headers=kind)
    async with answering(web.Response(body=b"{}", headers=kind), wait, web.Response(body=b"{}", headers=kind)) as address:
        monkeypatch.setattr(Route, "BASE", address)
        http = HTTPClient(asyncio.get_running_loop())
        await http.static_login(TOKEN)
        await http.request(Route("POST", "/webhooks/1/abcdef0123456789/messages/@original"))
        await http.close()
    assert "We are being rate limited. POST <link> responded with 429" in nothing_leaks(stream)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_library_logs_with_a_traceback_is_blanked(form: str) -> None:
    stream = written(form)
    try:
        raise discord.ClientException(f"Bot {TOKEN} asked for {LINK}")
    except discord.ClientException:
        logging.getLogger("discord.client").exception("Ignoring exception in %s for %s", "on_ready", ADDRESS)
    text = nothing_leaks(stream)
    assert "Ignoring exception in on_ready for <address>" in text
    assert "discord.client" in text


# ── levels ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("level", "seen"), [("debug", "diwe"), ("info", "iwe"), ("warning", "we"), ("error", "e")])
def test_a_level_leaves_out_what_matters_less(level: str, seen: str) -> None:
    stream = written("json", level)
    log = structlog.get_logger("ours")
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)(name)
    assert "".join(json.loads(line)["event"][0] for line in stream.getvalue().splitlines()) == seen


def test_setting_up_twice_writes_each_line_once() -> None:
    written("json")
    stream = written("json")
    structlog.get_logger("ours").info("once")
    assert fields_of(stream)["event"] == "once"
