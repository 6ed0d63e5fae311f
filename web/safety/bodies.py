"""The size of what is sent to us: a form is small, a file has its limit, and both have to come within a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: bytes of a form; and of one that carries a schedule, which only organisers send
MOST, MOST_WITH_FILE = 200_000, 10_000_000
#: seconds from the first line of a request to the end of its form: a slow telephone needs some of them
PATIENCE_S = 60.0

Refused = Callable[[Request, HTTPException], Awaitable[Response]]


class CappedBodies:
    """Refuses what is too long, by what it says of itself or by what comes: 413. What does not come in time: 408.

    `refused` draws the page that says so.
    """

    def __init__(self, app: ASGIApp, *, refused: Refused, patience: float = PATIENCE_S) -> None:
        self._app = app
        self._refused = refused
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_WITH_FILE if scope["path"].startswith("/organise/") else MOST
        if any(not _fits(value, most) for name, value in scope["headers"] if name == b"content-length"):
            response = await self._refused(Request(scope), HTTPException(413))
            response.headers["Connection"] = "close"  # what is still to come is not read
            await response(scope, receive, send)
            return
        await self._app(scope, _Counting(receive, most, self._patience).receive, send)


class _Counting:
    """The body of one request. Raises `HTTPException` in who reads it."""

    def __init__(self, receive: Receive, most: int, patience: float) -> None:
        self._receive = receive
        self._most = most
        self._came = 0
        self._until = asyncio.get_running_loop().time() + patience
        self._whole = False

    async def receive(self) -> Message:
        """As the server gives it; after its end, that the browser has gone: for that one may wait as long as one likes."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        self._came += len(message.get("body", b""))
        if self._came > self._most:
            raise HTTPException(413, headers={"Connection": "close"})
        self._whole = not message.get("more_body", False)
        return message


def _fits(said: bytes, most: int) -> bool:
    """Whether a Content-Length is a number, and not too large a one."""
    return said.isdigit() and len(said) <= len(str(most)) + 10 and int(said) <= most
