"""Signing up, acted out: people come in waves, prove their addresses, book what they wish for, and a few have second thoughts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.models import Session, SessionState
from domain.times import to_wall
from domain.views import SessionView
from rehearsal.acting.courses import Courses
from rehearsal.acting.scene import Act, Scene
from rehearsal.organiser import SMALL, published_sessions
from rehearsal.practitioners import Practitioner

WAVES = 10


@dataclass
class SigningUp(Scene):
    """Everybody who comes by themselves. Some take a course as well."""

    courses: Courses = field(kw_only=True)

    def plan(self, sessions: Sequence[SessionView]) -> None:
        """In ten waves, in working hours, from two hours after publication to two days before the first session."""
        opened = self.now + timedelta(hours=2)
        last = min(s.starts_at for s in sessions) - timedelta(hours=48)
        step = max((last - opened) / WAVES, timedelta(minutes=10))
        size = -(-len(self.practitioners) // WAVES)
        for number in range(WAVES):
            wave = self.practitioners[number * size : (number + 1) * size]
            at = by_day(opened + step * number, 11) if step > timedelta(days=1) else opened + step * number
            self.at(at, self._wave(wave))
            self.at(at + timedelta(minutes=6), self._second_thoughts(wave, sessions))

    def _wave(self, wave: Sequence[Practitioner]) -> Act:
        async def act() -> None:
            still_on = [s for s in await self._alone() if s.state is SessionState.PUBLISHED]
            wishes = {p.actor.number: self._wishes(still_on) for p in wave}
            for practitioner in wave:
                await practitioner.arrive()
                await practitioner.sign_up(wishes[practitioner.actor.number][0])
            await self.stage.ticks.deliver()
            for practitioner in wave:
                await self._prove_and_book(practitioner, wishes[practitioner.actor.number][1:])()

        return act

    def _prove_and_book(self, practitioner: Practitioner, wishes: Sequence[SessionView]) -> Act:
        """Once the code has come (the mail server may put it off), prove the address and book the rest."""

        async def act() -> None:
            if not practitioner.actor.proves:
                return
            if not practitioner.has_code():
                self.at(self.now + timedelta(minutes=1), self._prove_and_book(practitioner, wishes))
                return
            await practitioner.prove()
            for session in wishes:
                await practitioner.book(session)
            await self.courses.take(practitioner)
            await practitioner.look_around()

        return act

    def _wishes(self, sessions: Sequence[SessionView]) -> list[SessionView]:
        """Two to five sessions, the smallest far more often than it has places, so that it fills and people wait."""
        chosen = self.dice.choices(sessions, k=self.dice.randint(2, 5))
        small = _smallest(sessions)
        if small is not None and self.dice.random() < 2.5 * (small.places[0].places or 0) / len(self.practitioners):
            chosen.insert(self.dice.randrange(len(chosen)), small)
        return list({session.id: session for session in chosen}.values())

    def _second_thoughts(self, wave: Sequence[Practitioner], sessions: Sequence[SessionView]) -> Act:
        """A few give a place back, first of all in the smallest session, and some of them want it again."""
        known = {session.id: session for session in sessions}
        small = _smallest([s for s in sessions if s.id not in self.courses.sessions])

        async def act() -> None:
            for practitioner in wave:
                held = sorted((practitioner.booked | practitioner.waiting) & known.keys())
                if not practitioner.proven or not held or self.dice.random() > 0.35:
                    continue
                session = small if small is not None and small.id in practitioner.booked else known[self.dice.choice(held)]
                if not await self._is_cancelled(session.id):
                    await practitioner.cancel(session)
                    if self.dice.random() < 0.3:
                        await practitioner.book(session)

        return act

    async def _alone(self) -> list[SessionView]:
        """The sessions that anybody may book, and that are booked alone."""
        return [s for s in await self.stage.store.read(published_sessions) if not s.private and s.id not in self.courses.sessions]

    async def _is_cancelled(self, session_id: int) -> bool:
        return await self.stage.store.read(lambda db: db.get_one(Session, session_id).state is SessionState.CANCELLED)


def by_day(instant: datetime, hour: int) -> datetime:
    """The same day at an hour of the London clock."""
    return to_wall(instant).replace(hour=hour, minute=0, second=0, microsecond=0)


def _smallest(sessions: Sequence[SessionView]) -> SessionView | None:
    """The session with the fewest places, where that is few."""
    limited = [s for s in sessions if not s.private and s.places[0].places is not None and 0 < s.places[0].places <= SMALL]
    return min(limited, key=lambda s: (s.places[0].places, s.id), default=None)
