"""`python -m bench [WORD ...] [--rounds N]`: measure, show a table, write build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bench.ground import Ground, postgres_server
from bench.measuring import ROOT, Line, Row, measured
from bench.showing import said, shown, written

#: where lines are, in the order of the table; a module that cannot be read is a row, and no reason to stop
MODULES = (
    "bench.booking",
    "bench.million",
    "bench.burst_outside",
    "bench.invitations",
    "bench.delivery",
    "bench.lateness",
    "bench.busy",
    "bench.pages",
    "bench.importing",
    "bench.starting",
)
OUT = ROOT / "build" / "bench.json"


def main(words: Sequence[str], rounds: int | None) -> int:
    """Measure the lines whose names hold one of the words (none: all); the exit code: 0 when every target was met."""
    console, rows = Console(width=None if sys.stdout.isatty() else 150), list[Row]()
    with ExitStack() as until_the_end:
        ground = Ground(Path())
        for name in MODULES:
            for line in _lines(name, rows):
                if words and not any(word.lower() in line.what.lower() for word in words):
                    continue
                if line.postgres and ground.postgres_url is None:
                    ground = Ground(Path(), until_the_end.enter_context(postgres_server()))
                console.print(f"[dim]measuring: {line.what} …[/dim]")
                rows.append(measured(line, ground, rounds=rounds))
                console.print(said(rows[-1]), markup=False)
                written(rows, OUT)
    written(rows, OUT)
    shown(console, rows)
    return 0 if rows and all(row.met for row in rows) else 1


def _lines(name: str, rows: list[Row]) -> tuple[Line, ...]:
    try:
        lines: tuple[Line, ...] = importlib.import_module(name).LINES
    except Exception as fault:
        rows.append(Row(name, None, "", None, None, "", False, None, fault=f"{type(fault).__name__}: {fault}"))
        return ()
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside baselines of the same run.")
    parser.add_argument("words", nargs="*", help="measure the lines whose names hold one of these words")
    parser.add_argument("--rounds", type=int, help="how often each is measured (five or more, for figures that count)")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, as by Ctrl-C
    sys.exit(main(asked.words, asked.rounds))
