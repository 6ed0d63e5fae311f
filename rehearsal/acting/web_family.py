"""A family on pages and by mail: the whole way from the link of their invitation to the last answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, BookingState, Person
from domain.views import SessionView
from rehearsal.acting.family import CAME, Family
from rehearsal.visitor import Visitor

#: how often somebody looks for a mail, a minute apart, before they give up
LOOKS = 180


@dataclass
class WebFamily(Family):
    """Somebody without an account."""

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.scene.stage, self.actor.address)

    @property
    def account(self) -> str:
        """Their address."""
        return self.actor.address.casefold()

    @property
    def door(self) -> str:
        """The web."""
        return "web"

    @property
    def _invitation(self) -> str:
        return f"{self.scene.stage.web.home}/invited/{self.code}"

    async def comes(self) -> None:
        """As it says: the link, the form, and then the mail."""
        page = await self.visitor.browser.open(self._invitation)
        if page.status != 200:
            raise RuntimeError(f"{self.who} could not open their invitation: {page.words}")
        self.note("opens an invitation")
        await self._ask(self.wants[0], tells=bool(self.actor.number % 4))
        self.later(1, self._reads_mail)

    async def _ask(self, session: SessionView, *, tells: bool = False) -> None:
        answers = {"name": self.actor.alias, "email": self.actor.address, "mode": session.places[0].mode.value}
        if tells:
            question, words = self.need()
            answers[question] = words
            self.told.append(words)
        await self.visitor.ask(f"{self._invitation}/{session.id}/book", answers)
        if tells:
            self.note("says what they need", session=session)
        state = await self.scene.stage.store.read(state_at, self.actor.address, session.id)
        self.note("asks for a private place", session=session, outcome=CAME.get(state, "none left") if state else "none left")

    async def _reads_mail(self, looks: int = LOOKS) -> None:
        """Once the link has come (the mail server may put it off), press its button, and ask for what else they want."""
        if not self.visitor.has_proof:
            if looks:
                self.later(1, lambda: self._reads_mail(looks - 1))
            return
        await self.visitor.prove()
        if self.known:
            return
        self.known = True
        self.note("proves the address")
        for session in self.wants[1:]:
            await self._ask(session)
            self.later(1, self._reads_mail)

    async def withdraws(self, session: SessionView) -> None:
        """On one's own page."""
        if self.visitor.mine and await self.visitor.give_back(session.id):
            self.note("withdraws", session=session)

    async def says_that_they_are_here(self, session: SessionView) -> None:
        """By the page that the invitation leads to, while the session is on."""
        if await self.visitor.join(session.title):
            self.note("says that they are here", session=session)

    async def answers(self, session: SessionView) -> None:
        """By the link in the mail that asks."""
        if self.scene.dice.random() < 0.6:
            stars = str(self.scene.dice.choice((4, 5)))
            if await self.visitor.answer(session.title, {"rating": stars}):
                self.note("gives feedback", session=session)


def state_at(db: Db, address: str, session_id: int) -> BookingState | None:
    """What came of the wish that was sent with this address."""
    mine = (
        select(Booking.state)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(func.lower(col(Person.email)) == address.lower(), col(Booking.session_id) == session_id)
    )
    state = db.exec(mine).first()
    return BookingState(state) if state is not None else None
