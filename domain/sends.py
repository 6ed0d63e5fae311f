"""Large sends: what is owed by e-mail, how fast it may leave, and so when it will be through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Notice, NoticeState, Programme, Session
from domain.programmes import owned

OWED = (NoticeState.QUEUED, NoticeState.CLAIMED)
MINUTE = timedelta(minutes=1)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def through_at(owed_before: int, owed_by_this: int, per_minute: int | None, now: datetime) -> datetime:
    """When the last of these e-mails leaves, at the latest (UTC): a minute for every `per_minute` begun. None: no limit, so now."""
    owed = owed_before + owed_by_this
    if per_minute is None or not owed:
        return now
    return now + ceil(owed / per_minute) * MINUTE


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waits:
    """Messages of one kind that wait to be sent by one channel."""

    kind: Kind
    channel: Channel
    count: int


@dataclass(frozen=True)
class Sends:
    """What is still to be sent about a programme, or all of them. `through_at` counts everything that shares the way out."""

    waits: tuple[Waits, ...]
    later: int  #: of these, not before an instant still to come: an edit settles, or they are tried again
    mails: int  #: owed by e-mail in the whole installation
    through_at: datetime
    zone: str


def mails_owed(db: Db) -> int:
    """E-mails that wait, of every programme: they leave by one door."""
    owed = select(func.count()).select_from(Notice).where(col(Notice.state).in_(OWED), col(Notice.channel) == Channel.EMAIL)
    return db.exec(owed).one()


def sends(db: Db, partnership_id: int, programme_id: int, per_minute: int | None, *, now: datetime) -> Sends:
    """What waits to be sent about a programme, the most first, and when all will be through."""
    programme: Programme = owned(db, partnership_id, programme_id)
    about = (
        select(Notice.kind, Notice.channel, Notice.next_try_at)
        .outerjoin(Session, col(Session.id) == col(Notice.session_id))
        .where(
            col(Notice.partnership_id) == partnership_id,
            col(Notice.state).in_(OWED),
            (col(Session.programme_id) == programme_id) | (col(Notice.programme_id) == programme_id),
        )
    )
    rows = db.exec(about).all()
    counts = Counter((Kind(kind), Channel(channel)) for kind, channel, _ in rows)
    waits = tuple(Waits(kind, channel, count) for (kind, channel), count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    mails = mails_owed(db)
    later = [at for _, _, at in rows if at > now]
    through = max([through_at(mails, 0, per_minute, now), *later])
    return Sends(waits, len(later), mails, through, programme.zone)
