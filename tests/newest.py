"""A database of the newest revision without the way there: that revisions and models make the same is `test_revisions`' to say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - the tables
from domain.engines import writing_engine
from practiceweek.database import revisions


def make_tables(file: Path) -> None:
    """Make a SQLite file with every table of the models, and close it."""
    engine = writing_engine(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()


def stamp(url: str) -> None:
    """Put beside the tables of the models what an upgrade leaves there."""
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": revisions.newest()})
    engine.dispose()


def put_newest(file: Path) -> None:
    """Put such a SQLite file there, for its owner alone."""
    file.touch(0o600)
    file.write_bytes(_newest())


@cache
def _newest() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "newest.sqlite"
        make_tables(file)
        stamp(f"sqlite:///{file}")
        return file.read_bytes()
