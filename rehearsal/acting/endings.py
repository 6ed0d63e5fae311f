"""The end of a session, acted out: the organiser ticks off who came, and those who were there say how it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.attendance import mark_all_but
from domain.database import Db
from domain.feedback.asking import was_there
from domain.models import Booking, BookingState, Person, Session, SessionState
from domain.queries import session_view
from rehearsal.acting.courses import Courses
from rehearsal.acting.desk import Desk
from rehearsal.acting.families import Families
from rehearsal.acting.scene import Act, Scene
from rehearsal.timeline import moment


@dataclass
class Endings(Scene):
    """What happens at the end of every session. A course says itself who misses which part."""

    courses: Courses = field(kw_only=True)
    families: Families = field(kw_only=True)
    desk: Desk = field(kw_only=True)

    async def plan(self, session_id: int) -> datetime:
        """Half a minute before the end, and two hours after it; the end (UTC)."""
        session, _ = await self._confirmed(session_id)
        self.at(session.ends_at - timedelta(seconds=30), self._attend(session_id))
        self.at(session.ends_at + timedelta(hours=2), self._answer(session_id))
        return session.ends_at

    def _attend(self, session_id: int) -> Act:
        """The organiser ticks off who came: a few did not."""

        async def act() -> None:
            session, confirmed = await self._confirmed(session_id)
            if session.state is not SessionState.PUBLISHED or session.ends_at - self.now > timedelta(minutes=1):
                if session.state is SessionState.PUBLISHED:  # it has moved: tick off at its new end
                    self.at(session.ends_at - timedelta(seconds=30), self._attend(session_id))
                return
            of_course = session.series_id is not None
            absent = [person_id for person_id in confirmed if self.dice.random() < 0.12]
            if of_course:
                absent = await self.courses.absent(session_id, confirmed)
            if confirmed and (self.dice.random() < 0.8 or of_course):  # for some sessions nobody ticks off
                came = f"{len(confirmed) - len(absent)} of {len(confirmed)} came"
                if await self.desk.ticks_off(session, confirmed, absent):
                    self.note("attendance", session=session.reference, outcome=came, channel="web")
                    return
                await self.write(mark_all_but, session_id, absent, actor="rehearsal")
                self.acts.append(moment(self.now, "attendance", order=len(self.acts), session=session.reference, outcome=came))

        return act

    def _answer(self, session_id: int) -> Act:
        """Two hours after the end, half of those who were there answer."""

        async def act() -> None:
            session, present = await self._confirmed(session_id, attended=True)
            if session.state is not SessionState.PUBLISHED:
                return
            by_id = {p.person_id: p for p in self.practitioners}
            view = await self.stage.store.read(lambda db: session_view(db, db.get_one(Session, session_id)))
            await self.families.answer(view)
            for person_id in present:
                practitioner = by_id.get(person_id)
                if practitioner is not None and self.dice.random() < 0.5:
                    await practitioner.give_feedback(view)

        return act

    async def _confirmed(self, session_id: int, *, attended: bool = False) -> tuple[Session, list[int]]:
        return await self.stage.store.read(_with_a_place, session_id, attended)


def _with_a_place(db: Db, session_id: int, attended: bool) -> tuple[Session, list[int]]:
    """A session and who has a place, or was there, in the order in which they asked."""
    rows = (
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED)
        .order_by(col(Booking.queue_number))
    )
    session = db.get_one(Session, session_id)
    db.expunge(session)
    return session, [person.id or 0 for booking, person in db.exec(rows).all() if not attended or was_there(booking)]
