"""The data map, the periods and who sees what, as `docs/privacy.md` shows them: written from the code, between its marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.keeping.kinds import KINDS
from domain.keeping.periods import Periods
from domain.rights.tables import TABLES
from domain.seeing import SEES, Seer, Sight

PAGE = Path(__file__).parent.parent / "docs" / "privacy.md"
BEGINS, ENDS = "<!-- written by python -m tests.privacy_page: from here -->", "<!-- to here -->"


def tables() -> Iterator[str]:
    """Everything that is written from the code."""
    yield "## Who sees what\n\n| | " + " | ".join(Seer) + " |\n|" + " --- |" * (len(Seer) + 1)
    for sight in Sight:
        yield f"| {sight} | " + " | ".join("yes" if sight in SEES[seer] else "" for seer in Seer) + " |"
    yield "\n## How long\n\n| What | Days | Then |\n| --- | --- | --- |\n| What somebody needs, after the session | 30 | deleted |"
    for kind in KINDS:
        yield f"| {kind.holds} | {kind.period(Periods()).days} | {kind.then} |"
    yield "\n## The data map\n\n| Table | Holds | About a person | Other | Kept | When somebody is forgotten |\n|" + " --- |" * 6
    for table in TABLES:
        about = ", ".join(table.about.split()) or "nothing"
        other = ", ".join(f"{table.other} {table.secret}".split())
        yield f"| `{table.name}` | {table.holds} | {about} | {other} | {table.kept} | {table.forgotten} |"


def page(old: str) -> str:
    """The page, with what is written from the code made anew."""
    before, rest = old.split(BEGINS)
    return f"{before}{BEGINS}\n\n" + "\n".join(tables()) + f"\n\n{ENDS}{rest.split(ENDS)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
