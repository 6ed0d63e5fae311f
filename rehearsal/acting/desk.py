"""An organiser on the organisers' pages, acted out: signs in, looks at the week, asks whether all is ready, ticks off who came."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.models import Session
from rehearsal.acting.scene import Scene
from rehearsal.acting.signing_up import by_day
from rehearsal.browser import Page
from rehearsal.play_cast import ORGANISER
from rehearsal.taken import Glance, Marked, Taken
from rehearsal.visitor import Visitor

#: sessions that are ticked off on a page; the others as the bot's menus do it
BY_PAGE = 4
#: when an organiser asks whether all is ready: the Friday before a Monday
BEFORE = timedelta(days=3)
#: how often they look for the mail with their link, a minute apart; it serves for a quarter of an hour
LOOKS = 10
_ROW = re.compile(r'href="/organise/session/(\d+)".*?data-label="Booked">(.*?)</td>', re.DOTALL)
#: how many are booked, each way of taking part by itself; not of how many
_BOOKED = re.compile(r"(?<!of )\b\d+\b(?! kept)")  # how many have a place, in all
_NEEDS = re.compile(r"\d+ things? needs? you")


@dataclass
class Desk(Scene):
    """One organiser's browser."""

    taken: Taken = field(kw_only=True)

    def __post_init__(self) -> None:
        self._me = Visitor(self.stage, ORGANISER.address)
        self._used: set[str] = set()

    def plan(self, first: datetime) -> None:
        """In the afternoon, some days before the first session."""
        self.at(by_day(first - BEFORE, 15), self._asks_whether_all_is_ready)

    async def looks_back(self) -> None:
        """At the week, when it is over."""
        if await self._enters():
            for page in await self._weeks():
                self.taken.glances.append(Glance(_number(page), _booked_on(page)))
                self.note("looks at the week", channel="web")

    async def ticks_off(self, session: Session, confirmed: Collection[int], absent: Collection[int]) -> bool:
        """Mark everybody of a session on its page; False: this is one of those that are marked in another way."""
        if len(self.taken.marks) >= BY_PAGE or not await self._enters():
            return False
        page = await self._me.browser.open(f"/organise/session/{session.id}/attendance")
        marks = {person_id: person_id not in absent for person_id in confirmed}
        typed = {f"person-{person_id}": "attended" if there else "absent" for person_id, there in marks.items()}
        after = await self._me.browser.press(page, "^Save$", **typed)
        if "Saved." not in after.words:
            raise RuntimeError(f"attendance was not saved: {after.words}")
        self.taken.marks.append(Marked(session.id or 0, self.now, marks))
        return True

    async def _asks_whether_all_is_ready(self, looks: int = LOOKS) -> None:
        if not await self._enters():
            if looks:
                self.at(self.now + timedelta(minutes=1), lambda: self._asks_whether_all_is_ready(looks - 1))
            return
        for page in await self._weeks():
            self.note("looks at the week", channel="web")
            ready = await self._me.browser.follow(page, "^What needs you$")
            found = _NEEDS.search(ready.words)
            self.note("asks whether all is ready", outcome=found[0] if found else "yes", channel="web")

    async def _weeks(self) -> Sequence[Page]:
        """The week of each of their programmes."""
        home = await self._me.browser.open("/organise")
        if "/programme/" in home.path:
            return [home]
        there = dict.fromkeys(link.path for link in home.links if re.fullmatch(r"/organise/programme/\d+", link.path))
        return [await self._me.browser.open(path) for path in there]

    async def _enters(self) -> bool:
        """Signed in, by a new link where that is over; False: the mail with it has not come yet."""
        browser = self._me.browser
        page = await browser.open("/organise")
        if not page.has_button("^Send me the link$"):
            return True
        if not self._link():
            await browser.press(page, "^Send me the link$", email=ORGANISER.address)
            await self.stage.ticks.deliver()
        link = self._link()
        if not link:
            return False
        self._used.add(link)
        after = await browser.press(await browser.open(link), "^Sign in$")
        if not after.path.startswith("/organise"):
            raise RuntimeError(f"an organiser could not sign in: {after.words}")
        self.note("signs in to the organisers' pages", channel="web")
        return True

    def _link(self) -> str:
        """The newest in their mail, unless it was used."""
        newest = next(iter(self._me.links("organise/sign-in")), "")
        return "" if newest in self._used else newest


def _booked_on(page: Page) -> dict[int, int]:
    return {int(one): sum(int(count) for count in _BOOKED.findall(words)) for one, words in _ROW.findall(page.html)}


def _number(page: Page) -> int:
    return int(page.path.rsplit("/", 1)[1])
