"""How many connections an installation takes, and what is said where a server has too few."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from domain.bell import ring
from domain.engines import server_address
from domain.findings import Finding, ok, unsure
from practiceweek.database.looking_at_server import OF_A_PROCESS, connections_of_ours, said_of_room
from practiceweek.processes.parts import assemble
from practiceweek.processes.standby import Standby
from practiceweek.settings.installation import from_tables
from tests.acceptance.installation import eventually


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_process_takes_as_many_connections_as_we_say(database_url: str) -> None:
    partnership = {"midlands": {"name": "Midlands", "guild_id": 1}}
    parts = await assemble(
        from_tables({"database": {"url": database_url}, "mail": {"login": "none"}, "partnership": partnership}), only=None
    )
    standby = Standby(database_url)
    try:
        await standby.wait()
        await parts.store.swift.write(ring)
        with ExitStack() as reading, psycopg.connect(server_address(database_url), autocommit=True) as connection:
            for _ in range(3):
                reading.enter_context(parts.store.reading()).connection()
            await eventually(lambda: connections_of_ours(connection) == OF_A_PROCESS)  # the bell connects in its own time
    finally:
        await parts.fall_silent()
        await standby.close()
        await parts.close()


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (15, ok("The server has room for 15 connections of ours. Two processes and a copy of the database need 15.")),
        (
            14,
            unsure(
                "The server has room for only 14 connections of ours. Two processes and a copy of the database need 15.",
                "Raise max_connections.",
            ),
        ),
    ],
)
def test_a_server_has_room_for_two_processes_and_a_copy(left: int, said: Finding) -> None:
    assert said_of_room(left) == said
