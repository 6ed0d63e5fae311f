"""Ringing: how a process without a clock tells those that have one that something is owed."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain import bell
from domain.database import Store

log = structlog.get_logger(__name__)


class Ringing:
    """What a process without a clock calls when something is owed: the bell, once for all that is owed meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: asyncio.Task[None] | None = None
        self._again = False

    def __call__(self) -> None:
        self._again = True
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._ring(), name="bell")

    async def _ring(self) -> None:
        while self._again:
            self._again = False
            try:
                await self._store.write(bell.ring)
            except (SQLAlchemyError, RuntimeError) as fault:  # the next tick of a scheduler finds it without the bell
                log.warning("bell.not_rung", fault=type(fault).__name__)
