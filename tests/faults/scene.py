"""A scene: the world outside, a database with a programme in it, and whatever lives of the program a test wants on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from domain import bookings, sessions
from domain.database import Db, Store
from domain.models import Notice
from domain.rules import Rules
from tests.building import ACTOR
from tests.faults.evidence import books_of
from tests.faults.judging import Verdict, judge, sentences
from tests.faults.lives import Cradle, Life
from tests.faults.outside import Outside
from tests.faults.shared_clock import SharedClock
from tests.faults.world import BEGINS, World, new_world

#: the use cases that claim and that mark, whichever way a letter takes
CLAIMS, HANDS_OVER, MARKS = ("claim", "take"), ("hand_over_all", "take"), ("mark_all",)


@dataclass
class Scene:
    """Everything that a test of faults needs."""

    cradle: Cradle
    outside: Outside
    clock: SharedClock
    store: Store
    tables: dict[str, Any]
    world: World
    rules: Rules

    def bear(self, does: str, *, settings: dict[str, Any] | None = None, **order: Any) -> Life:
        """A life on this scene."""
        where = {"clock": str(self.clock.path), "programme": self.world.programme_id, "sessions": self.world.sessions}
        return self.cradle.bear(does=does, settings=settings or self.tables, **where, **order)

    async def once(self, **order: Any) -> None:
        """A life that does everything that is due, once."""
        life = self.bear("once", **order)
        await life.until("done")
        assert await life.ended() == 0, self.cradle.errors()

    async def settle(self, **order: Any) -> None:
        """A life that goes on until nothing is left to come."""
        self.outside.mail.release()
        life = self.bear("settle", **order)
        await life.until("quiet")
        assert await life.ended() == 0, self.cradle.errors()

    async def book(self, session: int, *people: int) -> None:
        """These people, by their place in the world, book one of its sessions."""
        for person in people:
            await self._ask(bookings.book, session, person)

    async def cancel(self, session: int, *people: int) -> None:
        """These give their places back."""
        for person in people:
            await self._ask(bookings.cancel, session, person)

    async def call_off(self, session: int) -> None:
        """An organiser cancels a session."""
        ids = self.world.partnership_id, self.world.sessions[session]
        await self.store.write(sessions.cancel_session, *ids, "ill", self.rules, actor=ACTOR, now=self.clock())

    async def _ask(self, use_case: Callable[..., Any], session: int, person: int) -> None:
        ids = self.world.partnership_id, self.world.sessions[session], self.world.people[person]
        await self.store.write(use_case, *ids, self.rules, now=self.clock())

    async def ledger(self, *channels: str) -> list[tuple[str, str, int]]:
        """(key, state, attempts) of every notice."""
        return [row[1:] for row in await self.store.read(_ledger) if not channels or row[0] in channels]

    async def verdict(self, *, troubled: bool = True) -> Verdict:
        """What holds now."""
        return judge(await self.store.read(books_of), self.outside.record(), troubled=troubled)

    async def came(self) -> set[str]:
        """The keys of the notices of which something has come."""
        record, books = self.outside.record(), await self.store.read(books_of)
        names = {mail.message_id for mail in record.mails} | {post.nonce for post in record.posts}
        return {notice.key for notice in books.owed if str(notice.id) in names or notice.message_ids & names}

    async def key_of(self, message_id: str) -> str | None:
        """Of which notice an e-mail is."""
        books = await self.store.read(books_of)
        return next((notice.key for notice in books.owed if message_id in notice.message_ids), None)

    async def is_well(self) -> Verdict:
        """Settle, and fail with every breach."""
        await self.settle()
        verdict = await self.verdict()
        assert not verdict.breaches, "\n".join(sentences(verdict.breaches))
        return verdict


def _ledger(db: Db) -> list[tuple[str, str, str, int]]:
    return [(n.channel.value, n.key, n.state.value, n.attempts) for n in db.exec(select(Notice).order_by(col(Notice.id)))]


@asynccontextmanager
async def scene_on(cradle: Cradle, url: str, folder: Path, *, teams: bool = True) -> AsyncIterator[Scene]:
    """A scene on a database that has every table and no row."""
    clock = SharedClock.new(folder, BEGINS)
    async with Outside(clock) as outside:
        cradle.heard = outside.heard
        tables = outside.settings(url)
        world = await asyncio.to_thread(new_world, tables, clock(), teams=teams)
        store = Store(url)
        try:
            yield Scene(cradle, outside, clock, store, tables, world, Rules())
        finally:
            await asyncio.to_thread(store.close)
