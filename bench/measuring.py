"""A line of the suite and how it is measured: ours and its baseline by turns, each run in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.ground import Ground

ROOT = Path(__file__).parents[1]
Figures = dict[str, float]
Measurement = Callable[..., Any]  #: returns `Figures` or a number, or, as an async function, awaits them
#: longer faults are cut: the row is for a table
FAULT_LENGTH = 300


@dataclass(frozen=True)
class Limit:
    """What a figure must keep: `ratio`, `value`, or another that ours returns."""

    of: str
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        least = f"{self.of} >= {self.least:g}" if self.least is not None else ""
        most = f"{self.of} <= {self.most:g}" if self.most is not None else ""
        return " and ".join(filter(None, (least, most)))

    def kept(self, figures: Mapping[str, float]) -> bool:
        """Whether the figure is there and within the limit."""
        value = figures.get(self.of)
        return value is not None and (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Line:
    """One line of the table. The package's docstring tells how to add one."""

    what: str
    unit: str  #: of `value`, ours and the baseline's
    against: str  #: the baseline, in words
    ours: Measurement
    baseline: Measurement
    limits: tuple[Limit, ...]
    prepare: Callable[..., Any] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    baseline_given: Mapping[str, Any] | None = None  #: instead of `given`
    rounds: int = 5
    postgres: bool = False  #: whether it needs the PostgreSQL server
    seconds: float = 600.0  #: how long one measurement may take


@dataclass(frozen=True)
class Row:
    """What came of a line. `fault`: why there is no figure. `also`: the other figures of ours, medians; `of_baseline`: the baseline's."""

    what: str
    value: float | None
    unit: str
    baseline: float | None
    ratio: float | None
    target: str
    met: bool
    peak_mb: float | None
    against: str = ""
    rounds: int = 0
    also: Mapping[str, float] = field(default_factory=dict)
    of_baseline: Mapping[str, float] = field(default_factory=dict)
    fault: str | None = None


class Broken(Exception):
    """A measurement that did not come to an end; its words are the row's fault."""


def measured(line: Line, ground: Ground, *, rounds: int | None = None) -> Row:
    """Measure a line; its row, whatever happens."""
    row = Row(line.what, None, line.unit, None, None, ", ".join(map(str, line.limits)), False, None, line.against)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            ground = replace(ground, folder=Path(folder))
            if line.prepare is not None:
                ground = replace(ground, made=_apart(line.prepare, ground, line.given, line.seconds)[0])
            return _by_turns(line, ground, row, rounds or line.rounds)
    except Broken as broken:
        return replace(row, fault=str(broken)[-FAULT_LENGTH:])


def _by_turns(line: Line, ground: Ground, row: Row, rounds: int) -> Row:
    ours, theirs, peaks = list[Figures](), list[Figures](), list[float]()
    for _ in range(rounds):
        figures, peak = _measure(line.ours, ground, line.given, line.seconds)
        ours.append(figures)
        peaks.append(figures.get("peak_mb", peak))
        against = line.given if line.baseline_given is None else line.baseline_given
        theirs.append(_measure(line.baseline, ground, against, line.seconds)[0])
    mine, other = _medians(ours), _medians(theirs)
    value, baseline = mine["value"], other["value"]
    figures = {**mine, "ratio": value / baseline if baseline else float("inf")}
    return replace(
        row,
        value=_rounded(value),
        baseline=_rounded(baseline),
        ratio=_rounded(figures["ratio"]),
        met=all(limit.kept(figures) for limit in line.limits),
        peak_mb=round(max(peaks), 1),
        rounds=rounds,
        also={name: _rounded(one) for name, one in mine.items() if name not in ("value", "peak_mb")},
        of_baseline={name: _rounded(one) for name, one in other.items() if name not in ("value", "peak_mb")},
    )


def _medians(runs: list[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0] if all(name in run for run in runs)}


def _rounded(value: float) -> float:
    """To four figures that mean something."""
    return float(f"{value:.4g}")


# ── a run in a process of its own ───────────────────────────────────────────────────────────────────────────


def _measure(measurement: Measurement, ground: Ground, given: Mapping[str, Any], seconds: float) -> tuple[Figures, float]:
    result, peak = _apart(measurement, ground, given, seconds)
    figures = result if isinstance(result, dict) else {"value": result}
    if not isinstance(figures.get("value"), int | float):
        raise Broken(f"{measurement.__qualname__} returned no value")
    return {name: float(value) for name, value in figures.items()}, peak


def _apart(call: Callable[..., Any], ground: Ground, given: Mapping[str, Any], seconds: float) -> tuple[Any, float]:
    """What a function returns in a new process, and the highest that this process's memory came to, in MB. Raises `Broken`."""
    asked = {"module": call.__module__, "name": call.__qualname__, "given": dict(given)}
    asked["ground"] = {**asdict(ground), "folder": str(ground.folder)}
    answer = ground.folder / "answer.json"
    answer.unlink(missing_ok=True)
    with (ground.folder / "said.txt").open("w+", encoding="utf-8") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.apart", json.dumps(asked), str(answer)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Broken(f"{call.__qualname__} took longer than {seconds:g} seconds") from None
        finally:
            _end(child)
        if code != 0 or not answer.exists():
            said.seek(0)
            raise Broken(f"{call.__qualname__}: {_last_words(said.read()) or f'ended with {code}'}")
    told = json.loads(answer.read_text(encoding="utf-8"))
    return told["result"], told["peak_mb"]


def _end(child: subprocess.Popen[bytes]) -> None:
    """End what was started, with all that it started (it leads a group of its own)."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        child.wait()


def _last_words(said: str) -> str:
    """The error itself: the last line that stands at the margin, and what follows it."""
    lines = said.strip().splitlines()
    start = max((number for number, line in enumerate(lines) if line and not line[0].isspace()), default=0)
    return " ".join(" ".join(lines[start:]).split())
