"""A week played by hand: the people one can be, and time, which stands still until somebody moves it.

Up to publication the organiser of the rehearsal acts; from then on a person does, in a browser. After each thing
that is done the same ticks run as in `practiceweek run`, so letters leave and meetings are made at once.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlmodel import col, select

from domain import agenda
from domain.database import Db
from domain.models import Session, SessionState
from domain.privacy import NEUTRAL_FOR_ORGANISERS, shown_title
from domain.times import to_wall
from rehearsal.chat import Someone
from rehearsal.chat_pages import ChatPage, ChatPages
from rehearsal.organiser import Organiser
from rehearsal.play_cast import AMIRA, BEN, ORGANISER, ROSA, Player, codes_for_families, hints_for_families, web_doors
from rehearsal.schedules import Schedule
from rehearsal.stage import Stage

#: looks at one instant, after which what is still due waits for a later one
PATIENCE = 20


@dataclass(frozen=True)
class Ahead:
    """The next moment at which anything happens by itself."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Told:
    """One line of what time brought."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Broken:
    """Something that failed and should not have, with where it failed."""

    at: datetime
    words: str
    where: str


@dataclass
class Play:
    """The stage, the people, and the way through time. `version` grows with everything that a page may show."""

    stage: Stage
    schedules: Sequence[Schedule]
    dice: random.Random
    players: list[Player] = field(default_factory=list)
    story: list[Told] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    ahead: Ahead | None = None
    version: int = 0

    def __post_init__(self) -> None:
        self.lock = asyncio.Lock()
        self._acted = asyncio.Event()
        self._counted = (0, 0)
        self.pages = ChatPages(self.stage.chat, self.lock, self._acted.set)

    # ── before ──────────────────────────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """The schedule is imported and published; everybody comes in."""
        chat = self.stage.chat
        organiser = Organiser(self.stage, self.dice, [])
        await organiser.open_programmes(self.schedules)
        codes = await self.stage.store.write(codes_for_families, self.stage.partnership_id, now=self.stage.clock())
        home, hints = f"{self.stage.web.address}{self.stage.web.home}", hints_for_families(codes)
        self.stage.web.front.wake = self._acted.set
        for role in (AMIRA, BEN, ROSA):
            who = chat.join(role.name, discord_id=role.discord_id)
            pages = await self._week_page(who), await self.pages.open_messages(who)
            self.players.append(Player(role, who, pages, web_doors(role, home, codes), hints if role is ROSA else ()))
        own = await self.pages.open_channel(organiser.someone, chat.organisers)
        seen = await self._week_page(organiser.someone), own, await self.pages.open_messages(organiser.someone)
        self.players.append(Player(ORGANISER, organiser.someone, seen, web_doors(ORGANISER, home, codes)))
        async with self.lock:
            await self._do_what_is_due()
            await self.pages.refresh_all()
            await self._look_ahead()
        self._tell("The week is published.")

    async def _week_page(self, who: Someone) -> ChatPage:
        return await self.pages.open_channel(who, self.stage.chat.practice_week)

    async def follow(self) -> None:
        """For ever: after something was done in the chat or on a page, do what is now due and show it."""
        while True:
            await self._acted.wait()
            self._acted.clear()
            async with self.lock:
                await self._safely(self._catch_up)

    async def _catch_up(self) -> None:
        await self._do_what_is_due()
        await self.pages.refresh()
        await self._look_ahead()
        self._tell_what_came()

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────

    async def to_next(self) -> None:
        """Go to the next moment at which anything happens by itself."""
        async with self.lock:
            await self._look_ahead()
            if self.ahead is not None:
                await self._go(self.ahead.at, self.ahead.what)

    async def later(self, by: timedelta) -> None:
        """Let so much time pass."""
        async with self.lock:
            await self._go(self.stage.clock() + by)

    async def to_end_of_day(self) -> None:
        """Go to one minute before midnight, as the clocks of London have it; at that minute, to the next day's."""
        async with self.lock:
            soon = to_wall(self.stage.clock() + timedelta(minutes=1))
            await self._go(datetime.combine(soon.date(), time(23, 59), soon.tzinfo))

    async def _go(self, target: datetime, why: str = "") -> None:
        """Travel, doing on the way what falls due. The lock is held."""

        async def travel() -> None:
            looks = 0
            while (due := await self._next_due()) is not None and due <= target and looks < PATIENCE:
                looks = looks + 1 if due <= self.stage.clock() else 0
                self.stage.travel_to(due)
                await self.stage.ticks.run_due()
            self.stage.travel_to(target)
            await self._do_what_is_due()
            await self.pages.refresh_all()
            await self._look_ahead()

        await self._safely(travel)
        self._tell(f"{why[:1].upper()}{why[1:]}." if why else "Time has passed.")
        self._tell_what_came()

    async def _do_what_is_due(self) -> None:
        for _ in range(PATIENCE):
            await self.stage.ticks.run_due()
            due = await self._next_due()
            if due is None or due > self.stage.clock():
                return

    async def _next_due(self) -> datetime | None:
        return await self.stage.store.read(agenda.next_due, self.stage.rules, now=self.stage.clock())

    async def _look_ahead(self) -> None:
        now = self.stage.clock()
        due = await self._next_due()
        moments = await self.stage.store.read(_next_edges, now)
        if due is not None and due > now:
            moments.append(Ahead(due, "something falls due, such as a letter or a reminder"))
        self.ahead = min(moments, key=lambda ahead: ahead.at, default=None)

    # ── what is told ────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, words: str) -> None:
        self.story.append(Told(self.stage.clock(), words))
        self.version += 1

    def _tell_what_came(self) -> None:
        letters, messages = len(self.stage.mailbox.messages), len(self.stage.chat.delivered())
        more_letters, more_messages = letters - self._counted[0], messages - self._counted[1]
        self._counted = letters, messages
        if more_letters:
            self._tell("1 letter came." if more_letters == 1 else f"{more_letters} letters came.")
        if more_messages:
            self._tell("1 direct message came." if more_messages == 1 else f"{more_messages} direct messages came.")
        self.version += 1

    async def _safely(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do it; what breaks is shown on the page, and the play goes on."""
        try:
            await act()
        except Exception as fault:  # the edge of this program: whatever broke is for the person to see
            self.note_fault(f"{type(fault).__name__}: {fault}", "".join(traceback.format_exception(fault)))

    def note_fault(self, words: str, where: str) -> None:
        """Something failed and should not have: keep it for the page."""
        self.broken.append(Broken(self.stage.clock(), words, where))
        self.version += 1


def _next_edges(db: Db, now: datetime) -> list[Ahead]:
    """The next session to begin and the next to end, after `now`."""
    published = select(Session).where(col(Session.state) == SessionState.PUBLISHED)
    begins = db.exec(published.where(col(Session.starts_at) > now).order_by(col(Session.starts_at), col(Session.id)).limit(1)).first()
    ends = db.exec(published.where(col(Session.ends_at) > now).order_by(col(Session.ends_at), col(Session.id)).limit(1)).first()
    edges = [Ahead(begins.starts_at.astimezone(UTC), f"“{_called(begins)}” begins")] if begins else []
    return edges + ([Ahead(ends.ends_at.astimezone(UTC), f"“{_called(ends)}” ends")] if ends else [])


def _called(session: Session) -> str:
    return shown_title(session, NEUTRAL_FOR_ORGANISERS)
