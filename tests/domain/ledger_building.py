"""Bookings whose letters are on their way, and letters that failed."""

from __future__ import annotations

from typing import Any

from domain.ledger import marks
from tests.building import Building


def booked(building: Building, **session: Any) -> tuple[int, int]:
    """A session and a person with a confirmed place, nothing sent yet."""
    session_id, person = building.session(**session), building.person(1)
    building.book(session_id, person)
    return session_id, person


def invited(building: Building, **session: object) -> tuple[int, int]:
    """A session and a person who has the invitation."""
    session_id, person = booked(building, **session)
    building.deliver()
    return session_id, person


def temporary(building: Building, notice_id: int, *, retry_after: float | None = None) -> None:
    building.write(marks.mark_temporary, notice_id, "post", "451 try later", retry_after, building.rules, now=building.now)


def unknown(building: Building, notice_id: int, *, repeat: bool, by: str | None = "post") -> None:
    building.write(marks.mark_unknown, notice_id, by, "cut off", repeat=repeat, rules=building.rules, now=building.now)
