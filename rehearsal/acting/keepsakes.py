"""What people take away from their own page, acted out: a calendar that keeps itself right, a certificate, a draft for their CPD record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rehearsal.acting.scene import Scene
from rehearsal.browser import Browser, NotThere, Page
from rehearsal.organiser import published_sessions
from rehearsal.taken import Certificate, Draft, FeedRead, Taken, entries_in
from rehearsal.web_practitioners import WebPractitioner

#: of those who come by the web, how many do so
FEW = 3
_FEED = re.compile(r"https?://\S+/calendar/[\w-]+\.ics")
_PROGRAMME, _CERTIFICATE, _NOTE = r"/programme/(\d+)$", r"/certificates/programme/(\d+)\.pdf$", r"/cpd/(\d+)$"
_LEARNT = "I shall sit with the grandmother before I write a word, as note {number:04d} says."


@dataclass(frozen=True)
class _Feed:
    browser: Browser
    address: str
    person_id: int | None = None
    programme_id: int | None = None


@dataclass
class Keepsakes(Scene):
    """The first few who come by the web."""

    taken: Taken = field(kw_only=True)
    _feeds: list[_Feed] = field(default_factory=list)

    def plan(self, *, middle: datetime, end: datetime) -> None:
        """The calendars amid the sign-up; the rest when the last session is over."""
        self.at(middle + timedelta(hours=6), self._ask_for_calendars)
        self.at(end + timedelta(days=1), self._take_home)

    async def read_again(self) -> None:
        """Calendar programs never stop reading."""
        for feed in self._feeds:
            await self._read(feed)

    @property
    def _few(self) -> list[WebPractitioner]:
        """Those who have a place: of who has nothing, nothing may be kept."""
        return [one for one in self.practitioners if isinstance(one, WebPractitioner) and one.proven and one.person_id and one.booked][:FEW]

    # ── calendars ───────────────────────────────────────────────────────────────────────────────────────

    async def _ask_for_calendars(self) -> None:
        for someone in self._few:
            mine = await someone.visitor.open_own_page()
            page = await someone.visitor.browser.follow(mine, "^Add your sessions to your calendar$")
            made = await someone.visitor.browser.press(page, "^Make my calendar address$")
            address = _FEED.search(made.words)
            if address is None:
                raise NotThere(f"somebody was given no address for their calendar: {made.words}")
            self._feeds.append(_Feed(someone.visitor.browser, address[0], person_id=someone.person_id))
            self.note("asks for a calendar", person=someone.actor.pseudonym, channel="web")
        await self._find_programmes()
        await self.read_again()

    async def _find_programmes(self) -> None:
        """The calendars that are for everybody."""
        browser = self.stage.web.of("a.calendar@program.example")
        for link in (await browser.open(self.stage.web.home)).links:
            if found := re.search(_PROGRAMME, link.path):
                page = await browser.open(link.path)
                self._feeds.append(_Feed(browser, page.link(r"/calendar\.ics$"), programme_id=int(found[1])))

    async def _read(self, feed: _Feed) -> None:
        """Once, and once more with the tag of what has come."""
        file = await feed.browser.open(feed.address)
        if file.status != 200 or not file.tag:
            raise NotThere(f"a calendar could not be read: {file.status}")
        again = await feed.browser.open(feed.address, tag=file.tag)
        entries = entries_in(file.content)
        self.taken.feeds.append(FeedRead(feed.person_id, feed.programme_id, self.now, entries, again.status, len(again.content)))
        self.note("reads a calendar", person="calendar program 01", outcome=f"{len(entries)} sessions", channel="web")

    # ── what one keeps ──────────────────────────────────────────────────────────────────────────────────

    async def _take_home(self) -> None:
        """A certificate where there is one, and a draft about the latest session."""
        programmes = sorted({session.programme_id for session in await self.stage.store.read(published_sessions)})
        for someone in self._few:
            mine = await someone.visitor.open_own_page()
            has_any = any(link.path.endswith("/certificates") for link in mine.links)
            page = await someone.visitor.browser.follow(mine, "/certificates$") if has_any else None
            for programme_id in programmes:
                await self._certificate(someone, page, programme_id)
            if page is not None and any(re.search(_NOTE, link.path) for link in page.links):
                await self._note_for_cpd(someone, page)

    async def _certificate(self, someone: WebPractitioner, page: Page | None, programme_id: int) -> None:
        there = {int(found[1]): link.path for link in (page.links if page else ()) if (found := re.search(_CERTIFICATE, link.path))}
        file = await someone.visitor.browser.open(there[programme_id]) if programme_id in there else None
        given = file is not None and file.status == 200 and file.content.startswith(b"%PDF-")
        self.taken.certificates.append(Certificate(someone.person_id or 0, programme_id, self.now, given))
        outcome = "given" if given else "there is none"
        self.note("looks for a certificate of attendance", person=someone.actor.pseudonym, outcome=outcome, channel="web")

    async def _note_for_cpd(self, someone: WebPractitioner, page: Page) -> None:
        form = await someone.visitor.browser.follow(page, _NOTE)
        typed = _LEARNT.format(number=someone.actor.number)
        file = await someone.visitor.browser.press(form, "^Get it as plain text$", learnt=typed)
        self.taken.drafts.append(Draft(someone.person_id or 0, int(form.path.rsplit("/", 1)[1]), typed, file.html))
        self.note("drafts a CPD note", person=someone.actor.pseudonym, channel="web")
