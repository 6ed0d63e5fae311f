"""How long people wait for what they type and turn to, while an organiser draws a report and another imports a schedule.

One process, the real store with its reading threads, as the bot has it. In the foreground, 40 times a second, by turns: what is
offered while somebody types a session's name, the days of the programme, a day's page; each with the query and the card. Behind
it, over and over: the report of a past programme with its pictures and its page, and the import of 1,000 rows, read,
previewed and written in two files of 500, which is the most that one import may bring.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.filling import Filled, fill, rows
from bench.ground import Ground
from bench.in_use import as_in_use
from bench.measuring import Figures, Limit, Line
from bench.schedules import FIRST, write_schedule
from bot.cogs.browse import choice_of
from bot.day_cards import day_page, days_card
from bot.report_files import drawn
from domain.browsing import find_sessions, open_programme, open_programmes
from domain.database import Store
from domain.kinds import Mode
from domain.models import Attendance, Booking, BookingState, Programme, ProgrammeKind, ProgrammeState, Session
from domain.programmes import NewProgramme, create
from domain.queries import day_view, programme_days
from domain.reports.programme import programme_report
from domain.rules import Rules
from domain.schedule.importing import apply
from domain.schedule.previewing import bare_preview, preview
from integrations.holidays import english_bank_holidays
from integrations.own_process import in_own_process
from integrations.pictures import Charts
from integrations.report_page import page
from integrations.sheets import CalamineSheetReader

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
ASKED, EVERY_S = 400, 0.025
PEOPLE, SESSIONS, BOOKINGS = 1_000, 75, 6_000
#: of the programme that is over
HELD, ATTENDED_EACH = 75, 60
TYPED = ("str", "session 4", "tuesday", "council")


def prepare(ground: Ground, *, database: str, busy: bool) -> dict[str, Any]:
    """A week to come, a week that is over with its attendance, and a file to import in two halves."""
    url = ground.database(database, "busy")
    filled = fill(url, now=NOW, people=PEOPLE, sessions=SESSIONS, bookings=BOOKINGS, places=100)
    _over(url, filled)
    for half in range(2):
        write_schedule(ground.folder / f"half-{half}.xlsx", 500, titled=f"Half {half}")
    return {"url": url, "partnership_id": filled.partnership_id}


def _over(url: str, filled: Filled) -> None:
    began = NOW - timedelta(days=14)
    of = {"partnership_id": filled.partnership_id, "programme_id": 2, "created_at": began, "touched_at": began}
    rows(
        url,
        Programme,
        1,
        first=2,
        partnership_id=filled.partnership_id,
        title="Last week",
        state=ProgrammeState.CLOSED,
        starts_on=began.date(),
        ends_on=(began + timedelta(days=5)).date(),
        created_at=began,
    )
    rows(
        url, Session, HELD, first=SESSIONS + 1, **of, reference=lambda n: f"OV-{n}", uid=lambda n: f"over{n}", state="published",
        title=lambda n: f"What we learnt, part {n - SESSIONS}", organisation_id=1, format="in_person", venue="Town Hall", places=80,
        starts_at=lambda n: began + timedelta(hours=n - SESSIONS), ends_at=lambda n: began + timedelta(hours=n - SESSIONS + 1),
    )  # fmt: skip
    rows(
        url, Booking, HELD * ATTENDED_EACH, first=BOOKINGS + 1, partnership_id=filled.partnership_id,
        session_id=lambda n: SESSIONS + 1 + (n - BOOKINGS - 1) // ATTENDED_EACH, person_id=lambda n: (n - BOOKINGS - 1) % PEOPLE + 1,
        mode=Mode.ROOM, state=BookingState.CONFIRMED, asked_at=began, confirmed_at=began,
        attendance=lambda n: Attendance.ATTENDED if n % 5 else Attendance.ABSENT,
    )  # fmt: skip


async def waits(ground: Ground, database: str, busy: bool) -> Figures:
    """The 99th percentile of the waits, in ms; with how often the work behind was done meanwhile."""
    as_in_use()
    url = ground.copied(ground.made["url"], "busy-run")
    store, done, behind = Store(url), {"reports": 0, "imports": 0}, list[asyncio.Task[None]]()
    partnership_id = ground.made["partnership_id"]
    try:
        await _waits(store, partnership_id, 20)  # as in a bot that has been answering
        if busy:
            await _report(store, partnership_id)  # what drawing loads, it loads once a run of the program
            behind = [
                asyncio.create_task(_again_and_again(done, "reports", lambda: _report(store, partnership_id))),
                asyncio.create_task(_again_and_again(done, "imports", lambda: _import(store, partnership_id, ground.folder))),
            ]
            await asyncio.sleep(0.2)
        waited = await _waits(store, partnership_id, ASKED)
    finally:
        for work in behind:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await asyncio.to_thread(store.close)
        ground.drop(url)
    cuts = quantiles(waited, n=100)
    return {"value": cuts[98], "p50_ms": cuts[49], "most_ms": max(waited), **(done if busy else {})}


async def _waits(store: Store, partnership_id: int, count: int) -> list[float]:
    waited: list[float] = []
    asks = (_type, _days, _type, _day)

    async def ask(number: int, due: float) -> None:
        await asks[number % 4](store, partnership_id, number)
        waited.append((time.perf_counter() - due) * 1000)

    asked, began = [], time.perf_counter()
    for number in range(count):
        due = began + number * EVERY_S  # from when it should have been asked: a loop that is blocked makes people wait too
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(ask(number, due)))
    await asyncio.gather(*asked)
    return waited


async def _type(store: Store, partnership_id: int, number: int) -> None:
    found = await store.read(find_sessions, partnership_id, TYPED[number % len(TYPED)], now=NOW, limit=25)
    assert [choice_of(one) for one in found] or "council" in TYPED[number % len(TYPED)]


async def _days(store: Store, partnership_id: int, _number: int) -> None:
    await store.read(open_programmes, partnership_id, now=NOW)
    programme = await store.read(open_programme, partnership_id, 1)
    days_card(programme, await store.read(programme_days, partnership_id, 1))


async def _day(store: Store, partnership_id: int, number: int) -> None:
    day = (NOW + timedelta(days=14 + number % 2)).date()
    day_page(await store.read(day_view, partnership_id, 1, day), 0, turning=True)


# ── behind ──────────────────────────────────────────────────────────────────────────────────────────────────


async def _again_and_again(done: dict[str, int], what: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()
        done[what] += 1


async def _report(store: Store, partnership_id: int) -> None:
    """As `/programme report` makes it."""
    made = await store.read(programme_report, partnership_id, 2, Rules(), now=NOW)
    files = await in_own_process(drawn, made, Charts(), page)
    assert len(files) > 1


async def _import(store: Store, partnership_id: int, folder: Path) -> None:
    """As `/programme import` reads, shows and carries out a file, twice."""
    new = NewProgramme("An import", ProgrammeKind.PRACTICE_WEEK, FIRST, FIRST)
    holidays = english_bank_holidays()
    for half in range(2):
        programme_id = (await store.write(create, partnership_id, new, actor="bench", now=NOW)).id
        name = f"half-{half}.xlsx"
        sheet = await store.compute(CalamineSheetReader().read, name, (folder / name).read_bytes())
        schedule = await store.compute(bare_preview, sheet, now=NOW, holidays=holidays)
        shown = await store.read(preview, partnership_id, programme_id, sheet, Rules(), now=NOW, holidays=holidays, schedule=schedule)
        done = await store.write(
            apply,
            partnership_id,
            programme_id,
            sheet,
            Rules(),
            good_rows_only=False,
            actor="bench",
            now=NOW,
            holidays=holidays,
            seen=shown.fingerprint,
            schedule=shown.schedule,
        )
        assert done.new == 500


def _line(database: str, called: str) -> Line:
    return Line(
        what=f"autocomplete and browse while a report and an import run, p99, {called}",
        unit="ms",
        against="the same in quiet",
        prepare=prepare,
        ours=waits,
        baseline=waits,
        given={"database": database, "busy": True},
        baseline_given={"database": database, "busy": False},
        limits=(Limit("ratio", most=2.0), Limit("value", most=300.0)),
        postgres=database == "postgresql",
    )


LINES = (_line("sqlite", "SQLite"), _line("postgresql", "PostgreSQL"))
