"""The acted-out Discord as pages in a browser: one for each person and channel, with real buttons, menus, forms and commands.

What SimCord's preview needs for that is in this file and nowhere else. A click in the browser and a move of the clock
must never overlap: whoever acts holds `lock`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simcord.backend.models import EPHEMERAL_FLAG
from simcord.preview import Preview

from domain.times import LONDON
from rehearsal.chat import ChatStandIn, Someone

#: what SimCord calls the button that ends a page; it would leave a dead link
_END = "close"
#: what a person does by hand; the part that they press is looked up again, whatever has changed around it
_BY_HAND = frozenset({"click", "select", "modal_submit", "run_command"})
_SEEN = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})


@dataclass
class ChatPage:
    """One channel as one person sees it. `address` opens it, and lets whoever has it act."""

    where: str
    channel_id: int
    preview: Preview
    stale: bool = False  #: something was said here that the page does not show yet

    @property
    def address(self) -> str:
        """Where it is served: on 127.0.0.1 alone."""
        return str(self.preview.url)


class ChatPages:
    """Every open page. `acted` is called after each thing that somebody did in one of them."""

    def __init__(self, chat: ChatStandIn, lock: asyncio.Lock, acted: Callable[[], None]) -> None:
        self._chat = chat
        self._lock = lock
        self._acted = acted
        self._open: list[ChatPage] = []
        chat.env.backend.subscribers.append(self._heard)

    async def open_channel(self, who: Someone, channel: Any) -> ChatPage:
        """A channel of the server, as a member sees it."""
        return await self._add(f"#{channel.name}", channel, who.member)

    async def open_messages(self, who: Someone) -> ChatPage:
        """Somebody's direct messages with the bot."""
        return await self._add("direct messages", who.user.dm_channel, who.user)

    async def refresh(self) -> None:
        """Show what was said since. The caller holds the lock."""
        for page in self._open:
            if page.stale:
                page.stale = False
                await page.preview.refresh()

    async def refresh_all(self) -> None:
        """Show every page at the present instant, for time has moved. The caller holds the lock."""
        for page in self._open:
            page.stale = True
        await self.refresh()

    async def close(self) -> None:
        """Serve none of them any more."""
        for page in self._open:
            await page.preview.close()
        self._open.clear()

    async def _add(self, where: str, channel: Any, viewer: Any) -> ChatPage:
        env = self._chat.env
        preview = env.preview(channel, viewers=[viewer], layout="channel", locale="en-GB", timezone=LONDON)
        page = ChatPage(where, channel.id, preview)
        self._put_in_line(page)
        await preview.__aenter__()
        env._preview = None  # SimCord means to have one at a time
        self._open.append(page)
        return page

    def _put_in_line(self, page: ChatPage) -> None:
        """Let this page act only while nobody else does."""
        act = page.preview._action

        async def in_line(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
            async with self._lock:
                body = _forgiving(page.preview, context_id, body)
                self._chat.env._preview = page.preview  # SimCord tells the one that acts what came of it
                try:
                    answer: dict[str, Any] = await act(context_id, body)
                finally:
                    self._chat.env._preview = None
                    page.stale = False
            self._acted()
            return answer

        page.preview._action = in_line  # type: ignore[method-assign]  # no setting for it

    def _heard(self, event: str, payload: Any) -> None:
        if event in _SEEN and not int(payload.get("flags") or 0) & EPHEMERAL_FLAG:
            for page in self._open:
                page.stale = page.stale or page.channel_id == int(payload["channel_id"])


def _forgiving(preview: Preview, context_id: str | None, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A click by hand is good although the page was shown anew a moment ago; a page that is to end is shown anew instead."""
    kind, shown = body.get("kind"), preview._pages.get(context_id or "")
    if kind == _END:
        return {**body, "kind": "refresh"}
    if kind in _BY_HAND and shown is not None and "published_revision" in body:
        return {**body, "published_revision": shown.revision}
    return body
