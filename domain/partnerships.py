"""Several partnerships in one database: a query of the clock, which works for all of them at once, told whose rows it is about."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col


def of_these(column: Any, whose: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    """What to add to a query: rows of these partnerships alone. None: of every partnership, which costs the query nothing."""
    return () if whose is None else (col(column).in_(whose),)
