"""Somebody who comes by the web: they fill in a form, read their mail, open the links in it and press buttons. They have no account.

What is in a link is found in the mail that arrived, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.browser import Browser, Form
from rehearsal.stage import Stage

#: what leads to one of our pages, by what it is for
_LINK = r"{address}/{purpose}/([\w-]{{22}})(?![\w-])"


@dataclass
class Visitor:
    """One person at their browser. `mine`: the path of their own page, once they have seen it."""

    stage: Stage
    address: str
    mine: str = ""
    _pressed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.browser: Browser = self.stage.web.of(self.address)

    # ── mail ────────────────────────────────────────────────────────────────────────────────────────────

    def link(self, purpose: str, *, about: str = "") -> str | None:
        """The path of the newest link of this purpose that came by mail; of a letter that names what it is about."""
        pattern = re.compile(_LINK.format(address=re.escape(self.stage.web.address), purpose=purpose))
        for arrived in reversed(self.stage.mailbox.messages):
            if arrived.recipient.casefold() != self.address.casefold() or about not in " ".join(arrived.plain.split()):
                continue
            if found := pattern.search(arrived.plain):
                return f"/{purpose}/{found[1]}"
        return None

    @property
    def has_proof(self) -> bool:
        """Whether a link has come that was not opened yet."""
        link = self.link("prove")
        return link is not None and link not in self._pressed

    # ── places ──────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, path: str, answers: Mapping[str, str]) -> bool:
        """Fill in the form at this path; whether the wish was taken. Raises `RuntimeError` for a form that does not take the answers."""
        page = await self.browser.open(path)
        if page.status in (404, 409):  # called off, or begun
            return False
        after = await self.browser.press(page, "Send me the link", **_asked(page.form("Send me the link"), answers))
        if after.status == 422:
            raise RuntimeError(f"a form took no answer: {after.words}")
        return after.path.endswith("/asked")

    async def prove(self) -> None:
        """Open the newest link, which changes nothing, and press its button."""
        link = self.link("prove")
        assert link is not None, f"no link came to {self.address}"
        self._pressed.add(link)
        after = await self.browser.press(await self.browser.open(link), "Confirm|Show my bookings")
        if not after.path.startswith("/mine/"):
            raise RuntimeError(f"a link from the mail did not prove the address: {after.words}")
        self.mine = after.path

    async def give_back(self, session_id: int) -> bool:
        """Cancel a place on one's own page; False: there is none."""
        page = await self.browser.open(self.mine)
        way = f"/session/{session_id}/cancel$"
        if not any(re.search(way, link.path) for link in page.links):
            return False
        after = await self.browser.press(await self.browser.follow(page, way), "^(Cancel|Do not|I do not)")
        return after.path == self.mine

    # ── the session ─────────────────────────────────────────────────────────────────────────────────────

    async def join(self, about: str) -> bool:
        """Press "I am here" on the page that the invitation leads to; False: there is no such button just now."""
        link = self.link("join", about=about)
        page = await self.browser.open(link) if link is not None else None
        if page is None or not page.has_button("I am here"):
            return False
        return (await self.browser.press(page, "I am here")).status == 200

    async def answer(self, about: str, answers: Mapping[str, str]) -> bool:
        """Say how a session was, by the link in the mail that asks; False: no such mail has come, or its time is over."""
        link = self.link("feedback", about=about)
        page = await self.browser.open(link) if link is not None else None
        if page is None or not page.has_button("Send"):
            return False
        after = await self.browser.press(page, "Send", **_asked(page.form("Send"), answers))
        if after.status != 200:
            raise RuntimeError(f"an answer was not taken: {after.words}")
        return True


def _asked(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """Those of the answers that a form asks for."""
    return {name: words for name, words in answers.items() if name in form.names}
