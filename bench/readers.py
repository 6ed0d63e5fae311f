"""Readers of one page, in a process of their own: `python -m bench.readers <port> <path> <connections> <warming> <asked>`.

Each has a connection that stays open, and asks again as soon as it has the whole answer. What comes out is JSON: answers a
second, the waits, and the digests of the bodies that came.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any


@dataclass
class Asked:
    """What the readers share: how many answers are still to be asked for, and what came."""

    left: int
    waits_ms: list[float] = field(default_factory=list)
    bodies: set[str] = field(default_factory=set)


async def read_page(port: int, path: str, asked: Asked) -> None:
    """One reader, until nothing is left to ask for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n\r\n".encode()
    while asked.left > 0:
        asked.left -= 1
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        assert head[0].startswith("HTTP/1.1 200"), head[0]
        (length,) = [int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")]
        body = await reader.readexactly(length)
        asked.waits_ms.append((time.perf_counter() - began) * 1000)
        asked.bodies.add(hashlib.sha256(body).hexdigest())
    writer.close()
    await writer.wait_closed()


async def read_pages(port: int, path: str, connections: int, count: int) -> dict[str, Any]:
    """So many answers, over so many connections."""
    asked = Asked(count)
    began = time.perf_counter()
    await asyncio.gather(*(read_page(port, path, asked) for _ in range(connections)))
    seconds = time.perf_counter() - began
    cuts = quantiles(asked.waits_ms, n=100)
    return {"value": count / seconds, "p50_ms": cuts[49], "p99_ms": cuts[98], "bodies": sorted(asked.bodies)}


async def main(port: int, path: str, connections: int, warming: int, asked: int) -> None:
    """Warm up, ask, say what came."""
    await read_pages(port, path, connections, warming)
    sys.stdout.write(json.dumps(await read_pages(port, path, connections, asked)))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], *(int(word) for word in sys.argv[3:6])))
