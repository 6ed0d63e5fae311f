"""The store: one database, a thread that writes and a few that read.

A use case is a plain function whose first argument is an open database handle. `await store.write(book, …)`
runs it in the writing thread inside a transaction, `await store.read(browse, …)` in one of the reading
threads. Rows never leave their thread: use cases return values.

Writes that wait at the same time share one commit. Where one of them is refused, all are undone and run again behind a
savepoint each: so a refused use case undoes only itself, and a crowd that nobody refuses pays for no savepoints. A long one
gives way to those who read meanwhile (`domain.courtesy`). Nobody hears of a result before it is committed.
What the server undid without the use case being at fault (a deadlock, another process that was first, a restart) is run
again from its beginning, alone, for some seconds in all: so a use case changes the database and nothing else. A commit
whose answer was lost is an error, never done a second time: it may have been kept. An error never repeats what was to be
written (`hide_parameters`): it may be logged, and the log names nobody. What SQLite and PostgreSQL need each stands in
`domain.engines`.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlmodel import Session as Db

from domain.courtesy import Courtesy
from domain.engines import (
    READERS,
    Engines,
    back_to_savepoint,
    engines_of,
    is_beyond,
    is_lost,
    is_passing,
    is_taken,
    is_undone,
    mark_savepoint,
    reading_engine,
    wait_less,
    writing_engine,
)
from domain.errors import NotFound

__all__ = ["Db", "Store", "reading_engine", "writing_engine"]

P = ParamSpec("P")
T = TypeVar("T")

SHARED_COMMIT = 64  # use cases that may share one commit
#: seconds to wait before each further try of what the server undid: not none, or it takes again at once what the other waited for
AGAIN_AFTER_S = (0.02, 0.1, 0.4, 1.0)
#: seconds from its first try in which it is tried again, together with all that shared its commit: the others wait meanwhile. After
#: that each has one try more, which waits for nobody's lock for longer than the second
AGAIN_WITHIN_S, LAST_WAIT_S = 15.0, 0.5


@dataclass
class _Work:
    call: Callable[[Db], Any]
    result: Future[Any]
    was_taken: bool = False  #: a row that another has put in stood in its way already

    def may_succeed(self, error: BaseException | None) -> bool:
        """Whether to run it again. Run again it finds the other's row; what is in the way then is no other's doing."""
        taken, before = is_taken(error), self.was_taken
        self.was_taken = before or taken
        return is_passing(error) and not (taken and before)


class Store:
    """One database. Open it with its URL, close it with `close()`; a closed store refuses further work.

    `engines`: those of this URL that another store used before, and has let go of: they know its statements already.
    """

    def __init__(self, url: str, *, durable: bool = True, again_within_s: float = AGAIN_WITHIN_S, engines: Engines | None = None) -> None:
        self.url = url
        self._again_within_s = again_within_s
        self._engines = engines or engines_of(url, durable=durable)
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_forever, name="store-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._closed = False
        self._door = threading.Lock()
        self._pause = threading.Event()  # set when the store closes: nobody waits any more
        self._courtesy = Courtesy(self._engines.writing)
        self._swift: Store | None = None
        self._writer.start()

    # ── for the loop ────────────────────────────────────────────────────────────────────────────────────

    async def write(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in the writing thread; returns when it is committed, raises what it raised."""
        return await asyncio.wrap_future(self._submit(use_case, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a reading thread, on one consistent snapshot."""
        with self._courtesy.reading():
            return await asyncio.wrap_future(self._readers.submit(self.read_now, query, *args, **kwargs))

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
        return self._submit(use_case, *args, **kwargs).result()

    def read_now(self, query: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, in this thread."""
        try:
            return self._read(query, *args, **kwargs)
        except Exception as error:
            if is_beyond(error):
                raise _said(error) from None
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
        return self._waiting.qsize()

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._pause.set()
            self._waiting.put(None)
        if self._swift is not None:
            self._swift.close()
        self._writer.join()
        self._readers.shutdown()
        self._courtesy.close()
        self._engines.dispose()

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
            until = time.monotonic() + self._again_within_s
            try:
                for work in self._commit_together(wanted, again=True):
                    self._commit_alone(work, until)
            except BaseException as broken:  # a fault of ours, here: the thread lives on, and nobody waits for ever
                for work in wanted:
                    if not work.result.done():
                        work.result.set_exception(broken)
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

    def _commit_alone(self, work: _Work, until: float) -> None:
        """Again, with a commit of its own: it may be why the others' was lost. The last try says what it came to."""
        for tries_left, seconds in zip(range(len(AGAIN_AFTER_S) - 1, -1, -1), AGAIN_AFTER_S, strict=True):
            self._pause.wait(seconds)
            left = until - time.monotonic()
            if not self._commit_together([work], again=tries_left > 0 and left > 0, wait_s=max(left, LAST_WAIT_S)):
                return

    def _commit_together(self, together: list[_Work], *, again: bool, wait_s: float | None = None) -> list[_Work]:
        """Run and commit them; returns those to be run `again`, whose transaction was lost before its commit.

        `wait_s`: for how long each statement may wait for a lock, if for less than as a rule.
        """
        try:
            with Db(self._engines.writing, expire_on_commit=False) as db:
                if wait_s is not None:
                    wait_less(db, wait_s)
                outcomes = self._run_all(db, together)
                _commit(db)
        except _CommitFailed as failed:  # nobody's work is there, or nobody knows: the answer may have been lost on its way
            outcomes = [_Outcome(work, error=failed.__cause__) for work in together]
            again = again and is_undone(failed.__cause__)
        except _TransactionLost as lost:  # nobody's work is there, and one of them may be why
            if again:
                return together
            outcomes = [_Outcome(work, error=lost.__cause__) for work in together]
        except BaseException as broken:  # before the commit: nobody's work is there
            outcomes = [_Outcome(work, error=broken) for work in together]
        return list(_told(outcomes, again=again))

    def _run_all(self, db: Db, together: list[_Work]) -> list[_Outcome]:
        """One after another; at the first error everything is undone, and they are run again, each behind a savepoint."""
        outcomes: list[_Outcome] = []
        for work in together:
            try:
                outcomes.append(self._run(db, work))
            except Exception as error:
                failed = _Outcome(work, error=error)
                break
        else:
            return outcomes
        try:
            db.rollback()
        except Exception:
            raise _TransactionLost from failed.error
        if len(together) == 1:
            return [failed]
        passing = is_passing(failed.error)  # it is worth another try, but not at once: what it waited for is still held
        return [failed if passing and work is failed.work else self._run_apart(db, work) for work in together]

    def _run_apart(self, db: Db, work: _Work) -> _Outcome:
        mark_savepoint(db)
        try:
            return self._run(db, work)
        except Exception as error:
            db.expunge_all()
            if not back_to_savepoint(db) or is_lost(db):
                raise _TransactionLost from error
            return _Outcome(work, error=error)

    def _run(self, db: Db, work: _Work) -> _Outcome:
        self._courtesy.begin()
        value = work.call(db)
        db.flush()
        db.expunge_all()  # no use case sees another's rows
        return _Outcome(work, value)


@dataclass(frozen=True)
class _Outcome:
    work: _Work
    value: Any = None
    error: BaseException | None = None


def _said(error: BaseException) -> BaseException:
    """What its caller hears. An id beyond every id was typed or forged: it is nobody's."""
    return NotFound("We could not find that. Please choose it from the list.") if is_beyond(error) else error


class _TransactionLost(Exception):
    """The database undid the whole transaction by itself, not the one savepoint."""


class _CommitFailed(Exception):
    """The commit was asked for, and did not come back with a yes."""


def _commit(db: Db) -> None:
    try:
        db.commit()
    except Exception as error:
        raise _CommitFailed from error


def _told(outcomes: Iterable[_Outcome], *, again: bool) -> Iterator[_Work]:
    """Tell each what came of its work, but for those that are worth another try."""
    for outcome in outcomes:
        if outcome.error is None:
            outcome.work.result.set_result(outcome.value)
        elif again and outcome.work.may_succeed(outcome.error):
            yield outcome.work
        else:
            outcome.work.result.set_exception(_said(outcome.error))
