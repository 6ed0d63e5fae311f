"""What a test of wishes stands on: somebody asked on a page in a known person's name, perhaps a stranger, and time passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.bookings import Came
from domain.models import BookingState
from domain.saying_yes import say_yes
from domain.timekeeping import due, keep_time
from domain.visiting import FilledIn, ask
from tests.building import Building
from tests.visiting_building import filled_in_for, prove_token

#: the Discord account of person 7
ACCOUNT = 7


def standing(building: Building, session_id: int, person_id: int) -> tuple[BookingState, bool]:
    """The state of their claim, and whether it is but a wish from a page."""
    mine = building.booking(session_id, person_id)
    return mine.state, mine.wished


def tick(building: Building) -> None:
    building.write(keep_time, building.rules, now=building.now)


def lapse(building: Building) -> None:
    """What is held, is held no longer."""
    building.now += building.rules.hold + timedelta(minutes=1)
    tick(building)


def due_now(building: Building) -> tuple[str, ...]:
    found: tuple[str, ...] = building.read(due, building.rules, now=building.now)
    return found


def full(building: Building, **other: Any) -> tuple[int, int]:
    """A session whose one place is somebody's, and that person."""
    session, has = building.session(places=1, **other), building.person(1)
    assert building.book(session, has).came is Came.CONFIRMED
    return session, has


def typed(building: Building, session_id: int, number: int, **other: Any) -> str:
    """A wish from a page, in detail; the token of the mail's link."""
    said: FilledIn = replace(filled_in_for(number), **other)
    building.write(ask, building.partnership_id, session_id, said, building.rules, now=building.now)
    return prove_token(building)


def yes(building: Building, session_id: int, person_id: int) -> None:
    building.write(say_yes, building.partnership_id, session_id, person_id, building.rules, now=building.now)
