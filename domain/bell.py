"""The bell: how one process tells the others of an installation that something is owed.

The process that books is not always the one that sends. PostgreSQL carries the ring (LISTEN and NOTIFY); on SQLite
whoever listens asks the file, some times a second, whether another has changed it (`PRAGMA data_version`, a
few microseconds). A ring that is missed costs a few seconds and nothing else: the next tick finds the same rows.
"""

from __future__ import annotations

import selectors
import socket
import sqlite3
import threading
from collections.abc import Callable

import structlog
from sqlalchemy import make_url, text

from domain.database import Db, Store
from domain.engines import driver_faults, is_sqlite, server_address
from domain.once import is_postgres

log = structlog.get_logger(__name__)

CHANNEL = "practiceweek"
#: how often a file is asked; how long after a lost connection one tries again
ASK_EVERY_S, AGAIN_AFTER_S = 0.25, 2.0
#: how long a bell that is closed waits for its thread. It may be calling a server that does not answer: it ends by itself, unheard
ENDS_WITHIN_S = 1.0


def ring(db: Db) -> None:
    """Tell every process that listens, when this transaction is committed. On SQLite the commit itself is heard."""
    if is_postgres(db):
        db.execute(text(f"NOTIFY {CHANNEL}"))


def _faults() -> tuple[type[Exception], ...]:
    return (*driver_faults(), sqlite3.Error)


class Bell:
    """Hears the rings of other processes, in a thread of its own, from `listen()` to `close()`."""

    def __init__(self, store: Store, heard: Callable[[], None]) -> None:
        self._url = store.url
        self._heard = heard
        self._closed = threading.Event()
        self._door = threading.Lock()
        self._waker, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._forever, name="bell", daemon=True)

    def listen(self) -> None:
        """Begin. `heard` is called in the bell's own thread."""
        self._thread.start()

    def close(self) -> None:
        """Hear no more, from now on."""
        with self._door:
            self._closed.set()
        self._waker.close()  # wakes who waits at the other end
        if self._thread.is_alive():
            self._thread.join(ENDS_WITHIN_S)
        elif self._thread.ident is None:
            self._woken.close()  # else its thread does

    def _tell(self) -> None:
        with self._door:
            if not self._closed.is_set():
                self._heard()

    def _forever(self) -> None:
        listen = self._to_file if is_sqlite(self._url) else self._to_server
        with self._woken:
            while not self._closed.is_set():
                try:
                    listen()
                except _faults() as lost:
                    log.warning("bell.lost", fault=type(lost).__name__)
                    self._closed.wait(AGAIN_AFTER_S)

    def _to_server(self) -> None:
        import psycopg

        address, name = server_address(self._url), "practiceweek-bell"
        with psycopg.connect(address, autocommit=True, connect_timeout=10, keepalives_idle=30, application_name=name) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._tell()  # what was rung while nobody listened
            with selectors.DefaultSelector() as either:
                either.register(connection.fileno(), selectors.EVENT_READ)
                either.register(self._woken, selectors.EVENT_READ)
                while not self._closed.is_set():
                    either.select()
                    if not self._closed.is_set() and list(connection.notifies(timeout=0)):
                        self._tell()

    def _to_file(self) -> None:
        file = make_url(self._url).database or ""
        connection = sqlite3.connect(file, isolation_level=None, timeout=10)
        try:
            seen = None
            while not self._closed.wait(ASK_EVERY_S):
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    self._tell()
        finally:
            connection.close()
