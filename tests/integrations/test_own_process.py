"""Slow computing in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from domain.errors import BadInput
from domain.ports.drawing import Bars
from integrations.own_process import MODEST, ProcessEnded, in_own_process
from integrations.pictures import Charts
from integrations.sheets import CalamineSheetReader

A_CHART = Bars("Places", ("Opening", "Court skills"), (("Booked", (3.0, 4.0)),), "places")


async def test_what_is_drawn_elsewhere_is_drawn_as_here() -> None:
    assert await in_own_process(Charts().bars, A_CHART) == Charts().bars(A_CHART)


async def test_it_is_another_process_and_stands_back_for_others() -> None:
    assert await in_own_process(os.getpid) != os.getpid()
    assert await in_own_process(os.nice, 0) == min(os.nice(0) + MODEST, 19)


async def test_a_refusal_comes_back_as_it_was_raised() -> None:
    with pytest.raises(BadInput, match="This file is empty"):
        await in_own_process(CalamineSheetReader().read, "week.csv", b"")


async def test_a_process_that_is_killed_is_said() -> None:
    with pytest.raises(ProcessEnded):
        await in_own_process(signal.raise_signal, signal.SIGKILL)


async def test_who_stops_waiting_ends_it() -> None:
    """`pause` never returns: whoever waits for the end of its process would not, either."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(in_own_process(signal.pause), 0.5)


#: what `SystemCallFilter=~@resources` of systemd does: setpriority is refused (EPERM), everything else goes on
REFUSES_NICE = """
import asyncio, ctypes, math, platform, struct
from integrations.own_process import in_own_process
number = {"x86_64": 141, "aarch64": 140}[platform.machine()]
steps = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000))
told = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Filter(len(steps), ctypes.addressof(told))), 0, 0) == 0
print(asyncio.run(in_own_process(math.sqrt, 4.0)))
"""


def test_where_nobody_may_stand_back_it_is_drawn_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSES_NICE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("2.0\n", 0), done.stderr
