"""Reading together: what many people want to see at the same moment is read once for all of them.

No cache: nobody is shown what was read before they asked. Who asks while a reading is under way shares the next one with all
who ask until it begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Together:
    """The readings of one loop, each under a key that says what is read."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}
        self._next: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, begin: Callable[[], Awaitable[T]]) -> T:
        """What a reading comes to, or raises, that begins after this call."""
        if key not in self._next:
            self._next[key] = asyncio.create_task(self._read(key, self._under_way.get(key), begin))
        shared: T = await asyncio.shield(self._next[key])  # who gives up takes nothing from the others
        return shared

    async def _read(self, key: Hashable, before: asyncio.Task[Any] | None, begin: Callable[[], Awaitable[T]]) -> T:
        if before is not None:
            await asyncio.wait({before})
        mine = self._under_way[key] = self._next.pop(key)  # whoever comes from now on needs a later one
        try:
            return await begin()
        finally:
            if self._under_way.get(key) is mine:
                del self._under_way[key]
