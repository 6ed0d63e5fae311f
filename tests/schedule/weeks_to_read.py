"""Schedules as text and as the published files, read; and a row in brief."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from domain.ports.files import Sheet
from domain.schedule.reading import read_schedule
from domain.schedule.values import Schedule, ScheduledRow

TODAY = date(2026, 11, 21)
PROGRAMMES = Path(__file__).parents[2] / "rehearsal" / "programmes"


def read(text: str, name: str = "week.csv") -> Schedule:
    rows = tuple(tuple(cell or None for cell in row) for row in csv.reader(text.strip("\n").splitlines()))
    return read_schedule(Sheet(name, rows), today=TODAY)


def programme(name: str) -> Schedule:
    with (PROGRAMMES / name).open(encoding="utf-8", newline="") as file:
        return read_schedule(Sheet(name, tuple(tuple(cell or None for cell in row) for row in csv.reader(file))), today=TODAY)


def brief(row: ScheduledRow) -> tuple[object, ...]:
    return row.row, f"{row.starts_at:%d %b %H:%M}-{row.ends_at:%H:%M}", row.format, row.title
