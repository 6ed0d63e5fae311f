"""Copies of the database, made while everything runs, and put back when they are needed.

SQLite: VACUUM INTO, one snapshot, without what was deleted before. PostgreSQL: its own pg_dump, pg_restore and psql. A
copy holds everything that the database holds, names and addresses too: only its owner may read the file.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

from domain.engines import is_sqlite, server_address
from domain.errors import Refusal
from practiceweek.database import revisions, where
from practiceweek.database.looking_at_server import connections_of_ours

_SQLITE, _DUMP = b"SQLite format 3\0", b"PGDMP"
_PATIENCE_S = 30.0
_IN_USE = "The database is in use. Stop every process of Practice Week first."


def backup(url: str, file: Path) -> None:
    """Copy the database into a new file, while whoever uses it goes on. Raises `Refusal`; a file is either whole or not there."""
    if file.exists():
        raise Refusal(f"There is a file {file} already. Name another, so that no copy is lost.")
    if not file.resolve().parent.is_dir():
        raise Refusal(f"There is no folder {file.resolve().parent}. Make it first.")
    if not revisions.exists(url):
        raise Refusal(f"{where.none_at(url)} So there is nothing to copy.")
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    try:
        if is_sqlite(url):
            _copy_file(url, half)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={half}", server_address(url))
        _keep(half, file)
    finally:
        half.unlink(missing_ok=True)


def restore(url: str, file: Path, *, replace: bool, in_use: bool = False, now: datetime) -> Path | None:
    """Put a copy in the place of the database; where the old one was put aside, None where there was none.

    Raises `Refusal` for a file that is no copy, or whose revision we do not know; for a database that is there, unless it
    shall be `replace`d; and for one that is `in_use`, unless that is wanted. PostgreSQL's old tables are put aside
    nowhere: make a copy first.
    """
    revision = _revision_in(file, url)
    if not revisions.is_known(revision):
        raise Refusal(f"The copy is of revision {revision}, which this program does not know. Use the program that made it.")
    there = revisions.exists(url)
    if there and not replace:
        raise Refusal("There is a database already. To put the copy in its place, add --replace.")
    if is_sqlite(url):
        return _put_in_file(_file_of(url), file, there=there, alone=not in_use, now=now)
    if there and not in_use and _is_used(url):
        raise Refusal(_IN_USE)
    _put_on_server(url, file)
    return None


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode={mode}", uri=True, timeout=_PATIENCE_S, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _copy_file(url: str, half: Path) -> None:
    with _opened(_file_of(url), "rw") as database:
        try:
            database.execute("VACUUM INTO ?", (str(half),))
        except sqlite3.Error as fault:
            raise Refusal(f"The copy could not be made: {fault}.") from None
    with _opened(half, "ro") as copy:
        if copy.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise Refusal("The copy is damaged, so the database may be too. Run: practiceweek db check")


def _put_in_file(file: Path, from_: Path, *, there: bool, alone: bool, now: datetime) -> Path | None:
    """In one transaction of SQLite's: whoever comes meanwhile waits, and whoever reads on sees the old or the new."""
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    with _opened(from_, "ro") as copy, (alone_with if alone else _shared)(file) as database:
        aside = _put_aside(database, file, now) if there else None
        copy.backup(database)
    return aside


def _shared(file: Path) -> AbstractContextManager[sqlite3.Connection]:
    return _opened(file, "rw")


@contextmanager
def alone_with(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody else has open, or can open for as long as the block lasts. Raises `Refusal` where somebody has."""
    with _opened(file, "rw") as database:
        try:
            database.execute("PRAGMA busy_timeout=500")
            database.execute("PRAGMA locking_mode=EXCLUSIVE")  # granted to nobody while another has the file open; kept until the close
            database.execute("BEGIN EXCLUSIVE")
            database.execute("COMMIT")
        except sqlite3.OperationalError:
            raise Refusal(_IN_USE) from None
        except sqlite3.DatabaseError:
            raise Refusal(f"{file} is no database any more. Keep it under another name, then put the copy back.") from None
        yield database


def _put_aside(database: sqlite3.Connection, file: Path, now: datetime) -> Path:
    """The whole database under another name, with what its journal holds. By SQLite: a file that is merely read loses its lock by that."""
    aside = _new_file(file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%S}"))
    with closing(sqlite3.connect(aside)) as kept:
        database.backup(kept)
    return aside


def _new_file(wanted: Path) -> Path:
    """A file of this name that was not there before, for its owner alone; with a number behind it where one was."""
    for number in itertools.count(1):
        name = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        return name
    raise AssertionError("there is always a number more")


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────


def _put_on_server(url: str, file: Path) -> None:
    """All or nothing. Every table goes first: `pg_restore --clean` knows only the copy's, and a later revision may have made others."""
    plainly = ("--no-owner", "--no-privileges")
    with tempfile.TemporaryDirectory() as folder:  # its owner's alone, as the copy is
        script = Path(folder) / "copy.sql"
        _run("pg_restore", "--clean", "--if-exists", *plainly, f"--file={script}", str(file))
        _run("psql", *_ALL_OR_NOTHING, f"--dbname={server_address(url)}", f"--command={_NO_TABLES}", f"--file={script}")


_ALL_OR_NOTHING = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
_NO_TABLES = """DO $$ DECLARE one text; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one);
    END LOOP;
END $$"""


def _run(program: str, *words: str) -> str:
    """One of PostgreSQL's programs, to its end; what it printed."""
    found = shutil.which(program)
    if found is None:
        raise Refusal(f"{program} is not here. Install PostgreSQL's own programs (Debian: apt-get install postgresql-client).")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refusal(_why_not(program, done.stderr))
    return done.stdout


def _why_not(program: str, stderr: str) -> str:
    """What one of PostgreSQL's programs said of its failure, with its details."""
    lines = [line.strip().removeprefix(f"{program}: ") for line in stderr.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "error" in line.lower()), 0)
    details = [line.removeprefix("detail: ") for line in lines if line.startswith("detail: ")]
    said = ". ".join(part.removeprefix("error: ").rstrip(".") for part in (*lines[first : first + 1], *details)) or "it did not say why"
    if "version mismatch" not in said:
        return f"{program} could not do it: {said}."
    return (
        f"{program} could not do it: {said}. It must be as new as the server. Install a newer postgresql-client, and put it first in PATH."
    )


def _is_used(url: str) -> bool:
    """Whether a process of ours is connected to a database of a server."""
    with psycopg.connect(server_address(url), connect_timeout=10) as connection:
        return connections_of_ours(connection) > 0


# ── both ────────────────────────────────────────────────────────────────────────────────────────────────────


def _revision_in(file: Path, url: str) -> str | None:
    """The revision of a copy. Raises `Refusal` for what is none, or one of the other kind of database."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(16)
    except OSError as fault:
        raise Refusal(f"The file {file} cannot be read: {fault.strerror}.") from None
    wanted, kind = (_SQLITE, "SQLite") if is_sqlite(url) else (_DUMP, "PostgreSQL")
    if not begins.startswith(wanted):
        raise Refusal(f"{file} is not a copy of a {kind} database. Name a file that practiceweek db backup made.")
    if not is_sqlite(url):
        rows = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)).splitlines()
        begun = next((number for number, row in enumerate(rows) if row.startswith("COPY ")), None)
        return rows[begun + 1] if begun is not None else None
    try:
        with _opened(file, "ro") as copy:
            if copy.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise Refusal(f"The copy {file} is damaged. Use another.")
            row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        raise Refusal(f"{file} is not a copy of our database, or it is damaged.") from None
    return str(row[0]) if row else None


def _keep(half: Path, file: Path) -> None:
    """Give the copy its name once all of it is on the disk."""
    _to_disk(half, os.O_RDONLY)
    half.rename(file)
    _to_disk(file.parent, os.O_RDONLY | os.O_DIRECTORY)


def _to_disk(path: Path, how: int) -> None:
    opened = os.open(path, how)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
