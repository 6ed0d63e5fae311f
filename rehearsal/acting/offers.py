"""Offers, acted out: who waits books something else at that time, and is asked first when a place comes free; one says yes, one no."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.bookings import book
from domain.capacity import WAITS
from domain.database import Db
from domain.fitting import having_places
from domain.models import Booking, BookingState, Hold, Person, Session, SessionState
from domain.places import modes_of, overlaps
from domain.queries import session_view
from domain.times import clock_words, to_wall
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene, has
from rehearsal.organiser import OWN, published_sessions
from rehearsal.practitioners import Practitioner
from rehearsal.seen import Seen
from rehearsal.taken import Answer, Taken
from rehearsal.visitor import Visitor

#: how long before the session a room grows, at the least: an offer stands for half a day, and not in the last hours
AHEAD = timedelta(hours=48)
TAKE, LEAVE, BOTH = "Take the place", "No, thank you", "Book anyway"


@dataclass(frozen=True)
class _Line:
    """A full session, one who waits for it, and the number that they have in its line."""

    session: SessionView
    who: Practitioner
    number: int


@dataclass
class Offers(Scene):
    """Two of them. `but` are the sessions of courses, which are waited for as a whole."""

    taken: Taken = field(kw_only=True)
    but: frozenset[int] = field(kw_only=True)
    _asked: set[int] = field(default_factory=set)

    def plan(self, *, middle: datetime) -> None:
        """Amid the sign-up, an hour apart."""
        self.at(middle + timedelta(minutes=110), self._comes_free(yes=True))
        self.at(middle + timedelta(minutes=170), self._comes_free(yes=False))

    def _comes_free(self, *, yes: bool) -> Act:
        """A larger room is found, for as many as stand before them and for them."""

        async def act() -> None:
            line = await self._find()
            if line is None:
                return
            self._asked.add(line.who.person_id or 0)
            await self._books_anyway(line.who, await self._at_that_time(line))
            await self.organiser.raise_places(line.session, by=line.number)
            self.at(self.now + timedelta(minutes=15), self._answers(line.session, line.who, yes=yes))

        return act

    async def _at_that_time(self, line: _Line) -> SessionView:
        """Another session at that time which they have not booked; where there is none, the organiser adds one."""
        session, mine = line.session, line.who.booked | line.who.waiting
        there = await self._open()
        for other in there:
            if other.id not in mine | {session.id} and _at_once(session, other) and await self.stage.store.read(_has_room, other):
                return other
        start, end = to_wall(session.starts_at, session.zone), to_wall(session.ends_at, session.zone)
        hours, how = (clock_words(start), clock_words(end)), {"held": "Teams", "places": "30"}
        title = f"{OWN}at the same time as a full one, {len(self._asked)}"
        added = await self.organiser.add_session(title, session.programme, start.date(), *hours, **how)
        await self.watch(added)
        return await self.stage.store.read(lambda db: session_view(db, db.get_one(Session, added)))

    async def _books_anyway(self, who: Practitioner, session: SessionView) -> None:
        """A place at the same time as what they wait for: there is no clash yet."""
        mode = None if len(modes_of(session.format)) == 1 else who.way
        await self.write(book, session.id, who.person_id, self.stage.rules, mode=mode, accept_clash=True)
        who.booked.add(session.id)
        self.note("books at the same time", person=who.actor.pseudonym, session=session.reference, channel="")

    def _answers(self, session: SessionView, who: Practitioner, *, yes: bool) -> Act:
        async def act() -> None:
            if not await self.stage.store.read(_is_offered, session.id, who.person_id):
                raise RuntimeError(f"{who.actor.pseudonym} was not asked first about {session.reference}")
            channel = await self._by_chat(who, session, yes=yes) or await self._by_page(who, session, yes=yes)
            self.taken.answers.append(Answer(who.person_id or 0, session.id, self.now, yes))
            (who.booked.add if yes else who.waiting.discard)(session.id)
            what = "takes an offered place" if yes else "declines an offered place"
            self.note(what, person=who.actor.pseudonym, session=session.reference, channel=channel)

        return act

    async def _by_chat(self, who: Practitioner, session: SessionView, *, yes: bool) -> str:
        """By the button of the direct message; empty: none came."""
        assert who.someone is not None
        asked = [seen for seen in self.chat.direct(who.someone) if has(seen, TAKE) and _is_about(seen, session)]
        if asked:
            came = await self.chat.press(who.someone, asked[-1], TAKE if yes else LEAVE)
            if has(came, BOTH):  # they have booked something else at that time since
                await self.chat.press(who.someone, came, BOTH)
        return "chat" if asked else ""

    async def _by_page(self, who: Practitioner, session: SessionView, *, yes: bool) -> str:
        """By one's own page, to which the mail leads."""
        visitor = Visitor(self.stage, who.actor.details.email)
        page = await visitor.open_own_page()
        if yes:
            button = next(label for form in page.forms for label in form.labels if session.title in label and label.startswith("Yes"))
            await visitor.browser.press(page, f"^{re.escape(button)}$")
        elif not await visitor.give_back(session.id):
            raise RuntimeError(f"{who.actor.pseudonym} could not say no to an offered place: {page.words}")
        return "web"

    # ── who and what ────────────────────────────────────────────────────────────────────────────────────

    async def _find(self) -> _Line | None:
        """In the line for a full session, the first of ours who is to be asked where there is a clash."""
        ours = {p.person_id: p for p in self.practitioners if p.proven and p.someone is not None and p.person_id not in self._asked}
        for session in await self._open():
            line = await self.stage.store.read(_line_of, session.id) if len(session.places) == 1 else []
            for number, (person_id, accepted) in enumerate(line, 1):
                if person_id in ours and not accepted:
                    return _Line(session, ours[person_id], number)
        return None

    async def _open(self) -> list[SessionView]:
        there, after = await self.stage.store.read(published_sessions), self.now + AHEAD
        return [s for s in there if _is_open(s, after) and s.id not in self.but]


def _is_open(session: SessionView, after: datetime) -> bool:
    return session.state is SessionState.PUBLISHED and not session.private and session.starts_at > after


def _has_room(db: Db, session: SessionView) -> bool:
    """Also with those places that nobody sees as taken."""
    having = having_places(db, session.id)
    return all(one.places is None or having.get(one.mode, 0) < one.places for one in session.places)


def _at_once(one: SessionView, other: SessionView) -> bool:
    return overlaps((one.starts_at, one.ends_at), (other.starts_at, other.ends_at), timedelta())


def _is_about(seen: Seen, session: SessionView) -> bool:
    return any((button.custom_id or "").endswith(f":{session.id}") for button in seen.buttons)


def _line_of(db: Db, session_id: int) -> list[tuple[int, bool]]:
    """Who waits and may have a place, the first first; and whether they have said already that a clash does not matter."""
    waiting = (
        select(Booking)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, WAITS, col(Person.proven_at).is_not(None))
    )
    return [(one.person_id, one.clash_accepted) for one in db.exec(waiting.order_by(col(Booking.queue_number)))]


def _is_offered(db: Db, session_id: int, person_id: int | None) -> bool:
    mine = select(Booking).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person_id)
    return any(one.state is BookingState.HELD and one.hold is Hold.OFFER for one in db.exec(mine))
