"""The database's revision: what it is, what it should be, and the way there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.exc import DatabaseError

import migrations
from domain.engines import is_sqlite, writing_engine
from practiceweek.database import heads, where
from practiceweek.settings.faults import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

#: PostgreSQL: who alters tables holds this lock
ALTERING = 0x5057_4545_4B02


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config  # loaded by who changes a database, not by who only looks

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this program works with."""
    return heads.newest()


def is_known(revision: str | None) -> bool:
    """Whether this program knows the revision; None, a database without one, it does."""
    return revision is None or revision in heads.known()


def exists(url: str) -> bool:
    """Whether there is a database at all. Asking makes none, as opening it would."""
    if is_sqlite(url):
        file = make_url(url).database
        return file is not None and Path(file).exists()
    return not is_empty(url)  # a server's database is made by whoever keeps the server; ours is the tables


def present(url: str) -> str | None:
    """The revision of a database; None: it is new and empty."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            return heads.present(connection)
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
def usable(url: str) -> Iterator[None]:
    """A database that cannot be used while the block lasts is said in one sentence: raises `SettingsError`."""
    try:
        yield
    except DatabaseError as fault:
        raise SettingsError(f"The database {where.place(url)} cannot be used: {why(fault.orig)}.") from None


def why(fault: BaseException | None) -> str:
    """What a driver says, without its advice and its further tries, which follow on lines of their own."""
    first, *_ = str(fault).strip().splitlines() or [type(fault).__name__]
    return first.rstrip(".")


def refuse_other(url: str) -> None:
    """Raises `SettingsError` unless there is a database that can be used, of this program's revision. None is made."""
    with usable(url):
        if not exists(url):
            raise SettingsError(f"{where.none_at(url)} {where.what_then(url)}")
        there = present(url)
    if there != newest():
        raise SettingsError(f"The database is at revision {there or 'unknown'}, and this program needs {newest()}.")


def differences(url: str) -> list[str]:
    """The tables that are not as this program knows them, by name."""
    from alembic.autogenerate import compare_metadata  # as above
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    import domain.models  # noqa: F401 - the tables

    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return sorted({_table_of(one) for one in compare_metadata(context, SQLModel.metadata)})
    finally:
        engine.dispose()


def _table_of(difference: Any) -> str:
    """Alembic tells a change of a table as a tuple, and changes of a column as a list of tuples."""
    one = difference[0] if isinstance(difference, list) else difference
    what, *about = one
    if what.endswith("_table"):
        return str(about[0].name)
    return str(about[0].table.name) if hasattr(about[0], "table") else str(about[1])


@contextmanager
def altering(url: str) -> Iterator[Connection]:
    """One transaction in which tables may be altered, by one process at a time.

    SQLite alters a table by copying it and dropping the old one, which enforced references forbid. So they are not
    enforced meanwhile, and are checked before the commit: raises `SettingsError`, and undoes all, where a row would point to none.
    """
    engine = writing_engine(url, foreign_keys=False)
    try:
        with engine.begin() as connection:
            if not is_sqlite(url):
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ALTERING})
            yield connection
            if is_sqlite(url):
                _refuse_broken_references(connection)
    finally:
        engine.dispose()


def _refuse_broken_references(connection: Connection) -> None:
    broken = sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
    if broken:
        raise SettingsError(f"Rows of {', '.join(broken)} point to rows that are not there. The database was left as it was.")


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database to a revision, in one transaction."""
    from alembic import command

    with altering(url) as connection:
        command.upgrade(_config(connection), to)


def downgrade(url: str, to: str) -> None:
    """Take a database back to a revision (`base`: no tables), in one transaction."""
    from alembic import command

    with altering(url) as connection:
        command.downgrade(_config(connection), to)
