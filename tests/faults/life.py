"""One life of the program: the real ticks and clock over the real store, with the real mail, chat, Zoom and Teams.

In a process of its own, forked by the cradle. It does what its order says, tells of it in lines, and usually does not live
to the end. `people` book, give back and move at the same time: each says first what they ask, and then what they were told.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import discord
from pydantic import SecretStr
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from bot.addresses import point_discord_at
from bot.delivery import BoardMessages, ChannelBoard, DirectMessages
from domain import agenda, bookings, descriptions, people, proofs, sessions
from domain.database import Db, Store, writing_engine
from domain.descriptions import NewSession
from domain.errors import Refusal
from domain.kinds import Channel, Format, Provider
from domain.limits import Unlimited
from domain.rules import Rules
from integrations.certificates import CertificateFiles
from practiceweek import logs
from practiceweek.database import revisions
from practiceweek.kept import Kept, book_of, keep
from practiceweek.services import Services, make_services
from practiceweek.settings.installation import Secrets, Settings, from_tables
from scheduler.clock import Clock
from scheduler.ticks import Ticks
from tests.building import ACTOR, CODE, details
from tests.faults.chat_desk import TOKEN
from tests.faults.cradle import say
from tests.faults.outside import SECRET, settings_on
from tests.faults.shared_clock import SharedClock
from tests.faults.warm import WarmEngines
from tests.faults.world import BEGINS, World, new_world

#: the ticks' pace; the clock that travels is another
EVERY = timedelta(seconds=0.03)
#: of the cradle, and of each life that it bears
ENGINES = WarmEngines()
ROUNDS = 3000


def live(order: dict[str, Any]) -> None:
    """What the order says, in this process."""
    logs.set_up("error", "json", sys.stderr)
    if order["does"] == "upgrade":
        upgrade(order)
        return
    asyncio.run(Living(order).live())


def warm_up(folder: Path, databases: Sequence[str]) -> None:
    """Do everything once, against closed doors, so that whatever is loaded or compiled late is so before the first fork.

    On a SQLite file, and on the `databases` that are named, which have every table and no row.
    """
    logs.set_up("critical", "json", sys.stderr)
    file = f"sqlite:///{folder / 'warm.sqlite'}"
    engine = writing_engine(file)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    for database in (file, *databases):
        _warm_up_on(database, folder)


def _warm_up_on(database: str, folder: Path) -> None:
    closed = "http://127.0.0.1:1"
    tables = settings_on(database, chat=closed, mail=("127.0.0.1", 1), graph=(f"{closed}/v1.0", closed), zoom=(f"{closed}/v2", closed))
    clock = SharedClock.new(folder, BEGINS)
    world = new_world(tables, clock(), people=2)
    living = Living({"number": 0, "settings": tables, "clock": str(clock.path), "does": "once"})
    asyncio.run(living.try_everything(world))


def upgrade(order: dict[str, Any]) -> None:
    """Bring the database to the newest revision, and die after so many statements."""
    left = [order["statements"]]

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    revisions.upgrade(order["url"])


class EndsAt:
    """The exact instant of the store at which this very process ends, or freezes: `start` of a use case, `before` or `after` its commit."""

    def __init__(self, order: dict[str, Any]) -> None:
        wanted = order.get("ends") or {}
        self._of, self._at, self._left = wanted.get("of", ()), wanted.get("at", ""), wanted.get("nth", 1)
        self.how = wanted.get("how", int(signal.SIGKILL))
        self._number = order["number"]

    def is_now(self, name: str, at: str) -> bool:
        """Whether this is the instant; it comes once."""
        if at != self._at or name not in self._of:
            return False
        self._left -= 1
        return self._left == 0

    def end(self) -> None:
        """Say so, and end. A process that was only frozen goes on from here."""
        say(life=self._number, ends=True)
        os.kill(os.getpid(), self.how)


class MortalStore(Store):
    """The store, in which the process ends at its instant."""

    def __init__(self, url: str, ends: EndsAt) -> None:
        super().__init__(url, engines=ENGINES.follow(url))
        self._ends = ends

    async def write(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """As the store's own."""
        name = use_case.__name__
        if self._ends.is_now(name, "start"):
            self._ends.end()
        if self._ends.is_now(name, "before"):
            use_case = self._mortal(use_case)
        came = await super().write(use_case, *args, **kwargs)
        if self._ends.is_now(name, "after"):
            self._ends.end()
        return came

    def _mortal(self, use_case: Callable[..., Any]) -> Callable[..., Any]:
        def to_the_last(db: Db, *args: Any, **kwargs: Any) -> Any:
            came = use_case(db, *args, **kwargs)
            db.flush()
            self._ends.end()
            return came

        return to_the_last


class Living:
    """One life. Its order: `settings`, `clock` (a file), `seed`, `does`, and who and what there is."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.number: int = order["number"]
        self.clock = SharedClock(Path(order["clock"]))
        self.dice = random.Random(order.get("seed", 0))
        secrets = Secrets(teams_client_secret=SecretStr(SECRET), zoom_client_secret=SecretStr(SECRET))
        self.settings: Settings = from_tables(order["settings"]).model_copy(update={"secrets": secrets})
        self._asked = 0

    async def live(self) -> None:
        """From the start to whatever end."""
        async with self._made() as bot:
            await bot.login(TOKEN)
            self.say(ready=True)
            does = {"live": self._live, "deliver": self._deliver, "settle": self._settle, "once": self._once, "people": self._people}
            await does[self.order["does"]]()

    async def try_everything(self, world: World) -> None:
        """One of each thing that a life does. Nobody answers."""
        async with self._made() as bot:
            with suppress(OSError, aiohttp.ClientError):
                await bot.login(TOKEN)
            for session_id in world.sessions:
                for person_id in world.people:
                    await self.store.write(bookings.book, self.kept.id, session_id, person_id, self.rules, now=self.clock())
            for session_id in world.sessions[:2]:
                await self.store.write(bookings.cancel, self.kept.id, session_id, world.people[0], self.rules, now=self.clock())
                await self.store.write(moved, self.kept.id, session_id, self.rules, minutes=15, now=self.clock())
            await self.store.write(people.register, self.kept.id, 1, details(1), self.rules, now=self.clock())
            for _ in range(3):
                await self.ticks.run_due()
                self.clock.move(hours=9)

    @asynccontextmanager
    async def _made(self) -> AsyncIterator[discord.Client]:
        """Every part, and their end. Nothing is connected yet."""
        self.store = MortalStore(self.settings.database.url, EndsAt(self.order))
        kept: tuple[Kept, ...] = await self.store.write(keep, self.settings.partnership, now=self.clock())
        self.kept = kept[0]
        self.rules: Rules = self.kept.rules
        point_discord_at(self.settings.discord.api_base, None)
        services = make_services(self.settings, kept, now=self.clock, limits=Unlimited())
        bot = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30)
        self.ticks = self._ticks(kept, services, bot)
        try:
            yield bot
        finally:
            await bot.close()
            await services.close()
            await asyncio.to_thread(self.store.close)

    def say(self, **told: Any) -> None:
        """To whoever watches."""
        say(life=self.number, **told)

    def _ticks(self, kept: Sequence[Kept], services: Services, bot: discord.Client) -> Ticks:
        direct = DirectMessages(bot, clock=self.clock)
        channels = {Channel.EMAIL: services.mail, Channel.CHAT: direct, Channel.BOARD: BoardMessages(bot)}
        wanted = self.order.get("channels")
        return Ticks(
            self.store,
            book_of(kept),
            clock=self.clock,
            by=f"life-{self.number}",
            providers=services.providers,
            channels={channel: by for channel, by in channels.items() if wanted is None or channel in wanted},
            board=ChannelBoard(bot),
            digits=lambda: CODE,
            certificates=CertificateFiles(),
        )

    # ── what it does ────────────────────────────────────────────────────────────────────────────────────

    async def _live(self) -> None:
        """The clock ticks, people come; until it is killed, or asked to stop."""
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        ticking = Clock(self.ticks, now=lambda: datetime.now(UTC), every=EVERY)
        ticking.start()
        await self._people()
        self.say(came=True)
        await stop.wait()
        await ticking.stop()

    async def _deliver(self) -> None:
        """Letters, and nothing else, until it is asked to stop."""
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        while not stop.is_set():
            await self.ticks.deliver()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY.total_seconds())

    async def _once(self) -> None:
        """Everything that is due now, once."""
        await self.ticks.run_due()
        self.say(done=True)

    async def _settle(self) -> None:
        """All that is owed and all that will fall due, at its own instants, until nothing is left to come."""
        stuck = 0
        for _ in range(ROUNDS):
            await self.ticks.run_due()
            now = self.clock()
            due = await self.store.read(agenda.next_due, self.rules, now=now)
            if due is None:
                self.say(quiet=True)
                return
            stuck = stuck + 1 if due <= now else 0
            self.clock.set(max(due, now + timedelta(seconds=stuck - 1) if stuck > 1 else due))
        raise AssertionError(f"it is not quiet after {ROUNDS} rounds")

    # ── people ──────────────────────────────────────────────────────────────────────────────────────────

    async def _people(self) -> None:
        """Three at once, each with people of their own, so that what one person asks comes in order."""
        everyone, times = self.order.get("people", ()), self.order.get("times", 0)
        await asyncio.gather(*(self._stream(everyone[at::3], times) for at in range(3) if everyone[at::3]))
        if self.order["does"] == "people":
            self.say(came=True)

    async def _stream(self, mine: Sequence[int], times: int) -> None:
        for _ in range(times):
            session_id, person_id = self.dice.choice(self.order["sessions"]), self.dice.choice(mine)
            try:
                await self._ask(self.dice.random(), session_id, person_id)
            except (Refusal, DBAPIError):
                continue  # a sentence for that person: nothing has changed, or they cannot know

    async def _ask(self, chance: float, session_id: int, person_id: int) -> None:
        where = self.kept.id
        if chance < 0.55:
            await self._told("book", bookings.book, session_id, person_id)
        elif chance < 0.82:
            await self._told("cancel", bookings.cancel, session_id, person_id)
        elif chance < 0.90:
            await self.store.write(moved, where, session_id, self.rules, minutes=self.dice.choice((-15, 15, 30)), now=self.clock())
        elif chance < 0.98:
            await self._newcomer(session_id)
        elif chance < 0.99:
            await self.store.write(
                sessions.add, where, self.order["programme"], one_more(self.clock()), self.rules, actor=ACTOR, now=self.clock()
            )
        else:
            await self.store.write(sessions.cancel_session, where, session_id, "ill", self.rules, actor=ACTOR, now=self.clock())

    async def _told(self, what: str, use_case: Callable[..., Any], session_id: int, person_id: int) -> None:
        """Ask, and tell what came of it once it is committed: from then on it must not be lost."""
        self._asked += 1
        number = self._asked
        self.say(asked={"number": number, "what": what, "session": session_id, "person": person_id})
        try:
            came = await self.store.write(use_case, self.kept.id, session_id, person_id, self.rules, now=self.clock())
        except Refusal:
            self.say(answered=number, came="refused")
            raise
        told = "cancelled" if what == "cancel" else came.came.value
        self.say(answered=number, came="refused" if told == "clash" else told)

    async def _newcomer(self, session_id: int) -> None:
        """Somebody new gives their details, books, and types the digits if they have come by then."""
        self._asked += 1
        number = self.number * 1000 + self._asked
        new = await self.store.write(people.register, self.kept.id, number, details(number), self.rules, now=self.clock())
        await self._told("book", bookings.book, session_id, new.id)
        await self.store.write(proofs.prove, self.kept.id, number, CODE, self.rules, now=self.clock())


def moved(db: Db, partnership_id: int, session_id: int, rules: Rules, *, minutes: int, now: datetime) -> None:
    """An organiser moves a session a little."""
    was, later = descriptions.described(db, partnership_id, session_id), timedelta(minutes=minutes)
    new = replace(was, starts_at=was.starts_at + later, ends_at=was.ends_at + later)
    sessions.edit(db, partnership_id, session_id, new, rules, actor=ACTOR, now=now)


def one_more(now: datetime) -> NewSession:
    """A session by Zoom, so that a meeting is made."""
    starts_at = now + timedelta(days=2)
    return NewSession(
        title="One more",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
        places=3,
        format=Format.ONLINE,
        provider=Provider.ZOOM,
    )
