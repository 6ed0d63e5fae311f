"""Private sessions, acted out: codes are given out, families come with them and withdraw, and a stranger tries what is not theirs.

A programme of parent partnership is wholly for people without an account, who come by the web; elsewhere families are in the chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.database import Db
from domain.models import Programme, ProgrammeKind, Session, SessionState
from domain.views import SessionView
from rehearsal.acting.chat_family import ChatFamily
from rehearsal.acting.family import Family
from rehearsal.acting.scene import Act, Scene
from rehearsal.acting.web_family import WebFamily, state_at
from rehearsal.chat import Someone
from rehearsal.people import Relative, relatives
from rehearsal.visitor import Visitor

GUESSES = ("AAAAA-AAAAA-AAAAA", "CDEFH-JKMNP-QRTUW", "PARENTS", "34679-34679-34679")
MOST, FEWEST, NO_LIMIT = 16, 5, 8


@dataclass
class Families(Scene):
    """The families of a rehearsal, and the organiser's part in it."""

    members: list[Family] = field(default_factory=list)

    def plan(self, sessions: Sequence[SessionView], *, last: datetime) -> None:
        """From an hour after publication until `last`, two days before the first session."""
        private = [s for s in sessions if s.private]
        for number, programme in enumerate(dict.fromkeys(s.programme for s in private)):
            theirs = [s for s in private if s.programme == programme]
            self.at(self.now + timedelta(minutes=60 + 90 * number), self._opens(programme, theirs, last))

    # ── the organiser ───────────────────────────────────────────────────────────────────────────────────

    def _opens(self, programme: str, sessions: Sequence[SessionView], last: datetime) -> Act:
        """Codes: one for a group, one each for two people, one that is taken back; and room for fewer than will come."""

        async def act() -> None:
            await self.order("programme contact", programme=programme, contact="Jo Field, 0121 496 0000")
            group = await self._code(programme, anyone=True, note="Group")
            single = [await self._code(programme, note=f"For one person, {number}") for number in (1, 2)]
            spare = await self._code(programme, note="Spare")
            await self._takes_back(programme, spare)
            smallest = min(sessions, key=lambda s: (s.places[0].places is None, s.places[0].places or 0, s.id))
            count = min(max((smallest.places[0].places or NO_LIMIT) + 3, FEWEST), MOST)
            await self._makes_room(smallest, count - 3)
            people = relatives(count, self.dice, after=len(self.members))
            await self._come(people, [*single, *[group] * count], smallest, sessions)
            self.at(self.now + timedelta(minutes=5), self._stranger((*GUESSES, spare), single[0], smallest))
            self._look_later(sessions, last)

        return act

    async def _code(self, programme: str, **options: object) -> str:
        made = await self.order("invitation new", programme=programme, **options)
        self.note("makes an invitation code", outcome="for a group" if "anyone" in options else "for one person")
        return made.text.splitlines()[0].removeprefix("## ")

    async def _takes_back(self, programme: str, code: str) -> None:
        offered = await self.chat.suggestions(self.organiser.someone, "invitation revoke", "code", code[:3], programme=programme)
        found = next(value for name, value in offered if name.startswith(code[:3]))
        await self.order("invitation revoke", programme=programme, code=found)
        self.note("takes an invitation code back")

    async def _makes_room(self, session: SessionView, places: int) -> None:
        """Few enough places for somebody to have to wait."""
        there = session.places[0].places
        if there is None or there > places:
            where = {"where": session.places[0].mode.value} if len(session.places) > 1 else {}
            await self.order("session places", session=session.reference, places=str(places), **where)
            self.note("sets the places", session=session.reference, outcome=str(places))

    def _look_later(self, sessions: Sequence[SessionView], last: datetime) -> None:
        for number, session in enumerate(sessions):
            self.at(last + timedelta(minutes=20 * number), self._sees(session))

    def _sees(self, session: SessionView) -> Act:
        """Who comes, and what they need; half of it is seen to."""

        async def act() -> None:
            if not await self._is_on(session):
                return
            await self.order("session bookings", session=session.reference)
            self.note("looks at who comes", session=session.reference)
            listed = await self.order("session needs", session=session.reference)
            for menu in listed.menus:
                values = [value for value, _, _ in menu.options][: max(len(menu.options) // 2, 1)]
                await self.chat.choose(self.organiser.someone, listed, *values, menu=menu.custom_id)
                self.note("sees to needs", session=session.reference, outcome=str(len(values)))

        return act

    # ── families ────────────────────────────────────────────────────────────────────────────────────────

    async def _come(self, people: Sequence[Relative], codes: Sequence[str], smallest: SessionView, sessions: Sequence[SessionView]) -> None:
        """One after another, all to the smallest session and some to another one too; then two withdraw."""
        others = [s for s in sessions if s.id != smallest.id]
        by_web = await self.stage.store.read(_is_for_families, smallest.programme_id)
        here: list[Family] = []
        for number, (actor, code) in enumerate(zip(people, codes, strict=False)):
            wants = [smallest, *([self.dice.choice(others)] if others and self.dice.random() < 0.6 else [])]
            member: Family = WebFamily(self, actor, code, wants) if by_web else ChatFamily(self, actor, code, wants)
            here.append(member)
            self.at(self.now + timedelta(minutes=10 + 4 * number), member.comes)
        self.members += here
        after = self.now + timedelta(minutes=30 + 4 * len(here))
        for number, first in enumerate(here[:2]):
            self.at(after + timedelta(minutes=3 * number), self._withdraws(first, smallest))

    def _withdraws(self, member: Family, session: SessionView) -> Act:
        async def act() -> None:
            await member.withdraws(session)

        return act

    async def answer(self, session: SessionView) -> None:
        """After a session a few of them say how it was, where they were asked."""
        for member in self.members if session.private else ():
            await member.answers(session)

    # ── a stranger ──────────────────────────────────────────────────────────────────────────────────────

    def _stranger(self, guesses: Sequence[str], used: str, session: SessionView) -> Act:
        """Somebody tries codes that open nothing: guesses, one that was taken back, and later one that has been used."""
        stranger = self.chat.join(f"Curious {len(self.members)}", discord_id=9_600_000_000_000_000 + len(self.members))
        browsing = Visitor(self.stage, f"curious{len(self.members)}@elsewhere.example")

        async def act() -> None:
            for guess in guesses:
                await self._is_refused(stranger, guess)
                if (await browsing.browser.open(f"{self.stage.web.home}/invited/{guess}")).status != 404:
                    raise RuntimeError("a page shows a stranger what a guess should not open")
            self.note("guesses at codes", person="stranger 01", outcome="refused")
            self.at(self.now + timedelta(hours=2), later)

        async def later() -> None:
            await self._is_refused(stranger, used)
            answers = {"name": "Curious", "email": browsing.address, "mode": session.places[0].mode.value}
            await browsing.ask(f"{self.stage.web.home}/invited/{used}/{session.id}/book", answers)
            if await self.stage.store.read(state_at, browsing.address, session.id) is not None:
                raise RuntimeError("a stranger was given a place by an invitation that somebody else has used")
            self.note("tries a code that was used", person="stranger 01", outcome="refused")

        return act

    async def _is_refused(self, stranger: Someone, code: str) -> None:
        seen = await self.chat.command(stranger, "invited", code=code, direct=True)
        if seen.menus:
            raise RuntimeError("a stranger was let in by a code that should open nothing")

    # ── reads ───────────────────────────────────────────────────────────────────────────────────────────

    async def _is_on(self, session: SessionView) -> bool:
        return await self.stage.store.read(_is_on, session.id)


def _is_on(db: Db, session_id: int) -> bool:
    return db.get_one(Session, session_id).state is SessionState.PUBLISHED


def _is_for_families(db: Db, programme_id: int) -> bool:
    return db.get_one(Programme, programme_id).kind is ProgrammeKind.PARENT_PARTNERSHIP
