"""What practitioners do in a rehearsal: sign up, prove their address, book, wait, cancel, book again, answer feedback.

The first of them act in the chat, by button, menu and command; the others through the same use cases, so that
thousands can take part. Either way the six digits are read from the mail that arrived.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from domain.bookings import Booked, Came, book, cancel
from domain.database import Db
from domain.feedback.asking import complete, give_rating
from domain.kinds import Mode
from domain.models import Booking, BookingState
from domain.people import choose_reminders, find, register
from domain.places import ACTIVE, modes_of
from domain.proofs import Proven, prove
from domain.views import SessionView
from rehearsal.chat import Seen, Someone
from rehearsal.people import Actor
from rehearsal.stage import Stage
from rehearsal.timeline import Moment, moment

_DIGITS = re.compile(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)")
_LEARNT = ("I will ask one more question.", "I will write it down the same day.", "I will bring it to supervision.", "I will call sooner.")
_BETTER = ("More time for questions.", "Shorter, with a break.", "Send the slides first.", "Nothing: it was good.")


@dataclass
class Practitioner:
    """A made-up person and how they act. `acts` collects what they did for the timeline."""

    actor: Actor
    stage: Stage
    dice: random.Random
    acts: list[Moment]
    someone: Someone | None = None
    person_id: int | None = None
    proven: bool = False
    booked: set[int] = field(default_factory=set)  # sessions with a place, held or confirmed
    waiting: set[int] = field(default_factory=set)

    # ── signing up ──────────────────────────────────────────────────────────────────────────────────────

    async def arrive(self) -> None:
        """Come into the server; some refuse direct messages."""
        self.someone = self.stage.chat.join(self.actor.details.name, discord_id=self.actor.discord_id)
        if self.actor.closed:
            self.stage.chat.close_messages(self.someone)

    async def sign_up(self, first: SessionView) -> None:
        """Book a first session, and give one's details on the way."""
        if self.actor.by_chat:
            await self._sign_up_in_chat(first)
        else:
            await self._write(register, self.actor.discord_id, self.actor.details, self.stage.rules)
        person = await self.stage.store.read(find, self.stage.partnership_id, self.actor.discord_id)
        assert person is not None, f"{self.actor.pseudonym} signed up and is not known"
        self.person_id = person.id
        self._note("signs up", first)
        if self.actor.by_chat:
            await self._note_place(first)
        else:
            await self._book_by_use_case(first)

    async def _sign_up_in_chat(self, first: SessionView) -> None:
        form = await self._ask_in_chat(first)
        details = self.actor.details
        await self.stage.chat.fill(
            self._me,
            form,
            name=details.name,
            email=details.email,
            organisation=details.organisation,
            area=[details.service_area.value],
        )

    async def _ask_in_chat(self, session: SessionView) -> Seen:
        """Ask for a place by command, or by the menu of the day's message and the button of the card."""
        if self.actor.number % 3 == 0:
            words: dict[str, Any] = {"session": session.reference}
            if len(session.places) > 1:
                words["how"] = Mode.ONLINE.value
            return await self.stage.chat.command(self._me, "book", **words)
        card = await self.open_card(session)
        wanted = next(b.custom_id for b in card.buttons if b.custom_id and b.custom_id.startswith(f"pw:book:{session.id}:"))
        return await self.stage.chat.press(self._me, card, custom_id=wanted)

    async def open_card(self, session: SessionView) -> Seen:
        """A session's card, from the menu of its day."""
        for posted in self.stage.chat.posted():
            for menu in posted.menus:
                if any(value == str(session.id) for value, _, _ in menu.options):
                    return await self.stage.chat.choose(self._me, posted, str(session.id), menu=menu.custom_id)
        raise LookupError(f"session {session.reference} is on no posted day")

    async def prove(self) -> None:
        """Type the digits that came by mail. Once, some mistype them first."""
        digits = self._digits()
        assert digits is not None, f"{self.actor.pseudonym} has no mail with a code"
        if self.actor.by_chat:
            mine = await self.stage.chat.command(self._me, "my details")
            form = await self.stage.chat.press(self._me, mine, custom_id="pw:code")
            await self.stage.chat.fill(self._me, form, code=digits)
        else:
            if self.actor.number % 10 == 0:
                await self._write(prove, self.actor.discord_id, f"{(int(digits) + 1) % 1_000_000:06d}", self.stage.rules)
            outcome = await self._write(prove, self.actor.discord_id, digits, self.stage.rules)
            assert isinstance(outcome, Proven), f"{self.actor.pseudonym}: {outcome}"
        self.proven = True
        if self.actor.reminders_by_email:
            by_chat = self.actor.number % 2 == 0
            await self._write(choose_reminders, self.actor.discord_id, by_chat=by_chat, by_email=True)
        self._note("proves the address")

    @property
    def way(self) -> Mode:
        """How this person takes part where there is a choice."""
        return Mode.ONLINE if self.actor.number % 2 else Mode.ROOM

    def has_code(self) -> bool:
        """Whether the mail with the digits has come."""
        return self._digits() is not None

    def _digits(self) -> str | None:
        """The code in the last mail to this address that holds one."""
        for arrived in self.stage.mailbox.newest_to(self.actor.details.email):
            if found := _DIGITS.search(arrived.plain):
                return found[1] + found[2]
        return None

    # ── places ──────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, session: SessionView) -> None:
        """Ask for a place; a clash is accepted by half."""
        if not self.actor.by_chat:
            await self._book_by_use_case(session)
            return
        seen = await self._ask_in_chat(session)
        if any(button.label == "Book anyway" for button in seen.buttons):
            accepts = self.dice.random() < 0.5
            await self.stage.chat.press(self._me, seen, "Book anyway" if accepts else "Leave it")
            if not accepts:
                self._note("is told of a clash", session)
                return
        await self._note_place(session)

    async def _book_by_use_case(self, session: SessionView) -> None:
        mode = None if len(modes_of(session.format)) == 1 else self.dice.choice((Mode.ROOM, Mode.ONLINE))
        rules = self.stage.rules
        outcome: Booked = await self._write(book, session.id, self.person_id, rules, mode=mode)
        if outcome.came is Came.CLASH:
            if self.dice.random() < 0.5:
                self._note("is told of a clash", session)
                return
            await self._write(book, session.id, self.person_id, rules, mode=mode, accept_clash=True)
        await self._note_place(session)

    async def _note_place(self, session: SessionView) -> None:
        """What came of asking, by the booking itself: words in the chat may change."""
        state = await self.stage.store.read(_state_of, session.id, self.person_id)
        if state in ACTIVE:
            (self.waiting if state is BookingState.WAITLISTED else self.booked).add(session.id)
        words = {BookingState.WAITLISTED: "waits", BookingState.HELD: "is held", BookingState.CONFIRMED: "booked"}
        self._note("asks for a place", session, outcome=words.get(state or BookingState.CANCELLED, "none left"))

    async def cancel(self, session: SessionView) -> None:
        """Give a place back."""
        if self.actor.by_chat:
            card = await self.open_card(session)
            await self.stage.chat.press(self._me, card, custom_id=f"pw:cancel:{session.id}")
        else:
            await self._write(cancel, session.id, self.person_id, self.stage.rules)
        self.booked.discard(session.id)
        self.waiting.discard(session.id)
        self._note("cancels", session)

    async def look_around(self) -> None:
        """Look at one's own bookings and download one's calendar."""
        if self.actor.by_chat:
            await self.stage.chat.command(self._me, "my bookings")
            calendar = await self.stage.chat.command(self._me, "my calendar")
            assert calendar.files or not self.booked, f"{self.actor.pseudonym} got no calendar file"
            self._note("looks at their bookings")

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────────────

    async def give_feedback(self, session: SessionView) -> None:
        """Rate a session by one press, and add a few words."""
        stars = self.dice.choice((3, 4, 4, 5, 5))
        words = self._words()
        prompt = self._prompt(session) if self.actor.by_chat else None
        if prompt is not None:
            thanks = await self.stage.chat.press(self._me, prompt, custom_id=f"pw:rate:{session.id}:{stars}")
            form = await self.stage.chat.press(self._me, thanks, "Add a few words")
            chosen = {key: [str(value)] if isinstance(value, int) else value for key, value in words.items()}
            await self.stage.chat.fill(self._me, form, **chosen)
        else:
            rated = await self._write(give_rating, session.id, self.person_id, stars, self.stage.rules)
            await self._write(complete, rated.token, words, self.stage.rules)
        self._note("gives feedback", session)

    def _words(self) -> dict[str, int | str]:
        before = self.dice.randint(1, 4)
        return {
            "confidence_before": before,
            "confidence_after": min(before + self.dice.randint(0, 2), 5),
            "do_differently": self.dice.choice(_LEARNT),
            "do_better": self.dice.choice(_BETTER),
        }

    def _prompt(self, session: SessionView) -> Seen | None:
        wanted = f"pw:rate:{session.id}:"
        asked = [m for m in self.stage.chat.direct(self._me) if any((b.custom_id or "").startswith(wanted) for b in m.buttons)]
        return asked[-1] if asked else None

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _me(self) -> Someone:
        assert self.someone is not None, "this person has not arrived"
        return self.someone

    async def _write(self, use_case: Callable[..., object], *args: object, **kwargs: object) -> Any:
        return await self.stage.store.write(use_case, self.stage.partnership_id, *args, now=self.stage.clock(), **kwargs)

    def _note(self, what: str, session: SessionView | None = None, outcome: str = "") -> None:
        self.acts.append(
            moment(
                self.stage.clock(),
                what,
                order=len(self.acts),
                session=session.reference if session else "",
                person=self.actor.pseudonym,
                channel="chat" if self.actor.by_chat else "web" if self.actor.by_web else "",
                outcome=outcome,
            )
        )


def _state_of(db: Db, session_id: int, person_id: int | None) -> BookingState | None:
    mine = select(Booking.state).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person_id)
    state = db.exec(mine).first()
    return BookingState(state) if state is not None else None
