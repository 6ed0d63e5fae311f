"""Reading a long file in sight: how far it is, every second or two, and a way to leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

EVERY_S = 1.5

T = TypeVar("T")
Progress = Callable[[int, int], None]


class Left(Exception):
    """The organiser has left the file."""


class _Watch:
    """What the reading thread tells, and what it is told. Plain numbers: a thread may write what another reads."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self.stop = False

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.stop:
            raise Left


def _heard(reading: asyncio.Future[Any]) -> None:
    """What ends a reading that nobody waits for any more is no error of its own."""
    if not reading.cancelled():
        reading.exception()


async def watched(
    read: Callable[[Progress], Awaitable[T]],
    *,
    show: Callable[[int, int], Awaitable[None]],
    left: Callable[[], Awaitable[bool]],
    every: float = EVERY_S,
) -> T | None:
    """What `read` gives, which is told of its progress, in whatever thread; None when the organiser left.

    `show` is told how far it is, at most once in `every` seconds; a short file is read before it is ever told.
    """
    watch = _Watch()
    reading = asyncio.ensure_future(read(watch))
    reading.add_done_callback(_heard)
    try:
        while not (await asyncio.wait({reading}, timeout=every))[0]:
            watch.stop = await left()
            if not watch.stop and watch.total:
                await show(watch.done, watch.total)
        result = await reading
    except Left:
        return None
    finally:
        watch.stop = True
    return None if await left() else result
