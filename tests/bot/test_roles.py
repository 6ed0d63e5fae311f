"""Who may do what: one table, held against the bot, and everything in it tried as everybody who organises nothing.

The commands come from the command tree, the buttons, menus and forms from the lists that the bot registers: a new one that is
not in the table fails the first test, and one that is in it is tried without a line more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from domain.database import Store
from domain.rules import Rules
from tests.roles_building import Stage, a_stage
from tests.roles_table import COMMANDS, PAGE, PRESSED, SENT_BACK, Role, commands, forms, idle_bot, page, pressed
from tests.roles_trying import fully_tried


@pytest.fixture
async def stage(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Stage]:
    async with a_stage(store, partnership_id, rules, now) as made:
        yield made


async def test_the_table_has_every_command_button_menu_and_form_once() -> None:
    bot = idle_bot()
    assert sorted(commands(bot)) == sorted(COMMANDS)
    assert sorted(name for name, _, _ in pressed()) == sorted(PRESSED)
    assert sorted(name for name, _, _ in forms()) == sorted(SENT_BACK)


async def test_the_page_of_roles_is_as_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(idle_bot()), "run: make roles"


@pytest.mark.parametrize(
    ("database_url", "role"),
    [("sqlite", Role.PRACTITIONER), ("postgres", Role.PRESENTER), ("postgres", Role.PARENT), ("sqlite", Role.STRANGER)],
    indirect=["database_url"],
)
async def test_who_organises_nothing_is_answered_as_the_table_says(stage: Stage, role: Role) -> None:
    assert await fully_tried(stage, role) == []
