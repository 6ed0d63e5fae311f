"""How rows are shown: a table that grows as they come, and a file that is whole at every moment."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measuring import Row


def written(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as JSON; a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_text(json.dumps([_plain(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    os.replace(half, path)


def _plain(row: Row) -> dict[str, object]:
    """Without what a row has not got, and without numbers that JSON does not know."""
    always = {"what", "value", "unit", "baseline", "ratio", "target", "met", "peak_mb"}
    fields = {name: value for name, value in asdict(row).items() if name in always or value}
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in fields.items()}


def shown(console: Console, rows: Iterable[Row]) -> None:
    """The table."""
    table = Table(show_lines=True)
    for heading in ("what", "ours", "baseline", "ratio", "target", "met", "peak"):
        table.add_column(heading, justify="right" if heading in ("ours", "baseline", "ratio", "peak") else "left")
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)


def cells(row: Row) -> tuple[str, ...]:
    """A row's cells, in words."""
    if row.fault is not None:
        return row.what, "-", "-", "-", row.target, f"no: {row.fault}", "-"
    also = "".join(f"\n{name} {_short(value)}" for name, value in row.also.items())
    theirs = "".join(f"\n{name} {_short(value)}" for name, value in row.of_baseline.items())
    return (
        row.what,
        f"{_short(row.value)} {row.unit}{also}",
        f"{_short(row.baseline)} {row.unit}\n{row.against}{theirs}",
        f"{_short(row.ratio)}x",
        row.target,
        "yes" if row.met else "no",
        f"{row.peak_mb:.0f} MB",
    )


def said(row: Row) -> str:
    """A row in a line, said as soon as it is there."""
    if row.fault is not None:
        return f"{row.what}: NOT MEASURED: {row.fault}"
    return (
        f"{row.what}: {_short(row.value)} {row.unit}, {_short(row.ratio)}x the baseline, {'met' if row.met else 'NOT MET'} ({row.target})"
    )


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
