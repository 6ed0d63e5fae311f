"""What a test of undoing stands on: a session that is booked, edits that have not settled yet, and what leaves once they have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import descriptions, undoing
from domain.kinds import Format, Kind, Provider
from domain.undoing import Undone
from tests.building import ACTOR, START, Building

HOUR = timedelta(hours=1)
LINK = "https://meet.example.org/x"
ONLINE: dict[str, Any] = {"format": Format.ONLINE, "provider": Provider.GIVEN, "given_link": LINK, "venue": None}


def changed(building: Building, session: int, **changes: Any) -> int:
    """Edit, and what undoes it."""
    undo_id = building.change(session, **changes).undo_id
    assert undo_id is not None
    return undo_id


def moved(building: Building, session: int, by: timedelta = HOUR) -> int:
    return changed(building, session, starts_at=START + by, ends_at=START + by + timedelta(minutes=45))


def undo(building: Building, undo_id: int) -> Undone:
    return building.write(undoing.undo, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)


def described(building: Building, session: int) -> descriptions.NewSession:
    return building.read(descriptions.described, building.partnership_id, session)


def booked(building: Building, **other: Any) -> tuple[int, int]:
    """A session with one person on it, who has the invitation."""
    session, person = building.session(**other), building.person(1)
    building.book(session, person)
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]
    building.later(minutes=10)
    return session, person


def told(building: Building) -> list[tuple[Kind, tuple[str, ...]]]:
    """What leaves once everything has settled."""
    building.later(minutes=3)
    return [(letter.kind, letter.changes) for letter in building.deliver()]
