"""The database is locked, full, read-only, restarted; an upgrade is cut off: whoever asked is told, and nothing is half-done.

SQLite's lock and its full disk meet the store in `tests/domain/test_domain_store.py`. A server's disk cannot be filled
without filling this machine's too: here the server answers 53100 (disk_full) where it would have written.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from domain import bookings
from domain.database import Store, writing_engine
from practiceweek.database import revisions
from tests.faults.lives import Cradle
from tests.faults.scene import Scene, scene_on
from tests.postgres_faults import OwnServer
from tests.postgres_server import PostgresServer

FULL = (
    "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No space left on device' USING ERRCODE = '53100'; END $$"
)
BEFORE_OWING = "CREATE TRIGGER full_up BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION full_up()"
BEFORE_MARKING = "CREATE TRIGGER full_up BEFORE UPDATE ON notice FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION full_up()"


def server_of(scene: Scene) -> psycopg.Connection[Any]:
    """A connection of the bare driver."""
    return psycopg.connect(make_url(scene.store.url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_while_another_holds_a_sessions_row_a_booking_waits_and_is_then_made(scene: Scene) -> None:
    with server_of(scene) as other:
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM session WHERE id = %s FOR UPDATE", (scene.world.sessions[0],))
        asking = asyncio.create_task(scene.book(0, 1))
        done, _ = await asyncio.wait([asking], timeout=0.3)
        assert not done
        other.execute("ROLLBACK")
    await asking
    await scene.is_well()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_on_a_full_server_a_booking_is_refused_whole_and_made_once_there_is_room(scene: Scene) -> None:
    with server_of(scene) as server:
        server.execute(FULL)
        server.execute(BEFORE_OWING.encode())
        with pytest.raises(OperationalError, match="No space left"):
            await scene.book(0, 1)
        assert server.execute("SELECT count(*) FROM booking").fetchone() == (0,)
        server.execute("DROP TRIGGER full_up ON notice")
    await scene.book(0, 1)
    assert (await scene.is_well()).sent > 0


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_server_that_is_full_when_a_letter_is_to_be_marked_costs_no_second_letter(scene: Scene) -> None:
    await scene.book(0, 1)
    with server_of(scene) as server:
        server.execute(FULL)
        server.execute(BEFORE_MARKING.encode())
        life = scene.bear("deliver", channels=["email"])
        await scene.outside.mail.arrival()
        server.execute("DROP TRIGGER full_up ON notice")
    life.send(signal.SIGTERM)
    assert await life.ended() == 0
    assert (await scene.is_well()).repeated_harmlessly == 0


async def test_on_a_read_only_disk_a_booking_is_refused_whole(scene: Scene) -> None:
    """SQLite opens its file without the right to write; a PostgreSQL that became a standby lets nobody write."""
    url = make_url(scene.store.url)
    if url.drivername == "sqlite":
        unwritable = Store(f"sqlite:///file:{url.database}?mode=ro&uri=true")
    else:
        with server_of(scene) as server:
            server.execute(f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = on'.encode())
            unwritable = Store(scene.store.url)
    ids = scene.world.partnership_id, scene.world.sessions[0], scene.world.people[1]
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await unwritable.write(bookings.book, *ids, scene.rules, now=scene.clock())
    await asyncio.to_thread(unwritable.close)
    if url.drivername != "sqlite":
        with server_of(scene) as server:
            server.execute("SET default_transaction_read_only = off")
            server.execute(f'ALTER DATABASE "{url.database}" RESET default_transaction_read_only'.encode())
    assert await scene.ledger("email") == []
    await scene.book(0, 1)
    await scene.is_well()


# ── restarted ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    server = OwnServer("faults")
    yield server
    server.close()


async def test_a_postgresql_that_is_restarted_under_the_program_loses_nothing(
    cradle: Cradle, own_server: OwnServer, tmp_path: Path
) -> None:
    async with scene_on(cradle, own_server.url, tmp_path / "scene") as scene:
        life = scene.bear("live", people=scene.world.people, times=30, seed=3)
        await scene.outside.mail.arrival()
        await asyncio.to_thread(own_server.restart)
        await life.until("came")
        life.send(signal.SIGTERM)
        assert await life.ended() == 0, scene.cradle.errors()
        scene.clock.move(minutes=6)
        verdict = await scene.is_well()
        assert verdict.sent > 0


# ── an upgrade that is cut off ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", "postgres"])
def first_revision(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the first released revision."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite'}"
        revisions.upgrade(url, "0002")
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(empty=True) as url:
        revisions.upgrade(url, "0002")
        yield url


@pytest.mark.parametrize("statements", [4, 12])
async def test_an_upgrade_killed_in_the_middle_has_changed_nothing_and_is_done_the_next_time(
    cradle: Cradle, first_revision: str, statements: int
) -> None:
    life = cradle.bear(does="upgrade", url=first_revision, statements=statements)
    assert await life.ended() == -signal.SIGKILL
    assert revisions.present(first_revision) == "0002"
    revisions.upgrade(first_revision)
    assert revisions.present(first_revision) == revisions.newest()
    engine = writing_engine(first_revision)
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            connection.execute(table.select().limit(1))  # every table, with every column
    engine.dispose()
