"""One bot in two servers: nothing of one partnership is ever visible in the other.

Every command, button, menu, form and suggestion of the table of roles is tried in North's server with what is Midlands': by an
organiser of North, and by a practitioner and a parent who have the same account in both. A new one is in the table, or its test is red.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from structlog.testing import capture_logs

from domain.database import Store
from tests.roles_table import WHO, Role, commands, forms, pressed
from tests.roles_trying import Tried, press_all, send_all, type_command, typed
from tests.two_building import everything
from tests.two_servers import TwoServers, two_servers


@pytest.fixture
async def both(store: Store, now: datetime) -> AsyncIterator[TwoServers]:
    async with two_servers(store, now) as made:
        yield made


async def all_tried(both: TwoServers, role: Role) -> list[Tried]:
    """Everything in North's server upon what is Midlands'."""
    stage, tries = both.stage, list[Tried]()
    for name, command in commands(both.chat.bot).items():
        tries += [one async for one in type_command(stage, role, name, command, stage.theirs)]
    for act, things in ((press_all, pressed()), (send_all, forms())):
        for name, template, _ in things:
            tries += [one async for one in act(stage, role, name, template, stage.theirs)]
    return tries


async def all_offered(both: TwoServers, role: Role) -> list[tuple[str, str]]:
    """What is offered in North's server while somebody types what is Midlands'."""
    stage, found = both.stage, []
    words = ("", both.midlands.word, both.midlands.references[2], str(both.midlands.programme))
    for name, command in commands(both.chat.bot).items():
        for option in (one for one in command.parameters if one.autocomplete):
            needed = [one for one in command.parameters if one.required and one is not option]
            given = {one.name: typed(stage, name, one, stage.theirs)[0] for one in needed}
            for word in words:
                offered = await stage.people[role].member.autocomplete(both.chat.practice_week, name[1:], option.name, word, **given)
                found.append((f"{name} {option.name} {word!r}", repr(offered)))
    return found


async def test_nothing_of_another_partnership_is_seen_or_changed(both: TwoServers, store: Store) -> None:
    before, theirs, seen = store.read_now(everything), both.midlands.partnership_id, list[tuple[Role, str]]()
    for role in (Role.PRACTITIONER, Role.PARENT, Role.ORGANISER):
        with capture_logs() as logged:
            offered = await all_offered(both, role)
            tries = await all_tried(both, role)
        assert {one.name for one in tries} == set(WHO)
        sent = [*both.chat.posted(), *both.chat.posted(both.chat.organisers), *both.chat.direct(both.stage.people[role])]
        shown = [*offered, *((one.what, one.everything()) for one in tries), *(("a message", one.text) for one in sent)]
        shown += [("a line of the log", repr(line)) for line in logged]
        seen += [(role, what) for what, text in shown if both.midlands.word.casefold() in text.casefold()]
    assert seen == []
    after = store.read_now(everything)
    assert [key for key, row in before.items() if row.get("partnership_id") == theirs and after.get(key) != row] == []
    assert [key for key, row in after.items() if row.get("partnership_id") == theirs and key not in before] == []


async def test_in_its_own_server_the_same_things_are_there(both: TwoServers) -> None:
    """What was looked for above is there to be seen: by who organises Midlands, and by who only books there."""
    chat, own, mia = both.chat, both.midlands, both.mia
    days = await chat.command(mia, "browse", at=both.there)
    desk = await chat.command(mia, "session bookings", at=both.there, session=own.references[0])
    sends = await chat.command(mia, "programme sends", at=both.there, programme=str(own.programme))
    offered = await mia.member.autocomplete(both.there, "session edit", "session", own.word)
    shown = [days.text, desk.text, sends.text, repr(offered)]
    assert [text for text in shown if own.word not in text or both.north.word in text] == []
    assert (await chat.command(mia, "book", at=both.there, session=both.north.references[2])).text == (
        "Please choose one of the sessions that are shown while you type."
    )
