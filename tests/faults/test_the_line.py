"""No fault is without its test, and no test that the list names has gone."""

from __future__ import annotations

import ast

from tests.faults.lives import ROOT
from tests.faults.the_line import THE_LINE

#: those whose verdict is of the ledger are tried on both databases
BOTH = "tests/faults/"


def written_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {name for name in found if name.startswith("test_")}


def test_every_test_that_the_list_names_is_there() -> None:
    named = {test for tests in THE_LINE.values() for test in tests}
    known = {file: written_in(file) for file in {test.partition("::")[0] for test in named}}
    assert sorted(test for test in named if test.partition("::")[2] not in known[test.partition("::")[0]]) == []


def test_every_fault_that_the_ledger_could_tell_of_is_judged_by_the_ledger() -> None:
    """All but what one part alone meets: Graph's 429 is its provider's, a gateway that drops is the bot's."""
    elsewhere = sorted(fault for fault, tests in THE_LINE.items() if not any(test.startswith(BOTH) for test in tests))
    assert elsewhere == ["Discord gateway drop and resume", "Graph 429"]


def test_no_test_of_the_suite_is_missing_from_the_list() -> None:
    named = {test for tests in THE_LINE.values() for test in tests}
    about = ("test_judging", "test_the_line", "test_shared_clock")  # of the suite itself
    files = [path for path in sorted((ROOT / "tests/faults").glob("test_*.py")) if path.stem not in about]
    written = {f"tests/faults/{path.name}::{name}" for path in files for name in written_in(f"tests/faults/{path.name}")}
    assert sorted(written - named) == []
