"""Standing by: one answers, the next takes over."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import make_url

from domain.database import Db, Store, reading_engine
from practiceweek.processes.standby import LockLost, Standby, is_taken

SOON_S = 0.02
PATIENCE_S = 20

HOLDER = """
import asyncio, sys
from practiceweek.processes.standby import Standby

async def main():
    standby = Standby(sys.argv[1])
    await standby.wait()
    print("mine", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def _end_sessions_of(url: str) -> None:
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'practiceweek-bot'")


async def test_whoever_looks_sees_whether_somebody_may_answer(database_url: str) -> None:
    def seen() -> bool:
        engine = reading_engine(database_url)
        try:
            with Db(engine) as db:
                return is_taken(db, database_url)
        finally:
            engine.dispose()

    Store(database_url).close()  # on SQLite it is made by who writes first
    one = Standby(database_url, ask_every=SOON_S)
    before = seen()
    await one.wait()
    meanwhile = seen()
    await one.close()
    assert (before, meanwhile, seen()) == (False, True, False)


async def test_the_second_waits_and_takes_over_when_the_first_lets_go(database_url: str) -> None:
    first, second = Standby(database_url, ask_every=SOON_S), Standby(database_url, ask_every=SOON_S)
    await first.wait()
    waiting = asyncio.create_task(second.wait())
    await asyncio.wait_for(second.waiting.wait(), PATIENCE_S)
    assert not waiting.done()
    await first.close()
    async with asyncio.timeout(PATIENCE_S):
        await waiting
    assert not second.waiting.is_set()
    await second.close()


async def test_the_second_takes_over_from_one_that_was_killed(database_url: str) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, database_url, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    while await holder.stdout.readline() != b"mine\n":
        assert holder.returncode is None
    second = Standby(database_url, ask_every=SOON_S)
    waiting = asyncio.create_task(second.wait())
    await asyncio.wait_for(second.waiting.wait(), PATIENCE_S)
    holder.kill()
    async with asyncio.timeout(PATIENCE_S):
        await waiting
        await holder.wait()
    await second.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_server_that_forgot_the_lock_is_asked_again_by_who_had_it(database_url: str) -> None:
    first = Standby(database_url, ask_every=SOON_S)
    await first.wait()
    keeping = asyncio.create_task(first.keep())
    _end_sessions_of(database_url)
    second = Standby(database_url, ask_every=SOON_S)
    done, _ = await asyncio.wait([keeping], timeout=5 * SOON_S)
    assert not done, "nobody else asked for it meanwhile"
    waiting = asyncio.create_task(second.wait())
    await asyncio.wait_for(second.waiting.wait(), PATIENCE_S)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await first.close()
    async with asyncio.timeout(PATIENCE_S):
        await waiting
    await second.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_who_lost_the_lock_to_another_has_to_stop(database_url: str) -> None:
    first, second = Standby(database_url, ask_every=SOON_S), Standby(database_url, ask_every=SOON_S)
    await first.wait()  # and is frozen: it shows no sign of life
    _end_sessions_of(database_url)
    await second.wait()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(LockLost):
            await first.keep()
    await first.close()
    await second.close()
