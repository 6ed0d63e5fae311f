"""What a rehearsal came to, on the terminal: what was played, what holds, and what was left out or added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rehearsal.verdict import Check

#: breaches of one check, and rows, that are shown; the rest are counted
SHOWN = 10


class Ended(Protocol):
    """A rehearsal that is over."""

    @property
    def checks(self) -> Sequence[Check]: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def out(self) -> Path: ...
    @property
    def added(self) -> Sequence[str]: ...
    @property
    def left_out(self) -> Sequence[str]: ...
    @property
    def seconds(self) -> float: ...


def say(console: Console, ended: Ended) -> None:
    """All of it, the verdict last."""
    table = Table(title="What was played", show_header=False, title_justify="left")
    for what, number in ended.counts.items():
        table.add_row(what, f"{number:,}")
    console.print(table)
    _list(console, "Rows that could not be used, and are not in it:", ended.left_out)
    _list(console, "Sessions that the rehearsal added, because the file has none like them:", ended.added)
    console.print(_verdicts(ended.checks))
    for check in ended.checks:
        _list(console, f"[red]No:[/red] {escape(check.name)}", check.breaches)
    console.print(closing(ended), highlight=False)
    console.print(f"Look at {escape(str(ended.out))}/report.html, mail/, chat/, timeline.jsonl, meetings.json.", highlight=False)


def _verdicts(checks: Sequence[Check]) -> Table:
    table = Table(title="What must hold", title_justify="left")
    table.add_column("holds")
    table.add_column("what")
    table.add_column("cases", justify="right")
    for check in checks:
        holds = "[red]no[/red]" if check.breaches else "[green]yes[/green]" if check.looked_at else "-"
        table.add_row(holds, check.name, f"{check.looked_at:,}" if check.looked_at else "none")
    return table


def _list(console: Console, heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.print(heading, highlight=False)
    for line in lines[:SHOWN]:
        console.print(f"  - {escape(line)}", highlight=False)
    if len(lines) > SHOWN:
        console.print(f"  - and {len(lines) - SHOWN:,} more", highlight=False)


def closing(ended: Ended) -> str:
    """The last sentence: whether it holds, and how long it took."""
    took = f"It took {took_words(ended.seconds)}."
    broken = sum(bool(check.breaches) for check in ended.checks)
    if not broken:
        return f"[green]Everything holds.[/green] {took}"
    return f"[red]{broken} of {len(ended.checks)} things do not hold.[/red] They are listed above. {took}"


def took_words(seconds: float) -> str:
    """`48 seconds`, `2 minutes and 5 seconds`."""
    minutes, rest = divmod(max(round(seconds), 1), 60)
    spans = [(minutes, "minute"), (rest, "second")]
    return " and ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in spans if number)
