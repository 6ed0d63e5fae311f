"""What all kinds of what is kept share: how many are done in one run, and how rows of a partnership are deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.tables import table_of

#: of one kind in one run: the next pass of the clock goes on
MOST = 2_000
#: people, who take longer
MOST_PEOPLE = 200


def delete_rows(db: Db, model: type[SQLModel], over: SelectOfScalar[Any]) -> int:
    """Delete the rows with these ids."""
    ids = db.exec(over.limit(MOST)).all()
    table = table_of(model)
    db.connection().execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def here(column: object, partnership_id: int) -> ColumnElement[bool]:
    return col(column) == partnership_id
