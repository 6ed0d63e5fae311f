"""Courses in parts, acted out: a run is booked, waited for and given back as one; a day is replaced; a part is missed and made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Provider
from domain.models import BookingState, Person, Series, SeriesBooking, Session, SessionState
from domain.queries import session_view
from domain.series.booking import book_series
from domain.times import clock_words, to_wall
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene, has
from rehearsal.organiser import OWN
from rehearsal.practitioners import Practitioner
from rehearsal.web_practitioners import WebPractitioner

#: of those who sign up, how many of ten take a course: where there is little else, and in a week of other things
MOST_TAKE, SOME_TAKE = 8, 3
HELD = {Format.IN_PERSON: "In person", Format.HYBRID: "Hybrid"}


@dataclass
class Course:
    """One run of a course: its parts in order, and who is to miss which of them."""

    id: int
    title: str
    course: str
    parts: list[SessionView]
    second_run: list[SessionView] = field(default_factory=list)
    misser: Practitioner | None = None


@dataclass
class Courses(Scene):
    """The courses of a rehearsal."""

    runs: list[Course] = field(default_factory=list)

    async def find(self) -> None:
        """The series that the files have."""
        self.runs = await self.stage.store.read(_courses)

    @property
    def sessions(self) -> frozenset[int]:
        """The sessions that are booked with others only."""
        return frozenset(part.id for run in self.runs for part in (*run.parts, *run.second_run))

    def plan(self, sessions: int, *, middle: datetime) -> None:
        """From an hour after publication; `sessions` are all there are, `middle` is amid the sign-up."""
        share = MOST_TAKE if 2 * len(self.sessions) >= sessions else SOME_TAKE
        self._takers = {p.actor.number for p in self.practitioners if self.dice.randrange(10) < share}
        for number, run in enumerate(self.runs):
            self.at(self.now + timedelta(minutes=60 + 10 * number), self._gets_ready(run))
            self.at(middle + timedelta(minutes=45 + number), self._leaves(run))
            self.at(run.parts[0].ends_at + timedelta(hours=1), self._makes_up(run))
            if len(run.parts) > 1:
                self.at(run.parts[0].ends_at + timedelta(hours=20), self._replaces(run))
            self.at(max(part.ends_at for part in run.parts) + timedelta(days=1), self._certificates(run))

    # ── the organiser ───────────────────────────────────────────────────────────────────────────────────

    def _gets_ready(self, run: Course) -> Act:
        """Fewer places on one part than people will ask for; and a second run, where the course has none."""

        async def act() -> None:
            part = run.parts[len(run.parts) // 2]
            places, few = part.places[0].places, max(len(self._takers) * 6 // 10, 2)
            if places is None or places > few:
                where = {"where": part.places[0].mode.value} if len(part.places) > 1 else {}
                await self.order("session places", session=part.reference, places=str(few), **where)
                self.note("sets the places", session=part.reference, outcome=str(few))
            if sum(other.course == run.course for other in self.runs) == 1:
                await self._second_run(run)

        return act

    async def _second_run(self, run: Course) -> None:
        title = f"{OWN}{run.course}, second run"[:200]
        await self.order("series new", title=title, course=run.course)
        self.note("makes another run of a course", outcome=title)
        for number, part in enumerate(run.parts, 1):
            name = f"{OWN}second run, part {number}"
            added = await self._like(part, name, later=timedelta(days=7))
            done = await self.order("series add", series=title, session=added.reference)
            if "is part" not in done.text:
                raise RuntimeError(f"{name} could not be put in its series: {done.text}")
            run.second_run.append(added)
            await self.watch(added.id)

    async def _like(self, part: SessionView, title: str, *, later: timedelta) -> SessionView:
        """The same, on another day at the same hours."""
        start, end = to_wall(part.starts_at, part.zone), to_wall(part.ends_at, part.zone)
        day, places = start + later, part.places[0].places
        held = {Provider.ZOOM: "Zoom"}.get(part.provider, "Teams") if part.provider else "Teams"
        room = {"venue": part.venue or "Room 3, the town hall"} if part.format is not Format.ONLINE else {}
        session_id = await self.organiser.add_session(
            title,
            part.programme,
            day.date(),
            clock_words(start),
            clock_words(end),
            held=HELD.get(part.format, held),
            places="no limit" if places is None else str(places),
            **room,
        )
        return await self.stage.store.read(lambda db: session_view(db, db.get_one(Session, session_id)))

    def _replaces(self, run: Course) -> Act:
        """A day is cancelled, and another stands for it: nobody loses the course by that."""

        async def act() -> None:
            gone = run.parts[1]
            if not await self.stage.store.read(_still_to_come, gone.id, self.now):
                return
            rest = [part.starts_at for part in run.parts[2:]]
            room = (min(rest) - gone.starts_at) / 2 if rest else timedelta(days=7)
            later = (
                timedelta(days=min(room.days, 7)) if room.days else max(p.starts_at for p in run.parts) - gone.starts_at + timedelta(days=1)
            )
            await self.organiser.cancel(gone)
            again = await self._like(gone, f"{OWN}{gone.title}, another day"[:200], later=timedelta(days=max(later.days, 1)))
            done = await self.order("series replace", cancelled=gone.reference, session=again.reference)
            if "stands for the cancelled one" not in done.text:
                raise RuntimeError(f"{gone.reference} could not be replaced: {done.text}")
            self.note("replaces a cancelled day", session=again.reference)
            await self.watch(again.id)
            self.at(again.ends_at + timedelta(days=1), self._certificates(run))

        return act

    # ── who takes a course ──────────────────────────────────────────────────────────────────────────────

    async def take(self, practitioner: Practitioner) -> None:
        """Ask for a place on all parts of each course, for those who take one."""
        for run in self.runs if practitioner.actor.number in self._takers else ():
            if await self.stage.store.read(_still_to_come, run.parts[-1].id, self.now):
                await self._book(practitioner, run)

    async def _book(self, practitioner: Practitioner, run: Course) -> None:
        me = practitioner.someone
        if practitioner.actor.by_chat and me is not None:
            shown = await self.chat.command(me, "series browse", series=str(run.id))
            for label in ("Book all parts", "Join the waiting list", "Book in the room", "Book all anyway"):
                shown = await self.chat.press(me, shown, label) if has(shown, label) else shown
        elif isinstance(practitioner, WebPractitioner):
            await practitioner.book_series(run.id)
        else:
            await self.write(book_series, run.id, practitioner.person_id, self.stage.rules, accept_clash=True, mode=practitioner.way)
        state = await self.stage.store.read(_state, run.id, practitioner.person_id)
        words = {BookingState.WAITLISTED: "waits", BookingState.CONFIRMED: "booked", BookingState.HELD: "is held"}
        self.note("asks for a course", person=practitioner.actor.pseudonym, outcome=words.get(state, "none left") if state else "none left")

    def _leaves(self, run: Course) -> Act:
        """Somebody gives the whole of it back: the first in line has it, as one."""

        async def act() -> None:
            for practitioner in await self._in_chat(run):
                assert practitioner.someone is not None
                shown = await self.chat.command(practitioner.someone, "series browse", series=str(run.id))
                if has(shown, "Cancel all parts"):
                    await self.chat.press(practitioner.someone, shown, "Cancel all parts")
                    self.note("gives a course back", person=practitioner.actor.pseudonym, outcome=run.title)
                    return

        return act

    async def _in_chat(self, run: Course) -> list[Practitioner]:
        """Who acts in the chat and has this course."""
        theirs = await self.stage.store.read(_confirmed, run.id)
        return [p for p in self.practitioners if p.actor.by_chat and p.person_id in theirs and p.someone is not None]

    # ── who was there ───────────────────────────────────────────────────────────────────────────────────

    async def absent(self, session_id: int, confirmed: Sequence[int]) -> list[int]:
        """Who misses a part: one of the chat the first, who makes it up; one more the last, who does not."""
        for run in self.runs:
            if session_id == run.parts[0].id:
                here = [p for p in await self._in_chat(run) if p.person_id in confirmed]
                run.misser = here[0] if here else None
                return [run.misser.person_id or 0] if run.misser else []
            if session_id == run.parts[-1].id and len(confirmed) > 2:
                return [next(p for p in reversed(confirmed) if run.misser is None or p != run.misser.person_id)]
        return []

    def _makes_up(self, run: Course) -> Act:
        """Whoever missed the first part books it alone in another run."""

        async def act() -> None:
            others = [other for other in self.runs if other.course == run.course and other.id != run.id]
            part = (run.second_run or [part for other in others for part in other.parts[:1]])[:1]
            who = run.misser
            if who is None or who.someone is None or not part or part[0].starts_at <= self.now:
                return
            booked = await self.chat.command(who.someone, "book", session=part[0].reference)
            if has(booked, "Book anyway"):
                booked = await self.chat.press(who.someone, booked, "Book anyway")
            if "You are booked" not in booked.text:
                raise RuntimeError(f"{who.actor.pseudonym} could not make up what they missed: {booked.text}")
            self.note("makes up a missed part", person=who.actor.pseudonym, session=part[0].reference)

        return act

    def _certificates(self, run: Course) -> Act:
        """A few fetch their certificate in the chat; the organiser looks at who has done what."""

        async def act() -> None:
            await self.order("series show", series=str(run.id))
            for practitioner in (await self._in_chat(run))[:3]:
                assert practitioner.someone is not None
                shown = await self.chat.command(practitioner.someone, "my certificate")
                course = next((value for menu in shown.menus for value, _, _ in menu.options if value.startswith("series:")), None)
                if course is not None:
                    got = await self.chat.choose(practitioner.someone, shown, course)
                    if not any(content.startswith(b"%PDF") for _, content in got.files):
                        raise RuntimeError(f"{practitioner.actor.pseudonym} was given no certificate: {got.text}")
                    self.note("fetches the certificate", person=practitioner.actor.pseudonym, outcome=run.title)

        return act


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def _courses(db: Db) -> list[Course]:
    found = []
    for series in db.exec(select(Series).order_by(col(Series.id))).all():
        parts = select(Session).where(col(Session.series_id) == series.id, col(Session.state) == SessionState.PUBLISHED)
        views = [session_view(db, part) for part in db.exec(parts.order_by(col(Session.starts_at), col(Session.id))).all()]
        if views and not any(view.private for view in views):
            found.append(Course(series.id or 0, series.title, series.course, views))
    return found


def _still_to_come(db: Db, session_id: int, now: datetime) -> bool:
    session = db.get_one(Session, session_id)
    return session.state is SessionState.PUBLISHED and session.starts_at > now


def _state(db: Db, series_id: int, person_id: int | None) -> BookingState | None:
    mine = select(SeriesBooking.state).where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.person_id) == person_id)
    state = db.exec(mine).first()
    return BookingState(state) if state is not None else None


def _confirmed(db: Db, series_id: int) -> frozenset[int]:
    theirs = select(Person.id).join(SeriesBooking, col(SeriesBooking.person_id) == col(Person.id))
    held = theirs.where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.state) == BookingState.CONFIRMED)
    return frozenset(number for number in db.exec(held) if number is not None)
