"""What the people who run the program see of the ledger. Ids, kinds and states only. What of it is wrong: `domain.wrongs`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sql
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from domain.attention.messages import lost
from domain.database import Db
from domain.keeping.forgetting import LastRun, last_run
from domain.kinds import Channel, Kind, Provider
from domain.limits import Paused, host_account, pauses, shown_as
from domain.models import Host, HostDay, Notice, NoticeState, Partnership
from domain.partnerships import Whose, of_these
from domain.processes import Seen, seen

LATE = timedelta(minutes=5)


# ── what there is ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Count:
    """How many notices of one kind stand in one state, by channel."""

    state: NoticeState
    kind: Kind
    channel: Channel
    count: int


@dataclass(frozen=True)
class Lease:
    """What one process has in hand. `until`: when the first of it lapses (UTC)."""

    process: str
    notices: int
    until: datetime


@dataclass(frozen=True)
class Waiting:
    """What could be sent by a channel now. `moves`: something has left by it lately."""

    channel: Channel
    since: datetime  #: of the oldest (UTC)
    moves: bool


@dataclass(frozen=True)
class HostUse:
    """How often a host was asked for something today (UTC). `per_day` None: as often as we like."""

    host_id: int
    provider: Provider
    account: str  #: as it is printed, see `limits.shown_as`
    calls: int
    per_day: int | None


@dataclass(frozen=True)
class Standing:
    """How one partnership stands; or (`partnership_id` None) the whole installation. `next_due`: of what waits for its hour."""

    partnership_id: int | None
    name: str
    counts: tuple[Count, ...]
    waiting: tuple[Waiting, ...]
    next_due: datetime | None
    leases: tuple[Lease, ...]
    hosts: tuple[HostUse, ...]
    failed: int  #: and nobody dealt with them
    unknown: int  #: the same
    forgotten: LastRun | None = None  #: the last whole run that deleted what was over

    @property
    def oldest_owed(self) -> datetime | None:
        """What could have been sent the longest (UTC)."""
        return min((one.since for one in self.waiting), default=None)


@dataclass(frozen=True)
class Installation:
    """Everything: all together, each partnership, the processes, and the services that asked us to wait."""

    all: Standing
    each: tuple[Standing, ...]
    processes: tuple[Seen, ...]
    paused: tuple[Paused, ...]  #: accounts as they are printed, see `limits.shown_as`


def installation(db: Db, *, now: datetime) -> Installation:
    """How it stands just now. Reads only."""
    rows = db.exec(select(Partnership.id, Partnership.name).order_by(col(Partnership.id))).all()
    each = tuple(_standing(db, partnership_id or 0, name, now=now) for partnership_id, name in rows)
    paused = tuple(replace(one, account=shown_as(one.account)) for one in pauses(db, now=now))
    return Installation(_together(db, each, now=now), each, seen(db), paused)


def _standing(db: Db, partnership_id: int, name: str, *, now: datetime) -> Standing:
    mine = col(Notice.partnership_id) == partnership_id
    trouble = [notice.state for notice, _, _ in lost(db, partnership_id, None, now)]
    return Standing(
        partnership_id,
        name,
        _counts(db, mine),
        _waiting(db, now, mine),
        _next_due(db, now, mine),
        _leases(db, mine),
        _hosts(db, partnership_id, now),
        failed=trouble.count(NoticeState.FAILED),
        unknown=trouble.count(NoticeState.UNKNOWN),
        forgotten=last_run(db, partnership_id),
    )


def _together(db: Db, each: Iterable[Standing], *, now: datetime) -> Standing:
    """The whole. What each process has, and whether a channel moves, is asked anew: partnerships share both."""
    each = tuple(each)
    sums: dict[tuple[NoticeState, Kind, Channel], int] = {}
    for one in (count for standing in each for count in standing.counts):
        sums[one.state, one.kind, one.channel] = sums.get((one.state, one.kind, one.channel), 0) + one.count
    return Standing(
        None,
        "All partnerships",
        tuple(Count(*of, count) for of, count in sorted(sums.items())),
        _waiting(db, now),
        min((one.next_due for one in each if one.next_due is not None), default=None),
        _leases(db),
        tuple(host for one in each for host in one.hosts),
        failed=sum(one.failed for one in each),
        unknown=sum(one.unknown for one in each),
    )


def _counts(db: Db, *where: ColumnElement[bool]) -> tuple[Count, ...]:
    by = col(Notice.state), col(Notice.kind), col(Notice.channel)
    rows = db.exec(select(Notice.state, Notice.kind, Notice.channel, func.count()).where(*where).group_by(*by).order_by(*by))
    return tuple(Count(NoticeState(state), Kind(kind), Channel(channel), count) for state, kind, channel, count in rows)


def _waiting(db: Db, now: datetime, *where: ColumnElement[bool]) -> tuple[Waiting, ...]:
    due = select(Notice.channel, func.min(col(Notice.next_try_at))).where(
        col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, *where
    )
    rows = db.exec(due.group_by(col(Notice.channel)).order_by(col(Notice.channel))).all()
    return tuple(Waiting(Channel(channel), since, _moves(db, Channel(channel), since, now)) for channel, since in rows)


def _moves(db: Db, channel: Channel, since: datetime, now: datetime) -> bool:
    """Whether anything has left by a channel in the last `LATE`. Only what fell due a day before the oldest, or later, is looked at."""
    left = select(Notice.id).where(
        col(Notice.state) == NoticeState.SENT,
        col(Notice.next_try_at) > since - timedelta(days=1),
        col(Notice.channel) == channel,
        col(Notice.sent_at) > now - LATE,
    )
    return db.exec(left.order_by(col(Notice.next_try_at).desc()).limit(1)).first() is not None


def _next_due(db: Db, now: datetime, *where: ColumnElement[bool]) -> datetime | None:
    later = select(func.min(col(Notice.next_try_at))).where(col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) > now, *where)
    return db.exec(later).one()


def _leases(db: Db, *where: ColumnElement[bool]) -> tuple[Lease, ...]:
    rows = select(Notice.claimed_by, func.count(), func.min(col(Notice.claimed_until))).where(
        col(Notice.state) == NoticeState.CLAIMED, *where
    )
    found = db.exec(rows.group_by(col(Notice.claimed_by)).order_by(col(Notice.claimed_by)))
    return tuple(Lease(by or "?", count, until) for by, count, until in found if until is not None)


def _hosts(db: Db, partnership_id: int, now: datetime) -> tuple[HostUse, ...]:
    rows = (
        select(Host, HostDay.calls)
        .outerjoin(HostDay, (col(HostDay.host_id) == col(Host.id)) & (col(HostDay.day) == now.date()))
        .where(col(Host.partnership_id) == partnership_id, col(Host.active).is_(True))
        .order_by(col(Host.id))
    )
    return tuple(
        HostUse(host.id or 0, host.provider, shown_as(host_account(host.provider, host.account)), calls or 0, host.per_day)
        for host, calls in db.exec(rows)
    )


# ── what is looked at again and again ───────────────────────────────────────────────────────────────────────

#: what still asks for something: the rest of the ledger grows for ever
OPEN = (NoticeState.QUEUED, NoticeState.CLAIMED, NoticeState.FAILED, NoticeState.UNKNOWN)
#: no more than this is counted in each of these states: looking costs the same however long the ledger is
MOST_COUNTED = 20_000


@dataclass(frozen=True)
class Owed:
    """What the ledger still has to do. A count of `MOST_COUNTED` in a state is that many or more."""

    counts: tuple[Count, ...]
    oldest: datetime | None  #: what could have been sent the longest (UTC)


def owed(db: Db, *, now: datetime, whose: Whose = None) -> Owed:
    """Of these partnerships: each process answers for its own. Counted by the index that the clock uses."""
    ours = of_these(Notice.partnership_id, whose)
    counts = []
    for state in OPEN:
        some = select(Notice.kind, Notice.channel).where(col(Notice.state) == state, *ours).limit(MOST_COUNTED).subquery()
        rows = db.connection().execute(sql.select(some.c.kind, some.c.channel, func.count()).group_by(some.c.kind, some.c.channel))
        counts += [Count(state, Kind(kind), Channel(channel), count) for kind, channel, count in rows]
    due = select(func.min(col(Notice.next_try_at))).where(col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, *ours)
    return Owed(tuple(sorted(counts, key=lambda one: (one.state, one.kind, one.channel))), db.exec(due).one())
