"""A whole week, rehearsed by the real command on a small schedule: it holds, it shows what happened, and it repeats itself."""

from __future__ import annotations

import json
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

PROGRAM = str(Path(sys.executable).with_name("practiceweek"))
WEEK = """Date,Time,Title,Led by,Platform,Venue,Places
Monday 15 March 2027,9.30am - 10.30am,Opening,Workforce Team,MS Teams,,200
Monday 15 March 2027,11am - 12 noon,Voice of the child,Practice Lead,Zoom,,60
Tuesday 16 March 2027,2pm to 4pm,Reflection group,ASYE Lead,In person,"Room 2, Town Hall",4
Tuesday 16 March 2027,2pm to 3pm,Legal update,Solicitor,Teams,,100
Wednesday 17 March 2027,10am - 11am,Closed to most,Kinship Team,Teams,,20
"""


def rehearse(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "week.csv").write_text(WEEK, encoding="utf-8")
    call = [PROGRAM, "rehearse", "week.csv", "--people", "30", "--json", *words]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("rehearsed")
    done = rehearse(folder, "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")
    return folder, json.loads(done.stdout)


def timeline(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "out" / "timeline.jsonl").read_text(encoding="utf-8").splitlines()]


def test_everything_that_must_hold_holds(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    _, told = rehearsed
    assert told["holds"] is True
    assert [check["name"] for check in told["checks"] if check["breaches"] or not check["looked_at"]] == []


def test_the_week_has_everything_in_it(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = rehearsed
    seen = {line["what"] for line in timeline(folder)}
    assert {
        "imports a schedule", "publishes", "adds a session", "signs up", "proves the address", "asks for a place", "cancels",
        "moves a session", "moves a session to Teams", "cancels a session", "attendance", "gives feedback",
        "verification", "invitation", "update", "cancellation", "promotion", "reminder", "feedback", "waiting_closed",
    } <= seen  # fmt: skip
    assert {line["outcome"] for line in timeline(folder) if line["what"] == "asks for a place"} == {"booked", "waits"}
    assert any(line["outcome"] == "sent at attempt 2" for line in timeline(folder))


def test_the_timeline_is_in_order_and_names_nobody(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = rehearsed
    lines = timeline(folder)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert {line["person"].rsplit(" ", 1)[0] for line in lines} == {"", "organiser", "person"}
    assert "@" not in (folder / "out" / "timeline.jsonl").read_text(encoding="utf-8")


def test_the_folder_holds_all_that_was_promised(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    folder, told = rehearsed
    mails = sorted((folder / "out" / "mail").glob("*.eml"))
    names = [message_from_bytes(mail.read_bytes())["Message-ID"] for mail in mails]
    assert len(names) == len(set(names)) == told["counts"]["messages in the mailbox"]
    meetings = json.loads((folder / "out" / "meetings.json").read_text(encoding="utf-8"))
    living = [meeting["ref"].rsplit(":", 1)[0] for each in meetings.values() for meeting in each if meeting["deleted_at"] is None]
    assert len(living) == len(set(living)) > 0
    assert (folder / "out" / "chat" / "channel-practice-week.txt").read_text(encoding="utf-8").startswith("2027-02-22 09:00")
    report = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!DOCTYPE html>")
    assert "<script" not in report
    assert (folder / "out" / "practiceweek.sqlite").stat().st_size > 0


def test_the_same_seed_gives_the_same_timeline_byte_for_byte(rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = rehearsed
    assert rehearse(tmp_path, "--out", "out").returncode == 0
    assert (tmp_path / "out" / "timeline.jsonl").read_bytes() == (folder / "out" / "timeline.jsonl").read_bytes()


def test_a_file_without_a_usable_row_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("Date,Time,Title\nMonday 15 March 2027,on demand,Any time\n", encoding="utf-8")
    done = subprocess.run([PROGRAM, "rehearse", "empty.csv"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("No row of empty.csv can be used, so there is nothing to rehearse.\nRow 2: ")
    assert not (tmp_path / "rehearsal-out").exists()
