"""A whole practice week, from the organiser's spreadsheet to the last feedback answer.

The clock travels from one due instant to the next, through the same ticks that `run` uses; what people do is put on
a list of acts, each at its instant. Everything that is not decided by the files is thrown by one pair of dice.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlmodel import col, select

from domain import agenda
from domain.attendance import mark_all_but
from domain.database import Db
from domain.feedback import was_there
from domain.kinds import Format, Kind, Provider
from domain.models import Booking, BookingState, Notice, NoticeState, Person, Session, SessionState
from domain.queries import session_view
from domain.times import to_wall
from domain.views import SessionView
from rehearsal import faults
from rehearsal.mailbox import Break, Step
from rehearsal.organiser import SMALL, Organiser, Schedule, crosses_change, is_to_be_cancelled, published_sessions
from rehearsal.people import Actor, cast
from rehearsal.practitioners import Practitioner
from rehearsal.stage import Stage
from rehearsal.timeline import Moment, moment

Act = Callable[[], Awaitable[None]]
Progress = Callable[[str, float], None]

#: how many act in the chat; the others act through the same use cases
IN_CHAT = 24
WAVES = 10
#: a clock that stands still while something is due for this many looks is stuck
PATIENCE = 60


class Stuck(RuntimeError):
    """Something is due and never done."""


@dataclass
class Played:
    """What a played week leaves: what people did, who they are, and the report that the organiser was given."""

    acts: list[Moment]
    actors: Sequence[Actor]
    sessions: int
    attention: str  #: what needs the organiser in the end
    reports: dict[str, bytes]


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
        self._todo: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._practitioners: list[Practitioner] = []

    async def play(self) -> Played:
        """Play it to the end of the last feedback."""
        organiser = Organiser(self.stage, self.dice, self.acts)
        self.progress("The organiser imports and publishes", 0.0)
        self._plan_faults()
        await organiser.open_programmes(self.schedules)
        await organiser.fill_in_what_is_missing(self.people)
        await self.stage.ticks.run_due()
        sessions = await self._sessions()
        actors = cast(self.people, organiser.organisations, self.dice, by_chat=min(IN_CHAT, self.people))
        self._practitioners = [Practitioner(actor, self.stage, self.dice, self.acts) for actor in actors]
        self._plan_sign_up(sessions)
        self._plan_changes(organiser, sessions)
        await self._live(until=max(session.ends_at for session in sessions) + self.stage.rules.feedback_open + timedelta(hours=1))
        self.progress("The report", 0.98)
        return Played(self.acts, actors, len(await self._sessions()), await organiser.attention(), await organiser.report())

    # ── the clock's way ─────────────────────────────────────────────────────────────────────────────────

    async def _live(self, *, until: datetime) -> None:
        """Travel from instant to instant, doing what is due and what people do, until nothing is left before `until`."""
        began, looks = self.stage.clock(), 0
        while True:
            now = self.stage.clock()
            due = await self.stage.store.read(agenda.next_due, self.stage.rules, now=now)
            then = min(filter(None, (due, self._todo[0][0] if self._todo else None)), default=None)
            if then is None or then > until:
                break
            looks = looks + 1 if then <= now else 0
            if looks > PATIENCE:
                raise Stuck(f"something is due at {now} and is never done")
            self._travel(then)
            while self._todo and self._todo[0][0] <= self.stage.clock():
                await heapq.heappop(self._todo)[2]()
            await self.stage.ticks.run_due()
            self.progress(f"{self.stage.clock():%A %d %B, %H:%M}", 0.02 + 0.95 * ((then - began) / (until - began)))

    def _travel(self, instant: datetime) -> None:
        instant = max(instant, self.stage.clock())
        self.stage.clock.travel_to(instant)
        self.stage.chat.advance_to(instant)

    def _at(self, instant: datetime, act: Act) -> None:
        heapq.heappush(self._todo, (max(instant, self.stage.clock()), next(self._order), act))

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
        for session in sessions:
            self._at(session.ends_at - timedelta(seconds=30), self._attend(session.id))
            self._at(session.ends_at + timedelta(hours=2), self._answer(session.id))

    def _wave(self, wave: Sequence[Practitioner]) -> Act:
        async def act() -> None:
            still_on = [s for s in await self._sessions() if s.state is SessionState.PUBLISHED and not s.private]
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
        small = _smallest(sessions)

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
        now, first = self.stage.clock(), min(s.starts_at for s in sessions)
        middle = _by_day(now + (first - now) * 0.6, 10)
        late = [s for s in sessions if s.starts_at > middle + timedelta(days=1)]
        left = {s.id for s in late or sessions}

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
        plan(30, organiser.cancel, is_to_be_cancelled, lambda s: s.provider is not None and not stays(s), lambda s: not stays(s))

    # ── the week itself ─────────────────────────────────────────────────────────────────────────────────

    def _attend(self, session_id: int) -> Act:
        """The organiser ticks off who came: a few did not."""

        async def act() -> None:
            session, confirmed = await self._confirmed(session_id)
            if session.state is not SessionState.PUBLISHED or session.ends_at - self.stage.clock() > timedelta(minutes=1):
                if session.state is SessionState.PUBLISHED:  # it has moved: tick off at its new end
                    self._at(session.ends_at - timedelta(seconds=30), self._attend(session_id))
                return
            absent = [person_id for person_id, _ in confirmed if self.dice.random() < 0.12]
            if confirmed and self.dice.random() < 0.8:  # for some sessions nobody ticks off
                actor, now = "rehearsal", self.stage.clock()
                await self.stage.store.write(mark_all_but, self.stage.partnership_id, session_id, absent, actor=actor, now=now)
                outcome = f"{len(confirmed) - len(absent)} of {len(confirmed)} came"
                self._note("attendance", session.reference, outcome)

        return act

    def _answer(self, session_id: int) -> Act:
        """Two hours after the end, half of those who were there answer."""

        async def act() -> None:
            session, present = await self._confirmed(session_id, attended=True)
            if session.state is not SessionState.PUBLISHED:
                return
            by_id = {p.person_id: p for p in self._practitioners}
            view = await self.stage.store.read(lambda db: session_view(db, db.get_one(Session, session_id)))
            for person_id, _ in present:
                practitioner = by_id.get(person_id)
                if practitioner is not None and self.dice.random() < 0.5:
                    await practitioner.give_feedback(view)

        return act

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────

    async def _sessions(self) -> list[SessionView]:
        return await self.stage.store.read(published_sessions)

    async def _is_cancelled(self, session_id: int) -> bool:
        return await self.stage.store.read(lambda db: db.get_one(Session, session_id).state is SessionState.CANCELLED)

    async def _confirmed(self, session_id: int, *, attended: bool = False) -> tuple[Session, list[tuple[int, int]]]:
        def read(db: Db) -> tuple[Session, list[tuple[int, int]]]:
            rows = (
                select(Booking, Person)
                .join(Person, col(Person.id) == col(Booking.person_id))
                .where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED)
                .order_by(col(Booking.queue_number))
            )
            session = db.get_one(Session, session_id)
            db.expunge(session)
            return session, [(p.id or 0, b.id or 0) for b, p in db.exec(rows).all() if not attended or was_there(b)]

        return await self.stage.store.read(read)

    def _note(self, what: str, session: str, outcome: str) -> None:
        self.acts.append(moment(self.stage.clock(), what, order=len(self.acts), session=session, outcome=outcome))


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
