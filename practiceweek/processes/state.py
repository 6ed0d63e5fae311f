"""What one process says of itself when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.database import Store
from domain.partnerships import Whose


@dataclass(frozen=True)
class State:
    """What the process says of itself when it is asked."""

    store: Store
    now: Callable[[], datetime]
    has_clock: bool
    talks: bool  #: it is to answer in chat
    connected: Callable[[], bool]  #: to Discord; without the chat: it has logged in there, to write
    stands_by: Callable[[], bool]
    keeps: Whose = None  #: the partnerships of its settings
    has_pages: bool = False  #: it is to show pages
    serves: Callable[[], bool] = lambda: False  #: pages are answered just now
    uses_chat: bool = True  #: some partnership has a Discord server

    @property
    def has_bot(self) -> bool:
        """Whether it has anything to do with Discord."""
        return self.uses_chat and (self.has_clock or self.talks)
