"""The beginning of a session, acted out: who came by the web opens the page of their invitation, and half say that they are here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from domain.models import Session, SessionState
from domain.queries import session_view
from domain.views import SessionView
from rehearsal.acting.families import Families
from rehearsal.acting.scene import Act, Scene
from rehearsal.acting.web_family import WebFamily
from rehearsal.web_practitioners import WebPractitioner


@dataclass
class Arrivals(Scene):
    """Those who say so themselves. The organiser may tick them off as well."""

    families: Families = field(kw_only=True)

    async def plan(self, session_id: int) -> None:
        """Two minutes after the start."""
        session = await self._session(session_id)
        self.at(session.starts_at + timedelta(minutes=2), self._arrive(session_id))

    def _arrive(self, session_id: int) -> Act:
        async def act() -> None:
            session = await self._session(session_id)
            if session.starts_at > self.now:  # it has moved
                self.at(session.starts_at + timedelta(minutes=2), self._arrive(session_id))
            elif session.state is SessionState.PUBLISHED:
                for someone in self._who_may_be_there(session):
                    if self.dice.random() < 0.5:
                        await someone.says_that_they_are_here(session)

        return act

    def _who_may_be_there(self, session: SessionView) -> list[WebPractitioner | WebFamily]:
        if session.private:
            return [one for one in self.families.members if isinstance(one, WebFamily) and session.id in {want.id for want in one.wants}]
        return [one for one in self.practitioners if isinstance(one, WebPractitioner) and session.id in one.booked]

    async def _session(self, session_id: int) -> SessionView:
        return await self.stage.store.read(lambda db: session_view(db, db.get_one(Session, session_id)))
