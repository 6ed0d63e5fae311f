"""Hosts: the accounts that can hold meetings, and which of them is free.

A host is reserved in our own tables, with some minutes either side, because the services accept overlapping
schedules and refuse the second start on the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Provider
from domain.limits import host_account, pauses
from domain.models import Host, HostDay, Meeting, MeetingState
from domain.rules import Rules

#: States in which a meeting holds its host's time.
HOLDING = (MeetingState.WANTED, MeetingState.UNKNOWN, MeetingState.READY, MeetingState.CHANGING)
DAY_MARGIN = 5  # creates and updates of a host's day kept for changes by hand


@dataclass(frozen=True)
class HostLoad:
    """A host as the choice sees it: meetings reserved in all, those that overlap the slot, calls made today."""

    host_id: int
    at_once: int
    reserved: int
    overlapping: int
    calls_today: int
    per_day: int | None


def choose_host(loads: Sequence[HostLoad]) -> int | None:
    """The least-used host that is free at the slot and not near its daily cap; None when there is none."""
    free = [h for h in loads if h.overlapping < h.at_once and (h.per_day is None or h.calls_today < h.per_day - DAY_MARGIN)]
    return min(free, key=lambda h: (h.reserved, h.host_id)).host_id if free else None


def free_host(
    db: Db,
    partnership_id: int,
    provider: Provider,
    starts_at: datetime,
    ends_at: datetime,
    rules: Rules,
    *,
    now: datetime,
    but: int | None = None,
    taking: bool = True,
) -> int | None:
    """The host that would hold a meeting at this time, disregarding the meeting `but`; None when none is free.

    `taking`: it is about to be taken; until the transaction ends, nobody else chooses among these hosts.
    """
    from_, until = starts_at - rules.host_padding, ends_at + rules.host_padding
    loads, paused = [], set[int]()
    closed = {one.account for one in pauses(db, now=now)}
    hosts = select(Host).where(col(Host.partnership_id) == partnership_id, col(Host.provider) == provider, col(Host.active).is_(True))
    hosts = hosts.order_by(col(Host.id))
    for host in db.exec(hosts.with_for_update() if taking else hosts).all():
        held = select(func.count()).select_from(Meeting).where(col(Meeting.host_id) == host.id, col(Meeting.state).in_(HOLDING))
        if but is not None:
            held = held.where(col(Meeting.id) != but)
        overlapping = most_at_once(db, host.id, from_, until, but)
        today = db.exec(select(HostDay.calls).where(col(HostDay.host_id) == host.id, col(HostDay.day) == now.date())).first()
        loads.append(HostLoad(host.id or 0, host.at_once, db.exec(held).one(), overlapping, today or 0, host.per_day))
        if host_account(host.provider, host.account) in closed:
            paused.add(host.id or 0)
    return choose_host([load for load in loads if load.host_id not in paused]) or choose_host(loads)


def not_set_up(db: Db, partnership_id: int) -> frozenset[Provider]:
    """The services on which the partnership can hold no meeting, as it has no host there."""
    return frozenset(one for one in (Provider.TEAMS, Provider.ZOOM) if not has_hosts(db, partnership_id, one))


def has_hosts(db: Db, partnership_id: int, provider: Provider) -> bool:
    """Whether the partnership can hold meetings there at all."""
    hosts = select(Host.id).where(col(Host.partnership_id) == partnership_id, col(Host.provider) == provider, col(Host.active).is_(True))
    return db.exec(hosts.limit(1)).first() is not None


def most_at_once(db: Db, host_id: int | None, from_: datetime, until: datetime, but: int | None) -> int:
    """The most meetings that the host has at any one moment of the interval."""
    held = select(Meeting.slot_starts_at, Meeting.slot_ends_at).where(
        col(Meeting.host_id) == host_id,
        col(Meeting.state).in_(HOLDING),
        col(Meeting.slot_starts_at) < until,
        col(Meeting.slot_ends_at) > from_,
    )
    slots = db.exec(held if but is None else held.where(col(Meeting.id) != but)).all()
    moments = [max(start, from_) for start, _ in slots]
    return max((sum(start <= at < end for start, end in slots) for at in moments), default=0)


def has_calls_left(db: Db, host_id: int | None, now: datetime) -> bool:
    """Whether the host can be asked for another create or update today (UTC)."""
    host = db.get_one(Host, host_id)
    today = db.exec(select(HostDay.calls).where(col(HostDay.host_id) == host_id, col(HostDay.day) == now.date())).first()
    return host.per_day is None or (today or 0) < host.per_day - DAY_MARGIN


def count_call(db: Db, host_id: int | None, now: datetime) -> None:
    """One more create or update of this host today (UTC)."""
    known = select(HostDay).where(col(HostDay.host_id) == host_id, col(HostDay.day) == now.date())
    today = db.exec(known.with_for_update().execution_options(populate_existing=True)).first()
    today = today or HostDay(host_id=host_id or 0, day=now.date())
    today.calls += 1
    db.add(today)
    db.flush()


def sync_hosts(db: Db, partnership_id: int, hosts: Sequence[tuple[Provider, str, int, int | None]]) -> None:
    """Bring the hosts into line with the settings: (provider, account, at once, creates and updates a day)."""
    known = {(h.provider, h.account): h for h in db.exec(select(Host).where(col(Host.partnership_id) == partnership_id))}
    for provider, account, at_once, per_day in hosts:
        host = known.pop((provider, account), None) or Host(partnership_id=partnership_id, provider=provider, account=account)
        host.at_once, host.per_day, host.active = at_once, per_day, True
        db.add(host)
    for host in known.values():
        host.active = False
        db.add(host)
