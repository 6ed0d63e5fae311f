"""Signs of life: which processes of the installation run, and what each of them does just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from domain.database import Db
from domain.models import Process

#: how often a process says that it is there; how long it counts as there; how long one that died is remembered
SAYS_EVERY = timedelta(seconds=30)
THERE = timedelta(minutes=2)
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Seen:
    """A process, and its last sign of life (UTC). `answers`: in chat; `sends`: it has the clock; `serves`: pages."""

    name: str
    answers: bool
    sends: bool
    started_at: datetime
    seen_at: datetime
    serves: bool = False

    def is_there(self, now: datetime) -> bool:
        """Whether it was heard of lately."""
        return self.seen_at > now - THERE


def say(db: Db, name: str, *, answers: bool, sends: bool, now: datetime, serves: bool = False) -> None:
    """This process is there. Those that have not been heard of for a day are forgotten."""
    row = db.get(Process, name) or Process(name=name, answers=answers, sends=sends, started_at=now, seen_at=now)
    row.answers, row.sends, row.serves, row.seen_at = answers, sends, serves, now
    db.add(row)
    db.exec(delete(Process).where(col(Process.seen_at) < now - REMEMBERED))


def leave(db: Db, name: str) -> None:
    """This process stops."""
    db.exec(delete(Process).where(col(Process.name) == name))


def seen(db: Db) -> tuple[Seen, ...]:
    """Every process that is remembered, by name."""
    rows = db.exec(select(Process).order_by(col(Process.name)))
    return tuple(Seen(row.name, row.answers, row.sends, row.started_at, row.seen_at, row.serves) for row in rows)
