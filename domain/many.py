"""Statements about many rows at once, as each database takes them best.

PostgreSQL has one array as one parameter, so that the statement stays the same however many rows it is about, and is prepared
once; SQLite takes long lists, and the same statement again and again, without any of that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Update, any_, bindparam, cast, func
from sqlalchemy.dialects.postgresql import ARRAY

from domain.database import Db
from domain.once import is_postgres


def among(db: Db, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column of numbers is one of these."""
    if is_postgres(db):
        found: ColumnElement[bool] = column == any_(cast(list(ids), ARRAY(column.type)))
        return found
    return column.in_(list(ids))  # type: ignore[no-any-return]  # typed as any by SQLAlchemy


def set_each(db: Db, change: Update, key: Any, column: Any, values: Mapping[int, Any]) -> None:
    """Carry out a change of one table for each of these keys, with a value of its own for one column."""
    connection = db.connection()
    if not values:
        return
    if not is_postgres(db):
        each = change.where(key == bindparam("its_key")).values({column.name: bindparam("its_value")})
        connection.execute(each, [{"its_key": number, "its_value": value} for number, value in values.items()])
        return
    arrays = cast(list(values), ARRAY(key.type)), cast(list(values.values()), ARRAY(column.type))
    of = func.unnest(*arrays).table_valued("its_key", "its_value", name="of_each").render_derived()
    connection.execute(change.where(key == of.c.its_key).values({column.name: of.c.its_value}))
