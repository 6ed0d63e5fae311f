"""The table behind a model, for statements that the models' own words cannot say."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model that has one."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it and declares it nowhere
    return table
