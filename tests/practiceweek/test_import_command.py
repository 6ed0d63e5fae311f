"""`practiceweek import` as an organiser runs it: what it prints, what it changes, how it ends."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from practiceweek import cli

PROGRAM = Path(sys.executable).with_name("practiceweek")
HEADINGS = "Reference,Date,Start,End,Title,Presenter,Platform,Location,Capacity\n"
OPENING = ",Monday 12 March 2035,9.30am,10.15am,Opening,Workforce Team,MS Teams,,500\n"
HEARING = ',Monday 12 March 2035,1pm,2.30pm,Court skills,Legal Team,In person,"Town Hall, room 2",12\n'
NIGHT = ",Sunday 25 March 2035,01:30,02:30,Night shift briefing,Emergency Duty Team,Teams,,30\n"

OPENING_JSON = {
    "row": 2,
    "title": "Opening",
    "starts_at": "2035-03-12T09:30:00+00:00",
    "ends_at": "2035-03-12T10:15:00+00:00",
    "format": "teams",
    "venue": None,
    "places": 500,
    "audience": None,
    "presenter": "Workforce Team",
    "organisation": None,
    "series": None,
    "private": False,
}
HEARING_JSON = {
    "row": 3,
    "title": "Court skills",
    "starts_at": "2035-03-12T13:00:00+00:00",
    "ends_at": "2035-03-12T14:30:00+00:00",
    "format": "in_person",
    "venue": "Town Hall, room 2",
    "places": 12,
    "audience": None,
    "presenter": "Legal Team",
    "organisation": None,
    "series": None,
    "private": False,
}
NIGHT_JSON = {"row": 4, "column": "Start", "message": "01:30 on 25 March 2035 does not exist: the clocks go forward that night."}


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Desk:
    """An organiser's folder: a schedule, the settings, and the database that they name."""

    folder: Path

    def schedule(self, *rows: str) -> Path:
        path = self.folder / "week.csv"
        path.write_text(HEADINGS + "".join(rows), encoding="utf-8")
        return path

    @property
    def database(self) -> Path:
        return self.folder / "practiceweek.sqlite"

    def run(self, *words: str) -> Done:
        """Run the command in this process: the same entry, faster than a new one each time."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with pytest.MonkeyPatch.context() as here, redirect_stdout(out), redirect_stderr(err):
            here.chdir(self.folder)
            here.setattr(sys, "argv", ["practiceweek", "import", "week.csv", *words])
            try:
                cli.main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Done(code, out.getvalue(), err.getvalue())

    def script(self, *words: str, stdin: int = subprocess.DEVNULL) -> Done:
        """Run the console script, in a process of its own."""
        done = subprocess.run(
            [PROGRAM, "import", "week.csv", *words], cwd=self.folder, stdin=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def into(self, *words: str) -> Done:
        """Import into the programme of the tests."""
        return self.run("--config", "config.toml", "--programme", "Practice week 2035", *words)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(query).fetchall()

    def sessions(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT title, starts_at, places, state FROM session ORDER BY starts_at")

    def programmes(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT title FROM programme")

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        names = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: self.rows(f"SELECT * FROM {name}") for name in names}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    config = '[database]\nurl = "sqlite:///practiceweek.sqlite"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    return Desk(tmp_path)


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_preview_prints_the_json_and_leaves_nothing_behind(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING)
    before = sorted(desk.folder.iterdir())
    done = desk.script("--preview", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"sessions": [OPENING_JSON, HEARING_JSON], "errors": [], "warnings": []}
    assert sorted(desk.folder.iterdir()) == before


def test_a_preview_with_an_error_exits_with_two_and_shows_the_good_rows_too(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING, NIGHT)
    done = desk.script("--preview", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout) == {"sessions": [OPENING_JSON, HEARING_JSON], "errors": [NIGHT_JSON], "warnings": []}


def test_a_preview_in_words_says_each_row_and_each_problem(desk: Desk) -> None:
    desk.schedule(OPENING, NIGHT)
    done = desk.run("--preview")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "Row 2: Opening. Monday 12 March 2035, 9.30am to 10.15am. Teams. 500 places. Workforce Team.",
        "Error. Row 3 (Start): 01:30 on 25 March 2035 does not exist: the clocks go forward that night.",
        "1 session could be read.",
    ]


def test_one_place_is_said_as_one(desk: Desk) -> None:
    desk.schedule(OPENING.replace("500", "1"))
    assert "Teams. 1 place. Workforce Team." in desk.run("--preview").stdout


def test_a_preview_against_an_installation_that_is_not_there_yet_makes_none(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING)
    before = sorted(desk.folder.iterdir())
    done = desk.into("--preview", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"sessions": [OPENING_JSON, HEARING_JSON], "errors": [], "warnings": []}
    assert sorted(desk.folder.iterdir()) == before


def test_a_preview_against_an_installation_changes_nothing(desk: Desk) -> None:
    desk.schedule(OPENING)
    assert desk.into("--yes").returncode == 0
    before = desk.everything()
    desk.schedule(OPENING, HEARING)
    for programme in ("Practice week 2035", "Another week"):
        done = desk.run("--config", "config.toml", "--programme", programme, "--preview", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["sessions"] == [OPENING_JSON, HEARING_JSON]
    assert desk.everything() == before


# ── importing ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_imported_into_a_new_draft_and_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING)
    first = desk.into("--yes")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == "2 sessions added. Nobody was told anything."
    assert desk.rows("SELECT title, state, starts_on, ends_on FROM programme") == [
        ("Practice week 2035", "draft", "2035-03-12", "2035-03-12")
    ]
    made = desk.sessions()
    assert made == [
        ("Opening", "2035-03-12 09:30:00.000000", 500, "draft"),
        ("Court skills", "2035-03-12 13:00:00.000000", 12, "draft"),
    ]
    again = desk.into("--yes")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[-1] == "2 sessions unchanged. Nobody was told anything."
    assert desk.sessions() == made


def test_an_edited_file_changes_what_is_different_and_cancels_nothing_by_itself(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING)
    desk.into("--yes")
    desk.schedule(OPENING.replace("9.30am", "9.45am").replace("500", "400"))
    done = desk.into("--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "1 session changed. Nobody was told anything."
    assert [(title, places, state) for title, _, places, state in desk.sessions()] == [
        ("Opening", 400, "draft"),
        ("Court skills", 12, "draft"),
    ]
    assert [start for _, start, _, _ in desk.sessions()] == ["2035-03-12 09:45:00.000000", "2035-03-12 13:00:00.000000"]


def test_a_session_that_is_gone_is_cancelled_when_its_reference_is_named(desk: Desk) -> None:
    desk.schedule(OPENING, HEARING)
    desk.into("--yes")
    ((reference,),) = desk.rows("SELECT reference FROM session WHERE title = 'Court skills'")
    desk.schedule(OPENING)
    done = desk.into("--yes", "--cancel-gone", reference)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"No longer in the file, {reference}: Court skills. Monday 12 March 2035, 1pm to 2.30pm: nobody booked." in done.stdout
    assert done.stdout.splitlines()[-1] == "1 session unchanged, 1 session cancelled. Nobody was told anything."
    assert [(title, state) for title, _, _, state in desk.sessions()] == [("Opening", "draft"), ("Court skills", "cancelled")]


def test_a_programme_that_is_put_away_takes_no_file(desk: Desk) -> None:
    desk.schedule(OPENING)
    desk.into("--yes")
    with closing(sqlite3.connect(desk.database)) as db:
        db.execute("UPDATE programme SET state = 'archived'")
        db.commit()
    desk.schedule(OPENING, HEARING)
    for words in ((), ("--yes",), ("--preview",)):
        refused = desk.into(*words)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "This programme is over and put away, so it cannot be changed." in refused.stderr
    assert len(desk.sessions()) == 1


def test_a_reference_that_is_not_gone_is_refused(desk: Desk) -> None:
    desk.schedule(OPENING)
    desk.into("--yes")
    done = desk.into("--yes", "--cancel-gone", "NO-SUCH")
    assert (done.returncode, done.stderr) == (2, "There is no session NO-SUCH that the file no longer has. Nothing was imported.\n")
    assert [state for _, _, _, state in desk.sessions()] == ["draft"]


def test_a_file_with_an_error_is_not_imported_unless_the_good_rows_are_asked_for(desk: Desk) -> None:
    desk.schedule(OPENING, NIGHT)
    refused = desk.into("--yes")
    assert refused.returncode == 2
    assert "would be" not in refused.stdout
    assert "Traceback" not in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert (desk.programmes(), desk.sessions()) == ([], [])
    unasked = desk.into("--good-rows")
    assert (unasked.returncode, unasked.stderr) == (
        2,
        "Nothing was imported. Add --yes to import without being asked.\n",
    )
    done = desk.into("--yes", "--good-rows")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        "1 session added, 1 row left out. Nobody was told anything.",
        "Left out of week.csv: Row 3 (Start): 01:30 on 25 March 2035 does not exist: the clocks go forward that night.",
    ]
    assert [title for title, _, _, _ in desk.sessions()] == ["Opening"]


# ── refusals, each a sentence ───────────────────────────────────────────────────────────────────────────────


def test_without_a_terminal_and_without_yes_nothing_is_imported(desk: Desk) -> None:
    desk.schedule(OPENING)
    done = desk.script("--config", "config.toml", "--programme", "Practice week 2035")
    assert (done.returncode, done.stderr) == (2, "Nothing was imported. Add --yes to import without being asked.\n")
    assert (desk.programmes(), desk.sessions()) == ([], [])


@pytest.mark.parametrize(("typed", "imported"), [("yes\n", 1), ("no\n", 0), ("", 0)])
def test_at_a_terminal_the_organiser_is_asked(desk: Desk, typed: str, imported: int) -> None:
    desk.schedule(OPENING)
    ours, theirs = os.openpty()
    with open(ours, "wb", closefd=True) as keyboard:
        keyboard.write(typed.encode() or b"\x04")  # Ctrl-D
        keyboard.flush()
        done = desk.script("--config", "config.toml", "--programme", "Practice week 2035", stdin=theirs)
        os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Import this? Type yes: " in done.stdout
    assert (len(desk.programmes()), len(desk.sessions())) == (imported, imported)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say where to import it, with --config, or look at it with --preview."),
        (("--config", "none.toml"), "There is no file none.toml. Copy config.example.toml to begin."),
        (("--config", "config.toml", "--yes"), "Say which programme, with --programme: its title or number."),
        (("--config", "config.toml", "--programme", "17", "--yes"), "There is no programme with that number."),
        (
            ("--preview", "--column", "Nope=title"),
            "There is no column “Nope” in this file. Write --column with a heading as it stands there.",
        ),
    ],
)
def test_each_refusal_is_one_sentence(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    desk.schedule(OPENING)
    done = desk.run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence + "\n")


def test_a_file_that_is_not_there_is_said(desk: Desk) -> None:
    done = desk.run("--preview")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "week.csv could not be opened: No such file or directory.\n"


def test_a_file_that_is_no_schedule_is_said(desk: Desk) -> None:
    (desk.folder / "week.csv").write_bytes(b"\x00\x01\x02" * 100)
    done = desk.run("--preview", "--json")
    message = "This is not a spreadsheet that can be read. Please save it as .xlsx or .csv and send that."
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout) == {"sessions": [], "errors": [{"row": None, "column": None, "message": message}], "warnings": []}
    assert desk.run("--preview") == Done(2, "", message + "\n")


def test_a_database_that_cannot_be_opened_is_said(desk: Desk) -> None:
    desk.schedule(OPENING)
    text = (desk.folder / "config.toml").read_text(encoding="utf-8").replace("practiceweek.sqlite", "none/practiceweek.sqlite")
    (desk.folder / "config.toml").write_text(text, encoding="utf-8")
    done = desk.into("--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"The database {desk.folder / 'none' / 'practiceweek.sqlite'} cannot be used: unable to open database file.\n"


def test_a_preview_shows_the_series_and_the_presenters_address(tmp_path: Path) -> None:
    file = tmp_path / "course.csv"
    file.write_text(
        "Series,Date,Start,End,Title,Presenter,Presenter email,Platform\n"
        "Teachers 2027,12/04/2027,9.30am,12.30pm,Workshop 1,Lee Park,lee@uni.example,Teams\n",
        encoding="utf-8",
    )
    said = CliRunner().invoke(cli.app, ["import", str(file), "--preview"]).stdout
    assert said.splitlines()[0].endswith("Lee Park. Part of the series Teachers 2027. Mail to lee@uni.example.")
