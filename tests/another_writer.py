"""Another process that writes meanwhile: just before a lock is taken, or in the middle of a use case that holds its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text

from domain.database import Db, writing_engine
from tests.building import Building

#: seconds in which the other is done, or waits for a lock
SOON = 10.0
_WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def _that_locks_rows(url: str) -> Engine:
    """SQLite that takes no lock as long as it only reads."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def begins_nothing_by_itself(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    return engine


@contextmanager
def another_writes_before_the_lock(building: Building, what: Callable[[], object], *, of: str = "") -> Iterator[Db]:
    """A handle that locks nothing but rows, as on PostgreSQL; `what` the other process does just before this one has its lock.

    `of`: the table, where it is not the first lock of all that matters.
    """
    engine = writing_engine(building.store.url) if building.store.url.startswith("postgresql") else _that_locks_rows(building.store.url)
    waiting = [what]

    @event.listens_for(engine, "before_execute")
    def locking(_connection: Any, statement: Any, *_rest: Any) -> None:
        if waiting and getattr(statement, "_for_update_arg", None) is not None and f"FROM {of}" in str(statement):
            waiting.pop()()

    with Db(engine) as db:
        yield db
        db.commit()
    engine.dispose()
    assert waiting == []


class Meanwhile:
    """What another process does on PostgreSQL while this one is in the middle, as far as it comes before it has to wait."""

    def __init__(self, url: str, what: Callable[[Db], object]) -> None:
        self._url, self._what = url, what
        self._done: Future[object] | None = None
        self._threads = ThreadPoolExecutor(1)

    def begin(self) -> None:
        self._done = self._threads.submit(self._write)
        engine = create_engine(self._url)
        with engine.connect() as looking:
            for _ in range(int(SOON / 0.02)):
                if self._is_over() or looking.execute(_WAITS).scalar_one():
                    break
                looking.rollback()
            else:
                raise AssertionError("it neither ends nor waits")
        engine.dispose()

    def _is_over(self) -> bool:
        assert self._done is not None
        try:
            self._done.exception(timeout=0.02)
        except TimeoutError:
            return False
        return True

    def _write(self) -> object:
        engine = writing_engine(self._url)
        try:
            with Db(engine) as db:
                done = self._what(db)
                db.commit()
                return done
        finally:
            engine.dispose()

    def end(self) -> None:
        """Raises what it raised."""
        assert self._done is not None, "it never began"
        self._done.result(timeout=SOON)
        self._threads.shutdown()


@contextmanager
def another_writes_in_the_middle(building: Building, what: Callable[[Db], object], *, before: str) -> Iterator[Db]:
    """A handle, and what another process does just before this one's first statement that begins with `before`.

    Nothing is repeated: whom the server undoes, as in a deadlock, that one's error is raised here.
    """
    engine, other = writing_engine(building.store.url), Meanwhile(building.store.url, what)
    waiting = [other]

    @event.listens_for(engine, "before_cursor_execute")
    def middle(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if waiting and statement.startswith(before):
            waiting.pop().begin()

    with Db(engine) as db:
        yield db
        db.commit()
    engine.dispose()
    other.end()
