"""Lives of the program, from outside: born by a cradle, killed, frozen or waited for, and heard."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
WITHIN_S = 120.0


@dataclass
class Life:
    """One run of the program. `status` of an ended one is its exit code, or less than nothing: the signal that ended it."""

    number: int
    _cradle: Cradle
    heard: list[dict[str, Any]] = field(default_factory=list)
    status: int | None = None

    async def until(self, word: str) -> dict[str, Any]:
        """Wait until it has said this. One that ends instead fails the test."""
        await self._cradle.until(lambda: self.status is not None or any(word in told for told in self.heard))
        said = [told for told in self.heard if word in told]
        assert said, f"life {self.number} ended ({self.status}) before it said {word}:\n{self._cradle.errors()}"
        return said[0]

    def send(self, how: signal.Signals) -> None:
        """A signal, if it still lives."""
        self._cradle.order(signal=[self.number, int(how)])

    async def kill(self) -> bool:
        """Kill -9, and wait until it is dead; whether it was this that ended it."""
        self.send(signal.SIGKILL)
        return await self.ended() == -signal.SIGKILL

    async def ended(self) -> int:
        """Wait until it has ended; its status."""
        await self._cradle.until(lambda: self.status is not None)
        assert self.status is not None
        return self.status


class CradleProcess:
    """The process that bears lives. It takes seconds to start, so a run of tests has one, and each test's loop its own `Cradle`.

    `databases`: one of each further kind that lives will have, with every table and no row, for as long as this does.
    """

    def __init__(self, log: Path, *databases: str) -> None:
        self.log = log
        self.warm = False
        self.born = 0
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "tests.faults.cradle", *databases),
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
            )

    def end(self) -> None:
        """It ends when nobody orders any more, and its lives with it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Cradle:
    """The process, heard from one loop. `heard` is called with everything that a life says. At the end no life is left."""

    def __init__(self, process: CradleProcess) -> None:
        self._process = process
        self._lives: dict[int, Life] = {}
        self._changed = asyncio.Condition()
        self._over = False
        self.heard: Callable[[dict[str, Any]], None] = lambda _told: None

    async def __aenter__(self) -> Self:
        assert self._process.process.stdout is not None
        lines = asyncio.StreamReader()
        heard = os.fdopen(os.dup(self._process.process.stdout.fileno()), "rb", 0)
        self._ear, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), heard)
        self._listening = asyncio.create_task(self._listen(lines))
        await self.until(lambda: self._process.warm)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for life in self._lives.values():
            if life.status is None:
                life.send(signal.SIGKILL)
        with suppress(AssertionError):
            await self.until(lambda: all(life.status is not None for life in self._lives.values()))
        self._ear.close()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    def errors(self) -> str:
        """What the program has complained of."""
        return self._process.log.read_text(encoding="utf-8", errors="replace")[-6000:]

    def order(self, **order: Any) -> None:
        """One line to the cradle."""
        assert self._process.process.stdin is not None
        self._process.process.stdin.write(json.dumps(order).encode() + b"\n")

    def bear(self, **order: Any) -> Life:
        """A new life, which does what it is ordered to."""
        self._process.born += 1
        life = Life(self._process.born, self)
        self._lives[life.number] = life
        self.order(number=life.number, **order)
        return life

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what was said. Raises `TimeoutError`."""
        async with self._changed, asyncio.timeout(WITHIN_S):
            await self._changed.wait_for(lambda: holds() or self._over)
        assert not self._over or holds(), f"the cradle ended:\n{self.errors()}"

    async def _listen(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            self._note(json.loads(line))
            async with self._changed:
                self._changed.notify_all()
        self._over = True
        async with self._changed:
            self._changed.notify_all()

    def _note(self, told: dict[str, Any]) -> None:
        if "warm" in told:
            self._process.warm = True
        elif "ended" in told:
            self._lives[told["ended"]].status = told["status"]
        elif "life" in told:
            self._lives[told["life"]].heard.append(told)
            self.heard(told)
