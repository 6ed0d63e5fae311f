"""The mailbox of replies through Microsoft Graph: for Exchange without a password.

    GET   /users/{mailbox}/mailFolders/{folder}/messages?$filter=isRead eq false …     what is unread; nothing is opened by it
    GET   /users/{mailbox}/messages/{id}/$value                                        one of them, as MIME
    PATCH /users/{mailbox}/messages/{id}      {"isRead": true}                         it was seen to

The application needs the role Mail.ReadWrite, kept to this mailbox by an access policy or by RBAC for applications. Exchange knows an
answer to an invitation by its kind (`eventMessageResponse`), whichever program wrote it; nothing else is opened. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import httpx

from domain.errors import OutsideError, Permanent
from domain.ports.replies import Found
from domain.replies import KEPT
from integrations.graph_calls import Application, GraphCalls
from integrations.outcomes import AccountRefused, broken, refused, waiting_time
from integrations.replies import read_reply
from integrations.vouching import Voucher

if TYPE_CHECKING:
    from integrations.graph import Line

_SERVICE = "the mailbox for replies"
_MAY_NOT = "Microsoft does not let us read the mailbox for replies: the role Mail.ReadWrite, or leave to use this mailbox, is missing"
_NO_MAILBOX = "Microsoft knows no mailbox for replies with the address that is set"
MOST_AT_ONCE = 50


class GraphReplies:
    """Reads one folder of one mailbox. `now` tells how far back (`KEPT`): what is older is of no use to anybody."""

    def __init__(
        self,
        application: Application,
        mailbox: str,
        voucher: Voucher,
        *,
        now: Callable[[], datetime],
        folder: str = "inbox",
        seconds: float = 30.0,
    ) -> None:
        self._graph = GraphCalls(application, _SERVICE, seconds=seconds)
        self._mailbox = mailbox
        self._folder = folder
        self._voucher = voucher
        self._now = now
        self._left: set[str] = set()

    async def unread(self) -> Sequence[Found]:
        """Replies that nobody has read. Raises an `OutsideError`."""
        there = await self._there()
        self._left &= set(there)
        opened = [await self._read(handle) for handle in [one for one in there if one not in self._left][:MOST_AT_ONCE]]
        return [one for one in opened if one is not None]

    async def check(self) -> None:
        """Look into the folder, and open nothing. Raises an `OutsideError`."""
        await self._there()

    async def _there(self) -> list[str]:
        since = f"{(self._now() - KEPT).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return await self._graph.call(lambda line: line.unread_answers(self._mailbox, self._folder, since), _meaning)

    async def _read(self, handle: str) -> Found | None:
        try:
            content = await self._graph.call(lambda line: line.mime_of(self._mailbox, handle), _meaning_of_one)
        except Permanent:
            return None
        reply = read_reply(content, self._voucher)
        if reply is None:
            self._left.add(handle)
            return None
        return Found(handle, reply)

    async def mark_read(self, handles: Sequence[str]) -> None:
        """These were seen to. Raises an `OutsideError`."""
        for handle in handles:
            with suppress(Permanent):
                await self._graph.call(partial(_mark, self._mailbox, handle), _meaning_of_one)

    def leave(self, handles: Sequence[str]) -> None:
        """These are for people."""
        self._left.update(handles)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._graph.close()


async def _mark(mailbox: str, handle: str, line: Line) -> None:
    await line.mark_read(mailbox, handle)


def _meaning(answer: tuple[int, httpx.Headers] | None, error: Exception) -> OutsideError:
    """What it means that there was no list. Reading may be repeated, so it is never `Unknown`."""
    if answer is None:
        return broken(_SERVICE, error, effect_possible=False)
    status, headers = answer
    if status == httpx.codes.FORBIDDEN:
        return AccountRefused(_MAY_NOT)
    if status == httpx.codes.NOT_FOUND:
        return AccountRefused(_NO_MAILBOX)
    return refused(_SERVICE, status, effect_possible=False, wait=waiting_time(headers))


def _meaning_of_one(answer: tuple[int, httpx.Headers] | None, error: Exception) -> OutsideError:
    """The same of one mail: somebody may have taken it away meanwhile."""
    if answer is not None and answer[0] == httpx.codes.NOT_FOUND:
        return Permanent("gone")
    return _meaning(answer, error)
