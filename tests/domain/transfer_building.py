"""What a test of handing a place over stands on: a full session, a colleague who is written to, and the code in their letter."""

from __future__ import annotations

from typing import Any

from domain.letters.matters import TransferMatter
from domain.models import Booking, ServiceArea, Transfer
from domain.ports.letters import Letter
from domain.transfers import asking
from domain.transfers import taking as taking_over
from domain.transfers.colleagues import Newcomer
from tests.building import CODE, Building, one_row, rows

COLLEAGUE = "colleague@council.gov.uk"
NEWCOMER = Newcomer("Cora Colleague", "Northfield Council", ServiceArea.CHILDREN)
TYPED = f"1-{CODE}"


def ask(
    building: Building, session_id: int, giver: int, *, name: str = "Cora Colleague", address: str = COLLEAGUE
) -> asking.ColleagueAsked:
    return building.write(
        asking.hand_over_place, building.partnership_id, session_id, giver, name, address, building.rules, now=building.now
    )


def take(building: Building, discord_id: int, typed: str = TYPED, **other: Any) -> Any:
    return building.write(taking_over.take_over, building.partnership_id, discord_id, typed, building.rules, now=building.now, **other)


def look(building: Building, discord_id: int, typed: str = TYPED) -> Any:
    return building.write(taking_over.look_at_offer, building.partnership_id, discord_id, typed, building.rules, now=building.now)


def place(building: Building, *, waiting: bool = True, places: int = 1, **session: Any) -> tuple[int, int]:
    """A full session of which person 1 has the invitation, and person 2 waits."""
    session_id = building.session(places=places, **session)
    giver = building.person(1)
    building.book(session_id, giver)
    if waiting:
        building.book(session_id, building.person(2))
    building.deliver()
    return session_id, giver


def states(building: Building, session_id: int) -> list[str]:
    return [booking.state.value for booking in building.read(rows, Booking, Booking.session_id == session_id)]


def transfer(building: Building, number: int = 1) -> Transfer:
    return building.read(one_row, Transfer, Transfer.id == number)


def outcomes(letters: list[Letter]) -> list[tuple[str, str]]:
    return [(letter.recipient.address or "", letter.matter.outcome) for letter in letters if isinstance(letter.matter, TransferMatter)]


def asked(building: Building, **session: Any) -> tuple[int, int]:
    """As `place`, and the colleague has the code."""
    session_id, giver = place(building, **session)
    ask(building, session_id, giver)
    building.deliver()
    return session_id, giver
