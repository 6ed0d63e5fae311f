"""What the people who run the program see of the ledger, and what they may do about a notice. Ids, kinds and states only.

*Wrong*, so that somebody has to look, is (`wrongs`):

- a notice has failed, or nobody knows whether it arrived, nothing has made it good since, and it is still worth something: the
  same as on the organisers' attention list. One that is queued again or dropped has been dealt with;
- a notice could have been sent for `LATE` and longer, and nothing has left by its channel in all that time. A long line that
  moves is not wrong: mail takes thirty a minute;
- a process took notices, its lease is over for `LEFT`, and no other process has picked them up;
- a service has asked us to wait for longer than `LONG_PAUSE`;
- no process that sends, or none that answers in chat, has been heard of for `processes.THERE`.

A database of another revision is wrong too; that is looked at before anything here is read.
"""

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
LEFT = timedelta(minutes=1)
LONG_PAUSE = timedelta(minutes=10)


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


# ── what is wrong ───────────────────────────────────────────────────────────────────────────────────────────


def wrongs(found: Installation, *, now: datetime, chat_taken: bool = False, pages: bool = False) -> tuple[str, ...]:
    """A sentence for each thing that somebody has to look at; none: all is well.

    `chat_taken`: some process may answer in chat; `pages`: the settings say that there are pages.
    """
    said = []
    for one in found.each:
        said += _lost_words(one)
    for waiting in found.all.waiting:
        if waiting.since <= now - LATE and not waiting.moves:
            said.append(f"Messages {_BY[waiting.channel]} do not leave. The oldest could have been sent {ago(waiting.since, now)}.")
    for lease in found.all.leases:
        if lease.until <= now - LEFT:
            said.append(f"The process {lease.process} stopped with {messages(lease.notices)} in hand, and no other has picked them up.")
    for paused in found.paused:
        if paused.until > now + LONG_PAUSE:
            said.append(f"A service has asked us to wait for long: {paused.account}.")
    return (*said, *_silent(found.processes, now, chat_taken, pages))


_BY = {Channel.EMAIL: "by e-mail", Channel.CHAT: "by chat", Channel.BOARD: "in channels"}


def _lost_words(one: Standing) -> list[str]:
    said = []
    if one.failed:
        said.append(
            f"{one.name}: {messages(one.failed)} failed, and nobody has dealt with {'it' if one.failed == 1 else 'them'}. "
            "Look with: practiceweek notices list --state failed"
        )
    if one.unknown:
        said.append(
            f"{one.name}: {messages(one.unknown)} may or may not have arrived. Look with: practiceweek notices list --state unknown"
        )
    return said


def _silent(processes: Iterable[Seen], now: datetime, chat_taken: bool, pages: bool) -> list[str]:
    there = [one for one in processes if one.is_there(now)]
    if not there:
        return ["No process is running, so nothing is sent and nobody answers in chat. Start it with: practiceweek run"]
    said = []
    if not any(one.sends for one in there):
        said.append("No process sends messages. Start one with: practiceweek run --only scheduler")
    if not any(one.answers for one in there) and chat_taken:
        said.append("A bot runs, but has no connection to Discord. Run practiceweek check.")
    elif not any(one.answers for one in there):
        said.append("No process answers in chat. Start one with: practiceweek run --only bot")
    if pages and not any(one.serves for one in there):
        said.append("No process shows the pages. Start one with: practiceweek run --only web")
    return said


def messages(count: int) -> str:
    """`1 message`, `2 messages`."""
    return f"{count:,} {'message' if count == 1 else 'messages'}"


def ago(then: datetime, now: datetime) -> str:
    """`40 seconds ago`, `12 minutes ago`, `3 hours ago`."""
    seconds = max(int((now - then).total_seconds()), 0)
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count:,} {name}{'' if count == 1 else 's'} ago"
    return f"{seconds} {'second' if seconds == 1 else 'seconds'} ago"
