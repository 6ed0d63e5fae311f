"""Several partnerships in one database: a query of the clock, which works for all of them at once, told whose rows it is about.

A process keeps the partnerships of its settings (`RulesOf.kept`) and touches the rows of no other: another process may keep those, by
other rules. What nobody keeps stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

#: the ids of the partnerships that are meant; None: every one that there is
Whose = Collection[int] | None


def of_these(column: Any, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    """What to add to a query: rows of these partnerships alone. None: of every partnership, which costs the query nothing."""
    return () if whose is None else (col(column).in_(whose),)
