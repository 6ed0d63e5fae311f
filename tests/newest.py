"""A database of the newest revision without the way there: that revisions and models make the same is `test_revisions`' to say."""

from __future__ import annotations

from sqlalchemy import text

from domain.engines import writing_engine
from practiceweek.database import revisions


def stamp(url: str) -> None:
    """Put beside the tables of the models what an upgrade leaves there."""
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": revisions.newest()})
    engine.dispose()
