"""What one process says of itself when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.database import Store


@dataclass(frozen=True)
class State:
    """What the process says of itself when it is asked."""

    store: Store
    now: Callable[[], datetime]
    has_clock: bool
    talks: bool  #: it is to answer in chat
    connected: Callable[[], bool]  #: to Discord
    stands_by: Callable[[], bool]
