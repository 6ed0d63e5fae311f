"""How long an organiser waits for the preview of a long file, beside the time that reading its cells takes at all."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook

from bench.filling import partnership
from bench.ground import Ground
from bench.measuring import Figures, Limit, Line
from bench.schedules import FIRST, write_schedule
from domain.database import Store
from domain.models import ProgrammeKind
from domain.programmes import NewProgramme, create
from domain.rules import Rules
from domain.schedule.importing import apply
from domain.schedule.previewing import bare_preview, preview
from integrations.holidays import english_bank_holidays
from integrations.sheets import CalamineSheetReader

ROWS, IN_A_PROGRAMME = 1_000, 500  #: 500 sessions is the most that one import may bring
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
CELLS = "import sys; from python_calamine import CalamineWorkbook as Book; Book.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()"


def prepare(ground: Ground) -> None:
    """The file."""
    write_schedule(ground.folder / "schedule.xlsx", ROWS)


def in_words(ground: Ground) -> Figures:
    """Read, understood and checked: every row a session."""
    began = time.perf_counter()
    name, content = "schedule.xlsx", (ground.folder / "schedule.xlsx").read_bytes()
    found = bare_preview(CalamineSheetReader().read(name, content), now=NOW, holidays=english_bank_holidays())
    seconds = time.perf_counter() - began
    assert (len(found.sessions), found.errors) == (ROWS, ()), found.errors[:3]
    return {"value": seconds}


def cells_alone(ground: Ground) -> Figures:
    """The cells, as calamine gives them."""
    began = time.perf_counter()
    rows = CalamineWorkbook.from_path(str(ground.folder / "schedule.xlsx")).get_sheet_by_index(0).to_python()
    seconds = time.perf_counter() - began
    assert len(rows) == ROWS + 1
    return {"value": seconds}


# ── the command, from outside ───────────────────────────────────────────────────────────────────────────────


def by_command(ground: Ground) -> Figures:
    """`practiceweek import FILE --preview --json`, its start included."""
    program = str(Path(sys.executable).with_name("practiceweek"))
    return _run([program, "import", str(ground.folder / "schedule.xlsx"), "--preview", "--json"])


def cells_by_command(ground: Ground) -> Figures:
    """A program that reads the cells and does nothing else."""
    return _run([sys.executable, "-c", CELLS, str(ground.folder / "schedule.xlsx")])


def _run(words: list[str]) -> Figures:
    began = time.perf_counter()
    done = subprocess.run(words, capture_output=True, check=False)
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stderr.decode()[-200:]
    return {"value": seconds}


# ── beside the sessions that are there ──────────────────────────────────────────────────────────────────────


def prepare_programme(ground: Ground) -> dict[str, object]:
    """A programme that holds the sessions of one file; another file with the same, each a quarter of an hour later."""
    before, after = ground.folder / "before.xlsx", ground.folder / "after.xlsx"
    write_schedule(before, IN_A_PROGRAMME)
    write_schedule(after, IN_A_PROGRAMME, titled="Strength in practice")
    url = ground.database("sqlite", "importing")
    partnership_id = partnership(url)
    store = Store(url)
    try:
        new = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, FIRST, FIRST)
        programme_id = store.write_now(create, partnership_id, new, actor="bench", now=NOW).id
        sheet = CalamineSheetReader().read("before.xlsx", before.read_bytes())
        of = {"good_rows_only": False, "actor": "bench", "now": NOW, "holidays": english_bank_holidays()}
        store.write_now(apply, partnership_id, programme_id, sheet, Rules(), **of)  # type: ignore[arg-type]  # given by the line
    finally:
        store.close()
    return {"url": url, "partnership_id": partnership_id, "programme_id": programme_id}


async def beside_programme(ground: Ground) -> Figures:
    """What the edited file would do to the programme, as the bot asks for it."""
    store = Store(ground.made["url"])
    content = (ground.folder / "after.xlsx").read_bytes()
    try:
        began = time.perf_counter()
        sheet = await asyncio.to_thread(CalamineSheetReader().read, "after.xlsx", content)
        ids = ground.made["partnership_id"], ground.made["programme_id"]
        found = await store.read(preview, *ids, sheet, Rules(), now=NOW, holidays=english_bank_holidays())
        seconds = time.perf_counter() - began
    finally:
        store.close()
    assert (len(found.rows), found.errors) == (IN_A_PROGRAMME, ()), found.errors[:3]
    return {"value": seconds}


def its_cells(ground: Ground) -> Figures:
    """The cells of the edited file."""
    began = time.perf_counter()
    CalamineWorkbook.from_path(str(ground.folder / "after.xlsx")).get_sheet_by_index(0).to_python()
    return {"value": time.perf_counter() - began}


UNDER_TWO_SECONDS = (Limit("value", most=2.0),)
LINES = (
    Line("import preview of 1,000 rows", "s", "reading the cells alone with calamine", in_words, cells_alone, UNDER_TWO_SECONDS, prepare),
    Line(
        "import preview of 1,000 rows, the whole command",
        "s",
        "a program that reads the cells with calamine",
        by_command,
        cells_by_command,
        UNDER_TWO_SECONDS,
        prepare,
    ),
    Line(
        "import preview of 500 changed rows beside a programme of 500",
        "s",
        "reading the cells alone with calamine",
        beside_programme,
        its_cells,
        UNDER_TWO_SECONDS,
        prepare_programme,
    ),
)
