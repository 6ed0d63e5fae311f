"""A hundred kill -9 at random instants over PostgreSQL: nothing is lost, nothing is doubled. `make faults` is the long run of the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.judging import sentences
from tests.faults.killing import chapter
from tests.faults.lives import Cradle

KILLS = 50


@pytest.mark.parametrize(("seed", "troubled"), [(1, False), (2, True)])
async def test_whatever_is_killed_and_whenever_nothing_is_lost_or_doubled(
    cradle: Cradle, postgres_url: str, tmp_path: Path, seed: int, troubled: bool
) -> None:
    told = await chapter(cradle, tmp_path / "chapter", postgres_url, seed=seed, kills=KILLS, troubled=troubled)
    assert sentences(told.breaches) == []
    assert told.kills == KILLS
    assert told.verdict is not None
    assert told.verdict.sent > KILLS // 2  # it was no idle time that was killed
