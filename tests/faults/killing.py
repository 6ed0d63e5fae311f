"""A chapter: two lives of the program at once over one database, killed at random instants and born again, until it settles.

Between the kills the clock moves on, by seconds, by more than a lease, by hours. With `troubled`, mail, Discord, Zoom and
Teams go wrong meanwhile. At the end one life lives on until nothing is owed, and the verdict is spoken.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import col, func, select

from domain.database import Db
from domain.models import Booking, BookingState, Session
from rehearsal import faults as services
from rehearsal.mailbox import Break, Step
from tests.faults.chat_desk import Trouble
from tests.faults.judging import Breach, Verdict, Wrong
from tests.faults.lives import Cradle, Life
from tests.faults.scene import Scene, scene_on

SEATS = 2
#: how each step of the clock between two kills is chosen: how likely, from, to (seconds)
STEPS = ((0.5, 0, 20), (0.3, 60, 240), (0.15, 301, 420), (0.05, 3600, 9000))


@dataclass
class Chapter:
    """What one chapter came to."""

    seed: int
    database: str
    kills: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    verdict: Verdict | None = None

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """What should not be."""
        return self.verdict.breaches if self.verdict is not None else ()


async def chapter(cradle: Cradle, folder: Path, url: str, *, seed: int, kills: int, troubled: bool = False) -> Chapter:
    """Play it on a database that has every table and no row."""
    told = Chapter(seed, url.partition(":")[0].partition("+")[0])
    began = time.monotonic()
    async with scene_on(cradle, url, folder) as scene:
        scene.tables = scene.outside.settings(url, timeout_seconds=1)
        for session in range(4):
            await scene.book(session, *range(len(scene.world.people)))  # so that there is something to kill from the first
        playing = Playing(told, scene, random.Random(seed), kills, troubled)
        await asyncio.gather(*(playing.seat(seat) for seat in range(SEATS)))
        scene.outside.chat.faults.clear()
        await scene.settle()
        verdict = await scene.verdict(troubled=troubled)
    told.verdict = replace(verdict, breaches=(*verdict.breaches, *playing.over))
    told.seconds = time.monotonic() - began
    return told


@dataclass
class Playing:
    """A chapter while it is played. `over`: what showed on the way."""

    told: Chapter
    scene: Scene
    dice: random.Random
    kills: int
    troubled: bool
    over: list[Breach] = field(default_factory=list)
    begun: int = 0

    async def seat(self, seat: int) -> None:
        """One process after another, each with its own half of the people."""
        while self.begun < self.kills:
            self.begun += 1
            if self.troubled:
                self._trouble()
            life = self.scene.bear("live", people=self.scene.world.people[seat::SEATS], times=4, seed=self.dice.randrange(1 << 30))
            await self._some_instant(life)
            killed = await life.kill()
            assert killed, f"life {life.number} ended by itself ({life.status}):\n{self.scene.cradle.errors()}"
            self.told.kills += 1
            self.over += await self.scene.store.read(over_its_places)
            self._time_passes()

    async def _some_instant(self, life: Life) -> None:
        """A random one: while it starts, while people ask, or while messages leave."""
        chance = self.dice.random()
        if chance < 0.1:
            await asyncio.sleep(self.dice.uniform(0, 0.15))
            return
        await life.until("ready")
        if chance < 0.5:
            await asyncio.sleep(self.dice.uniform(0, 0.25))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(0.4):
                await (self.scene.outside.mail.arrival() if chance < 0.75 else self._post())
        await asyncio.sleep(self.dice.choice((0, 0, 0.001, 0.005, 0.02)))

    async def _post(self) -> None:
        before = len(self.scene.outside.chat.posts)
        await self.scene.outside.chat.until(lambda: len(self.scene.outside.chat.posts) > before)

    def _time_passes(self) -> None:
        chance = self.dice.random()
        for likely, least, most in STEPS:
            chance -= likely
            if chance < 0:
                self.scene.outside.clock.move(seconds=self.dice.uniform(least, most))
                return

    def _trouble(self) -> None:
        """Something will go wrong soon."""
        name = self.dice.choice(sorted(TROUBLES))
        self.told.faults[name] += 1
        TROUBLES[name](self.scene.outside)


TROUBLES = {
    "smtp 4xx": lambda world: world.mail.answer_next(Step.CONTENT, "451 4.3.0 later"),
    "smtp 5xx": lambda world: world.mail.answer_next(Step.CONTENT, "554 5.6.0 no"),
    "smtp recipient refused": lambda world: world.mail.answer_next(Step.RCPT, "550 5.1.1 nobody"),
    "smtp sender put off": lambda world: world.mail.answer_next(Step.MAIL, "421 4.3.2 closing"),
    "smtp cut before": lambda world: world.mail.break_next(Break.DROP_BEFORE),
    "smtp cut after": lambda world: world.mail.break_next(Break.DROP_AFTER),
    "smtp hang after": lambda world: world.mail.break_next(Break.HANG_AFTER),
    "chat cut before": lambda world: world.chat.faults.append(Trouble()),
    "chat cut after": lambda world: world.chat.faults.append(Trouble(taken=True)),
    "chat 429": lambda world: world.chat.faults.append(Trouble(429, retry_after=0.01)),
    "chat 403": lambda world: world.chat.faults.append(Trouble(403, 50278)),
    "zoom 429": lambda world: world.zoom.faults.next("POST", "/meetings$", services.status(429, retry_after=1)),
    "zoom cut after": lambda world: world.zoom.faults.next("POST", "/meetings$", services.DROP_AFTER_EFFECT),
    "zoom late": lambda world: world.zoom.faults.next("POST", "/meetings$", services.LATE_EFFECT),
    "zoom 500 on change": lambda world: world.zoom.faults.next("PATCH", "/meetings/", services.status(500)),
    "teams cut after": lambda world: world.graph.faults.next("POST", "/createOrGet$", services.DROP_AFTER_EFFECT),
    "teams 503": lambda world: world.graph.faults.next("PATCH", "/onlineMeetings/", services.status(503)),
    "tokens expired": lambda world: (world.zoom.revoke_tokens(), world.graph.revoke_tokens()),
    "clock back an hour": lambda world: world.clock.move(hours=-1),
}


def over_its_places(db: Db) -> list[Breach]:
    """Sessions that have more people than places at this instant."""
    taken = col(Booking.state).in_((BookingState.CONFIRMED, BookingState.HELD))
    each = select(Session.id, Session.places, func.count()).join(Booking, col(Booking.session_id) == col(Session.id)).where(taken)
    rows = db.exec(each.group_by(col(Session.id), col(Session.places))).all()
    return [
        Breach(Wrong.OVERBOOKED, f"session {number} had {people} people for {places} places")
        for number, places, people in rows
        if places is not None and people > places
    ]
