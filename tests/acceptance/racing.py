"""Two other processes that race over one database. Run as a script, this file is one of them: it does what it is told, line by line."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain import admissions, bookings, descriptions, places, proofs, sessions
from domain.database import Db, Store
from domain.errors import Refusal
from domain.rules import Rules
from domain.series import booking as series_booking
from domain.timekeeping import keep_time
from domain.transfers import asking, taking

ROOT = Path(__file__).parents[2]
AT_ONCE = 5  # small commits, so that the processes take turns
RULES = Rules()
ACTOR = "discord:1"

Call = Sequence[Any]  # the name of what is done, and what it takes


class Racers:
    """Two processes, started once, that begin each race together."""

    def __init__(self) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
            for _ in range(2)
        ]

    def race(self, url: str, now: datetime, *both: Sequence[Call]) -> list[list[Any]]:
        """What came of each call of each process, in order."""
        for process, calls in zip(self._processes, both, strict=True):
            _say(process, {"url": url, "now": now.isoformat(), "calls": calls})
        assert [_hear(process) for process in self._processes] == ["ready", "ready"]
        for process in self._processes:
            _say(process, "go")
        return [_hear(process) for process in self._processes]

    def close(self) -> None:
        for process in self._processes:
            process.communicate(timeout=30)


def _say(process: subprocess.Popen[str], what: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


# ── one of the two processes ────────────────────────────────────────────────────────────────────────────────


def _book(db: Db, partnership: int, session: int, person: int, *, now: datetime) -> str:
    return bookings.book(db, partnership, session, person, RULES, now=now).came.value


def _cancel(db: Db, partnership: int, session: int, person: int, *, now: datetime) -> str:
    return bookings.cancel(db, partnership, session, person, RULES, now=now).was.value


def _book_series(db: Db, partnership: int, series: int, person: int, *, now: datetime) -> str:
    came = series_booking.book_series(db, partnership, series, person, RULES, now=now, accept_clash=True)
    return came.state.value if came.state else "clash"


def _cancel_series(db: Db, partnership: int, series: int, person: int, *, now: datetime) -> str:
    return series_booking.cancel_series(db, partnership, series, person, RULES, now=now).was.value


def _prove(db: Db, partnership: int, number: int, code: str, *, now: datetime) -> str | list[int]:
    came = proofs.prove(db, partnership, number, code, RULES, now=now)
    return "refused" if isinstance(came, Refusal) else list(came.confirmed)


def _lapse(db: Db, at: str, *, now: datetime) -> int:
    return places.lapse_holds(db, RULES, now=datetime.fromisoformat(at), limit=3)


def _take_over(db: Db, partnership: int, number: int, code: str, *, now: datetime) -> str:
    return type(taking.take_over(db, partnership, number, code, RULES, now=now)).__name__


def _hand_over(db: Db, partnership: int, session: int, person: int, address: str, *, now: datetime) -> str:
    try:
        asking.hand_over_place(db, partnership, session, person, "Kim", address, RULES, now=now)
    except Refusal:
        return "refused"
    return "asked"


def _open_code(db: Db, partnership: int, number: int, code: str, *, now: datetime) -> str:
    return "refused" if isinstance(admissions.open_code(db, partnership, number, code, now=now), Refusal) else "opened"


def _retitle(db: Db, partnership: int, session: int, title: str, *, now: datetime) -> str:
    """As the form does: the session as it was seen, and what was typed."""
    seen = descriptions.described(db, partnership, session)
    sessions.edit(db, partnership, session, replace(seen, title=title), RULES, actor=ACTOR, now=now, seen=seen)
    return title


def _set_places(db: Db, partnership: int, session: int, number: int, *, now: datetime) -> int:
    sessions.set_places(db, partnership, session, number, RULES, actor=ACTOR, now=now)
    return number


def _keep_time(db: Db, at: str, *, now: datetime) -> int:
    return len(keep_time(db, RULES, now=datetime.fromisoformat(at)))


_DOES: dict[str, Callable[..., Any]] = {
    "book": _book,
    "cancel": _cancel,
    "book_series": _book_series,
    "cancel_series": _cancel_series,
    "prove": _prove,
    "lapse": _lapse,
    "take_over": _take_over,
    "hand_over": _hand_over,
    "open_code": _open_code,
    "retitle": _retitle,
    "set_places": _set_places,
    "keep_time": _keep_time,
}


async def _run(store: Store, calls: Sequence[Call], now: datetime) -> list[Any]:
    came: list[Any] = []
    for few in (calls[at : at + AT_ONCE] for at in range(0, len(calls), AT_ONCE)):
        together = (store.write(_DOES[name], *takes, now=now) for name, *takes in few)
        for one in await asyncio.gather(*together, return_exceptions=True):
            if isinstance(one, BaseException) and not isinstance(one, Refusal):
                came.append(f"fault: {type(one).__name__}: {one}")
            else:
                came.append("refused" if isinstance(one, Refusal) else one)
    return came


def _write(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _forever() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        store = Store(order["url"])
        _write("ready")
        sys.stdin.readline()
        came = asyncio.run(_run(store, order["calls"], datetime.fromisoformat(order["now"]).astimezone(UTC)))
        store.close()
        _write(came)


if __name__ == "__main__":
    _forever()
