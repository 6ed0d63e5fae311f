"""Who looks on while the clock ticks and letters leave: told what happened, and never asked."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ledger.marks import Result
from domain.ports.letters import Letter


class Watcher(Protocol):
    """Looks on. What it does must be quick, and must not fail."""

    def ticked(self, tick: str, seconds: float) -> None:
        """A tick is over, well or badly."""

    def handed(self, letter: Letter, result: Result, at: datetime) -> None:
        """A channel has answered for a letter (UTC)."""


class Nobody:
    """Nobody looks on."""

    def ticked(self, tick: str, seconds: float) -> None:
        """Pass."""

    def handed(self, letter: Letter, result: Result, at: datetime) -> None:
        """Pass."""
