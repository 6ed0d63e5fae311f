"""A long write gives way to those who read meanwhile; a short one waits for nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from domain.courtesy import Courtesy, give_way
from domain.engines import writing_engine

MOMENT_S = 0.03


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = writing_engine(f"sqlite:///{tmp_path / 'courtesy.sqlite'}")
    yield made
    made.dispose()


def compute(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def stood_back(engine: Engine, courtesy: Courtesy, *, computes: float, statements: int) -> float:
    """Seconds that a use case waited which computes for so long, then has so many statements."""
    with engine.begin() as connection, courtesy.at_work() as turn:
        compute(computes)
        for _ in range(statements):
            connection.execute(text("SELECT 1"))
    return turn.stood_back


def test_a_long_write_stands_back_a_moment_for_who_reads(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with courtesy.reading():
        assert stood_back(engine, courtesy, computes=0.02, statements=1) >= MOMENT_S


def test_nobody_who_reads_and_nobody_who_waits(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.0, moment=MOMENT_S)
    with courtesy.reading():
        pass
    assert stood_back(engine, courtesy, computes=0.02, statements=50) == 0.0


def test_a_short_write_waits_for_nobody(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=60.0, moment=MOMENT_S)
    with courtesy.reading():
        assert stood_back(engine, courtesy, computes=0.0, statements=50) == 0.0


def test_it_waits_no_longer_than_it_has_computed_and_a_moment(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.0, moment=MOMENT_S)
    began = time.monotonic()
    with courtesy.reading():
        waited = stood_back(engine, courtesy, computes=0.02, statements=500)
    computed = time.monotonic() - began - waited
    assert MOMENT_S <= waited <= computed + 10 * MOMENT_S


def test_the_next_use_case_begins_anew(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with courtesy.reading():
        stood_back(engine, courtesy, computes=0.02, statements=1)
        assert stood_back(engine, courtesy, computes=0.0, statements=1) == 0.0


def test_between_two_steps_that_ask_nothing_it_gives_way_too(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with courtesy.reading(), courtesy.at_work() as turn:
        compute(0.02)
        give_way()
    assert turn.stood_back >= MOMENT_S


def test_a_reading_that_proves_long_gives_way_and_nobody_gives_way_to_it(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.01, moment=MOMENT_S)
    with courtesy.reading() as long, courtesy.reading(), courtesy.at_work(long) as turn:
        compute(0.02)
        give_way()
        assert (turn.stood_back >= MOMENT_S, courtesy.readers) == (True, 1)
    assert courtesy.readers == 0


def test_a_short_reading_is_waited_for_and_waits_for_nobody(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=60.0, moment=MOMENT_S)
    with courtesy.reading() as short, courtesy.at_work(short) as turn:
        give_way()
        assert (turn.stood_back, courtesy.readers) == (0.0, 1)


def test_outside_of_any_work_giving_way_is_nothing(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.0, moment=60.0)
    with courtesy.reading():
        give_way()


def test_what_waits_for_others_is_not_long(engine: Engine) -> None:
    courtesy = Courtesy(engine, own=0.05, moment=MOMENT_S)
    with courtesy.reading() as reader, courtesy.reading(), courtesy.at_work(reader) as turn:
        other = threading.Thread(target=compute, args=(0.06,))
        other.start()
        other.join()
        give_way()
        assert (turn.stood_back, courtesy.readers) == (0.0, 2)
