"""A small, strict Discord on 127.0.0.1: the REST calls and the gateway that a bot needs, over real sockets.

It holds one application, one server with two channels, and people who press, choose, type commands and fill in forms
(`discord_people`). What Discord refuses is refused (`discord_rules`), and everything is written down in `requests`.

    async with DiscordServer() as discord:
        …start a bot with `discord.token`, `discord.api_base`, `discord.gateway_url`…
        await discord.until(lambda: discord.gateway.connected)
        alice = discord.join("Alice")
        days = await alice.command("browse")
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.acceptance.discord_gateway import Gateway
from tests.acceptance.discord_people import Someone
from tests.acceptance.discord_rules import EPHEMERAL, LOADING, Refused, check_choices, check_commands, check_form
from tests.acceptance.discord_world import EVERYONE, ORGANISERS, Room, World, numbered

API = "/api/v10"
ACKNOWLEDGE_S = 3.0
_BODY: web.RequestKey[Any] = web.RequestKey("body")
_FILES: web.RequestKey[list[str]] = web.RequestKey("files")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Request:
    """One REST call as Discord saw it."""

    method: str
    path: str
    status: int
    body: Any


@dataclass
class Asked:
    """Something that a person did, and what the bot made of it."""

    id: int
    token: str
    kind: int  #: 2 a command, 3 a button or a menu, 4 typing a command, 5 a form
    room: Room
    pressed: dict[str, Any] | None  #: the message that was pressed
    since: float
    callback: int | None = None  #: how the bot answered first
    message: dict[str, Any] | None = None  #: the answer
    form: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    settled: bool = False  #: there is something for the person to see


class DiscordServer(World):
    """Discord. It knows one bot, by its token."""

    def __init__(self, *, token: str = "MTAw.G.the-token-of-the-tests") -> None:
        super().__init__()
        self.token = token
        self.requests: list[Request] = []
        self.commands: dict[int, list[dict[str, Any]]] = {}  #: by server; 0: everywhere
        self.changed = asyncio.Condition()
        self.gateway = Gateway(token, self.welcome, self.changed)
        self.asked: dict[str, Asked] = {}
        self.away = 0  #: so many calls are answered 503
        self._nonces: dict[tuple[int, str], int] = {}
        self._crashes: list[Exception] = []
        self._runner: web.AppRunner | None = None

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def api_base(self) -> str:
        """Where the REST calls go, without /api."""
        return self.address

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve])
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._crashes and error is None:
            raise self._crashes[0]  # a fault of the stand-in's own must not pass for one of Discord's

    async def until(self, holds: Callable[[], object], *, seconds: float = 30.0) -> None:
        """Wait until something holds of this Discord. Raises `TimeoutError`."""
        async with self.changed, asyncio.timeout(seconds):
            await self.changed.wait_for(lambda: bool(holds()))

    @property
    def refusals(self) -> list[tuple[str, str, int]]:
        """The calls that were refused: (method, path, status)."""
        return [(one.method, one.path, one.status) for one in self.requests if one.status >= 400]

    def join(self, name: str, *, organiser: bool = False) -> Someone:
        """Somebody comes into the server."""
        roles = (self.organiser_role,) if organiser else ()
        someone = Someone(self, self.new_id(), name, roles, ORGANISERS if organiser else EVERYONE)
        self.people[someone.id] = someone
        return someone

    # ── REST ────────────────────────────────────────────────────────────────────────────────────────────

    def _routes(self) -> list[web.RouteDef]:
        original = f"{API}/webhooks/{{application}}/{{token}}/messages/@original"
        message = f"{API}/channels/{{channel}}/messages/{{message}}"
        return [
            web.get("/gateway", self.gateway.serve, allow_head=False),
            web.get("/files/{name}", self._file, allow_head=False),
            web.get(f"{API}/users/@me", self._me, allow_head=False),
            web.get(f"{API}/oauth2/applications/@me", self._application, allow_head=False),
            web.put(f"{API}/applications/{{application}}/commands", self._sync),
            web.put(f"{API}/applications/{{application}}/guilds/{{guild}}/commands", self._sync),
            web.get(f"{API}/guilds/{{guild}}", self._server, allow_head=False),
            web.get(f"{API}/guilds/{{guild}}/members/{{person}}", self._member, allow_head=False),
            web.post(f"{API}/users/@me/channels", self._open_direct),
            web.post(f"{API}/channels/{{channel}}/messages", self._send),
            web.patch(message, self._edit),
            web.post(f"{API}/interactions/{{id}}/{{token}}/callback", self._callback),
            web.patch(original, self._edit_original),
            web.post(f"{API}/webhooks/{{application}}/{{token}}", self._follow_up),
        ]

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/gateway":
            return await handler(request)
        body: Any = None
        try:
            body, files = await _body_of(request)
            request[_BODY], request[_FILES] = body, files
            if self.away:
                self.away -= 1
                raise Refused(503, 0, "Service Unavailable")
            if not request.path.startswith((f"{API}/interactions/", f"{API}/webhooks/", "/files/")):
                self._admit(request)
            response = await handler(request)
        except Refused as refused:
            response = _json({"message": refused.message, "code": refused.code}, refused.status)
        except web.HTTPNotFound:
            response = _json({"message": "404: Not Found", "code": 0}, 404)
        except ConnectionResetError:  # who asked was killed in mid-request: Discord would not mind either
            raise
        except Exception as error:
            self._crashes.append(error)
            raise
        self.requests.append(Request(request.method, request.path.removeprefix(API), response.status, body))
        async with self.changed:
            self.changed.notify_all()
        return response

    def _admit(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            raise Refused(403, 40333, "internal network error")

    async def _me(self, _request: web.Request) -> web.Response:
        return _json(self.account(self.application_id))

    async def _application(self, _request: web.Request) -> web.Response:
        told = {"name": "Practice Week", "description": "", "icon": None, "bot_public": False, "bot_require_code_grant": False}
        return _json({"id": str(self.application_id), "owner": {**self.account(self.application_id), "id": "1"}, "verify_key": "", **told})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])

    async def _sync(self, request: web.Request) -> web.Response:
        guild_id = int(request.match_info.get("guild", 0))
        if guild_id not in (0, self.guild_id):
            raise Refused(403, 50001, "Missing Access")
        check_commands(request[_BODY])
        made = {"application_id": str(self.application_id), "version": str(self.new_id())}
        where = {"guild_id": str(guild_id)} if guild_id else {}
        self.commands[guild_id] = [{**command, **made, **where, "id": str(self.new_id())} for command in request[_BODY]]
        return _json(self.commands[guild_id])

    async def _server(self, request: web.Request) -> web.Response:
        self._ours(request)
        return _json(self.guild())

    async def _member(self, request: web.Request) -> web.Response:
        self._ours(request)
        person = self.people.get(int(request.match_info["person"]))
        if person is None:
            raise Refused(404, 10007, "Unknown Member")
        return _json(person.member())

    def _ours(self, request: web.Request) -> None:
        if int(request.match_info["guild"]) != self.guild_id:
            raise Refused(404, 10004, "Unknown Guild")

    async def _open_direct(self, request: web.Request) -> web.Response:
        recipient = int(request[_BODY]["recipient_id"])
        if recipient not in self.people:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        return _json(self.channel(self.direct(recipient)))

    def _room_of(self, request: web.Request) -> Room:
        room = self.rooms.get(int(request.match_info["channel"]))
        if room is None:
            raise Refused(404, 10003, "Unknown Channel")
        if room.closed:
            raise Refused(403, 50007, "Cannot send messages to this user")
        return room

    async def _send(self, request: web.Request) -> web.Response:
        room, body = self._room_of(request), request[_BODY]
        nonce = (room.id, str(body["nonce"])) if body.get("nonce") and body.get("enforce_nonce") else None
        if nonce in self._nonces:
            return _json(room.messages[self._nonces[nonce]])
        message = self.write(room, body, request[_FILES], int(body.get("flags") or 0))
        if nonce is not None:
            self._nonces[nonce] = int(message["id"])
        return _json(message)

    async def _edit(self, request: web.Request) -> web.Response:
        room = self._room_of(request)
        message = room.messages.get(int(request.match_info["message"]))
        if message is None or message["flags"] & EPHEMERAL:
            raise Refused(404, 10008, "Unknown Message")
        return _json(self.change(message, request[_BODY], request[_FILES]))

    # ── interactions ────────────────────────────────────────────────────────────────────────────────────

    async def interact(self, kind: int, room: Room, told: dict[str, Any], pressed: dict[str, Any] | None = None) -> Asked:
        """Tell the bot what somebody did, and wait until there is something to see. Raises `TimeoutError`."""
        asked = Asked(self.new_id(), f"aW50ZXJhY3Rpb24-{self.new_id()}", kind, room, pressed, time.monotonic())
        self.asked[asked.token] = asked
        contents = {"id": str(asked.id), "token": asked.token, "type": kind, "version": 1, "application_id": str(self.application_id)}
        contents |= {"channel": self.channel(room), "channel_id": str(room.id), "attachment_size_limit": 10_485_760, "locale": "en-GB"}
        contents |= {"entitlements": [], "app_permissions": str(EVERYONE), **told}
        if pressed is not None:
            contents["message"] = pressed
        await self.gateway.dispatch("INTERACTION_CREATE", contents)
        await self.until(lambda: asked.settled)
        return asked

    def _asked(self, request: web.Request) -> Asked:
        asked = self.asked.get(request.match_info["token"])
        if asked is None:
            raise Refused(404, 10015, "Unknown Webhook")
        return asked

    async def _callback(self, request: web.Request) -> web.Response:
        asked, answer = self._asked(request), request[_BODY]
        if request.match_info["id"] != str(asked.id) or time.monotonic() - asked.since > ACKNOWLEDGE_S:
            raise Refused(404, 10062, "Unknown interaction")
        if asked.callback is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        kind, data = answer["type"], answer.get("data") or {}
        if kind not in {2: (4, 5, 9), 3: (4, 5, 6, 7, 9), 4: (8,), 5: (4, 5, 6, 7)}[asked.kind] or (kind in (6, 7) and not asked.pressed):
            raise Refused(400, 50035, "Invalid Form Body: type")
        self._first_answer(asked, kind, data, request[_FILES])
        asked.callback = kind
        told: dict[str, Any] = {"interaction": {"id": str(asked.id), "type": asked.kind, "response_message_loading": kind == 5}}
        if kind in (4, 5, 7) and asked.message is not None:
            told["interaction"]["response_message_id"] = asked.message["id"]
            told["resource"] = {"type": kind, "message": asked.message}
        return _json(told)

    def _first_answer(self, asked: Asked, kind: int, data: dict[str, Any], files: list[str]) -> None:
        if kind == 8:
            check_choices(data["choices"])
            asked.choices = data["choices"]
        elif kind == 9:
            check_form(data)
            asked.form = data | {"components": numbered(data)}
        elif kind == 7:
            assert asked.pressed is not None
            asked.message = self.change(asked.pressed, data, files)
        elif kind == 6:
            asked.message = asked.pressed
        else:
            asked.message = self.write(asked.room, data, files, int(data.get("flags") or 0) | (LOADING if kind == 5 else 0))
        asked.settled = kind not in (5, 6)

    async def _edit_original(self, request: web.Request) -> web.Response:
        asked = self._asked(request)
        if asked.message is None:
            raise Refused(404, 10008, "Unknown Message")
        self.change(asked.message, request[_BODY], request[_FILES])
        asked.settled = True
        return _json(asked.message)

    async def _follow_up(self, request: web.Request) -> web.Response:
        asked = self._asked(request)
        if asked.callback is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if asked.message is not None and asked.message["flags"] & LOADING:  # the first takes the place of "thinking"
            self.change(asked.message, request[_BODY], request[_FILES])
        else:
            asked.message = self.write(asked.room, request[_BODY], request[_FILES], int(request[_BODY].get("flags") or 0))
        asked.settled = True
        return _json(asked.message)


async def _body_of(request: web.Request) -> tuple[Any, list[str]]:
    """The JSON of a request, and the names of the files that came with it."""
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        files = [part.filename for part in form.values() if isinstance(part, web.FileField)]
        return json.loads(str(form["payload_json"])), files
    text = await request.text()
    if not text:
        return None, []
    if request.content_type != "application/json":
        raise Refused(400, 50109, "The request body contains invalid JSON.")
    return json.loads(text), []


def _json(told: Any, status: int = 200) -> web.Response:
    """An answer as Discord gives it: its type has no charset, and it says how many more may come."""
    limits = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49", "X-RateLimit-Reset-After": "1.0", "Via": "1.1 here"}
    return web.Response(body=json.dumps(told).encode(), status=status, headers={"Content-Type": "application/json", **limits})
