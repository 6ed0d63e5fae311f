"""Courtesy: a long write gives way to those who read meanwhile.

The threads of a process take turns at computing. An import computes for seconds; somebody who types, and waits for what is
offered, computes for a few milliseconds. So a use case that has been at it for a while waits, before each further statement,
until nobody reads, for a moment at most, and no longer in all than it has computed itself. A short write waits for nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: seconds of a use case that are its own; the longest that it stands back at a time
OWN_S, MOMENT_S = 0.05, 0.02


class Courtesy:
    """Between the writing thread, which calls `begin` for each use case, and whoever reads."""

    def __init__(self, writing: Engine, *, own: float = OWN_S, moment: float = MOMENT_S) -> None:
        self._own, self._moment = own, moment
        self._reading = 0
        self._nobody_reads = threading.Condition()
        self._began = 0.0
        self.stood_back = 0.0  #: seconds, by the present use case
        self._writing = writing
        event.listen(writing, "before_cursor_execute", self._before)

    def close(self) -> None:
        """It has nothing to do with the engine any more."""
        event.remove(self._writing, "before_cursor_execute", self._before)

    def begin(self) -> None:
        """A use case begins."""
        self._began, self.stood_back = time.monotonic(), 0.0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Somebody waits for what they read."""
        with self._nobody_reads:
            self._reading += 1
        try:
            yield
        finally:
            with self._nobody_reads:
                self._reading -= 1
                self._nobody_reads.notify_all()

    def _before(self, *_statement: Any) -> None:
        if not self._reading:
            return
        now = time.monotonic()
        computed = now - self._began - self.stood_back
        if computed < self._own or self.stood_back > computed:
            return
        with self._nobody_reads:
            self._nobody_reads.wait_for(lambda: self._reading == 0, self._moment)
        self.stood_back += time.monotonic() - now
