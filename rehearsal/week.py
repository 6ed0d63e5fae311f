"""A whole practice week, from the organiser's spreadsheet to the last feedback answer.

The clock travels from one due instant to the next, through the same ticks that `run` uses; what people do is put on
a list of acts, each at its instant. Signing up is here, what else is acted out in `rehearsal.acting`. Everything that is
not decided by the files is thrown by one pair of dice.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Kind, Provider
from domain.models import Notice, NoticeState, Session, SessionState
from domain.times import to_wall
from domain.views import SessionView
from rehearsal import faults
from rehearsal.acting.arrivals import Arrivals
from rehearsal.acting.colleagues import Colleagues
from rehearsal.acting.courses import Courses
from rehearsal.acting.endings import Endings
from rehearsal.acting.families import Families
from rehearsal.acting.presenters import Presenters
from rehearsal.acting.running import Running
from rehearsal.acting.scene import Scene, Standing
from rehearsal.mailbox import Break, Step
from rehearsal.organiser import SMALL, Organiser, crosses_change, is_own, is_to_be_cancelled, published_sessions
from rehearsal.people import Account, Actor, account_of, cast
from rehearsal.practitioners import Practitioner
from rehearsal.schedules import Schedule
from rehearsal.stage import Stage
from rehearsal.timeline import Moment
from rehearsal.way import Act, Progress, Way
from rehearsal.web_practitioners import WebPractitioner

S = TypeVar("S", bound=Scene)

#: how many act in the chat, and at most two of three; a third of all come by the web, and the others act through the same use cases
IN_CHAT = 24
WAVES = 10


@dataclass
class Played:
    """What a played week leaves: what people did, who they are, and the report that the organiser was given."""

    acts: list[Moment]
    actors: Sequence[Actor]
    sessions: int
    attention: str  #: what needs the organiser in the end
    reports: dict[str, bytes]
    added: tuple[str, ...] = ()  #: titles of the sessions that the rehearsal added
    others: Mapping[Account, str] = field(default_factory=dict)  #: how the timeline calls those who are no practitioners
    confided: Mapping[Account, tuple[str, ...]] = field(default_factory=dict)  #: what families told in private
    pages: Mapping[str, str] = field(default_factory=dict)  #: every public page, amid the sign-up and in the end, by what it is
    typed: frozenset[str] = frozenset()  #: every address that people typed, in small letters

    @property
    def pseudonyms(self) -> dict[Account, str]:
        """How the timeline calls everyone."""
        return {account_of(actor): actor.pseudonym for actor in self.actors} | dict(self.others)

    def by_door(self) -> dict[str, int]:
        """How many people came by which door: practitioners and families."""
        families = Counter(type(account) for account in self.confided)
        by_chat, by_web = sum(actor.by_chat for actor in self.actors), sum(actor.by_web for actor in self.actors)
        rest = len(self.actors) - by_chat - by_web
        return {"by chat": by_chat + families[int], "by the web": by_web + families[str], "by neither, for speed": rest}


@dataclass
class Week:
    """One rehearsal. `progress` hears what is being played, and how much of it is done (0 to 1)."""

    stage: Stage
    schedules: Sequence[Schedule]
    people: int
    seed: int
    progress: Progress
    acts: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self._practitioners: list[Practitioner] = []
        self._pages: dict[str, str] = {}
        self._way = Way(self.stage, self.progress, self.stage.clock())
        self._at = self._way.at

    async def play(self) -> Played:
        """Play it to the end of the last feedback."""
        self._organiser = organiser = Organiser(self.stage, self.dice, self.acts)
        self.progress("The organiser imports and publishes", 0.0)
        self._plan_faults()
        await organiser.open_programmes(self.schedules)
        self._courses, self._families = self._scene(Courses), self._scene(Families)
        self._endings = Endings(*self._stands(), courses=self._courses, families=self._families)
        self._arrivals = Arrivals(*self._stands(), families=self._families)
        await self._courses.find()
        added = await organiser.fill_in_what_is_missing(self.people, self._courses.sessions)
        await self.stage.ticks.run_due()
        sessions = await self._sessions()
        actors = self._cast()
        for session in sessions:
            await self._watch(session.id)
        self._plan_sign_up(sessions)
        self._plan_changes(organiser, sessions)
        self._plan_scenes(sessions)
        await self._way.go()
        self.progress("The report", 0.98)
        told = await organiser.attention(), await organiser.report(), added
        await self._look_at_public_pages("in the end")
        return Played(self.acts, actors, len(await self._sessions()), *told, self._others(), self._confided(), self._pages, self._typed())

    def _cast(self) -> Sequence[Actor]:
        """Who signs up, each at the door that they come by."""
        by_chat = min(IN_CHAT, max(self.people * 2 // 3, 1))
        actors = cast(self.people, self._organiser.organisations, self.dice, by_chat=by_chat, by_web=self.people // 3)
        for actor in actors:
            kind = WebPractitioner if actor.by_web else Practitioner
            self._practitioners.append(kind(actor, self.stage, self.dice, self.acts))
        return actors

    async def _look_at_public_pages(self, when: str) -> None:
        """What anybody can read just now. Raises `RuntimeError` for a link that leads nowhere."""
        for path, page in (await self.stage.web.public()).items():
            if page.status != 200:
                raise RuntimeError(f"a public page leads to {path}, which is answered with {page.status}")
            self._pages[f"the page {path}, {when}"] = page.html

    # ── scenes ──────────────────────────────────────────────────────────────────────────────────────────

    def _scene(self, kind: type[S]) -> S:
        return kind(*self._stands())

    def _stands(self) -> Standing:
        return self.stage, self.dice, self.acts, self._organiser, self._practitioners, self._at, self._watch

    def _plan_scenes(self, sessions: Sequence[SessionView]) -> None:
        """What is acted out beside sign-up: as much of it as the programmes give occasion for."""
        now, first = self.stage.clock(), min(s.starts_at for s in sessions)
        middle, last, parts = self._middle(sessions), first - timedelta(hours=48), self._courses.sessions
        self._presenters, self._colleagues = self._scene(Presenters), self._scene(Colleagues)
        self._at(middle + timedelta(hours=5), lambda: self._look_at_public_pages("amid the sign-up"))
        self._families.plan(sessions, last=max(last, now + timedelta(hours=6)))
        self._courses.plan(sum(not is_own(s) for s in sessions), middle=middle)
        self._presenters.plan([s for s in sessions if s.starts_at > now + timedelta(days=3) and not is_to_be_cancelled(s)])
        self._colleagues.plan(middle=middle)
        running = self._scene(Running)
        running.parts = parts
        running.plan(sessions, middle=middle)

    def _middle(self, sessions: Sequence[SessionView]) -> datetime:
        now, first = self.stage.clock(), min(s.starts_at for s in sessions)
        return _by_day(now + (first - now) * 0.6, 10)

    def _others(self) -> dict[Account, str]:
        known: dict[Account, str] = {member.account: member.who for member in self._families.members}
        known |= {someone.id: f"presenter {number:02d}" for number, someone in self._presenters.accounts.items()}
        return known | {someone.id: f"colleague {number:02d}" for number, someone in enumerate(self._colleagues.asked, 1)}

    def _confided(self) -> dict[Account, tuple[str, ...]]:
        """Of families: the name that they chose, their address, and what they said that they need."""
        return {member.account: (member.actor.alias, member.actor.address, *member.told) for member in self._families.members}

    def _typed(self) -> frozenset[str]:
        typed = [practitioner.actor.details.email for practitioner in self._practitioners]
        typed += [*(member.actor.address for member in self._families.members), *self._colleagues.addresses]
        return frozenset(address.casefold() for address in typed)

    # ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────

    def _plan_faults(self) -> None:
        """Zoom fails for three hours from the start; two answers are lost after the meeting was made; some mail is put off."""
        now = self.stage.clock()
        self.stage.zoom.faults.outage(now, now + timedelta(hours=3), retry_after=600)
        self.stage.zoom.faults.next("POST", "/meetings", faults.DROP_AFTER_EFFECT)
        self.stage.graph.faults.next("POST", "createOrGet", faults.GATEWAY_AFTER_EFFECT)
        self.stage.mailbox.answer_next(Step.CONTENT, "451 4.3.0 try again later", 3)

    async def _lose_an_answer(self) -> None:
        """The connection breaks when the mail server has the next letter, if that is an update: it may be sent again."""
        if await self.stage.store.read(_update_is_due, self.stage.clock()):
            self.stage.mailbox.break_next(Break.DROP_AFTER)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────

    def _plan_sign_up(self, sessions: Sequence[SessionView]) -> None:
        """In ten waves, in working hours, from two hours after publication to two days before the first session."""
        opened = self.stage.clock() + timedelta(hours=2)
        last = min(s.starts_at for s in sessions) - timedelta(hours=48)
        step = max((last - opened) / WAVES, timedelta(minutes=10))
        size = -(-len(self._practitioners) // WAVES)
        for number in range(WAVES):
            wave = self._practitioners[number * size : (number + 1) * size]
            at = _by_day(opened + step * number, 11) if step > timedelta(days=1) else opened + step * number
            self._at(at, self._wave(wave))
            self._at(at + timedelta(minutes=6), self._second_thoughts(wave, sessions))

    async def _watch(self, session_id: int) -> None:
        """Have a session ticked off and asked about, and play at least until its feedback closes."""
        await self._arrivals.plan(session_id)
        ends_at = await self._endings.plan(session_id)
        self._way.until = max(self._way.until, ends_at + self.stage.rules.feedback_open + timedelta(hours=1))

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
                self._at(self.stage.clock() + timedelta(minutes=1), self._prove_and_book(practitioner, wishes))
                return
            await practitioner.prove()
            for session in wishes:
                await practitioner.book(session)
            await self._courses.take(practitioner)
            await practitioner.look_around()

        return act

    def _wishes(self, sessions: Sequence[SessionView]) -> list[SessionView]:
        """Two to five sessions, the smallest far more often than it has places, so that it fills and people wait."""
        chosen = self.dice.choices(sessions, k=self.dice.randint(2, 5))
        small = _smallest(sessions)
        if small is not None and self.dice.random() < 2.5 * (small.places[0].places or 0) / self.people:
            chosen.insert(self.dice.randrange(len(chosen)), small)
        return list({session.id: session for session in chosen}.values())

    def _second_thoughts(self, wave: Sequence[Practitioner], sessions: Sequence[SessionView]) -> Act:
        """A few give a place back, first of all in the smallest session, and some of them want it again."""
        known = {session.id: session for session in sessions}
        small = _smallest([s for s in sessions if s.id not in self._courses.sessions])

        async def act() -> None:
            for practitioner in wave:
                held = sorted(practitioner.booked | practitioner.waiting)
                if not practitioner.proven or not held or self.dice.random() > 0.35:
                    continue
                session = small if small is not None and small.id in practitioner.booked else known[self.dice.choice(held)]
                if not await self._is_cancelled(session.id):
                    await practitioner.cancel(session)
                    if self.dice.random() < 0.3:
                        await practitioner.book(session)

        return act

    # ── what organisers do ──────────────────────────────────────────────────────────────────────────────

    def _plan_changes(self, organiser: Organiser, sessions: Sequence[SessionView]) -> None:
        """In the middle of the sign-up one session moves, one changes its service, one is cancelled, one grows.

        Of those that fit, the one with the most bookings is taken, so that somebody hears of it.
        """
        middle = self._middle(sessions)
        free = [s for s in sessions if s.id not in self._courses.sessions]
        left = {s.id for s in [s for s in free if s.starts_at > middle + timedelta(days=1)] or free}

        def plan(minutes: int, change: Callable[[SessionView], Awaitable[None]], *fits: Callable[[SessionView], bool]) -> None:
            async def act() -> None:
                there = [s for s in await self._sessions() if s.id in left and s.state is SessionState.PUBLISHED]
                fitting = next(filter(None, ([s for s in there if fit(s)] for fit in fits)), [])
                if fitting:
                    chosen = max(fitting, key=lambda s: (sum(p.taken for p in s.places), -s.id))
                    left.discard(chosen.id)
                    await change(chosen)

            self._at(middle + timedelta(minutes=minutes), act)

        plan(0, organiser.move_to_teams, lambda s: s.provider is Provider.ZOOM)
        plan(10, lambda s: organiser.reschedule(s, later=timedelta(minutes=30)), _meets_and_moves, _can_move)
        self._at(middle + timedelta(minutes=10) + self.stage.rules.settle, self._lose_an_answer)
        plan(20, lambda s: organiser.raise_places(s, by=2), lambda s: s.places[0].waiting > 0)
        stays = crosses_change  # so that its reminders can be seen
        goes = (
            is_to_be_cancelled,
            lambda s: s.provider is not None and not stays(s) and not s.private,
            lambda s: not stays(s) and not s.private,
        )
        plan(30, organiser.cancel, *goes)

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────

    async def _sessions(self) -> list[SessionView]:
        return await self.stage.store.read(published_sessions)

    async def _alone(self) -> list[SessionView]:
        """The sessions that anybody may book, and that are booked alone."""
        return [s for s in await self._sessions() if not s.private and s.id not in self._courses.sessions]

    async def _is_cancelled(self, session_id: int) -> bool:
        return await self.stage.store.read(lambda db: db.get_one(Session, session_id).state is SessionState.CANCELLED)


def _by_day(instant: datetime, hour: int) -> datetime:
    """The same day at an hour of the London clock."""
    return to_wall(instant).replace(hour=hour, minute=0, second=0, microsecond=0)


def _smallest(sessions: Sequence[SessionView]) -> SessionView | None:
    """The session with the fewest places, where that is few."""
    limited = [s for s in sessions if not s.private and s.places[0].places is not None and 0 < s.places[0].places <= SMALL]
    return min(limited, key=lambda s: (s.places[0].places, s.id), default=None)


def _can_move(session: SessionView) -> bool:
    """Whether half an hour later is still the same day."""
    return to_wall(session.ends_at, session.zone).hour < 23


def _meets_and_moves(session: SessionView) -> bool:
    """Better one whose meeting has to move too."""
    return session.provider is Provider.TEAMS and session.format is Format.ONLINE and _can_move(session)


def _update_is_due(db: Db, now: datetime) -> bool:
    due = select(Notice.kind).where(col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now)
    return db.exec(due.order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id)).limit(1)).first() is Kind.UPDATE
