"""Forgetting: once a day, for each partnership, every kind of record that is over is deleted or stripped, and the counts are kept.

A run that has as much to do as it may is not done: the next pass of the clock goes on. In a partnership whose first programme is not
a day old there is nothing to forget, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.keeping.kinds import KINDS
from domain.models import Partnership, Programme, RetentionRun
from domain.partnerships import Whose, of_these
from domain.rules import Rules, RulesOf
from domain.standing import Instant, at

#: how often it is done
EVERY = timedelta(days=1)
#: the log's word for a whole run
EVERYTHING = "everything"


@dataclass(frozen=True)
class LastRun:
    """When a partnership's last whole run was (UTC), and what it deleted, by kind."""

    at: datetime
    counts: tuple[tuple[str, int], ...]


def forgetting_due(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_old` has anything to do."""
    return select(Partnership.id).where(*_due(at(-EVERY), whose)).exists()


def _due(a_day_ago: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    began = select(Programme.id).where(col(Programme.partnership_id) == col(Partnership.id), col(Programme.created_at) <= a_day_ago)
    ran = select(RetentionRun.id).where(
        col(RetentionRun.partnership_id) == col(Partnership.id), col(RetentionRun.what) == EVERYTHING, col(RetentionRun.at) > a_day_ago
    )
    return began.exists(), ~ran.exists(), *of_these(Partnership.id, whose)


def forget_old(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Delete and strip what is over, of each partnership that was not seen to for a day; how many records."""
    due = select(Partnership).where(*_due(now - EVERY, rules.kept())).order_by(col(Partnership.id))
    # held, so that of two processes one does it; who points to a partnership is not kept waiting
    held = db.exec(due.with_for_update(key_share=True, skip_locked=True)).all()
    return sum(_forget(db, one.id or 0, rules.of(one.id or 0), now) for one in held)


def _forget(db: Db, partnership_id: int, rules: Rules, now: datetime) -> int:
    total, more = 0, False
    for kind in KINDS:
        count = kind.forget(db, partnership_id, now - kind.period(rules.periods), now)
        total, more = total + count, more or count >= kind.most
        if count:
            db.add(RetentionRun(partnership_id=partnership_id, what=kind.name, count=count, at=now))
    if not more:
        db.add(RetentionRun(partnership_id=partnership_id, what=EVERYTHING, count=total, at=now))
    db.flush()
    return total


def last_run(db: Db, partnership_id: int) -> LastRun | None:
    """What the last whole run did; None: there was none."""
    mine = select(RetentionRun).where(col(RetentionRun.partnership_id) == partnership_id)
    whole = db.exec(mine.where(col(RetentionRun.what) == EVERYTHING).order_by(col(RetentionRun.at).desc()).limit(1)).first()
    if whole is None:
        return None
    parts: Sequence[RetentionRun] = db.exec(mine.where(col(RetentionRun.at) == whole.at, col(RetentionRun.what) != EVERYTHING)).all()
    return LastRun(whole.at, tuple((part.what, part.count) for part in sorted(parts, key=lambda one: one.id or 0)))
