"""Shared readings: who asks the same while it waits to be read, is answered by one reading.

When a programme opens, hundreds ask for its page in the same second. A reading that has not begun serves all who wait for it;
who comes when it has begun waits for the next: nobody is told what was so before they asked, so nothing is kept, and nothing
can be out of date.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

#: of the loop before a reading begins: what has come to a socket by now is a request, and has asked, after so many
TURNS = 4


class SharedReadings:
    """On one loop. What is asked for is a key, which says everything about it; what comes is a value, and everyone's."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}
        self._to_come: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, reading: Callable[[], Awaitable[Any]]) -> Any:
        """What the next reading finds, or raises. Whoever stops waiting takes it from nobody else."""
        task = self._to_come.get(key)
        if task is None:
            task = self._to_come[key] = asyncio.ensure_future(self._next(key, reading))
            task.add_done_callback(_heard)
        return await asyncio.shield(task)

    async def _next(self, key: Hashable, reading: Callable[[], Awaitable[Any]]) -> Any:
        if (before := self._under_way.get(key)) is not None:
            await asyncio.wait({before})
        for _ in range(TURNS):
            await asyncio.sleep(0)
        mine = self._under_way[key] = self._to_come.pop(key)
        try:
            return await reading()
        finally:
            if self._under_way.get(key) is mine:
                del self._under_way[key]


def _heard(task: asyncio.Task[Any]) -> None:
    """An error that nobody waits for any more is nobody's."""
    if not task.cancelled():
        task.exception()
