"""A whole practice week, from the organiser's spreadsheet to the last feedback answer.

The clock travels from one due instant to the next, through the same ticks that `run` uses; what people do is put on
a list of acts, each at its instant. What they do is acted out in `rehearsal.acting`. Everything that is
not decided by the files is thrown by one pair of dice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from domain.views import SessionView
from rehearsal import faults
from rehearsal.acting.arrivals import Arrivals
from rehearsal.acting.changes import Changes
from rehearsal.acting.colleagues import Colleagues
from rehearsal.acting.courses import Courses
from rehearsal.acting.desk import Desk
from rehearsal.acting.endings import Endings
from rehearsal.acting.families import Families
from rehearsal.acting.keepsakes import Keepsakes
from rehearsal.acting.offers import Offers
from rehearsal.acting.presenters import Presenters
from rehearsal.acting.running import Running
from rehearsal.acting.scene import Scene, Standing
from rehearsal.acting.signing_up import SigningUp, by_day
from rehearsal.mailbox import Step
from rehearsal.organiser import Organiser, is_own, is_to_be_cancelled, published_sessions
from rehearsal.people import Account, Actor, cast
from rehearsal.played import Played
from rehearsal.practitioners import Practitioner
from rehearsal.schedules import Schedule
from rehearsal.stage import Stage
from rehearsal.taken import Taken
from rehearsal.timeline import Moment
from rehearsal.way import Progress, Way
from rehearsal.web_practitioners import WebPractitioner

S = TypeVar("S", bound=Scene)

#: how many act in the chat, and at most two of three; a third of all come by the web, and the others act through the same use cases
IN_CHAT = 24


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
        self._taken = Taken()
        self._way = Way(self.stage, self.progress, self.stage.clock())
        self._at = self._way.at

    async def play(self) -> Played:
        """Play it to the end of the last feedback."""
        self._organiser = organiser = Organiser(self.stage, self.dice, self.acts)
        self.progress("The organiser imports and publishes", 0.0)
        self._plan_faults()
        await organiser.open_programmes(self.schedules)
        self._courses, self._families = self._scene(Courses), self._scene(Families)
        self._desk, self._keepsakes = Desk(*self._stands(), taken=self._taken), Keepsakes(*self._stands(), taken=self._taken)
        self._endings = Endings(*self._stands(), courses=self._courses, families=self._families, desk=self._desk)
        self._arrivals = Arrivals(*self._stands(), families=self._families)
        await self._courses.find()
        added = await organiser.fill_in_what_is_missing(self.people, self._courses.sessions)
        await self.stage.ticks.run_due()
        sessions = await self._sessions()
        actors = self._cast()
        for session in sessions:
            await self._watch(session.id)
        SigningUp(*self._stands(), courses=self._courses).plan(sessions)
        Changes(*self._stands(), parts=self._courses.sessions).plan(sessions, middle=self._middle(sessions))
        self._plan_scenes(sessions)
        await self._way.go()
        self.progress("The report", 0.98)
        told = await organiser.attention(), await organiser.report(), added
        await self._look_at_public_pages("in the end")
        await self._keepsakes.read_again()
        await self._desk.looks_back()
        return Played(
            self.acts,
            actors,
            len(await self._sessions()),
            *told,
            others=self._others(),
            confided=self._confided(),
            pages=self._pages,
            typed=self._typed(),
            taken=self._taken,
        )

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
        Offers(*self._stands(), taken=self._taken, but=parts).plan(middle=middle)
        self._desk.plan(first)
        self._keepsakes.plan(middle=middle, end=max(s.ends_at for s in sessions))
        running = self._scene(Running)
        running.parts = parts
        running.plan(sessions, middle=middle)

    def _middle(self, sessions: Sequence[SessionView]) -> datetime:
        now, first = self.stage.clock(), min(s.starts_at for s in sessions)
        return by_day(now + (first - now) * 0.6, 10)

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

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────

    async def _watch(self, session_id: int) -> None:
        """Have a session ticked off and asked about, and play at least until its feedback closes."""
        await self._arrivals.plan(session_id)
        ends_at = await self._endings.plan(session_id)
        self._way.until = max(self._way.until, ends_at + self.stage.rules.feedback_open + timedelta(hours=1))

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────

    async def _sessions(self) -> list[SessionView]:
        return await self.stage.store.read(published_sessions)
