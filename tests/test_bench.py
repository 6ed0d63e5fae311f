"""The harness of `make bench`: a row comes out whatever happens, and the file is whole. What it measures is no test."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.ground import Ground
from bench.measuring import Figures, Limit, Line, measured
from bench.showing import cells, said, written


def quick(ground: Ground, value: float) -> Figures:
    """A measurement that says what it was given, and whether it runs apart from the tests."""
    return {"value": value, "also": value / 2, "apart": float("pytest" not in sys.modules)}


def broken(ground: Ground, value: float) -> Figures:
    """One that does not hold."""
    assert value < 0, "nobody has a place"
    return {"value": value}


def line(ours: object = quick, **other: Any) -> Line:
    limits = (Limit("ratio", most=2.0),)
    given: dict[str, Any] = {"what": "a line", "unit": "s", "against": "the same", "ours": ours, "baseline": quick, "limits": limits}
    return Line(**{**given, "given": {"value": 6.0}, "baseline_given": {"value": 3.0}, "rounds": 2, **other})


def test_a_line_is_measured_by_turns_in_processes_of_their_own() -> None:
    row = measured(line(limits=(Limit("ratio", most=2.0), Limit("also", least=3.0, most=3.0))), Ground(Path()))
    assert (row.value, row.baseline, row.ratio, row.met, row.fault) == (6.0, 3.0, 2.0, True, None)
    assert (row.target, row.rounds, row.also["also"], row.of_baseline["also"]) == ("ratio <= 2, also >= 3 and also <= 3", 2, 3.0, 1.5)
    assert (row.also["apart"], row.of_baseline["apart"]) == (1.0, 1.0)
    assert row.peak_mb is not None
    assert 5 < row.peak_mb < 500


def test_a_line_that_fails_is_a_row_that_says_why_and_the_file_is_whole(tmp_path: Path) -> None:
    rows = [measured(line(broken), Ground(Path())), measured(line(limits=(Limit("ratio", most=1.9),), rounds=1), Ground(Path()))]
    assert [(row.met, row.fault) for row in rows] == [(False, "broken: AssertionError: nobody has a place"), (False, None)]
    written(rows, tmp_path / "build" / "bench.json")
    kept = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert [(one["what"], one["value"], one["ratio"], one["met"], one.get("fault")) for one in kept] == [
        ("a line", None, None, False, "broken: AssertionError: nobody has a place"),
        ("a line", 6.0, 2.0, False, None),
    ]
    assert {"what", "value", "unit", "baseline", "ratio", "target", "met", "peak_mb"} <= set(kept[0]) & set(kept[1])
    assert [said(row) for row in rows] == [
        "a line: NOT MEASURED: broken: AssertionError: nobody has a place",
        "a line: 6 s, 2x the baseline, NOT MET (ratio <= 1.9)",
    ]
    assert [len(cells(row)) for row in rows] == [7, 7]
