"""The bot's requests under Discord's limits: what needs a turn, what is exempt, and a 429 that two processes obey."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from aiohttp import web
from discord.http import Route

from bot.delivery import told
from bot.requests import NotNow, accounts_of, share
from domain.database import Store
from domain.errors import Held
from domain.limits import DISCORD, Allowance, pauses
from integrations.limits import SharedLimits

API = "https://discord.com/api/v10"


class Service:
    """Discord, as far as these tests go: it writes down what came when, and answers 429 where it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, float]] = []
        self.refusals: dict[str, list[dict[str, str]]] = {}
        self.base = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.came.append((request.path.removeprefix("/api/v10"), time.monotonic()))
        if self.refusals.get(request.path):
            headers = self.refusals[request.path].pop()
            wait = float(headers["Retry-After"])
            return told_as_json({"retry_after": wait, "global": "X-RateLimit-Global" in headers}, 429, headers)
        return told_as_json({"id": "1", "username": "bot", "discriminator": "0", "avatar": None, "name": "bot", "flags": 0}, 200, {})

    def refuse(self, path: str, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.refusals.setdefault(f"/api/v10{path}", []).append({"Via": "1.1 google", **named})


def told_as_json(what: dict[str, object], status: int, headers: dict[str, str]) -> web.Response:
    """As Discord says it: without a character set, which discord.py would not take for JSON."""
    return web.Response(body=json.dumps(what).encode(), status=status, headers=headers, content_type="application/json")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    known, Route.BASE = Route.BASE, made.base
    yield made
    Route.BASE = known
    await runner.cleanup()


class Telling(SharedLimits):
    """Says when somebody was asked to wait."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.paused = asyncio.Event()

    async def pause(self, account: str, seconds: float, reason: str) -> None:
        await super().pause(account, seconds, reason)
        self.paused.set()


def limits_of(store: Store, **allowed: Allowance) -> SharedLimits:
    return SharedLimits(store, allowed, clock=lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    ("method", "path", "accounts"),
    [
        ("POST", "/interactions/12/secret-token/callback", ()),
        ("PATCH", "/webhooks/12/secret-token/messages/@original", ()),
        ("GET", "/users/@me", (DISCORD, "route:GET /users/@me")),
        ("POST", "/users/@me/channels", (DISCORD, "route:POST /users/@me/channels")),
        ("POST", "/channels/7/messages", (DISCORD, "channel:7:post", "route:POST /channels/7/messages")),
        ("PATCH", "/channels/7/messages/88", (DISCORD, "channel:7:patch", "route:PATCH /channels/7/messages/*")),
        ("GET", "/guilds/5/members/99", (DISCORD, "route:GET /guilds/5/members/*")),
    ],
)
def test_what_a_request_needs_a_turn_with(method: str, path: str, accounts: tuple[str, ...]) -> None:
    assert accounts_of(method, yarl.URL(API + path)) == accounts


def test_what_is_no_request_of_the_interface_needs_none() -> None:
    assert accounts_of("GET", yarl.URL("https://cdn.discordapp.com/attachments/1/2/file.csv")) == ()
    assert accounts_of("GET", yarl.URL("wss://gateway.discord.gg/?v=10")) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_429_that_one_bot_met_is_waited_out_by_the_bots_of_both_processes(
    store: Store, database_url: str, service: Service
) -> None:
    other_store = Store(database_url)
    met = Telling(store, {}, clock=lambda: datetime.now(UTC))
    mine, theirs = (discord.Client(intents=discord.Intents.none(), http_trace=share(one)) for one in (met, limits_of(other_store)))
    async with mine, theirs:
        for bot in (mine, theirs):
            await bot.http.static_login("token")
        service.came.clear()
        service.refuse("/channels/7/messages/1", Retry_After="0.4", X_RateLimit_Global="true")
        refused = asyncio.create_task(mine.http.get_message(7, 1))
        await met.paused.wait()
        await asyncio.gather(refused, theirs.http.get_guild(5))
    other_store.close()
    first, *later = [at for _, at in service.came]
    assert sorted(path for path, _ in service.came) == ["/channels/7/messages/1", "/channels/7/messages/1", "/guilds/5"]
    assert min(later) - first >= 0.4


async def test_a_route_that_is_paused_stops_no_other(store: Store, service: Service) -> None:
    limits = limits_of(store)
    async with aiohttp.ClientSession(trace_configs=[share(limits)]) as session:
        service.refuse("/channels/7/messages", Retry_After="600", X_RateLimit_Scope="user")
        for path in ("/channels/7/messages", "/channels/8/messages"):
            await session.post(f"{service.base}{path}")
        with pytest.raises(Held) as wait, told(handed_over=True):
            await session.post(f"{service.base}/channels/7/messages")
    assert wait.value.retry_after is not None
    assert 590 < wait.value.retry_after <= 600
    assert [path for path, _ in service.came] == ["/channels/7/messages", "/channels/8/messages"]
    assert [one.account for one in store.read_now(pauses, now=datetime.now(UTC))] == ["route:POST /channels/7/messages"]


def test_what_was_not_asked_is_held_and_no_attempt() -> None:
    with pytest.raises(Held) as held, told(handed_over=True):
        raise NotNow(12.5)
    assert held.value.retry_after == 12.5


async def test_requests_wait_for_their_turn_but_an_answer_to_a_click_does_not(store: Store, service: Service) -> None:
    limits = limits_of(store, discord=Allowance(2, 0.3))
    async with aiohttp.ClientSession(trace_configs=[share(limits)]) as session:
        await asyncio.gather(*(session.get(f"{service.base}/users/{number}") for number in range(3)))
        await session.post(f"{service.base}/interactions/1/token/callback")
    times = [at for path, at in service.came if path.startswith("/users")]
    assert times[2] - times[0] >= 0.25  # the turns are 0.3 s apart; how long each then takes to come is not the same
    assert len(service.came) == 4
