"""What an organiser does with a published programme, acted out: something to read, a message, a slip undone, a day of snow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.models import SessionState
from domain.times import clock_words, day_words, to_wall
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene, has
from rehearsal.chat import Seen
from rehearsal.organiser import crosses_change, is_own, published_sessions

SNOW = "Snow has closed the roads."
#: days with open sessions, of which one can be called off
ENOUGH_DAYS = 3


@dataclass
class Running(Scene):
    """The organiser's days. `parts` are the sessions of courses, which are not called off with a day."""

    parts: frozenset[int] = field(default_factory=frozenset)

    def plan(self, sessions: Sequence[SessionView], *, middle: datetime) -> None:
        """Amid the sign-up, all but the snow."""
        self.at(middle + timedelta(minutes=40), self._slips())
        self.at(middle + timedelta(minutes=55), self._gives_to_read())
        self.at(middle + timedelta(hours=3), self._writes())
        self.at(middle + timedelta(hours=4), self._writes_to_who_waits())
        day = self._day_of_snow(sessions)
        if day is not None:
            starts = sorted(s.starts_at for s in sessions if _day(s) == day)
            when = starts[0] - timedelta(hours=2) if len(starts) < 3 else starts[len(starts) // 2] - timedelta(minutes=20)
            self.at(when, self._snow(day, next(s.programme for s in sessions if _day(s) == day)))

    # ── something to read ───────────────────────────────────────────────────────────────────────────────

    def _gives_to_read(self) -> Act:
        """A link and a file; somebody opens them."""

        async def act() -> None:
            session = await self._fullest()
            if session is None:
                return
            link = await self.order(
                "session materials add", session=session.reference, link="https://reading.example/paper", called="A short paper"
            )
            added = await self.order("session materials add", session=session.reference, file=("Plan.pdf", b"%PDF-1.7 the plan"))
            if not (link.text.startswith("### Added") and added.text.startswith("### Added")):
                raise RuntimeError(f"nothing could be added to read: {link.text} {added.text}")
            self.note("adds something to read", session=session.reference)
            self.at(self.now + timedelta(minutes=20), self._reads(session))

        return act

    def _reads(self, session: SessionView) -> Act:
        async def act() -> None:
            for practitioner in self.practitioners:
                if practitioner.actor.by_chat and session.id in practitioner.booked and practitioner.someone is not None:
                    card = await practitioner.open_card(session)
                    if has(card, "Materials"):
                        await self.chat.press(practitioner.someone, card, "Materials")
                        self.note("opens what there is to read", person=practitioner.actor.pseudonym, session=session.reference)
                        return

        return act

    # ── a slip ──────────────────────────────────────────────────────────────────────────────────────────

    def _slips(self) -> Act:
        """A session is moved by mistake, and put back a minute later, before anybody has heard of it."""

        async def act() -> None:
            session = await self._fullest()
            if session is None or to_wall(session.ends_at, session.zone).hour >= 23:
                return
            start, end = (clock_words(to_wall(at + timedelta(minutes=15), session.zone)) for at in (session.starts_at, session.ends_at))
            asked = await self.order("session reschedule", session=session.reference, start=start, end=end)
            done = await self.press(asked, "Move it")
            self.note("moves a session", session=session.reference, outcome="by mistake")
            if has(done, "Undo"):
                self.at(self.now + timedelta(minutes=1), undo(done))

        def undo(done: Seen) -> Act:
            async def act() -> None:
                undone = await self.press(done, "Undo")
                if not undone.text.startswith("### Undone"):
                    raise RuntimeError(f"an edit could not be undone: {undone.text}")
                self.note("undoes it")

            return act

        return act

    # ── messages ────────────────────────────────────────────────────────────────────────────────────────

    def _writes(self) -> Act:
        """To everyone who has a place on the fullest day: seen first, tried, then sent, once."""

        async def act() -> None:
            session = await self._fullest()
            if session is not None:
                day = day_words(_day(session))
                form = await self.order("programme message", programme=session.programme, day=day)
                await self._sends(form, f"Before {day}", "The doors open fifteen minutes early.\n\nPlease bring a pen.")

        return act

    def _writes_to_who_waits(self) -> Act:
        async def act() -> None:
            waited = [s for s in await self._open() if sum(p.waiting for p in s.places)]
            if waited:
                session = max(waited, key=lambda s: (sum(p.waiting for p in s.places), -s.id))
                form = await self.order("session message", session=session.reference, to="waiting")
                await self._sends(form, "You are in line", "Thank you for waiting. Places do come free.")

        return act

    async def _sends(self, form: Seen, subject: str, words: str) -> None:
        shown = await self.chat.fill(self.organiser.someone, form, subject=subject, words=words)
        tried = await self.press(shown, "Send me a trial")
        if has(tried, "Send"):
            await self.press(tried, "Send")
            self.note("writes to those booked", outcome=subject)

    # ── snow ────────────────────────────────────────────────────────────────────────────────────────────

    def _day_of_snow(self, sessions: Sequence[SessionView]) -> date | None:
        """A later day with few open sessions, none of which is needed for something else."""
        kept = {_day(s) for s in sessions if s.id in self.parts or s.private or crosses_change(s) or is_own(s)}
        days = sorted({_day(s) for s in sessions if not s.private})
        free = [day for day in days[1:] if day not in kept]
        if len(days) < ENOUGH_DAYS or not free:
            return None
        return min(free, key=lambda day: (sum(_day(s) == day for s in sessions), -day.toordinal()))

    def _snow(self, day: date, programme: str) -> Act:
        """What is left of the day is cancelled, with one message in the channel."""

        async def act() -> None:
            shown = await self.order("programme cancel", programme=programme, day=day_words(day))
            if not has(shown, "Write the reason and cancel"):
                return
            form = await self.press(shown, "Write the reason and cancel")
            done = await self.chat.fill(self.organiser.someone, form, reason=SNOW)
            self.note("cancels the rest of a day", outcome=done.text.splitlines()[0].strip("# "))
            self.at(self.now + timedelta(minutes=5), self._was_said_once(day))

        return act

    def _was_said_once(self, day: date) -> Act:
        async def act() -> None:
            said = [seen for seen in self.chat.posted() if seen.text.startswith(f"### {day_words(day)}: called off")]
            if len(said) != 1:
                raise RuntimeError(f"the channel says {len(said)} times that {day_words(day)} is cancelled")

        return act

    # ── reads ───────────────────────────────────────────────────────────────────────────────────────────

    async def _open(self) -> list[SessionView]:
        found = await self.stage.store.read(published_sessions)
        soon = self.now + timedelta(hours=30)
        return [s for s in found if s.state is SessionState.PUBLISHED and not s.private and s.starts_at > soon and s.id not in self.parts]

    async def _fullest(self) -> SessionView | None:
        return max(await self._open(), key=lambda s: (sum(p.taken for p in s.places), -s.id), default=None)


def _day(session: SessionView) -> date:
    return to_wall(session.starts_at, session.zone).date()
