"""The loop that is watched sees who computes for long, and nobody else."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.loop_watch import SLOW_S, WatchedLoop


async def hold(seconds: float) -> None:
    """What no handler may do."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@pytest.mark.parametrize(("seconds", "seen"), [(2 * SLOW_S, 1), (SLOW_S / 5, 0)])
def test_the_watch_sees_who_computes_for_long_and_nobody_else(seconds: float, seen: int) -> None:
    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, WatchedLoop)
        runner.run(hold(seconds))
        assert [("hold(" in one.said, one.cpu_ms >= 1000 * SLOW_S) for one in loop.slow] == [(True, True)] * seen
