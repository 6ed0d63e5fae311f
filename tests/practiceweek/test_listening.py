"""The address that the pages are served at."""

from __future__ import annotations

import asyncio
import socket

import pytest

from practiceweek.processes.pages import _listening


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_answer_is_written_at_once_and_waits_for_no_acknowledgement(host: str) -> None:
    """With Nagle's rule each page on a connection that stays open came 40 ms late."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def met(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = _listening(host, 0)
    async with await asyncio.start_server(met, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
        assert await accepted == 1
        writer.close()
