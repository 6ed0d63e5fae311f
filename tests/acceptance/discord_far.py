"""Discord as it is from far away: every call takes a while, and a crowd presses one button within a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.acceptance.discord_people import Someone
from tests.acceptance.discord_rules import V2, walk
from tests.acceptance.discord_server import Asked, DiscordServer, Handler
from tests.acceptance.discord_world import EVERYONE


class FarDiscord(DiscordServer):
    """It notes when each press was answered, and when its person saw what came of it: seconds after the press, by who pressed."""

    def __init__(self, call_seconds: float = 0.08) -> None:
        super().__init__()
        self.call_seconds = call_seconds
        self.answered: dict[int, float] = {}
        self.told: dict[int, float] = {}
        self.presses: dict[int, Asked] = {}
        self._pressers: dict[str, int] = {}

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/gateway":
            return await super()._serve(request, handler)
        await asyncio.sleep(self.call_seconds / 2)
        response = await super()._serve(request, handler)
        self._note(request)
        await asyncio.sleep(self.call_seconds / 2)
        return response

    def _note(self, request: web.Request) -> None:
        who = self._pressers.get(request.match_info.get("token", ""))
        if who is None:
            return
        asked = self.presses[who]
        after = time.monotonic() - asked.since
        if asked.callback is not None:
            self.answered.setdefault(who, after)
        if asked.settled:
            self.told.setdefault(who, after)

    def crowd(self, first_id: int, count: int) -> list[Someone]:
        """Members of the server with ids one after another."""
        people = [Someone(self, first_id + n, f"Person {n + 1}", (), EVERYONE) for n in range(count)]
        self.people |= {person.id: person for person in people}
        return people

    def button(self, custom_id: str) -> dict[str, Any]:
        """A public message with one button."""
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Book", "custom_id": custom_id}]}
        return self.write(self.practice_week, {"components": [row]}, [], V2)

    async def press(self, who: Someone, message: dict[str, Any]) -> None:
        """Somebody presses its button. Nobody waits for the answer."""
        button = next(part for part in walk(message["components"]) if part["type"] == 2)
        asked = Asked(self.new_id(), f"aW50ZXJhY3Rpb24-{self.new_id()}", 3, self.practice_week, message, time.monotonic())
        self.asked[asked.token], self.presses[who.id], self._pressers[asked.token] = asked, asked, who.id
        what = {"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]}
        contents = {"id": str(asked.id), "token": asked.token, "type": 3, "version": 1, "application_id": str(self.application_id)}
        contents |= {"channel": self.channel(asked.room), "channel_id": str(asked.room.id), "attachment_size_limit": 10_485_760}
        contents |= {"locale": "en-GB", "entitlements": [], "app_permissions": str(EVERYONE), "message": message}
        await self.gateway.dispatch("INTERACTION_CREATE", contents | who._told(asked.room, what))

    async def all_press(self, people: list[Someone], message: dict[str, Any], *, within: float) -> float:
        """One after another, in this order, spread over so many seconds; the instant of the first."""
        began = time.monotonic()
        for number, one in enumerate(people):
            await asyncio.sleep(max(0.0, began + within * number / len(people) - time.monotonic()))
            await self.press(one, message)
        return began

    async def seen(self, holds: Callable[[], object], *, seconds: float) -> None:
        """As `until`, looked at twenty times a second: a crowd changes things too often to look at each change. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - a crowd changes things too often to look at each change
                await asyncio.sleep(0.05)
