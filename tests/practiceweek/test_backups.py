"""Copies of the database: made while it is in use, put back when it is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from domain.bookings import Came
from domain.database import Db, Store
from domain.engines import writing_engine
from domain.errors import Refusal
from domain.models import Booking, Notice, Partnership, Person
from domain.programmes import ensure_partnership
from domain.rules import Rules
from practiceweek import cli
from practiceweek.database import backups, revisions
from practiceweek.rehearsals import rehearsing
from practiceweek.rehearsals.rehearsing import set_stage
from rehearsal.leavings import leave, texts_left
from rehearsal.stage import Stage
from rehearsal.week import Week
from tests.building import Building, rows
from tests.newest import put_newest, stamp
from tests.postgres_server import PostgresServer, programs

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the server's own version come first."""
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A database of the newest revision, and another without a table."""
    if request.param == "sqlite":
        put_newest(tmp_path / "one.sqlite")
        yield f"sqlite:///{tmp_path / 'one.sqlite'}", f"sqlite:///{tmp_path / 'other.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as one, server.database(empty=True) as other:
        stamp(one)
        yield one, other


@pytest.fixture
def building(urls: tuple[str, str]) -> Iterator[Building]:
    """A week with one place, and two who asked for it."""
    store = Store(urls[0])
    made = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), Rules(), NOW)
    made.programme()
    session_id = made.session(places=1)
    assert [made.book(session_id, made.person(number)).came for number in (1, 2)] == [Came.CONFIRMED, Came.WAITLISTED]
    yield made
    store.close()


def facts(url: str) -> list[list[dict[str, object]]]:
    store = Store(url)
    try:
        return [[row.model_dump() for row in store.read_now(rows, table)] for table in (Partnership, Booking, Notice)]
    finally:
        store.close()


def test_a_copy_put_back_elsewhere_is_the_same_database(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, other = urls
    copy = tmp_path / "copy"
    backups.backup(url, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert backups.restore(other, copy, replace=False, now=NOW) is None
    assert facts(other) == facts(url)
    assert (revisions.present(other), revisions.differences(other)) == (revisions.newest(), [])


def test_a_copy_is_made_while_others_write(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, other = urls
    stop = threading.Event()

    def book_on() -> None:
        number = 100
        while not stop.is_set():
            number += 1
            building.person(number)

    writing = threading.Thread(target=book_on)
    writing.start()
    try:
        backups.backup(url, tmp_path / "copy")
    finally:
        stop.set()
        writing.join()
    backups.restore(other, tmp_path / "copy", replace=False, now=NOW)
    assert facts(other) == facts(url), "people came meanwhile, and no booking or message"


def test_a_database_in_use_is_not_replaced(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, _ = urls
    backups.backup(url, tmp_path / "copy")
    with pytest.raises(Refusal, match=r"The database is in use. Stop every process of Practice Week first\."):
        backups.restore(url, tmp_path / "copy", replace=True, now=NOW)
    with pytest.raises(Refusal, match=r"There is a database already. To put the copy in its place, add --replace\."):
        backups.restore(url, tmp_path / "copy", replace=False, now=NOW)
    assert len(facts(url)[1]) == 2


def test_the_old_database_is_put_aside_and_the_copy_takes_its_place(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, _ = urls
    before = facts(url)
    backups.backup(url, tmp_path / "copy")
    building.book(building.session(), building.person(3))
    after = facts(url)
    building.store.close()
    aside = backups.restore(url, tmp_path / "copy", replace=True, now=NOW)
    assert facts(url) == before
    if aside is None:
        assert url.startswith("postgresql")
    else:
        assert aside.name == "one.sqlite.before-20270301T090000"
        assert facts(f"sqlite:///{aside}") == after


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_what_is_put_aside_twice_in_a_second_is_kept_twice_and_for_its_owner_alone(
    building: Building, urls: tuple[str, str], tmp_path: Path
) -> None:
    url, other = urls
    file, copy = tmp_path / "one.sqlite", tmp_path / "copy"
    file.chmod(0o644)
    backups.backup(url, copy)
    building.person(3)
    first = building.read(rows, Person)
    building.store.close()
    asides = [backups.restore(url, copy, replace=True, now=NOW) for _ in range(2)]
    backups.restore(other, copy, replace=False, now=NOW)
    assert asides == [tmp_path / "one.sqlite.before-20270301T090000", tmp_path / "one.sqlite.before-20270301T090000-2"]
    kept = [Store(f"sqlite:///{aside}") for aside in asides]
    assert [len(one.read_now(rows, Person)) for one in kept] == [len(first), len(first) - 1]
    for one in kept:
        one.close()
    made = [*asides, copy, tmp_path / "other.sqlite"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in made if one is not None] == [0o600] * 4


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_nobody_opens_a_database_while_a_copy_is_put_in_its_place(urls: tuple[str, str], tmp_path: Path) -> None:
    url, _ = urls
    backups.backup(url, tmp_path / "copy")
    with backups.alone_with(tmp_path / "one.sqlite"):
        late = sqlite3.connect(tmp_path / "one.sqlite", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            late.execute("SELECT * FROM person").fetchall()
        late.close()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_file_that_is_no_database_any_more_is_said_in_a_sentence(urls: tuple[str, str], tmp_path: Path) -> None:
    backups.backup(urls[0], tmp_path / "copy")
    (tmp_path / "one.sqlite").write_bytes(b"fell off the table " * 100)
    with pytest.raises(Refusal, match=r"one\.sqlite is no database any more\. Keep it under another name, then put the copy back\."):
        backups.restore(f"sqlite:///{tmp_path / 'one.sqlite'}", tmp_path / "copy", replace=True, now=NOW)


@pytest.mark.parametrize("content", [b"", b"no copy at all", b"SQLite format 3\0 and then nothing", b"PGDMP and then nothing"])
def test_what_is_no_copy_is_refused_and_nothing_is_lost(building: Building, urls: tuple[str, str], tmp_path: Path, content: bytes) -> None:
    url, _ = urls
    (tmp_path / "copy").write_bytes(content)
    building.store.close()
    with pytest.raises(Refusal):
        backups.restore(url, tmp_path / "copy", replace=True, now=NOW)
    assert len(facts(url)[1]) == 2


def test_no_copy_takes_the_place_of_another(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("kept", encoding="utf-8")
    with pytest.raises(Refusal, match=r"There is a file .* already"):
        backups.backup(urls[0], tmp_path / "copy")
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "kept"


def test_a_copy_of_an_unknown_revision_is_refused(urls: tuple[str, str], tmp_path: Path) -> None:
    url, other = urls
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    backups.backup(url, tmp_path / "copy")
    with pytest.raises(Refusal, match="The copy is of revision 9999, which this program does not know"):
        backups.restore(other, tmp_path / "copy", replace=False, now=NOW)
    assert not revisions.exists(other)


def test_a_copy_from_before_an_upgrade_takes_its_place_and_can_be_upgraded_again(urls: tuple[str, str], tmp_path: Path) -> None:
    _, url = urls
    revisions.upgrade(url, "0002")
    backups.backup(url, tmp_path / "copy")
    revisions.upgrade(url)
    backups.restore(url, tmp_path / "copy", replace=True, now=NOW)
    assert revisions.present(url) == "0002"
    revisions.upgrade(url)
    assert revisions.differences(url) == []


def test_a_copy_that_breaks_off_changes_nothing(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, _ = urls
    before = facts(url)
    backups.backup(url, tmp_path / "copy")
    building.store.close()
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(Refusal):
        backups.restore(url, tmp_path / "copy", replace=True, now=NOW)
    assert facts(url) == before


def test_the_commands_say_what_they_did(building: Building, urls: tuple[str, str], tmp_path: Path) -> None:
    url, _ = urls
    building.store.close()
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n', encoding="utf-8")

    def said(*words: str) -> str:
        done = CliRunner().invoke(cli.app, ["db", *words, "--config", str(config)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "It holds names and addresses: keep it safe." in said("backup", str(tmp_path / "copy"))
    assert said("restore", str(tmp_path / "copy"), "--replace").startswith(f"The copy is in place, at revision {revisions.newest()}.\n")
    assert "✗" not in said("check")


async def test_a_copy_is_put_back_into_a_running_rehearsal_which_then_holds(tmp_path: Path) -> None:
    """In the middle of the week the database is copied, then loses every message and booking, and gets them back while the program runs."""
    out, week = tmp_path / "out", tmp_path / "week.csv"
    out.mkdir()
    week.write_text(
        "Date,Start,End,Title,Led by,Platform,Venue,Places\n"
        "15/03/2027,09:30,10:30,Opening,Workforce Team,MS Teams,,200\n"
        "16/03/2027,14:00,16:00,Reflection group,ASYE Lead,In person,Town Hall,4\n"
        "17/03/2027,10:00,11:00,Closed to most,Kinship Team,Zoom,,20\n",
        encoding="utf-8",
    )
    schedules = rehearsing.schedules_of([week])
    lost: list[int] = []

    def lose_and_put_back(stage: Stage) -> None:
        if lost:
            return
        backups.backup(stage.store.url, tmp_path / "copy")
        file = stage.store.url.removeprefix("sqlite:///")
        with sqlite3.connect(file) as raw:
            raw.execute("PRAGMA foreign_keys=OFF")
            lost.extend(raw.execute(f"DELETE FROM {table}").rowcount for table in ("notice", "booking"))
        raw.close()
        backups.restore(stage.store.url, tmp_path / "copy", replace=True, in_use=True, now=NOW)

    async with set_stage(schedules, 1, out) as stage:

        def tell(_what: str, done: float) -> None:
            if done > 0.5:
                lose_and_put_back(stage)

        played = await Week(stage, schedules, 8, 1, tell).play()
        altered = await asyncio.to_thread(leave, out, stage, played)
        left = await asyncio.to_thread(texts_left, out)

        def judged(db: Db) -> list[str]:
            assert db.exec(select(Booking.id)).first() is not None
            return [breach for check in rehearsing.judge(db, stage, altered, left, played) for breach in check.breaches]

        assert await stage.store.read(judged) == []
    assert min(lost) > 20, "there was much to lose"
