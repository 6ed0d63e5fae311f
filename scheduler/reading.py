"""Replies are read: the mailbox is looked into, what each reply says is carried out, and what was seen to is marked.

    unread ──► take in (one transaction each) ──► mark as read
                    └────► left for people: it stays unread

A process that dies between two steps loses nothing: the mail is still unread, and what became of it is known by its key. At most one
process of an installation looks in a minute, and nobody looks while the mailbox refuses us.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from domain import replies
from domain.database import Store
from domain.errors import Held, OutsideError, Temporary
from domain.limits import A_MINUTE, REPLIES
from domain.models import CameOfReply
from domain.ports.limits import Limits
from domain.ports.replies import ReplyBox
from domain.rules import RulesOf

log = structlog.get_logger(__name__)

#: nobody has to read these any more
_SEEN_TO = (CameOfReply.CANCELLED, CameOfReply.DECLINED, CameOfReply.NOTED)


class ReplyReading:
    """Looks into one mailbox for every partnership of `rules`."""

    def __init__(self, store: Store, box: ReplyBox, rules: RulesOf, *, clock: Callable[[], datetime], limits: Limits) -> None:
        self._store = store
        self._box = box
        self._rules = rules
        self._clock = clock
        self._limits = limits
        self._not_before: datetime | None = None

    async def run(self) -> int:
        """One look; how many places were given back, or presenters lost."""
        if self._not_before is not None and self._clock() < self._not_before:
            return 0
        try:
            await self._limits.take(REPLIES, patience=0.0)
        except Held as held:
            self._not_before = self._clock() + timedelta(seconds=held.retry_after or A_MINUTE)
            return 0
        try:
            return await self._look()
        except OutsideError as failure:
            log.warning("replies.not_read", reason=failure.reason)
            wait = failure.retry_after if isinstance(failure, Temporary) else None
            await self._limits.pause(REPLIES, wait or A_MINUTE, failure.reason)
            return 0

    async def _look(self) -> int:
        seen_to, left, came = list[str](), list[str](), Counter[CameOfReply]()
        for one in await self._box.unread():
            try:
                outcome = await self._store.write(replies.take_in, one.reply, self._rules, now=self._clock())
            except Exception:
                log.exception("reply.broken", key=one.reply.key)  # it stays unread, and is tried again
                continue
            if outcome is not None:
                came[outcome] += 1
            (seen_to if outcome in _SEEN_TO else left).append(one.handle)
        self._box.leave(left)
        if came:
            log.info("replies.read", **{outcome.value: number for outcome, number in came.items()})
        await self._box.mark_read(seen_to)
        return came[CameOfReply.CANCELLED] + came[CameOfReply.DECLINED]

    async def aclose(self) -> None:
        """Let go of the mailbox."""
        await self._box.aclose()
