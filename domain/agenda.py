"""When the clock has to look next."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, or_
from sqlmodel import col, select

from domain import digests, reminders
from domain.database import Db
from domain.feedback import asking as feedback
from domain.models import Booking, BookingState, Meeting, Notice, NoticeState, Posting
from domain.partnerships import of_these
from domain.rules import RulesOf
from domain.series.begun import first_begun
from domain.standing import First, Firsts, at
from domain.transfers import ending


def next_due(db: Db, rules: RulesOf, *, now: datetime) -> datetime | None:
    """The next instant at which anything is owed, lapses or may be tried again: `now`: something is due, None: never."""
    known = _instants(db, rules, now)
    return max(min(known), now) if known else None


def due_and_next(db: Db, rules: RulesOf, *, now: datetime) -> tuple[bool, datetime | None]:
    """Whether something is due already, and the next instant after now at which something will be.

    What is due may have to wait for others, such as a mail server whose minute is full. What falls due meanwhile does not.
    """
    known = _instants(db, rules, now, also_waiting=True)
    ahead = [instant for instant in known if instant > now]
    return any(instant <= now for instant in known), min(ahead, default=None)


def _instants(db: Db, rules: RulesOf, now: datetime, *, also_waiting: bool = False) -> list[datetime]:
    """The first of each kind; `also_waiting`: and of those that are not due yet the first notice."""
    firsts, (somebody_reads,) = _firsts(rules, also_waiting).ask_all(db, now=now)
    instants = [
        *firsts,
        reminders.next_instant(db, rules, now=now),
        digests.next_instant(db, now=now, whose=rules.kept()) if somebody_reads else None,
    ]
    return [instant for instant in instants if instant is not None]


@lru_cache(maxsize=8)
def _firsts(rules: RulesOf, also_waiting: bool) -> Firsts:
    """What every pass of the clock asks in one statement. Rules are values: the same rules ask the same."""
    # what others keep is not for this process to do
    letters, places, meetings, pages = (of_these(row.partnership_id, rules.kept()) for row in (Notice, Booking, Meeting, Posting))
    queued = select(func.min(col(Notice.next_try_at))).where(col(Notice.state) == NoticeState.QUEUED, *letters)
    # without the second condition SQLite passes over every booking that is not held
    held = col(Booking.state) == BookingState.HELD, col(Booking.held_until).is_not(None), *places
    free = or_(col(Meeting.claimed_until).is_(None), col(Meeting.claimed_until) <= at())
    instants = [
        queued,
        select(func.min(col(Notice.claimed_until))).where(col(Notice.state) == NoticeState.CLAIMED, *letters),
        select(func.min(col(Booking.held_until))).where(*held),
        select(func.min(col(Meeting.next_try_at))).where(free, *meetings),
        select(func.min(col(Meeting.sweep_at))).where(free, col(Meeting.next_try_at).is_(None), *meetings),
        select(func.min(col(Meeting.claimed_until))).where(col(Meeting.claimed_until) > at(), *meetings),
        select(func.min(col(Posting.next_try_at))).where(col(Posting.next_try_at) > at(), col(Posting.attempts) > 0, *pages),
        *((queued.where(col(Notice.next_try_at) > at()),) if also_waiting else ()),
    ]
    plain = [First(instant.scalar_subquery()) for instant in instants]
    firsts = [
        *plain,
        first_begun(rules.kept()),
        feedback.first_prompt(rules),
        *feedback.first_closes(rules),
        ending.first_lapse(rules.kept()),
    ]
    return Firsts(firsts, also=[digests.wanted_by_any(rules.kept())])
