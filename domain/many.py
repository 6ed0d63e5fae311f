"""Statements about many rows at once, with all that they are about as one parameter: an array on PostgreSQL, JSON on SQLite.

So a statement's text stays the same however many rows it is about: it is put into words once, and the database has it prepared.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Update, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.database import Db
from domain.once import is_postgres


def among(db: Db, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column of numbers is one of these."""
    if is_postgres(db):
        found: ColumnElement[bool] = column == any_(cast(list(ids), ARRAY(column.type)))
        return found
    each = func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(select(each.c.value))  # type: ignore[no-any-return]  # typed as any by SQLAlchemy


def set_each(db: Db, change: Update, key: Any, column: Any, values: Mapping[int, Any]) -> None:
    """Carry out a change of one table for each of these keys, with a value of its own for one column: a number, an instant or a text
    without the character NUL, of which SQLite's JSON would keep what stands before it.

    The change must have no condition: SQLite would find its rows by that, and read all of the JSON for each of them.
    """
    assert change.whereclause is None
    if not values:
        return
    of_each = _as_array(key, column, values) if is_postgres(db) else _as_json(db, column, values)
    its_key, its_value = of_each.c.key, of_each.c.value
    db.connection().execute(change.where(key == cast(its_key, key.type)).values({column.name: its_value}))


def _as_array(key: Any, column: Any, values: Mapping[int, Any]) -> FromClause:
    arrays = cast(list(values), ARRAY(key.type)), cast(list(values.values()), ARRAY(column.type))
    return func.unnest(*arrays).table_valued("key", "value").render_derived()


def _as_json(db: Db, column: Any, values: Mapping[int, Any]) -> FromClause:
    """Values as the database keeps them: JSON knows no instants."""
    dialect = db.connection().dialect
    kept = column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
    written = json.dumps({number: kept(value) for number, value in values.items()})
    return func.json_each(written).table_valued("key", "value")
