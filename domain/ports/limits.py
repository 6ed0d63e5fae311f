"""What others allow us."""

from __future__ import annotations

from typing import Protocol

from domain.limits import Flow


class Limits(Protocol):
    """What others allow us, counted together by every process. Accounts are named in `domain.limits`."""

    async def flow(self, *accounts: str) -> Flow | None:
        """How calls leave that need all of these accounts: by the limit of the first, and the pauses of all. None: as they come."""

    async def take(self, *accounts: str, patience: float = ...) -> None:
        """Take a turn with all of these accounts, or with none. Waits up to `patience` seconds; then raises `Held`."""

    async def pause(self, account: str, seconds: float, reason: str) -> None:
        """The service asked us to wait: no process calls this account for so long."""
