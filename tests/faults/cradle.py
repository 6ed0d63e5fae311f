"""A process that has loaded the program once and forks a life of it whenever it is asked: 20 ms instead of 3 s.

It keeps no loop, no thread and no open database, so that what it forks starts clean. Orders come as lines of JSON on its
standard input; what it and its lives have to say leaves as lines of JSON on its standard output, each in one write, so that
a line that was begun is there even where its writer was killed right after it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import threading
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def say(**told: Any) -> None:
    """One line, in one write."""
    os.write(1, json.dumps(told).encode() + b"\n")


class Nursery:
    """The lives that were born here and have not ended, by their number."""

    def __init__(self) -> None:
        self.living: dict[int, int] = {}

    def obey(self, order: dict[str, Any]) -> None:
        """Bear a life, or send a signal to one that still lives."""
        if "signal" in order:
            number, how = order["signal"]
            if number in self.living:  # not reaped yet, so its process id is still its own
                os.kill(self.living[number], how)
            return
        pid = os.fork()
        if pid == 0:
            _live(order)
        self.living[order["number"]] = pid
        say(born=order["number"])

    def reap(self) -> None:
        """Tell of those that have ended, and how: a negative status is the signal that ended it."""
        for number, pid in list(self.living.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.living[number]
                say(ended=number, status=os.waitstatus_to_exitcode(status))

    def end(self) -> None:
        """End whatever still lives."""
        for pid in self.living.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _live(order: dict[str, Any]) -> None:
    """In the child: one life, then nothing else of the parent's."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        from tests.faults import life  # loaded by the parent

        life.live(order)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    from tests.faults import life  # everything that a life needs

    with TemporaryDirectory() as folder:
        life.warm_up(Path(folder), sys.argv[1:])
    gc.collect()
    gc.freeze()
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    assert threading.active_count() == 1, "a fork takes one thread along, so there must be no other"
    say(warm=True)
    nursery, rest = Nursery(), b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        nursery.reap()
        if 0 not in ready:
            continue
        came = os.read(0, 65536)
        if not came:
            nursery.end()
            return
        *lines, rest = (rest + came).split(b"\n")
        for line in lines:
            nursery.obey(json.loads(line))


if __name__ == "__main__":
    main()
