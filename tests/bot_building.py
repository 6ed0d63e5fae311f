"""What a test of the bot stands on: a server, the partnership behind it, and the ways in which people begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.limits import CARD_TEXT, COMPONENTS, size
from bot.surroundings import Surroundings
from domain.database import Db, Store
from domain.models import Booking, BookingState, Session
from domain.ports.files import Sheet
from domain.rules import Rules
from domain.times import day_of
from integrations.ical import CalendarFiles
from rehearsal.chat import GUILD_ID, ORGANISER_ROLE_ID, ChatStandIn, Clock, Seen, Someone
from tests.building import START, Building, rows

FORM = {"name": "Alice Adams", "email": "alice@council.gov.uk", "organisation": "Northfield Council", "area": ["children"]}


class NoSheets:
    """A reader for tests that upload nothing."""

    def read(self, name: str, content: bytes) -> Sheet:
        return Sheet(name, ((content.decode(),),))


def surroundings_of(
    store: Store, partnership_id: int, rules: Rules, clock: Clock, *, wake: Callable[[], None] = lambda: None, **other: Any
) -> Surroundings:
    """The surroundings of a bot under test; `other` replaces any of them."""
    given: dict[str, Any] = {
        "store": store,
        "partnership_id": partnership_id,
        "partnership_name": "Midlands Teaching Partnership",
        "guild_id": GUILD_ID,
        "organiser_roles": frozenset({ORGANISER_ROLE_ID}),
        "rules": rules,
        "clock": clock,
        "calendar": CalendarFiles("Practice Week", "practiceweek@council.gov.uk"),
        "sheets": NoSheets(),
        "pictures": None,
        "wake": wake,
    }
    return Surroundings(**given | other)


@dataclass
class Server:
    """A server and the partnership behind it. Their clocks agree."""

    chat: ChatStandIn
    building: Building
    woken: list[datetime]  #: when the bot asked the scheduler to look

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.building.later(**span)
        self.chat.advance_to(self.building.now)
        return self.building.now

    def someone(self, number: int, **other: Any) -> Someone:
        """A member whom we know and whose address is proven."""
        person = self.chat.join(f"Person {number}")
        self.building.person(number, discord_id=person.id, **other)
        return person

    async def card(self, person: Someone, session_id: int, *, day: datetime = START) -> Seen:
        """The session's card, as found by `/browse` and the menus of the programme's only day page."""
        days = await self.chat.command(person, "browse")
        sessions = await self.chat.choose(person, days, day_of(day).isoformat())
        return await self.chat.choose(person, sessions, str(session_id))

    async def book(self, person: Someone, session_id: int, **options: Any) -> Seen:
        """Book by command."""
        return await self.chat.command(person, "book", session=self.reference(session_id), **options)

    def reference(self, session_id: int) -> str:
        """What people type to name a session."""
        return str(self.building.read(rows, Session, Session.id == session_id)[0].reference)

    def states(self, session_id: int) -> list[BookingState]:
        """Every booking's state, in the order in which people first asked."""
        return [booking.state for booking in self.building.read(rows, Booking, Booking.session_id == session_id)]


def fits(seen: Seen) -> bool:
    """Whether a message keeps to Discord's limits for a card."""
    parts = seen.handle.components
    return size(seen.text) <= CARD_TEXT and _count(parts) <= COMPONENTS and all(len(menu.options) <= 25 for menu in seen.menus)


def _count(parts: list[dict[str, Any]]) -> int:
    return sum(1 + _count(part.get("components", [])) + (1 if part.get("accessory") else 0) for part in parts)


def headline(seen: Seen) -> str:
    """The first line of what is shown."""
    return seen.text.partition("\n")[0]


def many_book(db: Db, building: Building, session_id: int, first: int, count: int) -> None:
    """`count` people book, in one transaction."""
    from domain.bookings import book
    from tests.building import proven_person

    for number in range(first, first + count):
        person_id = proven_person(db, building.partnership_id, number, now=building.now)
        book(db, building.partnership_id, session_id, person_id, building.rules, now=building.now)
