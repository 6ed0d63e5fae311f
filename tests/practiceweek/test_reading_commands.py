"""Commands that read change nothing, not even where the settings name a partnership that the database does not have."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.practiceweek.test_export_command import Folder, folder

__all__ = ["folder"]

ANOTHER = '[database]\nurl = "sqlite:///practiceweek.sqlite"\n[partnership.north]\nname = "North"\nguild_id = 2\n'
READING: dict[str, tuple[str, ...]] = {
    "export": ("export", "Week", "--what", "sessions", "--out", "out.xlsx"),
    "person export": ("person", "export", "ann@council.gov.uk", "--out", "out.zip"),
    "import --preview": ("import", "week.csv", "--programme", "Week", "--preview"),
    "form --preview": ("form", "Week", "--file", "form.toml", "--preview"),
    "notices list": ("notices", "list"),
    "notices list --partnership": ("notices", "list", "--partnership", "north"),
    "status": ("status",),
    "person erase": ("person", "erase", "ann@council.gov.uk", "--yes"),
    "form": ("form", "Week", "--file", "form.toml", "--yes"),
}
#: these look at the database whichever partnerships are in it, or need none
ANYWAY = ("notices list", "status", "form --preview")
REFUSED = "The database knows no partnership north yet. It has: midlands. Check the settings, or add north with: practiceweek run\n"


def everything(folder: Folder) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(sqlite3.connect(folder.path / "practiceweek.sqlite")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {table: db.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}


@pytest.mark.parametrize("name", READING)
def test_a_command_with_anothers_settings_changes_nothing_and_says_which_partnerships_there_are(folder: Folder, name: str) -> None:
    folder.imported()
    (folder.path / "north.toml").write_text(ANOTHER, encoding="utf-8")
    before = everything(folder)
    code, written = folder.run(*READING[name], "--config", "north.toml")
    if name not in ANYWAY:
        assert (code, written[-len(REFUSED) :]) == (2, REFUSED)
    assert "Traceback" not in written
    assert everything(folder) == before
    assert not [one for one in folder.path.iterdir() if one.name.startswith("out.")]


@pytest.mark.parametrize("name", [one for one in READING if one not in ("person erase", "form")])
def test_a_command_that_reads_leaves_nothing_but_that_somebody_looked(folder: Folder, name: str) -> None:
    folder.imported()
    renamed = (folder.path / "config.toml").read_text(encoding="utf-8").replace("Midlands", "Midlands and more")
    (folder.path / "config.toml").write_text(renamed, encoding="utf-8")
    before = everything(folder)
    words = [word.replace("north", "midlands") for word in READING[name]]
    folder.run(*words, "--config", "config.toml")
    after = everything(folder)
    looked = [row for row in after.pop("auditentry") if row not in before["auditentry"]]
    assert {table: after[table] for table in after if after[table] != before[table]} == {}
    assert len(looked) == (name == "export")


def test_a_preview_for_a_database_without_any_partnership_compares_with_nothing(folder: Folder) -> None:
    folder.run("db", "upgrade", "--config", "config.toml")
    before = everything(folder)
    code, written = folder.run(*READING["import --preview"], "--config", "config.toml")
    assert (code, written.splitlines()[-1], everything(folder)) == (0, "1 session could be read.", before)
