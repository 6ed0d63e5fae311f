"""Presenters, acted out: some are given an address or found in the server, are asked, and say yes, or no."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from domain.presenters.naming import presenters_of
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene
from rehearsal.chat import Someone

#: the code in a presenter's mail
_CODE = re.compile(r"/presenting confirm ([A-Z0-9]{4}-[A-Z0-9]{4})")


@dataclass
class Presenters(Scene):
    """Those of the presenters who are asked. `accounts` are those who have come into the chat, by their number."""

    accounts: dict[int, Someone] = field(default_factory=dict)

    def plan(self, sessions: Sequence[SessionView]) -> None:
        """From a day after publication: by a code, in the chat, through the organiser; the last says no after all."""
        ways: tuple[Callable[[int, SessionView], Act], ...] = (self._by_code, self._in_chat, self._by_organiser, self._says_no)
        chosen = self.dice.sample(sorted(sessions, key=lambda s: s.id), k=min(len(ways), len(sessions)))
        for number, (way, session) in enumerate(zip(ways, chosen, strict=False), 1):
            self.at(self.now + timedelta(hours=23, minutes=10 * number), way(number, session))

    def _address(self, number: int) -> str:
        return f"presenter{number}@lead.example"

    async def _named(self, number: int, session: SessionView, **how: object) -> None:
        """An address, or an account, for who stands in the schedule; or somebody besides, where nobody does."""
        there = await self.stage.store.read(presenters_of, self.stage.partnership_id, session.id)
        label = there[0].label if there else f"Guest speaker {number}"
        await self.order("session presenters", session=session.reference, presenter=label, **how)
        self.note("asks a presenter", session=session.reference)

    def _joins(self, number: int) -> Someone:
        self.accounts[number] = self.chat.join(f"Speaker {number}", discord_id=9_700_000_000_000_000 + number)
        return self.accounts[number]

    def _by_code(self, number: int, session: SessionView) -> Act:
        async def act() -> None:
            await self._named(number, session, email=self._address(number))
            waits = self.when_mail_is_there(self._address(number), _CODE, self._types(number, session))
            self.at(self.now + timedelta(minutes=30), waits)

        return act

    def _types(self, number: int, session: SessionView) -> Callable[[str], Awaitable[None]]:
        async def confirm(code: str) -> None:
            me = self._joins(number)
            await self.chat.command(me, "presenting confirm", code=code, direct=True)
            await self.chat.command(me, "presenting sessions", direct=True)
            self.note("says that they will present", person=f"presenter {number:02d}", session=session.reference, outcome="by code")

        return confirm

    def _in_chat(self, number: int, session: SessionView) -> Act:
        async def act() -> None:
            me = self._joins(number)
            await self._named(number, session, member=me.member)
            self.at(self.now + timedelta(minutes=30), self._presses(number, me, session))

        return act

    def _presses(self, number: int, me: Someone, session: SessionView) -> Act:
        async def act() -> None:
            asked = [seen for seen in self.chat.direct(me) if "I will present" in seen.labels]
            if asked:
                await self.chat.press(me, asked[-1], "I will present")
                self.note("says that they will present", person=f"presenter {number:02d}", session=session.reference, outcome="by button")

        return act

    def _by_organiser(self, number: int, session: SessionView) -> Act:
        async def act() -> None:
            await self._named(number, session, email=self._address(number))
            shown = await self.order("session presenters", session=session.reference)
            (menu,) = shown.menus
            value = menu.options[0][0]
            one = await self.chat.choose(self.organiser.someone, shown, value)
            await self.press(one, "They will come")
            self.note("confirms a presenter", session=session.reference)

        return act

    def _says_no(self, number: int, session: SessionView) -> Act:
        """Confirmed by code, then something comes up."""

        async def act() -> None:
            await self._named(number, session, email=self._address(number))
            types = self._types(number, session)

            async def and_then_not(code: str) -> None:
                await types(code)
                self.at(self.now + timedelta(hours=4), self._declines(number, session))

            self.at(self.now + timedelta(minutes=40), self.when_mail_is_there(self._address(number), _CODE, and_then_not))

        return act

    def _declines(self, number: int, session: SessionView) -> Act:
        async def act() -> None:
            me = self.accounts[number]
            mine = await self.chat.command(me, "presenting sessions")
            if "I cannot" in mine.labels:
                await self.chat.press(me, mine, "I cannot")
                self.note("says that they cannot present", person=f"presenter {number:02d}", session=session.reference)

        return act
