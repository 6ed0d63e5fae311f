"""A whole week, rehearsed by the real command on a small schedule: it holds, it shows what happened, and it repeats itself.

It is repeated on a loop that is watched: no handler, in chat or on a page, and no tick computes for 50 ms in one callback (see
`tests/loop_watch.py`). The start of the program, before anybody is there to wait, is not watched.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from email import message_from_bytes
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from practiceweek import logs
from practiceweek.rehearsals.rehearsing import schedules_of, set_stage
from rehearsal.leavings import leave
from rehearsal.week import Week
from tests.loop_watch import WatchedLoop

PROGRAM = str(Path(sys.executable).with_name("practiceweek"))
WEEK = """Date,Time,Title,Led by,Platform,Venue,Places
Monday 15 March 2027,9.30am - 10.30am,Opening,Workforce Team,MS Teams,,200
Monday 15 March 2027,11am - 12 noon,Voice of the child,Practice Lead,Zoom,,60
Tuesday 16 March 2027,2pm to 4pm,Reflection group,ASYE Lead,In person,"Room 2, Town Hall",4
Tuesday 16 March 2027,2pm to 3pm,Legal update,Solicitor,Teams,,100
Wednesday 17 March 2027,10am - 11am,Closed to most,Kinship Team,Teams,,20
Wednesday 17 March 2027,on demand,A recording,Kinship Team,Teams,,20
Thursday 18 March 2027,10am - 11am,Parents' panel: what helped,Parent Advisers,In person,"Room 2, Town Hall",30
"""
FAMILIES = """Date,Start,End,Title,Public title,Private,Led by,Platform,Venue,Places
04/05/2027,10:00,11:30,Meet the parent advisers,Tuesday workshop,Yes,Family Lead,In person,"Garden room",4
06/05/2027,18:30,19:30,What helped and what did not,Thursday evening,Yes,Parent Adviser,Zoom,,12
"""
COURSE = """Series,Date,Start,End,Title,Led by,Platform,Venue,Places
Practitioner teachers 2027,22/09/2027,10:00,16:00,Workshop 1: the role,Both universities,In person,Campus,24
Practitioner teachers 2027,20/10/2027,10:00,16:00,Workshop 2: teaching,Both universities,In person,Campus,24
Practitioner teachers 2027,19/01/2028,10:00,13:00,Workshop 3: in the classroom,Both universities,Teams,,24
"""
COURSES = ["a course is held on all its parts or on none", "certificates went to those who completed, and to nobody else"]
PRIVATE = ["what is told in private is found nowhere else", "private sessions are known by their neutral title alone"]
#: what the verdict finds no case of in a file, because there is none
NOTHING_OF_IT = {"week.csv": COURSES, "families.csv": COURSES, "course.csv": PRIVATE}


PEOPLE, SEED = 16, 1


def rehearse(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "week.csv").write_text(WEEK, encoding="utf-8")
    call = [PROGRAM, "rehearse", "week.csv", "--people", str(PEOPLE), "--seed", str(SEED), "--json", *words]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("rehearsed")
    done = rehearse(folder, "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")
    return folder, json.loads(done.stdout)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, Any]]]:
    """The two other kinds, side by side."""
    started = {}
    for name, kind, text in (("families.csv", "parent-partnership", FAMILIES), ("course.csv", "practitioner-teacher", COURSE)):
        folder = tmp_path_factory.mktemp(kind)
        (folder / name).write_text(text, encoding="utf-8")
        call = [PROGRAM, "rehearse", name, "--kind", kind, "--people", "12", "--json", "--out", "out"]
        started[name] = folder, subprocess.Popen(call, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ended = {}
    for name, (folder, running) in started.items():
        printed, errors = running.communicate(timeout=300)
        assert (running.returncode, errors) == (0, ""), printed
        ended[name] = folder, json.loads(printed)
    return ended


@pytest.mark.parametrize(
    ("name", "acts"),
    [
        (
            "families.csv",
            {
                "makes an invitation code",
                "takes an invitation code back",
                "opens an invitation",
                "asks for a private place",
                "says what they need",
                "withdraws",
                "guesses at codes",
                "tries a code that was used",
                "looks at who comes",
                "sees to needs",
            },
        ),
        (
            "course.csv",
            {
                "makes another run of a course",
                "asks for a course",
                "gives a course back",
                "replaces a cancelled day",
                "makes up a missed part",
                "fetches the certificate",
                "certificate",
            },
        ),
    ],
)
def test_the_other_kinds_are_acted_out_and_hold(kinds: dict[str, tuple[Path, dict[str, Any]]], name: str, acts: set[str]) -> None:
    folder, told = kinds[name]
    assert [check["name"] for check in told["checks"] if check["breaches"]] == []
    assert [check["name"] for check in told["checks"] if not check["looked_at"]] == NOTHING_OF_IT[name]
    lines = timeline(folder)
    assert acts - {line["what"] for line in lines} == set()
    whole = {line["outcome"] for line in lines if line["what"] in ("asks for a private place", "asks for a course")}
    assert {"waits", "is held" if name == "families.csv" else "booked"} <= whole


def timeline(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "out" / "timeline.jsonl").read_text(encoding="utf-8").splitlines()]


def test_everything_that_must_hold_holds(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    _, told = rehearsed
    assert told["holds"] is True
    assert [check["name"] for check in told["checks"] if check["breaches"]] == []
    assert [check["name"] for check in told["checks"] if not check["looked_at"]] == NOTHING_OF_IT["week.csv"]
    assert told["added"] == ["Rehearsal: the morning after the clocks change"]
    assert [row[:7] for row in told["left_out"]] == ["Row 7: "]


def test_the_week_has_everything_in_it(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = rehearsed
    seen = {line["what"] for line in timeline(folder)}
    assert {
        "imports a schedule", "publishes", "adds a session", "signs up", "proves the address", "asks for a place", "cancels",
        "moves a session", "moves a session to Teams", "cancels a session", "attendance", "gives feedback",
        "answers whether sessions are private", "asks for a private place", "undoes it", "adds something to read", "writes to those booked",
        "asks a presenter", "confirms a presenter", "says that they will present", "says that they cannot present",
        "asks a colleague to take a place", "takes a colleague's place", "declines a colleague's place", "cancels the rest of a day",
        "takes an offered place", "declines an offered place", "asks for a calendar", "reads a calendar", "drafts a CPD note",
        "looks for a certificate of attendance", "signs in to the organisers' pages", "looks at the week", "asks whether all is ready",
        "offer", "sign_in", "verification", "invitation", "update", "cancellation", "promotion", "reminder", "feedback", "waiting_closed",
    } <= seen  # fmt: skip
    assert {line["outcome"] for line in timeline(folder) if line["what"] == "asks for a place"} == {"booked", "is held", "waits"}
    assert any(line["outcome"] == "sent at attempt 2" for line in timeline(folder))


def test_the_timeline_is_in_order_and_names_nobody(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = rehearsed
    lines = timeline(folder)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert {line["person"].rsplit(" ", 1)[0] for line in lines} == {
        "",
        "calendar program",
        "colleague",
        "family",
        "organiser",
        "person",
        "presenter",
        "stranger",
    }
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


async def a_week(folder: Path) -> bytes:
    """The same week again, in this process and on the loop that runs it; its timeline."""
    schedules = schedules_of([folder / "week.csv"])
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    async with set_stage(schedules, SEED, folder) as stage:
        loop.begin()
        played = await Week(stage, schedules, PEOPLE, SEED, lambda _what, _done: None).play()
        loop.end()
        leave(folder, stage, played)
    return (folder / "timeline.jsonl").read_bytes()


def test_the_same_seed_gives_the_same_timeline_and_nothing_holds_the_loop(rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = rehearsed
    (tmp_path / "week.csv").write_text(WEEK, encoding="utf-8")
    logs.set_up("warning", "json", StringIO())
    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, WatchedLoop)
        again = runner.run(a_week(tmp_path))
    assert again == (folder / "out" / "timeline.jsonl").read_bytes()
    assert (loop.slow, loop.callbacks > 5_000) == ([], True)


def test_a_file_without_a_usable_row_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("Date,Time,Title\nMonday 15 March 2027,on demand,Any time\n", encoding="utf-8")
    done = subprocess.run([PROGRAM, "rehearse", "empty.csv"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("No row of empty.csv can be used, so there is nothing to rehearse.\nRow 2: ")
    assert not (tmp_path / "rehearsal-out").exists()
