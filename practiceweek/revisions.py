"""The database's revision: what it is, what it should be, and the way there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, make_url

import migrations
from domain.database import writing_engine


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


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database to a revision, in one transaction where the database can."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), to)
    finally:
        engine.dispose()


def downgrade(url: str, to: str) -> None:
    """Take a database back to a revision (`base`: no tables)."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            command.downgrade(_config(connection), to)
    finally:
        engine.dispose()
