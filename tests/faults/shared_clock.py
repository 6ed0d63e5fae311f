"""A clock that several processes share and that only the test moves: eight bytes of a file in memory."""

from __future__ import annotations

import mmap
import struct
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class SharedClock:
    """The present instant (UTC), the same in every process that opens this file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self._left: deque[tuple[float, datetime]] = deque(maxlen=16)  # when this process set it, and from what

    @classmethod
    def new(cls, folder: Path, now: datetime) -> SharedClock:
        """A new clock in this folder, which stands at `now`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "clock"
        path.write_bytes(_packed(now))
        return cls(path)

    def __call__(self) -> datetime:
        return _EPOCH + timedelta(microseconds=struct.unpack("q", self._memory[:8])[0])

    def set(self, instant: datetime) -> None:
        """Go to an instant, earlier or later."""
        self._left.append((time.monotonic(), self()))
        self._memory[:8] = _packed(instant)

    def earliest(self, *, ago: float) -> datetime:
        """The earliest that it has shown in these last seconds of real time, as far as this process set it."""
        since = time.monotonic() - ago
        return min([self(), *(shown for at, shown in self._left if at >= since)])

    def move(self, **span: float) -> datetime:
        """Let time pass, or take it back."""
        self.set(self() + timedelta(**span))
        return self()


def _packed(instant: datetime) -> bytes:
    return struct.pack("q", (instant - _EPOCH) // timedelta(microseconds=1))
