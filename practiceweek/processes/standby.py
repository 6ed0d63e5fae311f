"""Standing by: of several processes with the same bot, one answers in chat, and the next takes over when it is gone.

Who answers holds a lock: on PostgreSQL an advisory lock on a connection of its own, on SQLite a lock on a file
beside the database. The lock goes with the process, however it ends. A process that is frozen, or cut off from the server, stops
sending its sign of life; PostgreSQL then closes that connection by itself, and with it goes the lock.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import structlog
from sqlalchemy import make_url, text

from domain.database import Db
from domain.engines import driver_faults, is_sqlite, server_address

if TYPE_CHECKING:
    import psycopg

log = structlog.get_logger(__name__)

#: "practice week" as a number that no other program of the same server is likely to lock
LOCK = 0x5057_4545_4B01
#: how often one asks for the lock, and shows that one lives; how long a silent holder keeps it
ASK_EVERY_S, SILENT_S = 1.0, 10


class LockLost(Exception):
    """Another process answers in chat now: this one has to stop."""


class _Lock(Protocol):
    def taken(self) -> bool:
        """Whether it is ours, now that we asked. Raises `psycopg.Error` where it cannot be asked."""

    def held(self) -> bool:
        """A sign of life; whether it is still ours."""

    def let_go(self) -> None:
        """For the next."""


class Standby:
    """The right to answer in chat. `await wait()` until it is ours, `await keep()` for as long as it is, then `close()`.

    `ask_every`: seconds between two questions.
    """

    def __init__(self, url: str, *, ask_every: float = ASK_EVERY_S) -> None:
        self._lock: _Lock = _FileLock(url) if is_sqlite(url) else _ServerLock(url)
        self._ask_every = ask_every
        self.waiting = asyncio.Event()  #: set while another process has it

    async def wait(self) -> None:
        """Until this process has the lock. A server that is away is waited for."""
        while not await self._asked(self._lock.taken):
            if not self.waiting.is_set():
                log.info("standby.waiting")
                self.waiting.set()
            await asyncio.sleep(self._ask_every)
        self.waiting.clear()
        log.info("standby.answering")

    async def keep(self) -> None:
        """For as long as it is ours. Raises `LockLost` when another has it.

        A server that was restarted has forgotten it: it is asked for again at once, and for as long as the server is away.
        """
        while True:
            await asyncio.sleep(self._ask_every)
            if await self._asked(self._lock.held):
                continue
            match await self._asked_again():
                case True:
                    log.info("standby.regained")
                case False:
                    raise LockLost

    async def close(self) -> None:
        """Let the next one answer."""
        await asyncio.to_thread(self._lock.let_go)

    async def _asked(self, question: Callable[[], bool]) -> bool:
        try:
            return await asyncio.to_thread(question)
        except driver_faults() as away:
            log.warning("standby.server_away", fault=type(away).__name__)
            return False

    async def _asked_again(self) -> bool | None:
        """None: the server is away, and nobody can have it."""
        try:
            return await asyncio.to_thread(self._lock.taken)
        except driver_faults():
            return None


def is_taken(db: Db, url: str) -> bool:
    """Whether some process has the right to answer in chat. Looks, and changes nothing."""
    if is_sqlite(url):
        return _file_is_locked(_lock_file(url))
    query = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = :high AND objid = :low"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return bool(db.connection().execute(text(query), {"high": LOCK >> 32, "low": LOCK & 0xFFFF_FFFF}).scalar_one())


def _lock_file(url: str) -> Path:
    return Path(f"{make_url(url).database}.bot")


def _file_is_locked(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no such file, or we may not look
        return False
    return False


class _ServerLock:
    def __init__(self, url: str) -> None:
        self._url = server_address(url)
        self._connection: psycopg.Connection | None = None

    def taken(self) -> bool:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = self._connected()
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        return row is not None and bool(row[0])

    def held(self) -> bool:
        if self._connection is None:
            return False
        self._connection.execute("SELECT 1")
        return True

    def let_go(self) -> None:
        if self._connection is None:
            return
        with suppress(*driver_faults()):  # a server that is away keeps no lock of ours
            self._connection.execute("SELECT pg_advisory_unlock_all()")  # at once: a connection it ends in its own time
        self._connection.close()

    def _connected(self) -> psycopg.Connection:
        import psycopg  # who has SQLite need not have it in memory

        signs = f"-c idle_session_timeout={SILENT_S}s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"
        return psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, tcp_user_timeout=5_000, options=signs, application_name="practiceweek-bot"
        )


class _FileLock:
    def __init__(self, url: str) -> None:
        self._file = _lock_file(url)
        self._open: IO[bytes] | None = None

    def taken(self) -> bool:
        opened = self._open or self._file.open("ab")
        self._open = opened
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def held(self) -> bool:
        return self._open is not None

    def let_go(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
