"""`make faults N=10000`: as many kill -9 as wanted, half on SQLite and half on PostgreSQL, until it ends by itself.

It plays chapters (`killing`), every one troubled and with a seed of its own, on a new database each; writes `build/faults.json`;
and exits 1 on any breach, with the seed that repeats its chapter: `make faults N=60 SEED=<seed> DATABASE=<sqlite|postgresql>`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import SQLModel

from domain.database import writing_engine
from tests.faults.judging import Wrong, sentences
from tests.faults.killing import Chapter, chapter
from tests.faults.lives import ROOT, Cradle, CradleProcess
from tests.postgres_server import postgres

#: kills in one chapter: what a breach's seed repeats, and what one verdict looks at
A_CHAPTER = 60
DATABASES = ("sqlite", "postgresql")
DEFAULT_KILLS, DEFAULT_SEED = 300, 1


@dataclass
class Sum:
    """What all chapters of one database came to."""

    database: str
    kills: int = 0
    chapters: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    sent: int = 0
    repeated_harmlessly: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    breaches: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, told: Chapter) -> None:
        """One chapter more."""
        assert told.verdict is not None
        self.kills += told.kills
        self.chapters += 1
        self.faults += told.faults
        self.owed += told.verdict.owed
        self.sent += told.verdict.sent
        self.repeated_harmlessly += told.verdict.repeated_harmlessly
        self.states += Counter(told.verdict.states)
        self.wrong += Counter(breach.wrong.value for breach in told.breaches)
        self.breaches += [{"seed": told.seed, "database": self.database, "breach": said} for said in sentences(told.breaches)]

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        counted = {name: getattr(self, name) for name in ("database", "kills", "chapters", "owed", "sent", "repeated_harmlessly")}
        wrongs = {wrong.value.replace(" ", "_"): self.wrong[wrong.value] for wrong in Wrong}
        rest = {"faults": dict(sorted(self.faults.items())), "states": dict(sorted(self.states.items())), "seconds": round(self.seconds, 1)}
        return {**counted, **wrongs, **rest}


@contextmanager
def databases_of(kind: str, folder: Path) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """What makes new databases with every table, one after another."""
    if kind == "sqlite":
        yield lambda: new_file(folder)
        return
    with postgres(f"faults-{os.getpid()}") as server:
        yield server.database


@contextmanager
def new_file(folder: Path) -> Iterator[str]:
    """A SQLite file, gone after the block."""
    with TemporaryDirectory(dir=folder) as here:
        url = f"sqlite:///{here}/faults.sqlite"
        engine = writing_engine(url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        yield url


async def run(database: str, kills: int, seed: int, folder: Path) -> Sum:
    """All chapters on one database, one after another."""
    total, began = Sum(database), time.monotonic()
    process = CradleProcess(folder / "log.txt")
    try:
        with databases_of(database, folder) as new_database:
            while total.kills < kills:
                few = min(A_CHAPTER, kills - total.kills)
                with new_database() as url:
                    async with Cradle(process) as cradle:
                        told = await chapter(cradle, folder / "scene", url, seed=seed + total.chapters, kills=few, troubled=True)
                total.add(told)
                total.seconds = time.monotonic() - began
                tell(
                    f"{database}: {total.kills} of {kills} kills, {total.sent} sent, {len(total.breaches)} breaches, {total.seconds:.0f} s"
                )
                for said in sentences(told.breaches):
                    tell(f"  seed {told.seed}: {said}")
    finally:
        await asyncio.to_thread(process.end)
    return total


def tell(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run_all(databases: Sequence[str], kills: int, seed: int, folder: Path) -> list[Sum]:
    """Both databases side by side, each with its share of the kills."""
    shares = [kills // len(databases)] * len(databases)
    shares[0] += kills - sum(shares)
    for database in databases:
        (folder / database).mkdir()
    return await asyncio.gather(*(run(name, share, seed, folder / name) for name, share in zip(databases, shares, strict=True)))


def main() -> int:
    parsed = argparse.ArgumentParser(description=__doc__)
    parsed.add_argument("--kills", type=int, default=DEFAULT_KILLS)
    parsed.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parsed.add_argument("--database", choices=DATABASES)
    parsed.add_argument("--out", type=Path, default=ROOT / "build" / "faults.json")
    asked = parsed.parse_args()
    for name in ("aiohttp.server", "mail.log"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    databases = (asked.database,) if asked.database else DATABASES
    with TemporaryDirectory() as folder:
        sums = asyncio.run(run_all(databases, asked.kills, asked.seed, Path(folder)))
    breaches = [breach for one in sums for breach in one.breaches]
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    totals = {name: sum(getattr(one, name) for one in sums) for name in ("kills", "owed", "sent", "repeated_harmlessly")}
    wrongs = {wrong.value.replace(" ", "_"): sum(one.wrong[wrong.value] for one in sums) for wrong in Wrong}
    faults = dict(sorted(sum((one.faults for one in sums), Counter[str]()).items()))
    told = {**totals, **wrongs, "faults": faults, "seed": asked.seed, "databases": [one.as_json() for one in sums], "breaches": breaches}
    asked.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    tell(f"{totals['kills']} kills, {totals['owed']} owed, {totals['sent']} sent, {totals['repeated_harmlessly']} repeated harmlessly")
    tell(f"{len(breaches)} breaches; {asked.out}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
