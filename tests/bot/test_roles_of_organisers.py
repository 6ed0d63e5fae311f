"""Everything in the table of roles, tried as every kind of organiser, as another bot, and from another server.

Each thing is tried on both databases, but not by each role on both: hundreds of presses take a while.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from domain.database import Store
from domain.rules import Rules
from tests.roles_building import Stage, a_stage
from tests.roles_table import COMMANDS, Role
from tests.roles_trying import fully_tried


@pytest.fixture
async def stage(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Stage]:
    async with a_stage(store, partnership_id, rules, now) as made:
        yield made


@pytest.mark.parametrize(
    ("database_url", "role"),
    [
        ("sqlite", Role.ORGANISER),
        ("postgres", Role.ORGANISER),
        ("postgres", Role.PROGRAMME_ORGANISER),
        ("sqlite", Role.OTHER_ORGANISER),
    ],
    indirect=["database_url"],
)
async def test_an_organiser_is_answered_as_the_table_says(stage: Stage, role: Role) -> None:
    assert await fully_tried(stage, role) == []


@pytest.mark.parametrize(
    ("database_url", "role"),
    [("sqlite", Role.BOT), ("postgres", Role.OTHER_SERVER), ("sqlite", Role.DIRECT), ("postgres", Role.DIRECT)],
    indirect=["database_url"],
)
async def test_nobody_is_an_organiser_as_a_bot_elsewhere_or_in_direct_messages(stage: Stage, role: Role) -> None:
    assert await fully_tried(stage, role) == []


async def test_only_what_people_need_there_is_offered_elsewhere(stage: Stage) -> None:
    own = {name for name in COMMANDS if name.startswith(("/my ", "/feedback", "/invited", "/presenting "))}
    for role in (Role.OTHER_SERVER, Role.DIRECT):
        assert {f"/{name}" for name in stage.people[role].user.available_commands()} == own
