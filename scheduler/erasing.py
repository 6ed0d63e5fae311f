"""Erasing: who asked to be forgotten, and whose cancellations have left, loses the bot's direct messages, and then everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.database import Store
from domain.errors import OutsideError, Permanent
from domain.ports.letters import SentMessages
from domain.rights import stripping
from domain.rights.stripping import Ready
from domain.rules import RulesOf

log = structlog.get_logger(__name__)


async def forget_those_ready(store: Store, rules: RulesOf, clock: Callable[[], datetime], said: SentMessages | None) -> int:
    """Forget everybody who can be; how many. Where the chat service is away, the next pass asks again, for two days."""
    done = 0
    for one in await store.read(stripping.ready, now=clock(), whose=rules.kept()):
        left, wait = await _take_back(store, one, said)
        if wait and not one.overdue:
            continue
        if await store.write(stripping.forget, one.erasure_id, rules, left=left, now=clock()):
            log.info("erasure.done", erasure=one.erasure_id, messages_left=left)
            done += 1
    return done


async def _take_back(store: Store, one: Ready, said: SentMessages | None) -> tuple[int, bool]:
    """How many messages stay in chat, and whether it is worth asking again."""
    left, wait = 0, False
    for notice_id, external_id in one.messages:
        try:
            if said is None or one.discord_id is None:
                raise Permanent("there is no chat service here")
            await said.take_back(one.discord_id, external_id)
        except OutsideError as failure:
            left, wait = left + 1, wait or not isinstance(failure, Permanent)
            log.warning("erasure.message_left", erasure=one.erasure_id, notice=notice_id, reason=failure.reason)
        else:
            await store.write(stripping.taken_back, notice_id)
    return left, wait
