"""When the clock has to look next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import col, select

from domain import digests, reminders
from domain.database import Db
from domain.feedback import asking as feedback
from domain.models import Booking, BookingState, Meeting, Notice, NoticeState, Posting
from domain.rules import Rules
from domain.transfers import asking as transfers


def next_due(db: Db, rules: Rules, *, now: datetime) -> datetime | None:
    """The next instant at which anything is owed, lapses or may be tried again: `now`: something is due, None: never."""
    # without the second condition SQLite passes over every booking that is not held
    held = select(func.min(col(Booking.held_until))).where(col(Booking.state) == BookingState.HELD, col(Booking.held_until).is_not(None))
    free = or_(col(Meeting.claimed_until).is_(None), col(Meeting.claimed_until) <= now)
    instants = [
        db.exec(select(func.min(col(Notice.next_try_at))).where(col(Notice.state) == NoticeState.QUEUED)).one(),
        db.exec(select(func.min(col(Notice.claimed_until))).where(col(Notice.state) == NoticeState.CLAIMED)).one(),
        db.exec(held).one(),
        db.exec(select(func.min(col(Meeting.next_try_at))).where(free)).one(),
        db.exec(select(func.min(col(Meeting.sweep_at))).where(free, col(Meeting.next_try_at).is_(None))).one(),
        db.exec(select(func.min(col(Meeting.claimed_until))).where(col(Meeting.claimed_until) > now)).one(),
        db.exec(select(func.min(col(Posting.next_try_at))).where(col(Posting.next_try_at) > now, col(Posting.attempts) > 0)).one(),
        reminders.next_instant(db, rules, now=now),
        feedback.next_prompt(db, rules, now=now),
        feedback.next_close(db, rules),
        transfers.next_lapse(db),
        digests.next_instant(db, now=now),
    ]
    known = [instant for instant in instants if instant is not None]
    return max(min(known), now) if known else None
