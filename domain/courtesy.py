"""Courtesy: what computes for long gives way to those who read meanwhile.

The threads of a process take turns at computing. An import computes for seconds; somebody who types, and waits for what is
offered, computes for a few milliseconds. So a piece of work that has been at it for a while waits, before each further step,
until nobody reads, for a moment at most, and no longer in all than it has computed itself. Short work waits for nobody.

A step is a statement, or what lies between two calls of `give_way`. A reading that has computed for long is, from its next step
on, waited for by nobody, and gives way as well, but not to who is still in line for a thread: it may be the one that it would need.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, event

#: seconds of a piece of work that are its own; the longest that it stands back at a time
OWN_S, MOMENT_S = 0.02, 0.05

T = TypeVar("T")

_THREAD = threading.local()


def at_work() -> Turn | None:
    """The piece of work that this thread is at."""
    turn: Turn | None = getattr(_THREAD, "turn", None)
    return turn


def give_way() -> None:
    """Between two steps of what may compute for long, such as the rows of a file. Nothing happens where nobody waits."""
    if (turn := at_work()) is not None:
        turn.give_way()


def politely(items: Iterable[T]) -> Iterator[T]:
    """One after the other, giving way before each."""
    for item in items:
        give_way()
        yield item


class Courtesy:
    """Between what computes and whoever reads, by these engines."""

    def __init__(self, *engines: Engine, own: float = OWN_S, moment: float = MOMENT_S) -> None:
        self.own, self.moment = own, moment
        self.readers = 0  #: who wait for what they read
        self.begun = 0  #: of them, whose reading has a thread
        self.changed = threading.Condition()
        self._engines = engines
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._before)

    def close(self) -> None:
        """It has nothing to do with the engines any more."""
        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._before)

    @contextmanager
    def working(self, reader: Reader | None = None) -> Iterator[Turn]:
        """A piece of work in this thread, from now on; `reader`, who waits for it."""
        before, _THREAD.turn = at_work(), (turn := Turn(self, reader))
        try:
            yield turn
        finally:
            _THREAD.turn = before

    def _before(self, *_statement: Any) -> None:  # of its own: two stores on one engine must not take away each other's
        give_way()


class Reader:
    """Somebody who waits for what they read: with this as a context, until they have it, or it proves long."""

    def __init__(self, courtesy: Courtesy) -> None:
        self._courtesy = courtesy
        self._waits = self._begun = False

    def __enter__(self) -> Reader:
        with self._courtesy.changed:
            self._courtesy.readers += 1
            self._waits = True
        return self

    def begin(self) -> None:
        """It has a thread."""
        with self._courtesy.changed:
            self._courtesy.begun += self._waits and not self._begun
            self._begun = True

    def leave(self) -> None:
        """Nobody gives way for it any more."""
        with self._courtesy.changed:
            self._courtesy.readers -= self._waits
            self._courtesy.begun -= self._waits and self._begun
            self._waits = False
            if not self._courtesy.begun:
                self._courtesy.changed.notify_all()

    def __exit__(self, *_raised: object) -> None:
        self.leave()


class Turn:
    """One piece of work, from now on, in the thread that made it."""

    def __init__(self, courtesy: Courtesy, reader: Reader | None = None) -> None:
        self.courtesy = courtesy
        self._reader = reader
        self._began = time.thread_time()  # what it computes itself: in a crowd each waits for the others, and none of them is long
        self.stood_back = 0.0  #: seconds
        if reader is not None:
            reader.begin()

    def give_way(self) -> None:
        """Between two steps: wait, if somebody reads and this has computed for long."""
        courtesy = self.courtesy
        if not courtesy.readers:
            return
        computed = time.thread_time() - self._began
        left = computed - self.stood_back
        if computed < courtesy.own or left <= 0:
            return
        if self._reader is not None:
            self._reader.leave()
        since = time.monotonic()
        with courtesy.changed:
            courtesy.changed.wait_for(self._may_go_on, min(courtesy.moment, left))
        self.stood_back += time.monotonic() - since

    def _may_go_on(self) -> bool:
        return not (self.courtesy.readers if self._reader is None else self.courtesy.begun)
