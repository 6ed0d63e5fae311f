"""The store: one database, a thread that writes and a few that read.

A use case is a plain function whose first argument is an open database handle. `await store.write(book, …)`
runs it in the writing thread (`domain.writer`) inside a transaction, `await store.read(browse, …)` in one of the reading
threads. Rows never leave their thread: use cases return values. Nobody hears of a result before it is committed.

Who asks the same while it waits to be read is answered by one reading (`Store.read_shared`). What computes for long gives
way to those who read meanwhile (`domain.courtesy`). What SQLite and PostgreSQL need each stands in `domain.engines`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlmodel import Session as Db

from domain.courtesy import Courtesy, Reader
from domain.engines import READERS, Engines, engines_of, is_beyond, is_passing, reading_engine, writing_engine
from domain.readings import SharedReadings
from domain.writer import AGAIN_WITHIN_S, Writer, said

__all__ = ["Db", "Store", "reading_engine", "writing_engine"]

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One database. Open it with its URL, close it with `close()`; a closed store refuses further work.

    `engines`: those of this URL that another store used before, and has let go of: they know its statements already.
    """

    def __init__(self, url: str, *, durable: bool = True, again_within_s: float = AGAIN_WITHIN_S, engines: Engines | None = None) -> None:
        self.url = url
        self._engines = engines or engines_of(url, durable=durable)
        self.courtesy = Courtesy(self._engines.writing, self._engines.reading)
        self._writer = Writer(self._engines, self.courtesy, again_within_s=again_within_s)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._shared = SharedReadings()
        self._closed = False
        self._door = threading.Lock()
        self._swift: Store | None = None

    # ── for the loop ────────────────────────────────────────────────────────────────────────────────────

    async def write(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in the writing thread; returns when it is committed, raises what it raised."""
        return await asyncio.wrap_future(self._writer.submit(use_case, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a reading thread, on one consistent snapshot."""
        with Reader(self.courtesy) as reader:
            return await asyncio.wrap_future(self._readers.submit(self._read_for, reader, query, *args, **kwargs))

    async def read_shared(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, together with all who ask for the same before it begins: for what many ask for at once, with arguments that hash."""
        key = query, args, tuple(kwargs.items())
        found: T = await self._shared.read(key, lambda: self.read(query, *args, **kwargs))
        return found

    async def compute(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `call` returns, computed in a thread; between two steps (`domain.courtesy.give_way`) it gives way to readers."""

        def working() -> T:
            with self.courtesy.working():
                return call(*args, **kwargs)

        return await asyncio.to_thread(working)

    @property
    def swift(self) -> Store:
        """The same database, by a thread of its own whose commits do not wait for the disk: for what may be lost when the power goes."""
        with self._door:
            if self._closed:
                raise RuntimeError("the store is closed")
            self._swift = self._swift or Store(self.url, durable=False)
            return self._swift

    # ── for threads that may wait: the command line, tests ──────────────────────────────────────────────

    def write_now(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, waiting."""
        return self._writer.submit(use_case, *args, **kwargs).result()

    def read_now(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, in this thread."""
        with Reader(self.courtesy) as reader:
            return self._read_for(reader, query, *args, **kwargs)

    def _read_for(self, reader: Reader, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.courtesy.working(reader):
            try:
                return self._read(query, *args, **kwargs)
            except Exception as error:
                if is_beyond(error):
                    raise said(error) from None
                if not is_passing(error):
                    raise
            return self._read(query, *args, **kwargs)  # the connection was lost: reading twice does no harm

    def _read(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with Db(self._engines.reading, expire_on_commit=False) as db:
            value = query(db, *args, **kwargs)
            db.expunge_all()  # whatever it did to its rows stays with it
            db.commit()  # not undone: PostgreSQL's driver would forget the statements that it keeps
            return value

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A reading handle for as long as the block lasts."""
        with Db(self._engines.reading) as db:
            yield db

    def waiting(self) -> int:
        """How many use cases wait for the writing thread just now."""
        return self._writer.waiting()

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        with self._door:
            if self._closed:
                return
            self._closed = True
        if self._swift is not None:
            self._swift.close()
        self._writer.close()
        self._readers.shutdown()
        self.courtesy.close()
        self._engines.dispose()
