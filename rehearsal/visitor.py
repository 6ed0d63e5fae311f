"""Somebody who comes by the web: they fill in a form, read their mail, open the links in it and press buttons. They have no account.

What is in a link is found in the mail that arrived, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.browser import Browser, Form, Page
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

    def links(self, purpose: str, about: str = "") -> list[str]:
        """The paths of all links of this purpose that came by mail, the newest first, each once; those in a mail `about` something."""
        pattern = re.compile(_LINK.format(address=re.escape(self.stage.web.address), purpose=purpose))
        mine = (one.plain for one in self.stage.mailbox.newest_to(self.address))
        told = (words for words in mine if about in " ".join(words.split()))
        return list(dict.fromkeys(f"/{purpose}/{token}" for words in told for token in pattern.findall(words)))

    async def page_about(self, purpose: str, title: str) -> Page | None:
        """The page of the newest such link that is about this session; None: no such link has come."""
        for path in self.links(purpose, title):
            page = await self.browser.open(path)
            if title in page.words:
                return page
        return None

    @property
    def has_proof(self) -> bool:
        """Whether a link has come that was not opened yet."""
        return not self._pressed.issuperset(self.links("prove")[:1])

    async def open_own_page(self) -> Page:
        """By the newest link in the mail; where that is over, by a new one. Raises `RuntimeError` where none opens."""
        page = await self.browser.open(next(iter(self.links("mine")), self.mine))
        if page.status != 200:
            asked = await self.browser.follow(page, "^Find my bookings$")
            await self.browser.press(asked, "^Send me", email=self.address)
            await self.stage.ticks.deliver()
            if not self.has_proof:
                raise RuntimeError(f"somebody could not open their own page: {page.words}")
            await self.prove()
            page = await self.browser.open(self.mine)
        self.mine = page.path
        return page

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
        link, *_ = self.links("prove")
        self._pressed.add(link)
        after = await self.browser.press(await self.browser.open(link), "Confirm|Yes, book this|Show my bookings")
        if not after.path.startswith("/mine/"):
            raise RuntimeError(f"a link from the mail did not prove the address: {after.words}")
        self.mine = after.path

    async def give_back(self, session_id: int) -> bool:
        """Cancel a place on one's own page; False: there is none."""
        page = await self.browser.open(self.mine)
        way = f"/session/{session_id}/cancel$"
        if not any(re.search(way, link.path) for link in page.links):
            return False
        after = await self.browser.press(await self.browser.follow(page, way), "^(Cancel|Leave)")
        return after.path == self.mine

    # ── the session ─────────────────────────────────────────────────────────────────────────────────────

    async def join(self, title: str) -> bool:
        """Press "I am here" on the page that the invitation leads to; False: there is no such button just now."""
        page = await self.page_about("join", title)
        if page is None or not page.has_button("^I am here$"):
            return False
        after = await self.browser.press(page, "^I am here$")
        if "You have told us that you are here" not in after.words:
            raise RuntimeError(f"somebody who is here was not heard: {after.words}")
        return True

    async def answer(self, title: str, answers: Mapping[str, str]) -> bool:
        """Say how a session was, by the link in the mail that asks; False: no such mail has come, or its time is over."""
        page = await self.page_about("feedback", title)
        if page is None or not page.has_button("^Send my feedback$"):
            return False
        after = await self.browser.press(page, "^Send my feedback$", **_asked(page.form("^Send my feedback$"), answers))
        if "We have your feedback" not in after.words:
            raise RuntimeError(f"an answer was not taken: {after.words}")
        return True


def _asked(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """Those of the answers that a form asks for."""
    return {name: words for name, words in answers.items() if name in form.names}
