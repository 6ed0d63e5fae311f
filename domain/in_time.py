"""Reminders that can no longer leave in time by their channel: they go by the other one, where their person has it, or expire.

How a channel flows is known beforehand (`domain.limits.Flow`): so many letters at once, so many a minute, nothing during a
pause. A reminder that would leave after it has lost its worth is owed by the other channel in place of this one, never beside
it: it must not have been handed over, and where the person has chosen both ways the other is owed already. Organisers
are told how many on the attention list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.ledger.other_way import owe_instead
from domain.limits import Flow
from domain.models import Notice, NoticeState
from domain.notices import need
from domain.partnerships import Whose, of_these

OTHER = {Channel.EMAIL: Channel.CHAT, Channel.CHAT: Channel.EMAIL}
MOVED = "could not leave in time"
#: reminders that change their way in one transaction
AT_ONCE = 200
_NEED = need(Kind.REMINDER, starts_at=None, now=datetime.min.replace(tzinfo=UTC))

#: how each channel that there is flows just now; None: as letters come
Flows = Mapping[Channel, Flow | None]


def too_late(db: Db, flows: Flows, *, now: datetime, whose: Whose = None) -> dict[Channel, list[int]]:
    """The reminders of these partnerships that are worth nothing any more when their turn comes, by the channel that they wait in.

    A line is that of these partnerships: what others keep leaves by their own senders.
    """
    late = {channel: _too_late(db, channel, flow, now, whose) for channel, flow in flows.items() if flow is not None and channel in OTHER}
    return {channel: ids for channel, ids in late.items() if ids}


def send_another_way(db: Db, late: Mapping[Channel, list[int]], flows: Flows, *, now: datetime, whose: Whose = None) -> int:
    """Owe these by the other channel, as far as that one takes them in time; how many. The rest stays in line, and expires."""
    moved = 0
    for channel, ids in late.items():
        other = OTHER[channel]
        if other not in flows:
            continue
        flow, ahead = flows[other], _ahead(db, other, now, whose)
        ours = of_these(Notice.partnership_id, whose)
        waiting = select(Notice).where(col(Notice.id).in_(ids), col(Notice.state) == NoticeState.QUEUED, *ours)
        for notice in db.exec(waiting.order_by(col(Notice.id)).with_for_update(skip_locked=True)).all():
            in_time = flow is None or (notice.expires_at is not None and flow.leaves_at(ahead) < notice.expires_at)
            if in_time and owe_instead(db, notice, other, now=now):
                notice.state, notice.error = NoticeState.SUPERSEDED, MOVED
                db.add(notice)
                moved, ahead = moved + 1, ahead + 1
    return moved


def _too_late(db: Db, channel: Channel, flow: Flow, now: datetime, whose: Whose) -> list[int]:
    waiting = _in_line(channel, now, whose)
    first = db.exec(select(func.min(col(Notice.expires_at))).where(*waiting, col(Notice.kind) == Kind.REMINDER)).one()
    if first is None or flow.leaves_at(db.exec(select(func.count()).select_from(Notice).where(*waiting)).one()) < first:
        return []
    line = select(Notice.id, Notice.kind, Notice.expires_at, Notice.first_handed_at).where(*waiting)
    ahead, late = 0, []
    for notice_id, kind, expires_at, handed in db.exec(line.order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id))):
        if expires_at is None or flow.leaves_at(ahead) < expires_at:
            ahead += 1  # it leaves, and so takes a turn; what expires takes none
        elif kind is Kind.REMINDER and handed is None:
            late.append(notice_id or 0)
    return late[:AT_ONCE]


def _ahead(db: Db, channel: Channel, now: datetime, whose: Whose) -> int:
    """How many letters would leave before a reminder that is owed now."""
    waiting = *_in_line(channel, now, whose), col(Notice.need) <= _NEED
    return db.exec(select(func.count()).select_from(Notice).where(*waiting)).one()


def _in_line(channel: Channel, now: datetime, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    line = col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, col(Notice.channel) == channel
    return *line, *of_these(Notice.partnership_id, whose)
