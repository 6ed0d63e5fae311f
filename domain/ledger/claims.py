"""Claims on the ledger: a process takes what is due for the length of a lease, and what it left behind is found again.

A process that dies after a letter was handed over leaves a notice that is repeated only where a repeat does no harm.
What did not leave in time ends here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Notice, NoticeState
from domain.notices import LEASE
from domain.partnerships import Whose, of_these
from domain.standing import Instant, at


@dataclass(frozen=True)
class Claimed:
    """A notice that one process has for the length of its lease."""

    id: int
    channel: Channel
    kind: Kind


def claim(db: Db, by: str, channels: Iterable[Channel], *, now: datetime, limit: int = 100, whose: Whose = None) -> list[Claimed]:
    """Take the most needed notices that are due. Another process cannot take them until the lease (5 min) has lapsed.

    `whose`: of these partnerships alone; the others' are left to a process that can send them.
    """
    queued = col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, col(Notice.channel).in_(list(channels))
    due = (
        select(Notice.id)
        .where(*queued, *of_these(Notice.partnership_id, whose))
        .order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # apart: inside the statement PostgreSQL may look for them, and hold them, more than once
    )
    mine = update(Notice).where(col(Notice.id).in_(select(due.c.id)))
    claimed = mine.values(state=NoticeState.CLAIMED, claimed_by=by, claimed_until=now + LEASE, handed_at=None)
    wanted = col(Notice.id), col(Notice.channel), col(Notice.kind), col(Notice.need), col(Notice.next_try_at)
    rows = db.exec(claimed.returning(*wanted).execution_options(synchronize_session=False)).all()
    return [Claimed(row.id, row.channel, row.kind) for row in sorted(rows, key=lambda row: (row.need, row.next_try_at, row.id))]


@dataclass(frozen=True)
class Lapsed:
    """A letter whose process disappeared after it may have been sent. `since` is the first attempt (UTC)."""

    id: int
    channel: Channel
    kind: Kind
    since: datetime


def renew(db: Db, by: str, notice_ids: Iterable[int], *, now: datetime) -> None:
    """This process lives, and these letters are still on their way: nobody may judge them as left behind.

    It gives no leave to begin: a letter is not sent after the lease with which it was handed over.
    """
    mine = update(Notice).where(col(Notice.id).in_(list(notice_ids)), col(Notice.claimed_by) == by)
    db.exec(mine.where(col(Notice.state) == NoticeState.CLAIMED).values(claimed_until=now + LEASE))


def leases_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `lapsed` has anything to do."""
    return select(Notice.id).where(*_left_behind(at(), whose)).exists()


def _left_behind(now: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_until) <= now, *of_these(Notice.partnership_id, whose)


def lapsed(db: Db, *, now: datetime, whose: Whose = None) -> list[Lapsed]:
    """Free what a vanished process had claimed and not handed over; the rest, which may have been sent, is returned to be judged."""
    late = _left_behind(now, whose)
    free = update(Notice).where(*late, col(Notice.handed_at).is_(None))
    db.exec(free.values(state=NoticeState.QUEUED, claimed_by=None, claimed_until=None))
    handed = db.exec(select(Notice).where(*late)).all()
    return [Lapsed(n.id or 0, n.channel, n.kind, n.first_handed_at or n.handed_at or now) for n in handed]


def some_expire(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `expire` has anything to do."""
    return select(Notice.id).where(*_late(at(), whose)).exists()


def _late(now: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(Notice.state) == NoticeState.QUEUED, col(Notice.expires_at) <= now, *of_these(Notice.partnership_id, whose)


def expire(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Mark what came too late; how many."""
    late = update(Notice).where(*_late(now, whose))
    return db.exec(late.values(state=NoticeState.EXPIRED)).rowcount


def release(db: Db, by: str) -> None:
    """Give back what this process has claimed and not handed over: on a graceful stop."""
    mine = update(Notice).where(col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_by) == by, col(Notice.handed_at).is_(None))
    db.exec(mine.values(state=NoticeState.QUEUED, claimed_by=None, claimed_until=None))


def counts(db: Db, partnership_id: int) -> dict[NoticeState, int]:
    """How many notices stand in each state."""
    rows = db.exec(select(Notice.state, func.count()).where(col(Notice.partnership_id) == partnership_id).group_by(col(Notice.state)))
    return {NoticeState(state): count for state, count in rows.all()}
