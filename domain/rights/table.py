"""A table as the map describes it: what it holds, which columns are about a person, for how long, and what forgetting does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel

from domain.rights.subjects import Subject

# ── for how long ────────────────────────────────────────────────────────────────────────────────────────────

OVER = "30 days after it is over"
NAMES = "two years after their last session"
LETTERS = "a year"

Theirs = Callable[[Subject], ColumnElement[bool]]


@dataclass(frozen=True)
class Table:
    """One table. `about` are columns that are, or may be, about a person; `secret` ones are never shown, not to that person either."""

    model: type[SQLModel]
    holds: str
    about: str = ""
    other: str = ""
    secret: str = ""
    theirs: Theirs | None = field(default=None, repr=False)  #: which rows are one person's; None: no row leads to anybody
    forgotten: str = "It leads to nobody."
    kept: str = "as long as the programme is kept"

    @property
    def name(self) -> str:
        """As the database calls it."""
        return str(self.model.__tablename__)

    @property
    def columns(self) -> frozenset[str]:
        """All of them."""
        return frozenset(f"{self.about} {self.other} {self.secret}".split())
