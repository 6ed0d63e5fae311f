"""What every meeting stand-in shares: real HTTP on the loopback, a record of every call, faults, and the meetings it holds."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from rehearsal.faults import Effect, Fault, Faults, Manner

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_EFFECT = web.RequestKey("effect", str)
_LOOKED = web.RequestKey("looked", bool)


@dataclass(frozen=True)
class Call:
    """One call as the service saw it. `status` is None where the caller got no answer; `effect` says what changed."""

    method: str
    path: str
    at: datetime
    status: int | None
    effect: str = ""
    fault: str = ""


@dataclass
class HeldMeeting:
    """A meeting that a service has made, kept for ever, with what happened to it."""

    external_id: str
    host: str
    ref: str
    title: str
    starts_at: datetime
    ends_at: datetime
    join_url: str
    created_at: datetime
    zone: str = "UTC"
    agenda: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    changed_at: list[datetime] = field(default_factory=list)
    deleted_at: datetime | None = None


class ServiceError(Exception):
    """An answer in the service's own form of error."""

    def __init__(self, status: int, code: str | int | None = None, message: str = "", headers: dict[str, str] | None = None) -> None:
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}
        super().__init__(message)


class StandIn(ABC):
    """A service on 127.0.0.1 and a free port. Its time is `clock`; nothing of it is random but what comes from `seed`."""

    def __init__(self, *, clock: Callable[[], datetime], seed: int = 1, tls: ssl.SSLContext | None = None) -> None:
        self.clock = clock
        self.seed = seed
        self.faults = Faults(clock)
        self.calls: list[Call] = []
        self.meetings: list[HeldMeeting] = []
        self._late: list[tuple[web.Request, Handler]] = []
        self._tls = tls
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._crashes: list[Exception] = []
        self.address = ""

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Every path of the service."""

    @abstractmethod
    def error(self, status: int, code: str | int | None, message: str) -> dict[str, Any]:
        """The service's own form of error."""

    @property
    def living(self) -> list[HeldMeeting]:
        """The meetings that exist now."""
        return [meeting for meeting in self.meetings if meeting.deleted_at is None]

    def of_ref(self, ref: str) -> list[HeldMeeting]:
        """The living meetings of one ref."""
        return [meeting for meeting in self.living if meeting.ref == ref]

    def dump(self) -> list[dict[str, Any]]:
        """Every meeting ever made, ready for JSON, in an order that does not depend on who called first."""
        held = sorted(self.meetings, key=lambda meeting: (meeting.starts_at, meeting.ref, meeting.created_at, meeting.external_id))
        return [{name: _plain(value) for name, value in asdict(meeting).items()} for meeting in held]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve], client_max_size=16 * 1024 * 1024)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{'https' if self._tls else 'http'}://{host}:{port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._crashes and error is None:
            raise self._crashes[0]  # a fault of the stand-in's own must not pass for one of the service

    def let_late_land(self, request: web.Request) -> None:
        """The caller has now looked: whatever was held back happens once this call has been answered."""
        request[_LOOKED] = True

    def tell(self, request: web.Request, effect: str) -> None:
        """What this call changed, for the record."""
        request[_EFFECT] = effect

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()
        fault = self.faults.take(request.method, request.path)
        if fault is None:
            response: web.StreamResponse | None = await self._answer(request, handler)
        else:
            response = await self._fail(fault, request, handler)
        self._note(request, response, fault.name if fault else "")
        if fault is None and request.get(_LOOKED):
            await self._land()
        if response is None:
            return await self._say_nothing(fault, request)
        response.headers["Date"] = format_datetime(self.clock().astimezone(UTC), usegmt=True)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The true answer."""
        try:
            return await handler(request)
        except ServiceError as refusal:
            body = self.error(refusal.status, refusal.code, refusal.message)
            return web.json_response(body, status=refusal.status, headers=refusal.headers)
        except web.HTTPException as refusal:
            return web.json_response(self.error(refusal.status, None, refusal.reason), status=refusal.status)
        except Exception as error:
            self._crashes.append(error)
            raise

    async def _fail(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse | None:
        """What the caller gets when a fault strikes; None for no answer at all."""
        if fault.effect is Effect.NOW:
            await self._answer(request, handler)
        elif fault.effect is Effect.LATE:
            self._late.append((request, handler))
        if fault.manner in (Manner.SILENCE, Manner.CUT):
            return None
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        if fault.manner is Manner.STATUS:
            return web.json_response(self.error(fault.status, fault.code, fault.message), status=fault.status, headers=headers)
        text, kind = ("<html>Bad Gateway</html>", "text/html") if fault.manner is Manner.HTML else ('{"id": ', "application/json")
        return web.Response(text=text, content_type=kind, status=fault.status, headers=headers)

    async def _land(self) -> None:
        """What was held back happens now."""
        late, self._late = self._late, []
        for request, handler in late:
            self._note(request, await self._answer(request, handler), "landed late")

    async def _say_nothing(self, fault: Fault | None, request: web.Request) -> web.StreamResponse:
        """Cut the connection, or keep it open and stay silent until the stand-in ends."""
        if fault is not None and fault.manner is Manner.SILENCE:
            await self._closing.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)  # nobody is left to read it

    def _note(self, request: web.Request, response: web.StreamResponse | None, fault: str) -> None:
        status = None if response is None else response.status
        self.calls.append(Call(request.method, request.path, self.clock(), status, request.get(_EFFECT, ""), fault))


def body_of(text: str) -> dict[str, Any]:
    """A JSON object; raises ValueError for anything else."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("not an object")
    return told


def digest(*parts: object) -> bytes:
    """Bytes that depend on the parts alone: ids and links are made from them, so that they do not depend on who called first."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).digest()


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
