"""The folder of a rehearsal: only a rehearsal's own is ever cleared."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from practiceweek import cli
from practiceweek.rehearsals import folder as rehearsal_folder

SCHEDULE = "Date,Start,End,Title\n12 March 2035,9.30am,10.15am,Opening\n"
LIVE = {"practiceweek.sqlite": "the database", "practiceweek.sqlite-wal": "its newest", "mail/inbox": "mine", "chat/log": "mine too"}


def fill(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def rehearse(*words: object) -> tuple[int, str]:
    """Run the command; its exit code, and what it said on standard error."""
    errors = StringIO()
    with pytest.MonkeyPatch.context() as here, redirect_stderr(errors):
        here.setattr(sys, "argv", ["practiceweek", "rehearse", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0), errors.getvalue()


def test_a_live_installations_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, LIVE)
    sentence = f"{tmp_path} is not empty, and no rehearsal has written there. Name a new folder with --out.\n"
    assert rehearse("--out", tmp_path) == (2, sentence)
    assert found(tmp_path) == LIVE


def test_nothing_is_taken_away_before_the_schedule_was_read(tmp_path: Path) -> None:
    out, schedule = tmp_path / "out", tmp_path / "week.csv"
    rehearsal_folder.make_ready(out)
    fill(out, LIVE)
    before = found(out)
    schedule.write_text("Title\nno day at all\n", encoding="utf-8")
    code, said = rehearse(schedule, "--out", out)
    assert (code, "Traceback" in said) == (2, False)
    assert found(out) == before


def test_a_schedule_that_cannot_be_read_makes_no_folder(tmp_path: Path) -> None:
    code, said = rehearse(tmp_path / "none.csv", "--out", tmp_path / "out")
    assert (code, said) == (2, f"{tmp_path / 'none.csv'} could not be opened: No such file or directory.\n")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_rehearsals_folder_is_cleared_of_what_it_left_and_of_nothing_else(tmp_path: Path) -> None:
    rehearsal_folder.make_ready(tmp_path)
    fill(
        tmp_path, {**LIVE, "report.html": "old", "report-2.html": "old", "timeline.jsonl": "old", "meetings.json": "old", "notes": "my own"}
    )
    rehearsal_folder.make_ready(tmp_path)
    assert found(tmp_path) == {
        ".practiceweek-rehearsal": "A rehearsal of Practice Week writes here. The next one takes away what it left.\n",
        "notes": "my own",
    }


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    fill(tmp_path, {"out": "a file"})
    assert rehearse("--out", tmp_path / "out") == (2, f"{tmp_path / 'out'} cannot be used: Not a directory.\n")
    assert rehearse("--out", tmp_path / "out" / "deeper") == (2, f"{tmp_path / 'out' / 'deeper'} cannot be used: Not a directory.\n")
