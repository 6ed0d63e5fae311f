"""Discord's gateway: the websocket on which a bot hears what happens. Version 10, JSON, compressed where the bot asks for it."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

#: intents that an application must be granted: members, presences, what messages say
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15


class _Closed(Exception):
    """The server ends the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


@dataclass
class _Line:
    """One connection."""

    socket: web.WebSocketResponse
    request: web.Request
    pack: Any  #: the compressor of this connection; None: text

    async def send(self, payload: dict[str, Any]) -> None:
        text = json.dumps(payload)
        if self.pack is None:
            await self.socket.send_str(text)
        else:
            await self.socket.send_bytes(self.pack.compress(text.encode()) + self.pack.flush(zlib.Z_SYNC_FLUSH))


@dataclass
class _Session:
    """One login. It outlives its connection: what happens in between is told again on RESUME."""

    id: str
    told: list[dict[str, Any]] = field(default_factory=list)
    line: _Line | None = None


class Gateway:
    """The gateway of one application. `welcome` gives the events after a login: READY's contents first, then (name, contents)."""

    def __init__(self, token: str, welcome: Callable[[str], list[tuple[str, dict[str, Any]]]], changed: asyncio.Condition) -> None:
        self.token = token
        self._welcome = welcome
        self._changed = changed
        self._session: _Session | None = None
        self.logins = 0  #: IDENTIFYs taken
        self.resumes = 0  #: RESUMEs taken
        self.closed_with: list[int] = []  #: the codes with which we ended connections

    @property
    def connected(self) -> bool:
        """Whether a bot is logged in and hears us now."""
        return self._session is not None and self._session.line is not None

    async def dispatch(self, name: str, contents: dict[str, Any]) -> None:
        """Tell the bot of an event; one that is away hears it when it resumes."""
        assert self._session is not None, "no bot has logged in"
        await self._tell(self._session, name, contents)

    async def drop(self) -> None:
        """Break the connection, as a network does: without a word."""
        assert self._session is not None
        line, self._session.line = self._session.line, None
        assert line is not None, "no bot is connected"
        if line.request.transport is not None:
            line.request.transport.abort()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its end."""
        assert (request.query.get("v"), request.query.get("encoding")) == ("10", "json"), request.query_string
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        line = _Line(socket, request, zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None)
        try:
            await line.send({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(line, json.loads(message.data))
        except _Closed as ended:
            self.closed_with.append(ended.code)
            await socket.close(code=ended.code, message=ended.reason.encode())
        except ConnectionError:
            pass
        finally:
            if self._session is not None and self._session.line is line:
                self._session.line = None
            await self._notify()
        return socket

    async def _take(self, line: _Line, payload: dict[str, Any]) -> None:
        mine = self._session is not None and self._session.line is line
        match payload["op"]:
            case 1:
                await line.send({"op": 11, "d": None, "s": None, "t": None})
            case 2 if mine:
                raise _Closed(4005, "Already authenticated.")
            case 2:
                await self._identify(line, payload["d"])
            case 6:
                await self._resume(line, payload["d"])
            case 3 | 4 | 8 if mine:
                pass
            case op:
                raise _Closed(4001 if mine else 4003, f"Unknown opcode {op}." if mine else "Not authenticated.")

    async def _identify(self, line: _Line, told: dict[str, Any]) -> None:
        if told.get("token") != self.token:
            raise _Closed(4004, "Authentication failed.")
        if told["intents"] & PRIVILEGED:
            raise _Closed(4014, "Disallowed intent(s).")
        assert {"os", "browser", "device"} <= set(told["properties"])
        self.logins += 1
        session = self._session = _Session(f"session-{self.logins}", line=line)
        for name, contents in self._welcome(session.id):
            await self._tell(session, name, contents)
        await self._notify()

    async def _resume(self, line: _Line, told: dict[str, Any]) -> None:
        if told.get("token") != self.token:
            raise _Closed(4004, "Authentication failed.")
        session = self._session
        if session is None or told["session_id"] != session.id or not 0 <= told["seq"] <= len(session.told):
            await line.send({"op": 9, "d": False, "s": None, "t": None})
            return
        self.resumes += 1
        session.line = line
        for missed in session.told[told["seq"] :]:
            await line.send(missed)
        await self._tell(session, "RESUMED", {})
        await self._notify()

    async def _tell(self, session: _Session, name: str, contents: dict[str, Any]) -> None:
        payload = {"op": 0, "t": name, "s": len(session.told) + 1, "d": contents}
        session.told.append(payload)
        if session.line is not None:
            try:
                await session.line.send(payload)
            except ConnectionError:
                session.line = None

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
