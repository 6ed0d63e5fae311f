"""What computes for long gives way to those who read meanwhile; what is short waits for nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from bench.schedules import write_schedule
from domain.courtesy import Courtesy, Reader, at_work, give_way
from domain.database import Db, Store
from domain.engines import writing_engine
from domain.models import Partnership
from domain.schedule.previewing import bare_preview
from integrations.sheets import CalamineSheetReader

MOMENT_S = 0.03


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = writing_engine(f"sqlite:///{tmp_path / 'courtesy.sqlite'}")
    yield made
    made.dispose()


def compute(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def stood_back(engine: Engine, courtesy: Courtesy, *, computes: float, statements: int) -> float:
    """Seconds that a use case waited which computes for so long, then has so many statements."""
    with engine.begin() as connection, courtesy.working() as turn:
        compute(computes)
        for _ in range(statements):
            connection.execute(text("SELECT 1"))
    return turn.stood_back


@contextmanager
def somebody_reads(courtesy: Courtesy) -> Iterator[None]:
    """In a thread of their own, for as long as the block lasts."""
    reads, done = threading.Event(), threading.Event()

    def read() -> None:
        with Reader(courtesy) as reader, courtesy.working(reader):
            reads.set()
            done.wait(10)

    thread = threading.Thread(target=read)
    thread.start()
    assert reads.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_long_write_stands_back_a_moment_for_who_reads(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with somebody_reads(courtesy):
        assert stood_back(engine, courtesy, computes=0.04, statements=1) >= MOMENT_S


def test_nobody_who_reads_and_nobody_who_waits(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.0, moment=MOMENT_S)
    with somebody_reads(courtesy):
        pass
    assert stood_back(engine, courtesy, computes=0.02, statements=50) == 0.0


def test_a_short_write_waits_for_nobody(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=60.0, moment=MOMENT_S)
    with somebody_reads(courtesy):
        assert stood_back(engine, courtesy, computes=0.0, statements=50) == 0.0


def test_it_waits_no_longer_than_it_has_computed(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=60.0)
    with somebody_reads(courtesy), courtesy.working() as turn:
        for _ in range(3):
            compute(0.02)
            give_way()
        give_way()  # it has stood back for all that it computed
    assert 0.06 <= turn.stood_back < 5.0


def test_the_next_use_case_begins_anew(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with somebody_reads(courtesy):
        stood_back(engine, courtesy, computes=0.04, statements=1)
        assert stood_back(engine, courtesy, computes=0.0, statements=1) == 0.0


def test_between_two_steps_that_ask_nothing_it_gives_way_too(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with somebody_reads(courtesy), courtesy.working() as turn:
        compute(0.04)
        give_way()
    assert turn.stood_back >= MOMENT_S


def test_a_reading_that_proves_long_gives_way_and_nobody_gives_way_to_it(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with somebody_reads(courtesy), Reader(courtesy) as reader, courtesy.working(reader) as long:
        compute(0.04)
        give_way()
        assert (long.stood_back >= MOMENT_S, courtesy.readers) == (True, 1)
    assert courtesy.readers == 0


def test_a_long_reading_does_not_wait_for_itself(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=60.0)
    with Reader(courtesy) as reader, courtesy.working(reader) as alone:
        compute(0.2)
        give_way()
    assert alone.stood_back < 0.2


def test_a_long_reading_does_not_wait_for_who_has_no_thread_yet(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=60.0)
    with Reader(courtesy), Reader(courtesy) as reader, courtesy.working(reader) as long:
        compute(0.2)
        give_way()
    assert long.stood_back < 0.2


def test_what_is_no_reading_waits_for_who_has_no_thread_yet(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with Reader(courtesy), courtesy.working() as turn:
        compute(0.04)
        give_way()
    assert turn.stood_back >= MOMENT_S


def test_a_short_reading_is_waited_for_and_waits_for_nobody(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=60.0, moment=MOMENT_S)
    with somebody_reads(courtesy), Reader(courtesy) as reader, courtesy.working(reader) as short:
        give_way()
        assert (short.stood_back, courtesy.readers) == (0.0, 2)


def test_what_waits_for_others_is_not_long(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.05, moment=MOMENT_S)
    with somebody_reads(courtesy), Reader(courtesy) as reader, courtesy.working(reader) as turn:
        other = threading.Thread(target=compute, args=(0.06,))
        other.start()
        other.join()
        give_way()
        assert (turn.stood_back, courtesy.readers) == (0.0, 2)


def test_outside_of_any_work_giving_way_is_nothing(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.0, moment=60.0)
    with somebody_reads(courtesy):
        give_way()
    assert at_work() is None


def test_work_that_fails_is_over(engine: Engine) -> None:
    courtesy = Courtesy(engine)
    with pytest.raises(ZeroDivisionError), Reader(courtesy) as reader, courtesy.working(reader):
        raise ZeroDivisionError
    assert (at_work(), courtesy.readers, courtesy.begun) == (None, 0, 0)


def test_two_on_one_engine_end_one_after_the_other(engine: Engine) -> None:
    first, second = Courtesy(engine, own=0.01, moment=MOMENT_S), Courtesy(engine, own=0.01, moment=MOMENT_S)
    first.close()
    with somebody_reads(second):
        assert stood_back(engine, second, computes=0.04, statements=1) >= MOMENT_S
    second.close()


async def test_whatever_a_store_does_is_a_piece_of_work_and_only_reading_is_waited_for(store: Store) -> None:
    def seen(*_db: Db) -> tuple[bool, int]:
        turn = at_work()
        assert turn is not None
        return turn.courtesy is store.courtesy, store.courtesy.readers

    assert await store.read(seen) == (True, 1)
    assert await store.write(seen) == (True, 0)
    assert await store.compute(seen) == (True, 0)
    assert (at_work(), store.courtesy.readers, store.courtesy.begun) == (None, 0, 0)


async def test_a_long_use_case_and_a_long_reading_give_way_between_their_statements(store: Store) -> None:
    def long(db: Db) -> float:
        compute(0.04)
        db.exec(select(Partnership)).all()
        turn = at_work()
        assert turn is not None
        return turn.stood_back

    with somebody_reads(store.courtesy):
        assert min(await store.read(long), await store.write(long)) >= 0.03


def test_between_the_rows_of_a_file_others_go_first(engine: Engine, tmp_path: Path) -> None:
    courtesy, file = Courtesy(engine, own=0.0, moment=0.001), tmp_path / "week.xlsx"
    write_schedule(file, 3)
    with somebody_reads(courtesy), courtesy.working() as opening:
        sheet = CalamineSheetReader().read(file.name, file.read_bytes())
    with somebody_reads(courtesy), courtesy.working() as reading:
        bare_preview(sheet, now=datetime(2027, 3, 1, tzinfo=UTC), holidays={})
    assert min(opening.stood_back, reading.stood_back) > 0.0
