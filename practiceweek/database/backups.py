"""Copies of the database, made while everything runs, and put back when they are needed.

SQLite: VACUUM INTO, one snapshot, without what was deleted before. PostgreSQL: its own pg_dump, pg_restore and psql. A
copy holds everything that the database holds, names and addresses too: only its owner may read the file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

from domain.engines import is_sqlite, server_address
from domain.errors import Refusal
from practiceweek.database import revisions

_SQLITE, _DUMP = b"SQLite format 3\0", b"PGDMP"
_PATIENCE_S = 30.0
#: how PostgreSQL names the connections of ours, see `domain.engines` and `practiceweek.processes.standby`
_OURS = "practiceweek%"


def backup(url: str, file: Path) -> None:
    """Copy the database into a new file, while whoever uses it goes on. Raises `Refusal`; a file is either whole or not there."""
    if file.exists():
        raise Refusal(f"There is a file {file} already. Name another, so that no copy is lost.")
    if not file.resolve().parent.is_dir():
        raise Refusal(f"There is no folder {file.resolve().parent}. Make it first.")
    if not revisions.exists(url):
        raise Refusal("There is no database yet, so there is nothing to copy.")
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
    if there and not in_use and _is_used(url):
        raise Refusal("The database is in use. Stop every process of Practice Week first.")
    if not is_sqlite(url):
        _put_on_server(url, file)
        return None
    aside = _put_aside(_file_of(url), now) if there else None
    with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(_file_of(url), timeout=_PATIENCE_S)) as database:
        copy.backup(database)
    return aside


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


def _put_aside(file: Path, now: datetime) -> Path:
    """The whole database under another name: with it what its journal holds."""
    aside = file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%S}")
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            shutil.copy2(part, aside.with_name(aside.name + ending))
    return aside


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
        said = next((line for line in done.stderr.splitlines() if "error" in line.lower()), done.stderr.strip())
        raise Refusal(f"{program} could not do it: {said.removeprefix(f'{program}: ').removeprefix('error: ')}.")
    return done.stdout


# ── both ────────────────────────────────────────────────────────────────────────────────────────────────────


def _revision_in(file: Path, url: str) -> str | None:
    """The revision of a copy. Raises `Refusal` for what is none, or one of the other kind of database."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(16)
    except OSError as fault:
        raise Refusal(f"The file {file} cannot be read: {fault.strerror}.") from None
    wanted, kind = (_SQLITE, "a SQLite file") if is_sqlite(url) else (_DUMP, "a PostgreSQL server")
    if not begins.startswith(wanted):
        raise Refusal(f"{file} is no copy that belongs into {kind}.")
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


def _is_used(url: str) -> bool:
    if is_sqlite(url):
        with _opened(_file_of(url), "rw") as database:
            try:
                database.execute("PRAGMA busy_timeout=500")
                database.execute("PRAGMA locking_mode=EXCLUSIVE")  # granted to nobody while another has the file open
                database.execute("BEGIN EXCLUSIVE")
                database.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
        return False
    with psycopg.connect(server_address(url), connect_timeout=10) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE %s"
        row = connection.execute(query, (_OURS,)).fetchone()
    return row is not None and row[0] > 0


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
