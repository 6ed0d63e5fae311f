"""A mail server that takes everything and keeps nothing: `python -m bench.sink`. It prints its port, and ends with its standard input.

As lean as can be, so that what is measured is the sender. It counts the letters; `NOOP` tells how many there were.
"""

from __future__ import annotations

import asyncio
import sys

_COUNT = {"letters": 0}


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_letter = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ready\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each line, and each letter at its end."""
        assert self._transport is not None
        self._buffer += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        if self._in_letter:
            end = self._buffer.find(b"\r\n.\r\n")
            if end < 0:
                return None
            del self._buffer[: end + 5]
            self._in_letter = False
            _COUNT["letters"] += 1
            return b"250 taken\r\n"
        line, found, rest = bytes(self._buffer).partition(b"\r\n")
        if not found:
            return None
        self._buffer = bytearray(rest)
        return self._answer(line[:4].upper())

    def _answer(self, word: bytes) -> bytes:
        if word == b"EHLO":
            return b"250-sink\r\n250-SIZE 20000000\r\n250 8BITMIME\r\n"
        if word == b"DATA":
            self._in_letter = True
            return b"354 go on\r\n"
        if word == b"NOOP":
            return f"250 {_COUNT['letters']}\r\n".encode("ascii")
        return b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
