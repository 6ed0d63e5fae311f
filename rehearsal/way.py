"""The clock's way through a rehearsal: from one instant at which something is due, or somebody acts, to the next."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from domain import agenda
from rehearsal.stage import Stage

Act = Callable[[], Awaitable[None]]
Progress = Callable[[str, float], None]

#: a clock that stands still while something is due for this many looks is stuck
PATIENCE = 60


class Stuck(RuntimeError):
    """Something is due and never done."""


@dataclass
class Way:
    """The list of acts, each at its instant, and the travelling. `until` may move away while it is under way."""

    stage: Stage
    progress: Progress
    until: datetime
    _todo: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def at(self, instant: datetime, act: Act) -> None:
        """Put an act on the list; one for an instant that is past is done now."""
        heapq.heappush(self._todo, (max(instant, self.stage.clock()), next(self._order), act))

    async def go(self) -> None:
        """Travel from instant to instant, doing what is due and what people do, until nothing is left before `until`."""
        began, looks = self.stage.clock(), 0
        while True:
            now = self.stage.clock()
            due = await self.stage.store.read(agenda.next_due, self.stage.rules, now=now)
            then = min(filter(None, (due, self._todo[0][0] if self._todo else None)), default=None)
            if then is None or then > self.until:
                break
            looks = looks + 1 if then <= now else 0
            if looks > PATIENCE:
                raise Stuck(f"something is due at {now} and is never done")
            self.stage.travel_to(then)
            while self._todo and self._todo[0][0] <= self.stage.clock():
                await heapq.heappop(self._todo)[2]()
            await self.stage.ticks.run_due()
            self.progress(f"{self.stage.clock():%A %d %B, %H:%M}", 0.02 + 0.95 * ((then - began) / (self.until - began)))
