"""Private sessions, acted out: codes are given out, families open them in direct messages, book, say what they need, withdraw.

Everything that a family does here is done in direct messages, by the buttons and forms that they would press themselves.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, BookingState, Person, Session, SessionState
from domain.views import SessionView
from rehearsal.acting.scene import Act, Scene, details_given, has, id_that_starts
from rehearsal.chat import Seen, Someone
from rehearsal.people import Relative, relatives

_DIGITS = re.compile(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)")
#: what they say that they need: words that stand nowhere else, so that they are found if they travel
NEEDS = (
    ("childcare", "Somebody to mind Pip, aged three"),
    ("interpreter", "An interpreter who speaks Tigrinya"),
    ("access", "A chair near the door, my knee is slow"),
    ("travel", "Two bus fares from Harrow Lane"),
    ("supporter", "My neighbour Winnie comes along"),
    ("dietary", "Nothing with sesame in it"),
)
GUESSES = ("AAAAA-AAAAA-AAAAA", "CDEFH-JKMNP-QRTUW", "PARENTS", "34679-34679-34679")
MOST, FEWEST, NO_LIMIT = 16, 5, 8


@dataclass
class Family:
    """Somebody of a family as they act: where they have a place, and where they wait."""

    actor: Relative
    code: str
    someone: Someone
    wants: list[SessionView]
    known: bool = False
    told: list[str] = field(default_factory=list)  #: what they said that they need

    @property
    def who(self) -> str:
        """How the timeline calls them."""
        return self.actor.pseudonym


@dataclass
class Families(Scene):
    """The families of a rehearsal, and the organiser's part in it."""

    members: list[Family] = field(default_factory=list)

    def plan(self, sessions: Sequence[SessionView], *, last: datetime) -> None:
        """From an hour after publication until `last`, two days before the first session."""
        private = [s for s in sessions if s.private]
        for number, programme in enumerate(dict.fromkeys(s.programme for s in private)):
            theirs = [s for s in private if s.programme == programme]
            self.at(self.now + timedelta(minutes=60 + 90 * number), self._opens(programme, theirs, last))

    # ── the organiser ───────────────────────────────────────────────────────────────────────────────────

    def _opens(self, programme: str, sessions: Sequence[SessionView], last: datetime) -> Act:
        """Codes: one for a group, one each for two people, one that is taken back; and room for fewer than will come."""

        async def act() -> None:
            await self.order("programme contact", programme=programme, contact="Jo Field, 0121 496 0000")
            group = await self._code(programme, anyone=True, note="Group")
            single = [await self._code(programme, note=f"For one person, {number}") for number in (1, 2)]
            spare = await self._code(programme, note="Spare")
            await self._takes_back(programme, spare)
            smallest = min(sessions, key=lambda s: (s.places[0].places is None, s.places[0].places or 0, s.id))
            count = min(max((smallest.places[0].places or NO_LIMIT) + 3, FEWEST), MOST)
            await self._makes_room(smallest, count - 3)
            people = relatives(count, self.dice, after=len(self.members))
            self._come(people, [*single, *[group] * count], smallest, sessions)
            self.at(self.now + timedelta(minutes=5), self._stranger(programme, (*GUESSES, spare), single[0]))
            self._look_later(sessions, last)

        return act

    async def _code(self, programme: str, **options: object) -> str:
        made = await self.order("invitation new", programme=programme, **options)
        self.note("makes an invitation code", outcome="for a group" if "anyone" in options else "for one person")
        return made.text.splitlines()[0].removeprefix("## ")

    async def _takes_back(self, programme: str, code: str) -> None:
        offered = await self.chat.suggestions(self.organiser.someone, "invitation revoke", "code", code[:3], programme=programme)
        found = next(value for name, value in offered if name.startswith(code[:3]))
        await self.order("invitation revoke", programme=programme, code=found)
        self.note("takes an invitation code back")

    async def _makes_room(self, session: SessionView, places: int) -> None:
        """Few enough places for somebody to have to wait."""
        there = session.places[0].places
        if there is None or there > places:
            where = {"where": session.places[0].mode.value} if len(session.places) > 1 else {}
            await self.order("session places", session=session.reference, places=str(places), **where)
            self.note("sets the places", session=session.reference, outcome=str(places))

    def _look_later(self, sessions: Sequence[SessionView], last: datetime) -> None:
        for number, session in enumerate(sessions):
            self.at(last + timedelta(minutes=20 * number), self._sees(session))

    def _sees(self, session: SessionView) -> Act:
        """Who comes, and what they need; half of it is seen to."""

        async def act() -> None:
            if not await self._is_on(session):
                return
            await self.order("session bookings", session=session.reference)
            self.note("looks at who comes", session=session.reference)
            listed = await self.order("session needs", session=session.reference)
            for menu in listed.menus:
                values = [value for value, _, _ in menu.options][: max(len(menu.options) // 2, 1)]
                await self.chat.choose(self.organiser.someone, listed, *values, menu=menu.custom_id)
                self.note("sees to needs", session=session.reference, outcome=str(len(values)))

        return act

    # ── families ────────────────────────────────────────────────────────────────────────────────────────

    def _come(self, people: Sequence[Relative], codes: Sequence[str], smallest: SessionView, sessions: Sequence[SessionView]) -> None:
        """One after another, all to the smallest session and some to another one too; then two withdraw."""
        others = [s for s in sessions if s.id != smallest.id]
        here = []
        for number, (actor, code) in enumerate(zip(people, codes, strict=False)):
            wants = [smallest, *([self.dice.choice(others)] if others and self.dice.random() < 0.6 else [])]
            member = Family(actor, code, self.chat.join(actor.account, discord_id=actor.discord_id), wants)
            here.append(member)
            self.at(self.now + timedelta(minutes=10 + 4 * number), self._books(member))
        self.members += here
        after = self.now + timedelta(minutes=30 + 4 * len(here))
        self.at(after, self._withdraws(here[0], smallest))
        self.at(after + timedelta(minutes=3), self._withdraws(here[1], smallest))

    def _books(self, member: Family) -> Act:
        """Open the code, read what happens next, and book; somebody new proves their address when its code has come."""

        async def act() -> None:
            shown = await self._open(member)
            await self._ask(member, shown, member.wants[0])
            if member.known:
                return
            member.known = True
            waits = self.when_mail_is_there(member.actor.address, _DIGITS, self._proof_of(member))
            self.at(self.now + timedelta(minutes=1), waits)

        return act

    async def _open(self, member: Family) -> Seen:
        if member.actor.number % 2:
            shown = await self.chat.command(member.someone, "invited", code=member.code, direct=True)
        else:
            form = await self.chat.command(member.someone, "invited", direct=True)
            shown = await self.chat.fill(member.someone, form, code=member.code.lower())
        self.note("opens an invitation", person=member.who)
        return shown

    async def _ask(self, member: Family, shown: Seen, session: SessionView) -> None:
        me = member.someone
        card = await self.chat.choose(me, shown, str(session.id))
        wanted = id_that_starts(card, f"pw:book:{session.id}:")
        if wanted is None:  # it has been cancelled, or there is no line any more
            return
        before = await self.chat.press(me, card, custom_id=wanted)
        if any(f"{number}. **" not in before.text for number in range(1, 6)):
            raise RuntimeError(f"{member.who} was not told the five things before they booked: {before.text}")
        form = await self.chat.press(me, before, "Go on")
        if has(form, "Book anyway"):
            form = await self.chat.press(me, form, "Book anyway")
        await details_given(self.chat, me, form, {"name": member.actor.alias, "email": member.actor.address})
        state = await self.stage.store.read(_state, member.actor.discord_id, session.id)
        words = {BookingState.WAITLISTED: "waits", BookingState.HELD: "is held", BookingState.CONFIRMED: "booked"}
        outcome = words.get(state, "none left") if state else "none left"
        self.note("asks for a private place", person=member.who, session=session.reference, outcome=outcome)

    def _proof_of(self, member: Family) -> Callable[[str], Awaitable[None]]:
        async def prove(digits: str) -> None:
            mine = await self.chat.command(member.someone, "my details", direct=True)
            form = await self.chat.press(member.someone, mine, custom_id="pw:code")
            await self.chat.fill(member.someone, form, code=digits)
            self.note("proves the address", person=member.who)
            for session in member.wants[1:]:
                await self._ask(member, await self.chat.command(member.someone, "invited", direct=True), session)
            if member.actor.number % 4:
                await self._tells_needs(member, member.wants[0])

        return prove

    async def _tells_needs(self, member: Family, session: SessionView) -> None:
        """One thing that they need, for who has a place; one of them takes it back again."""
        card = await self._my_card(member, session)
        if card is None or not has(card, "Tell us what you need"):
            return
        shown = await self.chat.press(member.someone, card, "Tell us what you need")
        question, words = NEEDS[member.actor.number % len(NEEDS)]
        words = f"{words}, for {member.actor.alias}"  # nobody else says just that
        form = await self.chat.choose(member.someone, shown, question)
        told = await self.chat.fill(member.someone, form, **{question: words})
        member.told.append(words)
        self.note("says what they need", person=member.who, session=session.reference)
        if member.actor.number % 7 == 0:
            await self.chat.press(member.someone, told, "Take it all back")
            self.note("takes back what they need", person=member.who, session=session.reference)

    def _withdraws(self, member: Family, session: SessionView) -> Act:
        async def act() -> None:
            card = await self._my_card(member, session)
            if card is not None and has(card, "Cancel my place"):
                await self.chat.press(member.someone, card, "Cancel my place")
                self.note("withdraws", person=member.who, session=session.reference)

        return act

    async def _my_card(self, member: Family, session: SessionView) -> Seen | None:
        mine = await self.chat.command(member.someone, "my bookings", direct=True)
        offered = {value: menu.custom_id for menu in mine.menus for value, _, _ in menu.options}
        menu = offered.get(str(session.id))
        return await self.chat.choose(member.someone, mine, str(session.id), menu=menu) if menu else None

    async def answer(self, session: SessionView) -> None:
        """After a session a few of them press a number of stars, where they were asked."""
        for member in self.members if session.private else ():
            wanted = f"pw:rate:{session.id}:"
            asked = [seen for seen in self.chat.direct(member.someone) if id_that_starts(seen, wanted)]
            if asked and self.dice.random() < 0.6:
                await self.chat.press(member.someone, asked[-1], custom_id=f"{wanted}{self.dice.choice((4, 5))}")
                self.note("gives feedback", person=member.who, session=session.reference)

    # ── a stranger ──────────────────────────────────────────────────────────────────────────────────────

    def _stranger(self, programme: str, guesses: Sequence[str], used: str) -> Act:
        """Somebody tries codes that open nothing: guesses, one that was taken back, and later one that has been used."""
        stranger = self.chat.join(f"Curious {len(self.members)}", discord_id=9_600_000_000_000_000 + len(self.members))

        async def act() -> None:
            for guess in guesses:
                await self._is_refused(stranger, guess)
            self.note("guesses at codes", person="stranger 01", outcome="refused")
            self.at(self.now + timedelta(hours=2), later)

        async def later() -> None:
            await self._is_refused(stranger, used)
            self.note("tries a code that was used", person="stranger 01", outcome="refused")

        return act

    async def _is_refused(self, stranger: Someone, code: str) -> None:
        seen = await self.chat.command(stranger, "invited", code=code, direct=True)
        if seen.menus:
            raise RuntimeError("a stranger was let in by a code that should open nothing")

    # ── reads ───────────────────────────────────────────────────────────────────────────────────────────

    async def _is_on(self, session: SessionView) -> bool:
        return await self.stage.store.read(_is_on, session.id)


def _state(db: Db, discord_id: int, session_id: int) -> BookingState | None:
    mine = (
        select(Booking.state)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Person.discord_id) == discord_id, col(Booking.session_id) == session_id)
    )
    state = db.exec(mine).first()
    return BookingState(state) if state is not None else None


def _is_on(db: Db, session_id: int) -> bool:
    return db.get_one(Session, session_id).state is SessionState.PUBLISHED
