"""A partnership leaves its Discord server; another of the same installation keeps its own, and so the bot."""

from __future__ import annotations

from typing import Any

import pytest

from domain.attention import attention
from domain.calling_off import begin, cancel_one, finish
from domain.kinds import Channel
from domain.models import Posting, Programme
from domain.postings import Stale, differs, not_shown, shown, stale
from practiceweek.compose import Program
from tests.building import Building, rows
from tests.conftest import NOW
from tests.practiceweek.test_several_partnerships import MIXED, composed

BOTH = MIXED + "guild_id = 2\n"
LEFT = BOTH.replace("guild_id = 1\n", "")
MOVED = BOTH.replace("guild_id = 1\n", "guild_id = 3\n")
SWAPPED = MOVED.replace("guild_id = 2\n", "guild_id = 1\n").replace("guild_id = 3\n", "guild_id = 2\n")


class Line:
    """Discord, as the board uses it: who writes into a channel is noted."""

    def __init__(self) -> None:
        self.user = self
        self.wrote: list[int] = []

    def get_partial_messageable(self, channel_id: int, *, guild_id: int | None = None) -> Line:
        self.wrote.append(channel_id)
        return self

    async def send(self, **_: Any) -> Any:
        self.id = 5
        return self


def week_in(program: Program, number: int = 0) -> Building:
    """A week of one of its partnerships, published in channel 77."""
    one = program.kept[number]
    building = Building(program.store, one.id, one.rules, NOW)
    building.programme()
    return building


def call_off(building: Building) -> None:
    begun = building.write(begin, building.partnership_id, building.programme_id, None, "Snow", actor="discord:1", now=NOW)
    for one in begun.sessions:
        building.write(cancel_one, building.partnership_id, begun.announcement_id, one, building.rules, now=NOW)
    building.write(finish, building.partnership_id, begun.announcement_id, building.rules, now=NOW)


@pytest.mark.parametrize("after", [LEFT, MOVED, SWAPPED], ids=["for none", "for another", "for that of another partnership"])
async def test_nothing_is_posted_in_a_server_that_was_left(database_url: str, after: str) -> None:
    program = await composed(BOTH, database_url)
    week_in(program)
    await program.close()
    program = await composed(after, database_url)
    try:
        board: Any = program.ticks._board
        board._bot = line = Line()
        await program.ticks.show()
        assert line.wrote == []
    finally:
        await program.close()


async def test_what_is_posted_in_the_server_of_another_stays(database_url: str) -> None:
    program = await composed(BOTH, database_url)
    week_in(program), week_in(program, 1)
    await program.close()
    program = await composed(LEFT, database_url)
    try:
        north = program.kept[1].id
        assert {(one.partnership_id, one.channel_id) for one in program.store.read_now(rows, Posting)} == {(north, 77)}
        programmes = program.store.read_now(rows, Programme)
        assert [one.channel_id for one in programmes] == [77 if one.partnership_id == north else None for one in programmes]
    finally:
        await program.close()


@pytest.mark.parametrize("called_off", ["before", "afterwards"])
async def test_a_summary_that_no_channel_takes_is_not_called_lost(database_url: str, called_off: str) -> None:
    program = await composed(BOTH, database_url)
    building = week_in(program)
    if called_off == "before":
        call_off(building)
    await program.close()
    program = await composed(LEFT, database_url)
    try:
        building = Building(program.store, building.partnership_id, building.rules, NOW, building.programme_id)
        if called_off == "afterwards":
            call_off(building)
        await program.ticks.deliver_by(Channel.BOARD)
        assert building.read(attention, building.partnership_id, building.programme_id, building.rules, now=NOW) == ()
    finally:
        await program.close()


async def test_who_was_sending_a_day_while_the_server_was_left_goes_on(database_url: str) -> None:
    program = await composed(BOTH, database_url)
    building = week_in(program)
    page: Stale = building.read(stale, now=NOW)[0]
    await program.close()
    await (await composed(LEFT, database_url)).close()
    program = await composed(LEFT, database_url)
    try:
        building = Building(program.store, building.partnership_id, building.rules, NOW, building.programme_id)
        assert not building.write(differs, page.posting_id, page.digest, pages=1, now=NOW)
        building.write(shown, page, 5, read_at=NOW, now=NOW)
        building.write(not_shown, page, "gone", permanent=True, retry_after=None, now=NOW)
        assert building.read(rows, Posting) == []
    finally:
        await program.close()
