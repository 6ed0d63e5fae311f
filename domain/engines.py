"""The engines under the store: one that writes and one that reads, over SQLite or PostgreSQL.

SQLite: two engines on one file. The writing engine has one connection and begins every transaction with BEGIN
IMMEDIATE, so that count-then-insert is safe; the reading engine is `query_only`.

PostgreSQL: the writing engine has one connection and reads what is committed (READ COMMITTED): use cases lock the
session's row before they count. The reading engine sees one snapshot (REPEATABLE READ) and is read-only. No one waits for a
lock for ever, and a process that was frozen inside a transaction loses it, and its locks, after some seconds. That the
connection lives is asked before each write, for a write may not be said twice; a read is simply made again (`Store.read`).
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session as Db

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_S = 10.0
READERS = 3
#: the option of a statement that is asked again and again, word for word; and so many times the driver must see any other to keep it
STANDING, NEVER = "standing", 2**31
_CONNECT = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_S}

#: PostgreSQL: how long a statement waits for another's lock, and how long a transaction that writes may stand idle. The second is
#: the shorter: whoever waits for what a frozen process holds has it before they give up
LOCK_TIMEOUT_S, IDLE_TIMEOUT_S = 10, 5
#: ends of a statement that say nothing against the use case (PostgreSQL, appendix A): it may be run again from its beginning
_AGAIN = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "25P03",  # idle_in_transaction_session_timeout
        "23505",  # unique_violation: another process was first; run again, the use case finds its row
    }
)


@dataclass(frozen=True)
class Engines:
    """The two engines of one store."""

    writing: Engine
    reading: Engine

    def dispose(self) -> None:
        """Let go of every connection. An engine that is used again makes new ones, and still knows the statements that it has compiled."""
        self.reading.dispose()
        self.writing.dispose()


def engines_of(url: str, *, durable: bool = True) -> Engines:
    """Both engines of a database; no connection is made before its first use."""
    return Engines(writing_engine(url, durable=durable), reading_engine(url))


def is_sqlite(url: str) -> bool:
    """Whether the database is a file of this machine; else it is a PostgreSQL server."""
    return url.startswith("sqlite")


def server_address(url: str) -> str:
    """The address of a PostgreSQL database as its bare driver, and its own programs, take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def writing_engine(url: str, *, foreign_keys: bool = True, durable: bool = True) -> Engine:
    """An engine whose transactions may change things. On SQLite each holds the write lock from its first statement.

    Without `foreign_keys` SQLite enforces no references: for whoever copies whole tables, and checks afterwards. What is not
    `durable` does not wait for the disk: the last of it may be lost when the power goes, and nothing else is harmed.
    """
    if not is_sqlite(url):
        to_server = _to_server(IDLE_TIMEOUT_S, durable=durable)
        engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, hide_parameters=True, connect_args=to_server)
        _flatten_nul(engine)
        return engine
    engine = create_engine(url, poolclass=StaticPool, connect_args=_CONNECT, hide_parameters=True)
    _make_for_its_owner(engine)
    _pragmas(engine, writes=True, foreign_keys=foreign_keys, durable=durable)
    return engine


def _make_for_its_owner(engine: Engine) -> None:
    """A new file is for its owner alone: it will hold names. One that is there keeps the rights that it has."""
    file = engine.url.database

    @event.listens_for(engine, "do_connect")
    def _on_connecting(_dialect: object, _record: object, _args: object, _kwargs: object) -> None:
        if file and file != ":memory:":
            with suppress(OSError):  # it is there; or it cannot be made, which SQLite says better
                os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def reading_engine(url: str) -> Engine:
    """An engine that cannot change anything, and never makes a writer wait."""
    if not is_sqlite(url):
        to_server = _to_server(60, begins=r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on")
        engine = create_engine(url, pool_size=READERS, hide_parameters=True, connect_args={**to_server, "prepare_threshold": NEVER})
        _flatten_nul(engine)
        _prepare_what_stands(engine)
        return engine
    engine = create_engine(url, poolclass=QueuePool, pool_size=READERS, connect_args=_CONNECT, hide_parameters=True)
    _pragmas(engine, writes=False)
    return engine


def _to_server(idle_s: int, *, durable: bool = True, begins: str = "") -> dict[str, Any]:
    """How to talk to a PostgreSQL server: in UTC, and never waiting for ever, not even for a machine that vanished.

    `begins`: how each transaction does, as the connection's own setting: said once, not each time.
    """
    waits = f"-c lock_timeout={LOCK_TIMEOUT_S}s -c idle_in_transaction_session_timeout={idle_s}s"
    return {
        "options": f"-c TimeZone=UTC {waits}{'' if durable else ' -c synchronous_commit=off'} {begins}",
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "tcp_user_timeout": 30_000,
        "application_name": "practiceweek",
    }


def _flatten_nul(engine: Engine) -> None:
    """PostgreSQL refuses a text with the character NUL, which a forged message or a broken file may hold: it becomes a space."""
    from psycopg.types.string import StrDumperUnknown

    class Flat(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", " "))

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, Flat)


def _prepare_what_stands(engine: Engine) -> None:
    """What every pass of the clock asks is planned once a connection, and kept: to plan it takes ten times as long as to answer it.

    All else that is read is planned each time, by what it asks for just then.
    """

    @event.listens_for(engine, "do_execute")
    def _on_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        if not context.execution_options.get(STANDING):
            return False
        cursor.execute(statement, parameters, prepare=True)
        return True


def _pragmas(engine: Engine, *, writes: bool, foreign_keys: bool = True, durable: bool = True) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten: nothing of a person stays in free pages
        else:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def driver_faults() -> tuple[type[Exception], ...]:
    """What PostgreSQL's driver raises; nothing while it is not loaded: who has SQLite need not have it in memory."""
    driver = sys.modules.get("psycopg")
    return () if driver is None else (driver.Error,)


def is_passing(error: BaseException | None) -> bool:
    """Whether the database server, and not the use case, is why it failed: the same again may well succeed."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return False
    import psycopg

    if not isinstance(cause, psycopg.Error):
        return False
    return cause.sqlstate in _AGAIN or (cause.sqlstate is None and not isinstance(error, IntegrityError) and _is_away(cause))


def is_beyond(error: BaseException | None) -> bool:
    """Whether a number was asked for that no column can hold: nothing has such an id."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state == "22003" or isinstance(error, OverflowError)  # numeric_value_out_of_range; SQLite's driver refuses it itself


def is_taken(error: BaseException | None) -> bool:
    """Whether a row with the same key was there (unique_violation)."""
    return isinstance(error, IntegrityError) and getattr(error.orig, "sqlstate", None) == "23505"


def is_undone(error: BaseException | None) -> bool:
    """Whether the server said of a commit that nothing of it was kept. A lost answer says nothing: it may have been."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state is not None and (state == "25P03" or state.startswith(("23", "40"))) and state != "40003"  # idle; completion unknown


def _is_away(cause: psycopg.Error) -> bool:
    """No SQLSTATE: the server never answered. psycopg calls that an OperationalError."""
    import psycopg

    return isinstance(cause, psycopg.OperationalError)


def wait_less(db: Db, seconds: float) -> None:
    """For the rest of this transaction no statement waits for another's lock for longer than this. SQLite waits as a whole file."""
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(min(seconds, LOCK_TIMEOUT_S) * 1000)}")


def is_lost(db: Db) -> bool:
    """Whether the whole transaction is gone, and not only a savepoint of it.

    SQLite undoes everything when the disk is full; a later COMMIT would then succeed and save nothing. A PostgreSQL
    server that was restarted has forgotten it too.
    """
    try:
        driver = db.connection().connection.driver_connection
    except Exception:
        return True
    if isinstance(driver, sqlite3.Connection):
        return not driver.in_transaction
    import psycopg
    from psycopg.pq import TransactionStatus

    return isinstance(driver, psycopg.Connection) and (driver.closed or driver.info.transaction_status is not TransactionStatus.INTRANS)


def mark_savepoint(db: Db) -> None:
    """Let what comes be undone by itself; a savepoint that was marked before in this transaction is done with.

    Said to the driver as it is: the handle's own nested transactions cost as much as half a booking.
    """
    connection = db.connection()
    if not db.info.get("marked"):
        db.info["marked"] = True
        connection.exec_driver_sql("SAVEPOINT one")
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("RELEASE one")
        connection.exec_driver_sql("SAVEPOINT one")
    else:
        connection.exec_driver_sql("RELEASE one; SAVEPOINT one")  # one way to the server and back


def back_to_savepoint(db: Db) -> bool:
    """Undo what came after it; False: there is no way back, the whole transaction is gone."""
    try:
        db.connection().exec_driver_sql("ROLLBACK TO SAVEPOINT one")
    except Exception:
        return False
    return True
