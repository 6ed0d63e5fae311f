"""A process of its own for slow computing: it begins, computes, answers and ends, and its memory goes with it.

Threads of one process take turns, so whoever draws for seconds makes everybody wait who types meanwhile. Here nobody waits
but who asked. The process is of low priority. What goes in and what comes out is pickled, so both are plain values and
functions of modules; it is never given anything but what this program itself made.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: how far it stands back for others (see nice(2))
MODEST = 10


class ProcessEnded(Exception):
    """The process ended without an answer: it was killed, or memory was short."""


async def in_own_process(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `call` returns, or raises. Raises `ProcessEnded`. Whoever stops waiting ends the process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        said, _ = await process.communicate(pickle.dumps(partial(call, *args, **kwargs)))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise ProcessEnded(f"exit code {process.returncode}")
    returned, raised = pickle.loads(said)
    if raised is not None:
        raise raised
    result: T = returned
    return result


def answered(asked: bytes) -> bytes:
    """The other side: call, and pickle (what it returned, what it raised)."""
    call: Callable[[], Any] = pickle.loads(asked)
    try:
        return pickle.dumps((call(), None))
    except Exception as raised:  # the one who asked is told, and logs it
        return pickle.dumps((None, raised))


if __name__ == "__main__":
    with suppress(PermissionError):  # where the system lets nobody change it, it is drawn all the same
        os.nice(MODEST)
    answer, sys.stdout = sys.stdout, sys.stderr  # what a library says is not the answer
    answer.buffer.write(answered(sys.stdin.buffer.read()))
