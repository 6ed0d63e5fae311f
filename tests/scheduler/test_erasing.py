"""Who asked to be forgotten loses the bot's direct messages first; a chat service that is away is asked again, for two days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.database import Store
from domain.errors import Permanent, Temporary
from domain.models import Erasure
from domain.rights.leaving import leave
from domain.rights.stripping import PATIENCE
from domain.rights.subjects import Subject
from domain.rules import Rules
from scheduler.erasing import forget_those_ready
from tests.building import Building, one_row, said_in_chat


class ChatService:
    """Keeps messages, and deletes them unless it is told how to fail."""

    def __init__(self) -> None:
        self.there = {(5, "77001"), (6, "77002")}
        self.fails: Exception | None = None

    async def take_back(self, discord_id: int, external_id: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.there.discard((discord_id, external_id))


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    """Person 5, who has one message in chat and asks to be forgotten."""
    made = Building(store, partnership_id, rules, now)
    made.programme()
    person = made.person(5)
    made.write(said_in_chat, partnership_id, person, now=now)
    made.write(leave, Subject(partnership_id, person, 5, None), rules, now=now)
    return made


async def step(building: Building, service: ChatService) -> tuple[int, int | None]:
    """How many were forgotten, and how many of their messages stayed; None: they are not forgotten yet."""
    done = await forget_those_ready(building.store, building.rules, lambda: building.now, service)
    row = building.read(one_row, Erasure)
    return done, row.messages_left if row.done_at is not None else None


async def test_their_messages_are_deleted_and_nobody_elses(building: Building) -> None:
    service = ChatService()
    assert (await step(building, service), service.there) == ((1, 0), {(6, "77002")})
    assert (await step(building, service))[0] == 0


async def test_a_service_that_is_away_is_asked_again_and_after_two_days_what_is_left_is_counted(building: Building) -> None:
    service = ChatService()
    service.fails = Temporary("away")
    assert await step(building, service) == (0, None)
    building.now += PATIENCE - timedelta(seconds=1)
    assert await step(building, service) == (0, None)
    building.later(seconds=1)
    assert await step(building, service) == (1, 1)


async def test_what_the_service_does_not_allow_is_counted_at_once(building: Building) -> None:
    service = ChatService()
    service.fails = Permanent("we may not")
    assert await step(building, service) == (1, 1)
