"""Rows that the database takes only once: put in unless one with the same key is there, in one statement.

Looking first and then putting in is not enough where several processes look at the same moment. Here the database
decides: of two who put in the same row, the second waits for the first, and learns whether it came too late. Where no row
says it, but a count, they do it one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from domain.database import Db
from domain.tables import table_of

Row = TypeVar("Row", bound=SQLModel)


def is_postgres(db: Db) -> bool:
    """Whether this handle talks to a PostgreSQL server; else to a file."""
    return db.get_bind().dialect.name == "postgresql"


def one_by_one(db: Db, what: str) -> None:
    """Of those who do the same at once, each waits here until the one before is done: what they count after it is whole.

    A file is written to by one at a time anyway. Called with the sessions locked that it is about: none is locked after it.
    """
    if is_postgres(db):
        db.connection().execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def put_in(db: Db, rows: Sequence[Row]) -> int:
    """Put in those of the rows, all of one table with an `id`, whose keys are new; how many. The objects themselves stay outside."""
    if not rows:
        return 0
    db.flush()  # what they point to
    table = table_of(type(rows[0]))
    insert = postgresql.insert(table) if is_postgres(db) else sqlite.insert(table)
    taken = db.connection().execute(insert.on_conflict_do_nothing().returning(table.c.id), [row.model_dump(exclude={"id"}) for row in rows])
    return len(taken.all())
