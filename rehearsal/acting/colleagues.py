"""Places that change hands, acted out: one colleague says yes, and one says no."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, BookingState, Privacy, Session, SessionState
from domain.queries import session_view
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene, has
from rehearsal.chat import Someone
from rehearsal.practitioners import Practitioner

_CODE = re.compile(r"(?m)^\s*(\d{1,9}-\d{3}) ?(\d{3})\s*$")
#: how long before the session a place is handed over, at the least
AHEAD = timedelta(hours=30)


@dataclass
class Colleagues(Scene):
    """Practitioners who hand a place over, and the colleagues whom they ask."""

    asked: list[Someone] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  #: of those who were asked
    _givers: set[int] = field(default_factory=set)

    def plan(self, *, middle: datetime) -> None:
        """Amid the sign-up, and a day later."""
        self.at(middle + timedelta(minutes=65), self._hands_over("Robin Ashby", "Take the place"))
        self.at(middle + timedelta(minutes=95), self._hands_over("Ellis Moran", "No, thank you"))

    def _hands_over(self, name: str, answer: str) -> Act:
        async def act() -> None:
            found = await self._somebody()
            if found is None:
                return
            giver, session = found
            assert giver.someone is not None
            card = await giver.open_card(session)
            if not has(card, "Hand my place to a colleague"):
                return
            number = len(self.asked) + 1
            address = f"{name.split(maxsplit=1)[0].lower()}@northbridge.example"
            self.addresses.append(address)
            form = await self.chat.press(giver.someone, card, "Hand my place to a colleague")
            await self.chat.fill(giver.someone, form, name=name, email=address)
            self.note("asks a colleague to take a place", person=giver.actor.pseudonym, session=session.reference)
            self.asked.append(self.chat.join(name, discord_id=9_800_000_000_000_000 + number))
            waits = self.when_mail_is_there(address, _CODE, self._answers(self.asked[-1], number, session, answer))
            self.at(self.now + timedelta(minutes=12), waits)

        return act

    async def _somebody(self) -> tuple[Practitioner, SessionView] | None:
        """Somebody of the chat with a place that they can hand over, who has not done so before."""
        for practitioner in self.practitioners:
            if practitioner.actor.by_chat and practitioner.proven and practitioner.person_id is not None:
                found = await self.stage.store.read(_place_of, practitioner.person_id, self.now + AHEAD)
                if found is not None and practitioner.person_id not in self._givers:
                    self._givers.add(practitioner.person_id)
                    return practitioner, found
        return None

    def _answers(self, me: Someone, number: int, session: SessionView, answer: str) -> Callable[[str], Awaitable[None]]:
        async def type_it(code: str) -> None:
            offer = await self.chat.fill(me, await self.chat.command(me, "my accept"), code=code)
            who, told = f"colleague {number:02d}", {"session": session.reference}
            if not has(offer, answer):
                raise RuntimeError(f"{who} was offered no place: {offer.text}")
            after = await self.chat.press(me, offer, answer)
            if after.form is not None:
                after = await self.chat.fill(me, after, name=me.name, organisation="Northbridge City Council", area=["adults"])
            self.note("takes a colleague's place" if answer.startswith("Take") else "declines a colleague's place", person=who, **told)

        return type_it


def _place_of(db: Db, person_id: int, after: datetime) -> SessionView | None:
    """An open session that can still be handed over, the latest of them: there is time for an answer."""
    mine = (
        select(Session)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .where(
            col(Booking.person_id) == person_id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.privacy) == Privacy.OPEN,
            col(Session.series_id).is_(None),
            col(Session.starts_at) > after,
        )
        .order_by(col(Session.starts_at).desc(), col(Session.id))
    )
    session = db.exec(mine).first()
    return session_view(db, session) if session is not None else None
