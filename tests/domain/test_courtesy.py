"""A long write gives way to those who read meanwhile; a short one waits for nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from domain.courtesy import Courtesy
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
    with engine.begin() as connection:
        turn = courtesy.begin()
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
