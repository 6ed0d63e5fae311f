"""Practitioners who come by the web: the same wishes as everybody's, without an account, by pages and mail alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.models import Person
from domain.views import SessionView
from rehearsal.practitioners import Practitioner
from rehearsal.visitor import Visitor


@dataclass
class WebPractitioner(Practitioner):
    """As a practitioner, at their browser."""

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.stage, self.actor.details.email)

    async def arrive(self) -> None:
        """They look at what there is."""
        await self.visitor.browser.open(self.stage.web.home)

    async def sign_up(self, first: SessionView) -> None:
        """The first wish is how we come to know somebody."""
        self._note("signs up", first)
        await self._ask(first)
        self.person_id = await self.stage.store.read(_person_at, self.stage.partnership_id, self.actor.details.email)
        await self._note_place(first)

    def has_code(self) -> bool:
        """Whether the mail with the link has come."""
        return self.visitor.has_proof

    async def prove(self) -> None:
        """Open the link, and press its button."""
        await self.visitor.prove()
        self.proven = True
        self._note("proves the address")

    async def book(self, session: SessionView) -> None:
        """Ask for a place; what is kept is confirmed by the link in the mail, once that has come."""
        if not await self._ask(session):
            self._note("asks for a place", session, outcome="none left")
            return
        await self._confirm()
        await self._note_place(session)

    async def book_series(self, series_id: int) -> None:
        """Ask for all parts of a course."""
        await self._ask_at(f"series/{series_id}")
        await self._confirm()

    async def _ask(self, session: SessionView) -> bool:
        return await self._ask_at(f"session/{session.id}")

    async def _ask_at(self, where: str) -> bool:
        details = self.actor.details
        answers = {
            "name": details.name,
            "email": details.email,
            "organisation": details.organisation,
            "area": details.service_area.value,
            "mode": self.way.value,
        }
        return await self.visitor.ask(f"{self.stage.web.home}/{where}/book", answers)

    async def _confirm(self) -> None:
        """Once the mail has come: the server may put it off, and then the place is kept no longer than for anybody."""
        await self.stage.ticks.deliver()
        if self.visitor.has_proof:
            await self.visitor.prove()

    async def cancel(self, session: SessionView) -> None:
        """Give a place back, on one's own page."""
        await self.visitor.give_back(session.id)
        self.booked.discard(session.id)
        self.waiting.discard(session.id)
        self._note("cancels", session)

    async def look_around(self) -> None:
        """Look at one's own page."""
        page = await self.visitor.browser.open(self.visitor.mine)
        if page.status != 200:
            raise RuntimeError(f"{self.actor.pseudonym} could not open their own page: {page.words}")
        self._note("looks at their bookings")

    async def give_feedback(self, session: SessionView) -> None:
        """By the link in the mail that asks."""
        answers = {"rating": str(self.dice.choice((3, 4, 4, 5, 5))), **{name: str(value) for name, value in self._words().items()}}
        if await self.visitor.answer(session.title, answers):
            self._note("gives feedback", session)

    async def says_that_they_are_here(self, session: SessionView) -> None:
        """By the page that the invitation leads to, while the session is on."""
        if await self.visitor.join(session.title):
            self._note("says that they are here", session)


def _person_at(db: Db, partnership_id: int, address: str) -> int | None:
    mine = select(Person.id).where(col(Person.partnership_id) == partnership_id, func.lower(col(Person.email)) == address.lower())
    return db.exec(mine.order_by(col(Person.id))).first()
