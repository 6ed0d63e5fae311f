"""`practiceweek person`: a copy into a file that only its owner reads, and forgetting, which the clock ends."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.database import Db, Store
from domain.errors import BadInput, NotFound
from domain.programmes import ensure_partnership
from domain.rules import Rules
from practiceweek import cli
from practiceweek.database import revisions
from practiceweek.settings.faults import SettingsError
from practiceweek.times import utc_now
from tests.building import Building, the_morning_after


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str) -> Path:
    """A booking of person 1, some days ahead."""
    store, now = Store(sqlite_url), utc_now()
    building = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), Rules(), now)
    building.programme()
    building.book(building.session(starts_at=the_morning_after(now, days=9)), building.person(1))
    building.deliver()
    store.write_now(_of_this_revision)
    store.close()
    return settings_of(tmp_path, sqlite_url)


def _of_this_revision(db: Db) -> None:
    db.connection().exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
    db.connection().exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revisions.newest()}')")


def settings_of(folder: Path, url: str) -> Path:
    made = folder / "config.toml"
    made.write_text(f'[database]\nurl = "{url}"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n', encoding="utf-8")
    return made


def run(config: Path, *typed: str) -> str:
    done = CliRunner().invoke(cli.app, ["person", *typed, "--config", str(config)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_copy_is_written_once_and_for_its_owner_alone(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.zip"
    assert run(config, "export", "PERSON1@council.gov.uk", "--out", str(out)).startswith(f"{out}: rows of ")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as file:
        assert b"person1@council.gov.uk" in file.read("what-we-keep.json")
    with pytest.raises(BadInput, match="could not be written"):
        run(config, "export", "person1@council.gov.uk", "--out", str(out))


def test_forgetting_says_what_it_cancelled_and_is_harmless_to_repeat(config: Path) -> None:
    with pytest.raises(BadInput, match="Add --yes"):
        run(config, "erase", "person1@council.gov.uk")
    assert run(config, "erase", "person1@council.gov.uk", "--yes").startswith("Cancelled: 1.")
    assert run(config, "erase", "person1@council.gov.uk", "--yes").startswith("Cancelled: 0.")


def test_an_address_that_stands_nowhere_is_said_so(config: Path) -> None:
    with pytest.raises(NotFound, match="Nothing is kept about that address"):
        run(config, "erase", "nobody@council.gov.uk", "--yes")


def test_a_database_of_another_revision_is_said_and_not_read(tmp_path: Path) -> None:
    url, out = f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path / "copy.zip"
    revisions.upgrade(url, "0002")
    with pytest.raises(SettingsError) as refused:
        run(settings_of(tmp_path, url), "export", "person1@council.gov.uk", "--out", str(out))
    assert str(refused.value) == f"The database is at revision 0002, and this program needs {revisions.newest()}."
    assert (out.exists(), revisions.present(url)) == (False, "0002")
