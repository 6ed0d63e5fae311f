"""The writing thread: one transaction at a time, shared by those who wait for it together.

Writes that wait at the same time share one commit. Where one of them is refused, all are undone and run again behind a
savepoint each: so a refused use case undoes only itself, and a crowd that nobody refuses pays for no savepoints. A long one
gives way to those who read meanwhile (`domain.courtesy`). Nobody hears of a result before it is committed.
What the server undid without the use case being at fault (a deadlock, another process that was first, a restart) is run
again from its beginning, alone, for some seconds in all: so a use case changes the database and nothing else. A commit
whose answer was lost is an error, never done a second time: it may have been kept. An error never repeats what was to be
written (`hide_parameters`): it may be logged, and the log names nobody.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session as Db

from domain.courtesy import Courtesy
from domain.engines import (
    Engines,
    back_to_savepoint,
    is_beyond,
    is_lost,
    is_passing,
    is_taken,
    is_undone,
    mark_savepoint,
    wait_less,
)
from domain.errors import NotFound

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


class Writer:
    """The thread that writes, for as long as its store is open."""

    def __init__(self, engines: Engines, courtesy: Courtesy, *, again_within_s: float = AGAIN_WITHIN_S) -> None:
        self._engines = engines
        self._courtesy = courtesy
        self._again_within_s = again_within_s
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._pause = threading.Event()  # set when it closes: nobody waits any more
        self._thread = threading.Thread(target=self._write_forever, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
        """Hand a use case in. Its result is there when it is committed, or what it raised."""
        result: Future[T] = Future()
        with self._door:  # nothing is handed in behind the last
            if self._closed:
                raise RuntimeError("the store is closed")
            self._waiting.put(_Work(lambda db: use_case(db, *args, **kwargs), result))
        return result

    def waiting(self) -> int:
        """How many use cases wait just now."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Finish what was handed in."""
        with self._door:
            self._closed = True
            self._pause.set()
            self._waiting.put(None)
        self._thread.join()

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
        with self._courtesy.working():
            value = work.call(db)
            db.flush()
        db.expunge_all()  # no use case sees another's rows
        return _Outcome(work, value)


@dataclass(frozen=True)
class _Outcome:
    work: _Work
    value: Any = None
    error: BaseException | None = None


def said(error: BaseException) -> BaseException:
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
            outcome.work.result.set_exception(said(outcome.error))
