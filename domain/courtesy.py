"""Courtesy: what computes for long gives way to those who read meanwhile.

The threads of a process take turns at computing. An import computes for seconds; somebody who types, and waits for what is
offered, computes for a few milliseconds. So a piece of work that has been at it for a while waits, before each further step,
until nobody reads, for a moment at most, and no longer in all than it has computed itself. Short work waits for nobody.

A step is a statement, or what lies between two calls of `give_way`. A reading that proves long gives way as well, and
nobody gives way to it any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

#: seconds of a piece of work that are its own; the longest that it stands back at a time
OWN_S, MOMENT_S = 0.02, 0.05

#: the piece of work that this thread is at
_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


def give_way() -> None:
    """Between two steps of what may compute for long, such as the rows of a file. Nothing happens where nobody waits."""
    if (turn := _TURN.get()) is not None:
        turn.give_way()


class Courtesy:
    """Between what computes and whoever reads, by these engines."""

    def __init__(self, *engines: Engine, own: float = OWN_S, moment: float = MOMENT_S) -> None:
        self.own, self.moment = own, moment
        self.readers = 0
        self.nobody_reads = threading.Condition()
        self._engines = engines
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._before)

    def close(self) -> None:
        """It has nothing to do with the engines any more."""
        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._before)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Somebody waits for what they read."""
        reader = Reader(self)
        try:
            yield reader
        finally:
            reader.leave()

    @contextmanager
    def at_work(self, reader: Reader | None = None) -> Iterator[Turn]:
        """A piece of work in this thread, from now on; `reader`, who waits for it."""
        token = _TURN.set(turn := Turn(self, reader))
        try:
            yield turn
        finally:
            _TURN.reset(token)

    def _before(self, *_statement: Any) -> None:
        give_way()


class Reader:
    """Somebody for whom others give way, until they have what they wait for, or it proves long."""

    def __init__(self, courtesy: Courtesy) -> None:
        self._courtesy = courtesy
        self._counts = True
        with courtesy.nobody_reads:
            courtesy.readers += 1

    def leave(self) -> None:
        """Nobody gives way for this one any more. Leaving twice is leaving once."""
        with self._courtesy.nobody_reads:
            self._courtesy.readers -= self._counts
            self._counts = False
            self._courtesy.nobody_reads.notify_all()


class Turn:
    """One piece of work, from now on, in the thread that made it."""

    def __init__(self, courtesy: Courtesy, reader: Reader | None = None) -> None:
        self._courtesy = courtesy
        self._reader = reader
        self._began = time.thread_time()  # what it computes itself: in a crowd each waits for the others, and none of them is long
        self.stood_back = 0.0  #: seconds

    def give_way(self) -> None:
        """Between two steps: wait, if somebody reads and this has computed for long."""
        courtesy = self._courtesy
        if not courtesy.readers:
            return
        computed = time.thread_time() - self._began
        if computed < courtesy.own or self.stood_back > computed:
            return
        if self._reader is not None:
            self._reader.leave()
        since = time.monotonic()
        with courtesy.nobody_reads:
            courtesy.nobody_reads.wait_for(lambda: courtesy.readers == 0, courtesy.moment)
        self.stood_back += time.monotonic() - since
