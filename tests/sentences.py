"""Every sentence that a person may read, collected from the source and the templates, to be read as one.

`make words` writes them to `docs/words.md`, by the file they stand in; `tests/test_words.py` reads them all. What is put in
when a sentence is shown stands as `…`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "words.md"
ROOMS = ("bot", "domain", "integrations", "practiceweek", "rehearsal", "web")  # a person meets the last one with `rehearse --play`
#: what these calls are given is for a log, a programmer or the database
NOT_READ = ("log", "re", "text", "Field", "CheckConstraint", "RuntimeError", "LookupError", "AssertionError", "TypeError")
#: arguments that a person reads, though they have no full stop
LABELS = ("description", "placeholder", "help")
ERRORS = ROOT / "domain" / "errors.py"
#: these play services that speak for themselves
OTHERS = ("graph", "zoom", "mail", "serving", "faults")
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}|<style.*?</style>|<!--.*?-->", re.DOTALL)
_SLOT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")
_END = re.compile(r"(?<=[.?!:])\s+(?=[A-Z“\"…*])|\n+")


@dataclass(frozen=True)
class Sentence:
    """One sentence, and the file that it stands in."""

    file: str
    line: int
    words: str


def sentences() -> list[Sentence]:
    """All of them, in the order of the files."""
    found: list[Sentence] = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            name = str(path.relative_to(ROOT))
            if room == "rehearsal" and path.stem.startswith(OTHERS):
                continue
            if path.suffix == ".py":
                found += (Sentence(name, line, words) for line, text in _strings(path) for words in _split(text))
            elif path.suffix in (".txt", ".html") and not {"templates", "pages"}.isdisjoint(path.parts):
                text = _MARKUP.sub("\n", _SLOT.sub("…", _TAG.sub("\n", path.read_text(encoding="utf-8"))))
                found += (Sentence(name, 0, words) for words in _split(text))
    return list(dict.fromkeys(found))


def _split(text: str) -> Iterator[str]:
    for part in _END.split(text):
        words = " ".join(part.split()).strip("*#_- ")
        if _is_sentence(words):
            yield words


def _is_sentence(words: str) -> bool:
    """Three words or more that begin as a sentence and end as one."""
    return len(re.findall(r"[A-Za-z’']{2,}", words)) >= 3 and bool(re.match(r"[A-Z“\"…]", words)) and words[-1] in ".?!:"


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in LABELS and isinstance(node.value, ast.Constant):
            yield node.value.lineno, str(node.value.value).rstrip(".") + "."
            skipped.add(id(node.value))
        if path == ERRORS and isinstance(node, ast.ClassDef) and (said := ast.get_docstring(node)):
            yield node.lineno, said  # a refusal without words of its own says its docstring
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            skipped.add(id(node.value))
        if isinstance(node, ast.Assert) and node.msg is not None:
            skipped.update(id(part) for part in ast.walk(node.msg))
        if isinstance(node, ast.Call) and _called(node.func) in NOT_READ:
            skipped.update(id(part) for part in ast.walk(node))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for value in node.values for part in ast.walk(value) if isinstance(value, ast.Constant))
            yield node.lineno, "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, re.sub(r"\{[a-z_]*\}", "…", node.value)


def _called(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return _called(func.value)
    return func.id if isinstance(func, ast.Name) else ""


def page() -> str:
    """The sentences as a page to read."""
    lines = ["# The words", "", "Every sentence that Practice Week says, by the file it stands in. Made by `make words`; do not edit.", ""]
    file = ""
    for sentence in sentences():
        if sentence.file != file:
            file = sentence.file
            lines += ["", f"## {file}", ""]
        lines.append(f"- {sentence.words}")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
