"""A family in direct messages: everything by the buttons and forms that they would press themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, BookingState, Person
from domain.views import SessionView
from rehearsal.acting.family import CAME, Family
from rehearsal.acting.scene import details_given, has, id_that_starts
from rehearsal.chat import ChatStandIn, Seen

_DIGITS = re.compile(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)")


@dataclass
class ChatFamily(Family):
    """Somebody with a Discord account."""

    def __post_init__(self) -> None:
        self.someone = self.chat.join(self.actor.account, discord_id=self.actor.discord_id)

    @property
    def chat(self) -> ChatStandIn:
        """Where they act."""
        return self.scene.chat

    @property
    def account(self) -> int:
        """Their Discord account."""
        return self.actor.discord_id

    @property
    def door(self) -> str:
        """The chat."""
        return "chat"

    async def comes(self) -> None:
        """As it says, in direct messages."""
        shown = await self._open()
        await self._ask(shown, self.wants[0])
        if not self.known:
            self.known = True
            self.later(1, self.scene.when_mail_is_there(self.actor.address, _DIGITS, self._prove))

    async def _open(self) -> Seen:
        if self.actor.number % 2:
            shown = await self.chat.command(self.someone, "invited", code=self.code, direct=True)
        else:
            form = await self.chat.command(self.someone, "invited", direct=True)
            shown = await self.chat.fill(self.someone, form, code=self.code.lower())
        self.note("opens an invitation")
        return shown

    async def _ask(self, shown: Seen, session: SessionView) -> None:
        me = self.someone
        card = await self.chat.choose(me, shown, str(session.id))
        wanted = id_that_starts(card, f"pw:book:{session.id}:")
        if wanted is None:  # it has been cancelled, or there is no line any more
            return
        before = await self.chat.press(me, card, custom_id=wanted)
        if any(f"{number}. **" not in before.text for number in range(1, 6)):
            raise RuntimeError(f"{self.who} was not told the five things before they booked: {before.text}")
        form = await self.chat.press(me, before, "Go on")
        if has(form, "Book anyway"):
            form = await self.chat.press(me, form, "Book anyway")
        await details_given(self.chat, me, form, {"name": self.actor.alias, "email": self.actor.address})
        state = await self.scene.stage.store.read(_state, self.actor.discord_id, session.id)
        self.note("asks for a private place", session=session, outcome=CAME.get(state, "none left") if state else "none left")

    async def _prove(self, digits: str) -> None:
        mine = await self.chat.command(self.someone, "my details", direct=True)
        form = await self.chat.press(self.someone, mine, custom_id="pw:code")
        await self.chat.fill(self.someone, form, code=digits)
        self.note("proves the address")
        for session in self.wants[1:]:
            await self._ask(await self.chat.command(self.someone, "invited", direct=True), session)
        if self.actor.number % 4:
            await self._tells_needs(self.wants[0])

    async def _tells_needs(self, session: SessionView) -> None:
        """One thing that they need, for who has a place; one of them takes it back again."""
        card = await self._my_card(session)
        if card is None or not has(card, "Tell us what you need"):
            return
        shown = await self.chat.press(self.someone, card, "Tell us what you need")
        question, words = self.need()
        form = await self.chat.choose(self.someone, shown, question)
        told = await self.chat.fill(self.someone, form, **{question: words})
        self.told.append(words)
        self.note("says what they need", session=session)
        if self.actor.number % 7 == 0:
            await self.chat.press(self.someone, told, "Take it all back")
            self.note("takes back what they need", session=session)

    async def withdraws(self, session: SessionView) -> None:
        """On the session's card."""
        card = await self._my_card(session)
        if card is not None and has(card, "Cancel my place"):
            await self.chat.press(self.someone, card, "Cancel my place")
            self.note("withdraws", session=session)

    async def _my_card(self, session: SessionView) -> Seen | None:
        mine = await self.chat.command(self.someone, "my bookings", direct=True)
        offered = {value: menu.custom_id for menu in mine.menus for value, _, _ in menu.options}
        menu = offered.get(str(session.id))
        return await self.chat.choose(self.someone, mine, str(session.id), menu=menu) if menu else None

    async def answers(self, session: SessionView) -> None:
        """A number of stars, under the message that asks."""
        wanted = f"pw:rate:{session.id}:"
        asked = [seen for seen in self.chat.direct(self.someone) if id_that_starts(seen, wanted)]
        if asked and self.scene.dice.random() < 0.6:
            await self.chat.press(self.someone, asked[-1], custom_id=f"{wanted}{self.scene.dice.choice((4, 5))}")
            self.note("gives feedback", session=session)


def _state(db: Db, discord_id: int, session_id: int) -> BookingState | None:
    mine = (
        select(Booking.state)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Person.discord_id) == discord_id, col(Booking.session_id) == session_id)
    )
    state = db.exec(mine).first()
    return BookingState(state) if state is not None else None
