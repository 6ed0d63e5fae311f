"""Who did something is written in columns that forgetting somebody knows: found where the use cases write it, whatever they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain import models
from tests.seeding import maker_columns

ROOT = Path(models.__file__).parents[2]
#: what makes the name of an actor
MAKES = {"of_person", "by_account", "by_organiser"}


@dataclass
class Module:
    """A module's functions, and which names of others it knows."""

    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)


def domain_modules() -> dict[str, Module]:
    found = {}
    for file in sorted((ROOT / "domain").rglob("*.py")):
        module = Module(ast.parse(file.read_text(encoding="utf-8")))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                module.functions[node.name] = node
            elif isinstance(node, ast.ImportFrom) and node.module:
                module.imported |= {one.asname or one.name: (node.module, one.name) for one in node.names}
        found[".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = module
    return found


def names_actor(value: ast.expr, known: set[str]) -> bool:
    """Whether a value is, or may be, how the trail names somebody."""
    if isinstance(value, ast.IfExp):
        return names_actor(value.body, known) or names_actor(value.orelse, known)
    if isinstance(value, ast.BoolOp):
        return any(names_actor(one, known) for one in value.values)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in MAKES
    return (isinstance(value, ast.Name) and value.id in known) or (isinstance(value, ast.Attribute) and value.attr == "actor")


def pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target of an assignment with its value."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def given(call: ast.Call, params: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """What a call gives, by the names of its parameters."""
    yield from zip(params, call.args, strict=False)
    yield from ((one.arg, one.value) for one in call.keywords if one.arg)


def written() -> set[tuple[str, str]]:
    """(table, column) wherever any use case, or what it calls, puts an actor."""
    modules, columns = domain_modules(), set()
    known = {id(one): {"actor"} for module in modules.values() for one in module.functions.values()}
    before = -1
    while before != sum(map(len, known.values())):  # until nothing more is handed on
        before = sum(map(len, known.values()))
        for module in modules.values():
            for function in module.functions.values():
                columns |= follow(function, module, modules, known)
    return columns


def follow(function: ast.FunctionDef, module: Module, modules: dict[str, Module], known: dict[int, set[str]]) -> set[tuple[str, str]]:
    mine, columns = known[id(function)], set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in pairs(node):
                if names_actor(value, mine) and isinstance(target, ast.Name):
                    mine.add(target.id)
                elif names_actor(value, mine) and isinstance(target, ast.Attribute):
                    columns |= {(table, target.attr) for table in tables_with(target.attr)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            home, name = module.imported.get(node.func.id, ("", node.func.id))
            callee = modules.get(home, module).functions.get(name)
            params = [one.arg for one in (*callee.args.args, *callee.args.kwonlyargs)] if callee else []
            handed = {param for param, value in given(node, params) if names_actor(value, mine)}
            if callee:
                known[id(callee)] |= handed
            elif table := getattr(getattr(models, name, None), "__tablename__", None):
                columns |= {(table, column) for column in handed}
    return columns


def tables_with(column: str) -> set[str]:
    """The tables that have a column of this name."""
    return {table.name for table in models.Session.metadata.sorted_tables if column in table.c and table.name != "auditentry"}


def test_every_column_that_a_use_case_writes_an_actor_into_is_one_that_forgetting_knows() -> None:
    assert written() - {("auditentry", "actor")} == set(maker_columns())
