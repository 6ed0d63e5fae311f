"""The size of what is sent to us: a form is small, and a file has its limit."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: bytes of a form; and of one that carries a schedule, which only organisers send
MOST, MOST_WITH_FILE = 200_000, 10_000_000


class CappedBodies:
    """Refuses what is too long, by what it says of itself or by what comes: 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_WITH_FILE if scope["path"].startswith("/organise/") else MOST
        said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not said.isdigit() or int(said) > most:
            raise HTTPException(413)
        came = 0

        async def receive_some() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_some, send)
