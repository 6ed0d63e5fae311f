"""A handler never holds the loop: a small week is acted out, in chat and by the clock, on a loop that is watched.

What counts is the processor time of each callback, 50 ms at most: see `tests/loop_watch.py`. The start of the program, before anybody is
there to wait, is not watched.
"""

from __future__ import annotations

import asyncio
import time
from io import StringIO
from pathlib import Path

import pytest

from practiceweek import logs
from practiceweek.rehearsals.rehearsing import schedules_of, set_stage
from rehearsal.week import Week
from tests.loop_watch import SLOW_S, WatchedLoop

WEEK = """Date,Time,Title,Led by,Platform,Venue,Places
Monday 15 March 2027,9.30am - 10.30am,Opening,Workforce Team,MS Teams,,200
Monday 15 March 2027,11am - 12 noon,Voice of the child,Practice Lead,Zoom,,60
Tuesday 16 March 2027,2pm to 4pm,Reflection group,ASYE Lead,In person,"Room 2, Town Hall",4
"""


async def a_week(folder: Path) -> int:
    """A rehearsal from its first day to its report; how many messages were sent by mail."""
    file = folder / "week.csv"
    file.write_text(WEEK, encoding="utf-8")
    schedules = schedules_of([file])
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    async with set_stage(schedules, 1, folder) as stage:
        loop.begin()
        await Week(stage, schedules, 10, 1, lambda _what, _done: None).play()
        return len(stage.mailbox.messages)


async def hold(seconds: float) -> None:
    """What no handler may do."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_no_handler_and_no_tick_of_a_whole_week_holds_the_loop(tmp_path: Path) -> None:
    logs.set_up("warning", "json", StringIO())
    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, WatchedLoop)
        assert runner.run(a_week(tmp_path)) > 50
        assert (loop.slow, loop.callbacks > 5_000) == ([], True)


@pytest.mark.parametrize(("seconds", "seen"), [(2 * SLOW_S, 1), (SLOW_S / 5, 0)])
def test_the_watch_sees_who_computes_for_long_and_nobody_else(seconds: float, seen: int) -> None:
    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, WatchedLoop)
        runner.run(hold(seconds))
        assert [("hold(" in one.said, one.cpu_ms >= 1000 * SLOW_S) for one in loop.slow] == [(True, True)] * seen
