"""The Discord of these tests is strict: a bot that does what Discord refuses is refused here too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.acceptance.discord_rules import V2
from tests.acceptance.discord_server import DiscordServer

AGENT = {"User-Agent": "DiscordBot (https://example.org 1)"}


class Caller:
    """A bot reduced to its calls."""

    def __init__(self, discord: DiscordServer, http: aiohttp.ClientSession) -> None:
        self.discord, self.http = discord, http

    async def __call__(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        """(status, the answer), or (status, Discord's code) for a refusal."""
        headers = {**AGENT, "Authorization": f"Bot {token or self.discord.token}"}
        async with self.http.request(method, f"{self.discord.api_base}/api/v10{path}", json=body, headers=headers) as response:
            told = await response.json()
            return response.status, told if response.status < 400 else told["code"]

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        socket = await self.http.ws_connect(f"{self.discord.gateway_url}?v=10&encoding=json")
        assert (await socket.receive_json())["op"] == 10
        return socket

    async def identify(self, *, token: str | None = None, intents: int = 1) -> aiohttp.ClientWebSocketResponse:
        socket = await self.connect()
        properties = {"os": "x", "browser": "x", "device": "x"}
        await socket.send_json({"op": 2, "d": {"token": token or self.discord.token, "intents": intents, "properties": properties}})
        return socket


@pytest.fixture
async def bot() -> AsyncIterator[Caller]:
    async with DiscordServer() as discord, aiohttp.ClientSession() as http:
        yield Caller(discord, http)


def texts(count: int, size: int = 1) -> list[dict[str, Any]]:
    return [{"type": 17, "components": [{"type": 10, "content": "x" * size} for _ in range(count)]}]


def button(custom_id: str) -> list[dict[str, Any]]:
    return [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Book", "custom_id": custom_id}]}]


async def test_a_wrong_token_is_refused_everywhere(bot: Caller) -> None:
    assert await bot("GET", "/users/@me", token="another") == (401, 0)
    socket = await bot.identify(token="another")
    await socket.receive()
    assert socket.close_code == 4004


async def test_privileged_intents_are_not_granted(bot: Caller) -> None:
    socket = await bot.identify(intents=1 << 15)
    await socket.receive()
    assert socket.close_code == 4014


@pytest.mark.parametrize(
    "body",
    [
        {"flags": V2, "components": texts(40)},
        {"flags": V2, "components": texts(2, 2001)},
        {"flags": V2, "components": button("x" * 101)},
        {"flags": V2, "components": button("x") + button("x")},
        {"flags": V2, "components": texts(1), "content": "and words"},
        {"flags": V2, "components": []},
        {"components": texts(1)},
        {"content": "x" * 2001},
    ],
)
async def test_a_message_that_outgrows_the_limits_is_refused(bot: Caller, body: dict[str, Any]) -> None:
    room = bot.discord.practice_week
    assert await bot("POST", f"/channels/{room.id}/messages", body) == (400, 50035)
    assert room.messages == {}


async def test_a_message_within_the_limits_is_taken(bot: Caller) -> None:
    status, _ = await bot("POST", f"/channels/{bot.discord.practice_week.id}/messages", {"flags": V2, "components": texts(39, 102)})
    assert status == 200


async def test_a_repeated_nonce_is_one_message_where_that_is_asked_for(bot: Caller) -> None:
    room = bot.discord.direct(bot.discord.join("Alice").id)
    path, body = f"/channels/{room.id}/messages", {"content": "hello", "nonce": "7", "enforce_nonce": True}
    (_, first), (_, again) = await bot("POST", path, body), await bot("POST", path, body)
    assert first["id"] == again["id"]
    await bot("POST", path, body | {"enforce_nonce": False})
    assert len(room.messages) == 2


async def test_closed_messages_and_lost_channels_have_discords_own_codes(bot: Caller) -> None:
    room = bot.discord.direct(bot.discord.join("Alice").id)
    room.closed = True
    assert await bot("POST", f"/channels/{room.id}/messages", {"content": "hello"}) == (403, 50007)
    assert await bot("POST", "/channels/1/messages", {"content": "hello"}) == (404, 10003)
    assert await bot("PATCH", f"/channels/{bot.discord.practice_week.id}/messages/1", {"content": "hello"}) == (404, 10008)


async def asked(bot: Caller) -> tuple[dict[str, Any], asyncio.Task[Any]]:
    """Somebody presses a button; what the bot hears of it."""
    room = bot.discord.practice_week
    socket = await bot.identify()
    assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
    await bot("POST", f"/channels/{room.id}/messages", {"flags": V2, "components": button("pw:book")})
    alice = bot.discord.join("Alice")
    pressing = asyncio.create_task(alice.press(alice.posted()[0], "Book"))
    return (await socket.receive_json())["d"], pressing


async def test_an_interaction_is_acknowledged_once(bot: Caller) -> None:
    heard, pressing = await asked(bot)
    path = f"/interactions/{heard['id']}/{heard['token']}/callback"
    assert (await bot("POST", path, {"type": 4, "data": {"content": "Booked", "flags": 64}}))[0] == 200
    assert await bot("POST", path, {"type": 4, "data": {"content": "Booked"}}) == (400, 40060)
    seen = await pressing
    assert (seen.text, seen.private) == ("Booked", True)


async def test_an_interaction_that_is_answered_too_late_is_unknown(bot: Caller) -> None:
    heard, pressing = await asked(bot)
    bot.discord.asked[heard["token"]].since -= 3.0
    assert await bot("POST", f"/interactions/{heard['id']}/{heard['token']}/callback", {"type": 6}) == (404, 10062)
    pressing.cancel()


async def test_what_happens_while_the_bot_is_away_is_told_when_it_resumes(bot: Caller) -> None:
    socket = await bot.identify()
    ready = (await socket.receive_json())["d"]
    await socket.receive_json()
    await bot.discord.gateway.drop()
    await bot.discord.gateway.dispatch("TYPING_START", {"n": 1})
    again = await bot.connect()
    await again.send_json({"op": 6, "d": {"token": bot.discord.token, "session_id": ready["session_id"], "seq": 2}})
    assert [(await again.receive_json())["t"] for _ in range(2)] == ["TYPING_START", "RESUMED"]
    await again.send_json({"op": 1, "d": 4})
    assert (await again.receive_json())["op"] == 11


async def test_commands_with_a_wrong_name_are_refused(bot: Caller) -> None:
    path = f"/applications/{bot.discord.application_id}/commands"
    assert await bot("PUT", path, [{"name": "My Bookings", "description": "x"}]) == (400, 50035)
    assert (await bot("PUT", path, [{"name": "my", "description": "x"}]))[0] == 200
