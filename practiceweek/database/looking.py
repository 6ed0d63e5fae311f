"""Looking at the database without changing it: whether it is there, whole, of this program's revision, and can be written to."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from bot.checking import Place
from domain.database import Db, reading_engine
from domain.engines import is_sqlite
from domain.findings import Finding, missing, ok, unsure
from domain.fitting import sessions_over
from domain.models import Partnership, Programme, ProgrammeState
from practiceweek.database import revisions, where
from practiceweek.database.looking_at_server import look_at_server

_MEGABYTE = 1_000_000
_TOO_LITTLE, _LITTLE = 100, 1_000  # megabytes
_PATIENCE_S = 5.0
_NAMED = 10


def look_at_database(url: str, *, must_exist: bool = False) -> list[Finding]:
    """Everything about the database: the file and its disk, or the server. `must_exist`: that there is none yet has to be mended."""
    *found, room = _look(url, missing if must_exist else unsure)
    return [*found, *([_places(url)] if right_revision(url) else []), room]


def _look(url: str, lacks: Callable[[str, str], Finding]) -> list[Finding]:
    if not is_sqlite(url):
        return look_at_server(url, lacks)
    name = make_url(url).database
    if not name or name == ":memory:":
        return [missing("The database is not in a file: all is lost at each stop.", "Write database.url as sqlite:///FILE.")]
    file = Path(name)
    folder = file.resolve().parent
    if not folder.is_dir():
        return [missing(f"There is no folder {folder} for the database.", "Make it, or check database.url.")]
    if file.exists():
        found = _look_into(file)
    elif os.access(folder, os.W_OK):
        found = [lacks(where.none_at(url), f"{where.what_then(url)}.")]
    else:
        found = [missing(f"{where.none_at(url)} Its folder may not be written to.", "Let the program write there.")]
    return [*found, _room(folder)]


def _places(url: str) -> Finding:
    engine = reading_engine(url)
    try:
        with Db(engine) as db:
            over = sessions_over(db)
    finally:
        engine.dispose()
    if not over:
        return ok("No session is over its places.")
    have = "1 session has" if len(over) == 1 else f"{len(over):,} sessions have"
    named = f"{', '.join(over[:_NAMED])}{' and others' if len(over) > _NAMED else ''}"
    return missing(f"{have} more people than places: {named}.", "Raise the places with /session places, or ask some people first.")


def right_revision(url: str) -> bool:
    """Whether the database can be read by this program."""
    try:
        if not revisions.exists(url):
            return False
        if not is_sqlite(url):
            return revisions.present(url) == revisions.newest()
        with _opened(Path(make_url(url).database or "")) as connection:
            return _revision(connection) == revisions.newest()
    except (sqlite3.Error, DatabaseError):
        return False


def places(url: str, key: str) -> list[Place]:
    """The channels of the partnership's programmes that are not over."""
    engine = reading_engine(url)
    try:
        with Db(engine) as db:
            rows = (
                select(Programme.title, Programme.channel_id)
                .join(Partnership, col(Partnership.id) == col(Programme.partnership_id))
                .where(col(Partnership.key) == key, col(Programme.channel_id).is_not(None))
                .where(col(Programme.state) != ProgrammeState.ARCHIVED)
                .order_by(col(Programme.id))
            )
            return [Place(title, channel_id) for title, channel_id in db.exec(rows) if channel_id is not None]
    finally:
        engine.dispose()


def _look_into(file: Path) -> list[Finding]:
    try:
        with _opened(file) as connection:
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()
            if whole != ("ok",):
                return [missing("The database is damaged.", "Put back the last copy that you made of it.")]
            return [ok("The database is there and whole."), _right(connection), _writable(connection), *_read_by_others(file)]
    except sqlite3.DatabaseError as fault:
        if "unable to open" in str(fault) or "readonly" in str(fault):
            return [missing(f"The database {file} may not be opened.", "Let the program read and write it, and its folder.")]
        if "locked" in str(fault):
            return [unsure("Another program holds the database just now.", "Try again in a minute.")]
        return [missing(f"The file {file} is not a database, or it is damaged.", "Check database.url, or put back a copy.")]


def _revision(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return str(row[0]) if row else None


def _right(connection: sqlite3.Connection) -> Finding:
    present, newest = _revision(connection), revisions.newest()
    if present == newest:
        return ok(f"The database has the revision that this program needs ({newest}).")
    said = f"The database is at revision {present or 'unknown'}, and this program needs {newest}."
    if not revisions.is_known(present):
        return missing(said, "Use the program that made it, or a newer one than this.")
    return missing(said, "Make a copy of it, then run: practiceweek db upgrade --config FILE")


def _writable(connection: sqlite3.Connection) -> Finding:
    """Take the right to write, and give it back."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault):
            return unsure("Another program was writing to the database all the time.", "Try again in a minute.")
        return missing("The database may not be written to.", "Let the program write to it and to its folder.")
    return ok("The database can be written to.")


def _read_by_others(file: Path) -> list[Finding]:
    if not file.stat().st_mode & 0o077:
        return []
    return [unsure("Others on this machine may open the database, which holds names.", f"Let only its owner: chmod 600 {file}")]


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free // _MEGABYTE
    said = f"{free / 1000:,.1f} GB are free on its disk."
    if free < _TOO_LITTLE:
        return missing(f"Only {said}", "Make room: a full disk loses bookings.")
    return unsure(f"Only {said}", "Make room soon.") if free < _LITTLE else ok(said)


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The file as it is: none is made where there is none."""
    connection = sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=rw", uri=True, timeout=_PATIENCE_S, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
