"""A lean Discord: the few REST calls with which letters and days are sent, kept with the nonce that each came with.

A nonce is known for as long as the ledger relies on it and a minute more, by the shared clock as it stood when a message left: one
that was under way while the clock leapt by minutes was no minutes under way. What is to go wrong is planned in `faults`: the next
messages meet it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.faults.evidence import Post
from tests.faults.shared_clock import SharedClock

API = "/api/v10"
TOKEN = "MTAw.G.the-token-of-the-tests"
KNOWN_FOR = timedelta(minutes=3)
UNDER_WAY_S = 0.02  # how long a message is, from its sender's last look at the clock to its arrival
ME = {"id": "100", "username": "Practice Week", "discriminator": "0", "avatar": None, "global_name": None, "bot": True}


@dataclass(frozen=True)
class Trouble:
    """How a message goes wrong, the next that comes, or the next in one `room`.

    `taken`: it is there all the same. Status 0: the connection is cut instead of answered.
    """

    status: int = 0
    code: int = 0
    taken: bool = False
    retry_after: float | None = None
    room: int | None = None


class ChatDesk:
    """Discord on 127.0.0.1. A room's number is its person's, or the channel's own."""

    def __init__(self, clock: SharedClock, *, under_way_s: float = UNDER_WAY_S) -> None:
        self.clock = clock
        self.under_way_s = under_way_s
        self.posts: list[Post] = []
        self.edits = 0
        self.faults: deque[Trouble] = deque()
        self.closed: set[int] = set()  #: people who take no direct messages
        self.gone: set[int] = set()  #: channels that were deleted
        self.messages: dict[int, int] = {}  #: the messages that exist, and the room of each
        self.came = asyncio.Condition()
        self._ids = itertools.count(9_000_000_000)
        self._known: dict[tuple[int, str], tuple[int, datetime]] = {}
        self._runner: web.AppRunner | None = None
        self.api_base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.get(f"{API}/users/@me", self._me, allow_head=False),
                web.get(f"{API}/oauth2/applications/@me", self._application, allow_head=False),
                web.post(f"{API}/users/@me/channels", self._open),
                web.post(f"{API}/channels/{{room}}/messages", self._send),
                web.patch(f"{API}/channels/{{room}}/messages/{{message}}", self._edit),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, holds: Callable[[], object], *, seconds: float = 30.0) -> None:
        """Wait until something holds of what came. Raises `TimeoutError`."""
        async with self.came, asyncio.timeout(seconds):
            await self.came.wait_for(lambda: bool(holds()))

    async def _me(self, _request: web.Request) -> web.Response:
        return _json(ME)

    async def _application(self, _request: web.Request) -> web.Response:
        told = {"name": "Practice Week", "description": "", "icon": None, "bot_public": False, "bot_require_code_grant": False}
        return _json({"id": "100", "owner": ME, "verify_key": "", **told})

    async def _open(self, request: web.Request) -> web.Response:
        person = (await request.json())["recipient_id"]
        someone = {"id": str(person), "username": "somebody", "discriminator": "0", "avatar": None, "global_name": None}
        return _json({"id": str(person), "type": 1, "last_message_id": None, "recipients": [someone], "flags": 0})

    async def _send(self, request: web.Request) -> web.Response:
        room, body = int(request.match_info["room"]), await _body_of(request)
        if room in self.closed:
            return _json({"message": "Cannot send messages to this user", "code": 50007}, 403)
        if room in self.gone:
            return _json({"message": "Unknown Channel", "code": 10003}, 404)
        trouble = self._trouble_in(room)
        if trouble is None or trouble.taken:
            message = self._take(room, body)
            async with self.came:
                self.came.notify_all()
        if trouble is None:
            return _json(_told(message, room))
        return _troubled(request, trouble)

    def _trouble_in(self, room: int) -> Trouble | None:
        trouble = next((one for one in self.faults if one.room in (None, room)), None)
        if trouble is not None:
            self.faults.remove(trouble)
        return trouble

    def _take(self, room: int, body: dict[str, Any]) -> int:
        """The message that this is: the one of its nonce, where that is still known."""
        nonce, now = str(body.get("nonce") or ""), self.clock()
        message, since = self._known.get((room, nonce), (0, now))
        left = self.clock.earliest(ago=self.under_way_s)
        fresh = not (message and body.get("enforce_nonce") and left - since < KNOWN_FOR)
        if fresh:
            message = next(self._ids)
            self._known[room, nonce] = message, now
            self.messages[message] = room
        self.posts.append(Post(now, left, nonce, room, message, fresh))
        return message

    async def _edit(self, request: web.Request) -> web.Response:
        room, message = int(request.match_info["room"]), int(request.match_info["message"])
        await _body_of(request)
        if room in self.gone:
            return _json({"message": "Unknown Channel", "code": 10003}, 404)
        if self.messages.get(message) != room:
            return _json({"message": "Unknown Message", "code": 10008}, 404)
        self.edits += 1
        return _json(_told(message, room))


def _troubled(request: web.Request, trouble: Trouble) -> web.Response:
    if trouble.status == 0 and request.transport is not None:
        request.transport.abort()
        return web.Response(status=500)  # nobody is left to read it
    body: dict[str, Any] = {"message": "no", "code": trouble.code}
    headers = {}
    if trouble.retry_after is not None:
        body |= {"retry_after": trouble.retry_after, "global": False}
        headers = {"Retry-After": str(trouble.retry_after)}
    return _json(body, trouble.status, headers)


async def _body_of(request: web.Request) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":
        return dict(json.loads(str((await request.post())["payload_json"])))
    return dict(await request.json())


def _told(message: int, room: int) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("mentions", "mention_roles", "embeds", "attachments", "components")}
    told = {"id": str(message), "channel_id": str(room), "author": ME, "content": "", "flags": 0, "type": 0, "pinned": False, "tts": False}
    return told | empty | {"timestamp": "2027-03-01T09:00:00+00:00", "edited_timestamp": None, "mention_everyone": False}


def _json(told: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    limits = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49", "X-RateLimit-Reset-After": "1.0", "Via": "1.1 here"}
    body = json.dumps(told).encode()
    return web.Response(body=body, status=status, headers={"Content-Type": "application/json", **limits, **(headers or {})})
