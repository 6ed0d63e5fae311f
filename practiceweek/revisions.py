"""The database's revision: what it is, what it should be, and the way there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, make_url

import migrations
from domain.database import writing_engine
from practiceweek.settings import SettingsError


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def is_known(revision: str | None) -> bool:
    """Whether this program knows the revision; None, a database without one, it does."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision is None or revision in known


def exists(url: str) -> bool:
    """Whether there is a database at all. Asking makes none, as opening it would."""
    file = make_url(url).database
    return file is not None and Path(file).exists()


def present(url: str) -> str | None:
    """The revision of a database; None: it is new and empty."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether a database has no tables at all."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


@contextmanager
def altering(url: str) -> Iterator[Connection]:
    """One transaction in which tables may be altered. Raises `SettingsError`, and undoes all, where a row would point to none.

    SQLite alters a table by copying it and dropping the old one, which enforced references forbid. So they are not
    enforced meanwhile, and are checked before the commit.
    """
    engine = writing_engine(url, foreign_keys=False)
    try:
        with engine.begin() as connection:
            yield connection
            broken = sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
            if broken:
                raise SettingsError(f"Rows of {', '.join(broken)} point to rows that are not there. The database was left as it was.")
    finally:
        engine.dispose()


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database to a revision, in one transaction."""
    with altering(url) as connection:
        command.upgrade(_config(connection), to)


def downgrade(url: str, to: str) -> None:
    """Take a database back to a revision (`base`: no tables), in one transaction."""
    with altering(url) as connection:
        command.downgrade(_config(connection), to)
