"""The store: one database, a thread that writes and a few that read.

A use case is a plain function whose first argument is an open database handle. `await store.write(book, …)`
runs it in the writing thread inside a transaction, `await store.read(browse, …)` in one of the reading
threads. Rows never leave their thread: use cases return values.

SQLite: two engines on one file. The writing engine has one connection, one thread, and begins every
transaction with BEGIN IMMEDIATE, so that count-then-insert is safe; the reading engine is `query_only`. Writes
that wait at the same time share one commit, with a savepoint each: one refused use case undoes only itself.
Nobody hears of a result before it is committed. An error never repeats what was to be written (`hide_parameters`):
it may be logged, and the log names nobody.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session as Db

__all__ = ["Db", "Store", "reading_engine", "writing_engine"]

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 10.0
SHARED_COMMIT = 64  # use cases that may share one commit
READERS = 3
_CONNECT = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_S}


def _pragmas(engine: Engine, *, writes: bool, foreign_keys: bool = True) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine whose every transaction holds the write lock from its first statement.

    Without `foreign_keys` references are not enforced: for whoever copies whole tables, and checks afterwards.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url, poolclass=StaticPool, connect_args=_CONNECT, hide_parameters=True)
    _pragmas(engine, writes=True, foreign_keys=foreign_keys)
    return engine


def reading_engine(url: str) -> Engine:
    """An engine that cannot change anything, and never makes a writer wait."""
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True)
    engine = create_engine(url, poolclass=QueuePool, pool_size=READERS, connect_args=_CONNECT, hide_parameters=True)
    _pragmas(engine, writes=False)
    return engine


@dataclass
class _Work:
    call: Callable[[Db], Any]
    result: Future[Any]


class Store:
    """One database. Open it with its URL, close it with `close()`; a closed store refuses further work."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._write_engine = writing_engine(url)
        self._read_engine = reading_engine(url)
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_forever, name="store-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._closed = False
        self._door = threading.Lock()
        self._writer.start()

    # ── for the loop ────────────────────────────────────────────────────────────────────────────────────

    async def write(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in the writing thread; returns when it is committed, raises what it raised."""
        return await asyncio.wrap_future(self._submit(use_case, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a reading thread, on one consistent snapshot."""
        return await asyncio.wrap_future(self._readers.submit(self.read_now, query, *args, **kwargs))

    # ── for threads that may wait: the command line, tests ──────────────────────────────────────────────

    def write_now(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, waiting."""
        return self._submit(use_case, *args, **kwargs).result()

    def read_now(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, in this thread."""
        with Db(self._read_engine) as db:
            return query(db, *args, **kwargs)

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A reading handle for as long as the block lasts."""
        with Db(self._read_engine) as db:
            yield db

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._read_engine.dispose()
        self._write_engine.dispose()

    # ── the writing thread ──────────────────────────────────────────────────────────────────────────────

    def _submit(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
        result: Future[T] = Future()
        with self._door:  # nothing is handed in behind the last
            if self._closed:
                raise RuntimeError("the store is closed")
            self._waiting.put(_Work(lambda db: use_case(db, *args, **kwargs), result))
        return result

    def _write_forever(self) -> None:
        while (first := self._waiting.get()) is not None:
            together, last = self._more(first)
            wanted = [work for work in together if work.result.set_running_or_notify_cancel()]
            try:
                self._commit_together(wanted)
            except _TransactionLost:  # nobody's work is there, and one of them is why: each has a commit of its own
                for work in wanted:
                    self._commit_together([work])
            if last:
                return

    def _more(self, first: _Work) -> tuple[list[_Work], bool]:
        together = [first]
        while len(together) < SHARED_COMMIT:
            try:
                work = self._waiting.get_nowait()
            except queue.Empty:
                break
            if work is None:
                return together, True
            together.append(work)
        return together, False

    def _commit_together(self, together: list[_Work]) -> None:
        outcomes: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            with Db(self._write_engine, expire_on_commit=False) as db:
                for work in together:
                    outcomes.append((work, *self._run_one(db, work, alone=len(together) == 1)))
                    db.expunge_all()  # no use case sees another's rows
                db.commit()
        except _TransactionLost:
            raise
        except BaseException as broken:  # the commit failed: nobody's work is there
            outcomes = [(work, None, broken) for work in together]
        for work, value, error in outcomes:
            if error is None:
                work.result.set_result(value)
            else:
                work.result.set_exception(error)

    def _run_one(self, db: Db, work: _Work, *, alone: bool) -> tuple[Any, BaseException | None]:
        try:
            if alone:
                value = work.call(db)
                db.flush()
                return value, None
            with db.begin_nested():
                return work.call(db), None
        except Exception as error:
            if alone:
                db.rollback()
            elif _is_lost(db):
                raise _TransactionLost from error
            return None, error


class _TransactionLost(Exception):
    """The database undid the whole transaction by itself, not the one savepoint."""


def _is_lost(db: Db) -> bool:
    """SQLite undoes everything when the disk is full; a later COMMIT would then succeed and save nothing."""
    try:
        driver = db.connection().connection.driver_connection
    except Exception:
        return True
    return isinstance(driver, sqlite3.Connection) and not driver.in_transaction
