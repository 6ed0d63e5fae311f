"""Marks at the end of ids: two partnerships' buttons never look alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from re import _parser  # type: ignore[attr-defined]  # a template's greatest length is told nowhere else

import pytest

from bot.buttons import DYNAMIC_ITEMS, FORMS
from bot.marks import LONGEST, marked
from bot.whose import DO_IT_THERE
from domain.database import Store
from tests.roles_table import Role
from tests.two_servers import TwoServers, two_servers

#: only in a server, which says itself whose it is; and what is typed again, whose length is looked at when it is made
NEVER_LONG = ("pw:import:", "pw:say:")


@pytest.fixture
async def both(store: Store, now: datetime) -> AsyncIterator[TwoServers]:
    async with two_servers(store, now) as made:
        yield made


def test_every_id_has_room_for_a_mark() -> None:
    templates = [one.__discord_ui_compiled_template__.pattern for one in DYNAMIC_ITEMS] + [one.template.pattern for one in FORMS]
    looked_at = [template for template in templates if not template.startswith(NEVER_LONG)]
    assert len(looked_at) > 50
    assert [template for template in looked_at if _parser.parse(template).getwidth()[1] > LONGEST] == []


def test_an_id_without_room_for_a_mark_is_refused() -> None:
    fits = "p" * 98
    assert marked(fits, 7) == f"{fits}@7"
    assert marked("pw:mine:0@7", 7) == "pw:mine:0@7"
    with pytest.raises(ValueError, match="no room for a mark"):
        marked(fits, 12)
    with pytest.raises(ValueError, match="another's mark"):
        marked("pw:mine:0@7", 8)


async def test_what_is_too_long_to_be_said_again_is_not_cut(both: TwoServers) -> None:
    chat, ann = both.chat, both.stage.people[Role.PRACTITIONER]
    room = LONGEST - len("pw:say:my details:") - len("@123456789")
    asked = await chat.command(ann, "my details", direct=True, organisation="H" * room)
    ids = [one.custom_id for one in asked.buttons]
    assert ids == [f"pw:say:my details:{'H' * room}@{one.partnership_id}" for one in (both.midlands, both.north)]
    refused = await chat.command(ann, "my details", direct=True, organisation="H" * (room + 1))
    assert (refused.text, refused.buttons) == (DO_IT_THERE, ())
