"""A wire with a hand on it: it carries bytes between the program and a server, and holds them when something is said."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Wire:
    """Listens on `port`. When the program says `word`, once, `held` is set and what it said waits for `go`."""

    def __init__(self, host: str, port: int, word: bytes) -> None:
        self._to = host, port
        self._word = word
        self.held, self.go = asyncio.Event(), asyncio.Event()
        self.port = 0
        self._carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._open, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _open(self, from_program: asyncio.StreamReader, to_program: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._to)
        for carry in (self._there(from_program, to_server), self._back(from_server, to_program)):
            task = asyncio.create_task(carry)
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            if self._word in said and not self.held.is_set():
                self.held.set()
                await self.go.wait()
            writer.write(said)
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            writer.write(said)
        writer.close()
