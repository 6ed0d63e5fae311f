"""`practiceweek export`, `practiceweek form` and `import --column`, as an organiser runs them."""

from __future__ import annotations

import io
import sqlite3
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from practiceweek import cli

WEEK = "Date,Start,End,Title,Slot lead,Platform,Location\nMonday 12 March 2035,1pm,2.30pm,Court skills,Legal Team,In person,Town Hall\n"
FORM = '[[question]]\nkind = "choice"\nwords = "Where do you work?"\noptions = ["Children", "Adults"]\n'


@dataclass
class Folder:
    """An organiser's folder with a schedule, a form and the settings."""

    path: Path

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command in this process; how it ended, and all it wrote."""
        written, code = io.StringIO(), 0
        with pytest.MonkeyPatch.context() as here, redirect_stdout(written), redirect_stderr(written):
            here.chdir(self.path)
            here.setattr(sys, "argv", ["practiceweek", *words])
            try:
                cli.main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        return code, written.getvalue()

    def imported(self) -> tuple[int, str]:
        into = "--config", "config.toml", "--programme", "Week", "--yes"
        return self.run("import", "week.csv", *into, "--column", "Slot lead=presenter")

    def query(self, words: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path / "practiceweek.sqlite")) as db:
            return db.execute(words).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    config = '[database]\nurl = "sqlite:///practiceweek.sqlite"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n'
    for name, text in (("config.toml", config), ("week.csv", WEEK), ("form.toml", FORM)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Folder(tmp_path)


def test_a_column_is_read_as_it_was_said(folder: Folder) -> None:
    code, written = folder.imported()
    assert code == 0
    assert "1 session added." in written
    assert folder.query("SELECT label FROM presenter") == [("Legal Team",)]


def test_a_column_that_cannot_be_meant_is_refused(folder: Folder) -> None:
    code, written = folder.run("import", "week.csv", "--preview", "--column", "Slot lead=boss")
    assert code == 2
    assert written.startswith("“boss” is not something that a column can mean. Choose one of: title, date, ")
    assert ", platform, location, " in written
    assert "can mean" not in folder.run("import", "week.csv", "--preview", "--column", "Slot lead=Platform")[1]
    assert folder.run("import", "week.csv", "--preview", "--column", "Slot lead") == (
        2,
        "Write --column as a heading, an equals sign and what it means, not “Slot lead”.\n",
    )


def test_sessions_are_exported_and_imported_again_without_a_change(folder: Folder) -> None:
    folder.imported()
    assert folder.run("export", "week", "--what", "sessions", "--out", "out.xlsx", "--config", "config.toml") == (0, "out.xlsx: 1 row.\n")
    sheet = openpyxl.load_workbook(folder.path / "out.xlsx").worksheets[0]
    assert (sheet["B2"].value, sheet["K2"].value) == ("Court skills", "Legal Team")
    code, written = folder.run("import", "out.xlsx", "--config", "config.toml", "--programme", "Week", "--preview")
    assert (code, written.splitlines()[-1]) == (0, "1 session, 0 invitations. 1 unchanged. There is nothing to import.")


def test_a_programme_that_is_not_there_is_said_in_a_sentence(folder: Folder) -> None:
    folder.imported()
    code, written = folder.run("export", "Month", "--what", "bookings", "--out", "out.xlsx", "--config", "config.toml")
    assert (code, written) == (2, "There is no programme with that title or number.\n")


@pytest.mark.parametrize("words", [("export", "Week", "--what", "sessions", "--out", "out.xlsx"), ("form", "Week", "--file", "form.toml")])
def test_where_there_is_no_database_none_is_made(folder: Folder, words: tuple[str, ...]) -> None:
    code, written = folder.run(*words, "--config", "config.toml")
    assert (code, written.partition(". ")[0]) == (2, f"There is no database at {folder.path / 'practiceweek.sqlite'}")
    assert written.endswith(" Start in the folder where yours is, or make a new one with: practiceweek run\n")
    assert not (folder.path / "practiceweek.sqlite").exists()


def test_a_form_is_shown_then_set(folder: Folder) -> None:
    folder.imported()
    code, written = folder.run("form", "Week", "--file", "form.toml", "--preview", "--config", "config.toml")
    assert (code, written.splitlines()[-1]) == (0, "2. Where do you work? One of: Children; Adults.")
    asked = 'SELECT key, options FROM feedbackquestion WHERE programme_id IS NOT NULL ORDER BY "order"'
    assert folder.query(asked) == []
    code, written = folder.run("form", "Week", "--file", "form.toml", "--yes", "--config", "config.toml")
    assert (code, written.splitlines()[-1]) == (0, "These questions are asked from now on.")
    assert folder.query(asked) == [("rating", ""), ("question_1", "Children\nAdults")]
