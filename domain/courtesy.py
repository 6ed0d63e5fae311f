"""Courtesy: what computes for long gives way to those who read meanwhile.

The threads of a process take turns at computing. An import computes for seconds; somebody who types, and waits for what is
offered, computes for a few milliseconds. So a piece of work that has been at it for a while waits, before each further step,
until nobody reads, for a moment at most, and no longer in all than it has computed itself. Short work waits for nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: seconds of a piece of work that are its own; the longest that it stands back at a time
OWN_S, MOMENT_S = 0.05, 0.02


class Courtesy:
    """Between what computes and whoever reads. A step of the writing thread, which calls `begin` for each use case, is a statement."""

    def __init__(self, writing: Engine, *, own: float = OWN_S, moment: float = MOMENT_S) -> None:
        self.own, self.moment = own, moment
        self.readers = 0
        self.nobody_reads = threading.Condition()
        self._writing = writing
        self._use_case = Turn(self)
        event.listen(writing, "before_cursor_execute", self._before)

    def close(self) -> None:
        """It has nothing to do with the engine any more."""
        event.remove(self._writing, "before_cursor_execute", self._before)

    def begin(self) -> Turn:
        """A use case begins."""
        self._use_case = Turn(self)
        return self._use_case

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Somebody waits for what they read."""
        with self.nobody_reads:
            self.readers += 1
        try:
            yield
        finally:
            with self.nobody_reads:
                self.readers -= 1
                self.nobody_reads.notify_all()

    def _before(self, *_statement: Any) -> None:
        self._use_case.give_way()


class Turn:
    """One piece of work, in one thread, from now on."""

    def __init__(self, courtesy: Courtesy) -> None:
        self._courtesy = courtesy
        self._began = time.monotonic()
        self.stood_back = 0.0  #: seconds

    def give_way(self, *_step: object) -> None:
        """Between two steps, whichever: wait, if somebody reads and this has computed for long."""
        courtesy = self._courtesy
        if not courtesy.readers:
            return
        now = time.monotonic()
        computed = now - self._began - self.stood_back
        if computed < courtesy.own or self.stood_back > computed:
            return
        with courtesy.nobody_reads:
            courtesy.nobody_reads.wait_for(lambda: courtesy.readers == 0, courtesy.moment)
        self.stood_back += time.monotonic() - now
