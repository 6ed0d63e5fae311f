"""The house keeps its own laws: its rooms, its words, its manners. The import law itself is checked by `lint-imports`."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("practiceweek", "rehearsal", "bot", "web", "scheduler", "integrations", "domain", "migrations")
#: a room of ours, and what it may import of ours; the floors of the design, each with what lies below it
MAY_IMPORT = {
    "domain": (),
    "bot": ("domain",),
    "web": ("domain",),
    "scheduler": ("domain",),
    "integrations": ("domain",),
    "rehearsal": ("bot", "web", "scheduler", "integrations", "domain"),
    "practiceweek": ("rehearsal", "bot", "web", "scheduler", "integrations", "domain", "migrations"),
    "migrations": ("domain",),
}
#: words that are not used for anything of ours (docs/glossary.md)
NOT_OUR_WORDS = re.compile(r"(?i)^_*(utils?|helpers?|managers?|jobs?|tasks?|users?|events?|data)$")
#: where a library gives the word, or asks for it
THEIRS = frozenset({"user", "event", "data", "task"})


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every module of ours."""
    return {name_of(path): parsed(path) for path in modules()}


def test_there_is_no_room_but_those_of_the_plan() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found == {*ROOMS, "bench"}  # the benchmark suite stands beside the house


def test_every_module_says_what_it_is(trees: dict[str, ast.Module]) -> None:
    silent = [name for name, tree in trees.items() if not (ast.get_docstring(tree) or "").strip()]
    assert silent == []


def test_nothing_is_printed(trees: dict[str, ast.Module]) -> None:
    printed = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printed == []


# ── the import law ──────────────────────────────────────────────────────────────────────────────────────────


def imported(tree: ast.Module) -> Iterator[str]:
    """The first name of everything that is imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def test_no_file_imports_upwards_or_sideways(trees: dict[str, ast.Module]) -> None:
    breaches = []
    for name, tree in trees.items():
        room = name.partition("/")[0]
        breaches += [f"{name} imports {other}" for other in imported(tree) if other in ROOMS and other not in (room, *MAY_IMPORT[room])]
    assert breaches == []


def test_the_contracts_of_the_import_law_name_every_room() -> None:
    law = settings()["tool"]["importlinter"]
    (floors,) = [contract for contract in law["contracts"] if contract["type"] == "layers"]
    named = [room.strip() for floor in floors["layers"] for room in floor.split("|")]
    assert sorted(law["root_packages"]) == sorted(ROOMS)
    assert sorted([*named, "migrations"]) == sorted(ROOMS)
    assert floors["layers"] == ["practiceweek", "rehearsal", "bot | web | scheduler | integrations", "domain"]


def test_the_domain_is_forbidden_what_the_design_forbids_it() -> None:
    contracts = settings()["tool"]["importlinter"]["contracts"]
    (forbidden,) = [set(one["forbidden_modules"]) for one in contracts if one.get("source_modules") == ["domain"]]
    assert {"discord", "apscheduler", "httpx", "aiohttp", "starlette", "icalendar", "msgraph"} <= forbidden


def test_every_room_is_built_into_the_package_and_checked() -> None:
    assert sorted(settings()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(ROOMS)
    (packages,) = re.findall(r"^PACKAGES := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(packages.split()) == sorted(ROOMS)


# ── words and manners ───────────────────────────────────────────────────────────────────────────────────────


def test_no_module_class_or_function_has_a_name_that_says_nothing(trees: dict[str, ast.Module]) -> None:
    said = []
    for name, tree in trees.items():
        stem = Path(name).stem
        said += [name] if NOT_OUR_WORDS.match(stem) else []
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?|Job|Task)$", node.name):
                said.append(f"{name}: {node.name}")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and NOT_OUR_WORDS.match(node.name) and node.name not in THEIRS:
                said.append(f"{name}: {node.name}")
    assert said == []


def test_nothing_below_the_ticks_fetches_the_time(trees: dict[str, ast.Module]) -> None:
    """`now` is handed in; the machine's clock is read in `practiceweek.times`, and as a default of the clock itself."""
    asked = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        if name not in ("practiceweek/times.py", "scheduler/clock.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("now", "utcnow", "today")
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("datetime", "date")
    ]
    assert asked == []


def test_nothing_is_made_when_a_module_is_imported(trees: dict[str, ast.Module]) -> None:
    """No settings, engine, client, loop or store at module level."""
    made = []
    for name, tree in trees.items():
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
                called = ast.unparse(statement.value.func)
                if re.search(
                    r"(?i)(^|\.)(create_engine|writing_engine|Store|Client|AsyncClient|ClientSession|Settings|load|open)$", called
                ):
                    made.append(f"{name}:{statement.lineno} {called}")
    assert made == []


def test_everything_that_is_caught_blindly_is_logged_or_told(trees: dict[str, ast.Module]) -> None:
    """`except Exception: pass` is nowhere."""
    swallowed = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    assert swallowed == []


def test_no_promise_is_left_in_the_code() -> None:
    """No TODO, no FIXME, no NotImplementedError."""
    left = [
        f"{name_of(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\b(TODO|FIXME|raise NotImplementedError)\b", line)
    ]
    assert left == []


def test_no_secret_and_no_path_of_a_machine_is_in_the_files() -> None:
    looked = [*modules(), *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "config.example.toml"]
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in looked
        for match in re.finditer(r"/home/\w+|/work/|/root/|BEGIN [A-Z ]*PRIVATE KEY|xox[bp]-", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


# ── Discord's limits ────────────────────────────────────────────────────────────────────────────────────────

#: numbers that are Discord's wherever they stand in the bot: a card's text and a field's, a message's, titles of forms, menus, nonces
DISCORDS_OWN = frozenset({2000, 45, 25, 10_000_000})
#: what cuts a text to fit something of Discord's, and the limits of labels, choices and ids
CUTS = frozenset({"bare", "cut"})
OF_LABELS = frozenset({100, 80})


def repeated_limits(tree: ast.Module) -> Iterator[int]:
    """The lines where a limit of Discord's is written as a number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int and (node.value in DISCORDS_OWN or 3000 <= node.value <= 4000):
            yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in CUTS:
            yield from (one.lineno for one in node.args if isinstance(one, ast.Constant) and one.value in OF_LABELS)


def test_a_limit_of_discords_is_a_number_in_one_place(trees: dict[str, ast.Module]) -> None:
    """`bot/limits.py` names it; everywhere else it is used by its name."""
    repeated = [f"{name}:{line}" for name, tree in trees.items() if name.startswith("bot/") for line in repeated_limits(tree)]
    assert {one.partition(":")[0] for one in repeated} <= {"bot/limits.py"}, repeated
    assert repeated
