"""A loop that is watched: which of its callbacks computed for so long that everybody else had to wait.

asyncio's own watch (`slow_callback_duration`, in debug mode) says which callback took long by the clock on the wall. On a busy
machine that may be the machine: the thread was not running at all. So each callback's own processor time
(`time.thread_time`) is measured too, without what the garbage collector took meanwhile, and only a callback that *computed*
for as long counts. A machine that does other things makes it wait, but makes it compute no more.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVarTuple

SLOW_S = 0.05
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class Slow:
    """A callback that held the loop. `cpu_ms` is what it computed, in ms; `said` is asyncio's own sentence."""

    cpu_ms: float
    said: str


class WatchedLoop(asyncio.SelectorEventLoop):
    """The loop that asyncio uses, in debug mode, with each callback's processor time noted beside the watch of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.slow: list[Slow] = []
        self.callbacks = 0
        self.slow_callback_duration = SLOW_S
        self.set_debug(True)
        self._computed = self._collected = self._gc_began = 0.0
        self._listener = _Listener(self._took_long)
        gc.callbacks.append(self._collecting)
        logging.getLogger("asyncio").addHandler(self._listener)

    def begin(self) -> None:
        """From now on: what was seen so far is forgotten."""
        self.slow.clear()
        self.callbacks = 0

    def end(self) -> None:
        """From now on nothing is noted."""
        self.slow_callback_duration = float("inf")

    def close(self) -> None:
        """Stop watching too."""
        if self._collecting in gc.callbacks:
            gc.callbacks.remove(self._collecting)
            logging.getLogger("asyncio").removeHandler(self._listener)
        super().close()

    def call_soon(self, callback: Callable[[*Ts], object], *args: *Ts, context: contextvars.Context | None = None) -> asyncio.Handle:
        return super().call_soon(_Timed(self, callback), *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return super().call_at(when, _Timed(self, callback), *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        return super().call_soon_threadsafe(_Timed(self, callback), *args, context=context)

    def timed(self, callback: Callable[[*Ts], object], *args: *Ts) -> object:
        """Run a callback, and note what it computed."""
        self.callbacks += 1
        began, collected = time.thread_time(), self._collected
        try:
            return callback(*args)
        finally:
            self._computed = time.thread_time() - began - (self._collected - collected)

    def _collecting(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._gc_began = time.thread_time()
        else:
            self._collected += time.thread_time() - self._gc_began

    def _took_long(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said.startswith("Executing ") and self._computed >= SLOW_S:
            self.slow.append(Slow(round(self._computed * 1000, 1), said))


class _Timed(Generic[*Ts]):
    """A callback that notes its time, and looks like the one that it calls."""

    def __init__(self, loop: WatchedLoop, callback: Callable[[*Ts], object]) -> None:
        self._call = partial(loop.timed, callback)
        self.__wrapped__ = callback
        self.__self__ = getattr(callback, "__self__", None)  # asyncio looks here for the task

    def __call__(self, *args: *Ts) -> object:
        return self._call(*args)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


class _Listener(logging.Handler):
    def __init__(self, heard: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard(record)
