"""The messages that show a programme's days in a channel, and keeping them true.

A use case only touches its session; a tick finds the days that may show something old, compares what they would
show now, and edits those that differ.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_
from sqlmodel import col, select

from domain.database import Db
from domain.models import Posting, Session
from domain.notices import backoff
from domain.queries import day_view
from domain.views import DayView

AT_MOST_EVERY = timedelta(seconds=5)  # a message is not edited more often than this
ATTEMPTS = 10


@dataclass(frozen=True)
class Stale:
    """A page of a day that has to be posted or edited."""

    posting_id: int
    page: int
    channel_id: int
    message_id: int | None
    day: DayView
    digest: str


def stale(db: Db, *, now: datetime, limit: int = 20) -> list[Stale]:
    """Pages that do not show how things are. Each is shown at most every five seconds."""
    touched = select(Session.id).where(
        col(Session.programme_id) == col(Posting.programme_id), col(Session.touched_at) >= col(Posting.shown_at)
    )
    late = (
        select(Posting)
        .where(
            or_(col(Posting.shown_at).is_(None), touched.exists()),
            or_(col(Posting.next_try_at).is_(None), col(Posting.next_try_at) <= now),
            col(Posting.attempts) < ATTEMPTS,
        )
        .order_by(col(Posting.day), col(Posting.page))
        .limit(limit)
    )
    pages = []
    for posting in db.exec(late).all():
        day = day_view(db, posting.partnership_id, posting.programme_id, posting.day)
        digest = digest_of(day)
        pages.append(Stale(posting.id or 0, posting.page, posting.channel_id, posting.message_id, day, digest))
    return pages


def digest_of(day: DayView) -> str:
    """Equal for days that show the same."""
    return hashlib.sha256(repr(day).encode()).hexdigest()[:32]


def differs(db: Db, posting_id: int, digest: str, *, pages: int, now: datetime) -> bool:
    """Whether the page has to be sent; if it shows the same already, that is recorded. Makes room for the day's further pages."""
    posting = db.get_one(Posting, posting_id)
    if posting.page == 0:
        _further_pages(db, posting, pages)
    if posting.message_id is not None and posting.digest == digest:
        posting.shown_at, posting.next_try_at = now, now + AT_MOST_EVERY
        db.add(posting)
        return False
    return True


def _further_pages(db: Db, first: Posting, pages: int) -> None:
    known = set(db.exec(select(Posting.page).where(col(Posting.programme_id) == first.programme_id, col(Posting.day) == first.day)))
    for page in range(pages):
        if page not in known:
            db.add(
                Posting(
                    partnership_id=first.partnership_id,
                    programme_id=first.programme_id,
                    day=first.day,
                    page=page,
                    channel_id=first.channel_id,
                )
            )
    db.flush()


def shown(db: Db, posting_id: int, message_id: int, digest: str, *, read_at: datetime, now: datetime) -> None:
    """The page shows what was read at `read_at`."""
    posting = db.get_one(Posting, posting_id)
    posting.message_id, posting.digest, posting.shown_at = message_id, digest, read_at
    posting.attempts, posting.error, posting.next_try_at = 0, "", now + AT_MOST_EVERY
    db.add(posting)


def not_shown(db: Db, posting_id: int, reason: str, *, permanent: bool, retry_after: float | None, now: datetime) -> None:
    """Discord did not take it: later again, or never if the channel is gone."""
    posting = db.get_one(Posting, posting_id)
    posting.attempts = ATTEMPTS if permanent else posting.attempts + 1
    posting.error, posting.next_try_at = reason[:200], now + backoff(posting.attempts, posting_id, retry_after)
    db.add(posting)


def message_of(db: Db, programme_id: int, day: date) -> tuple[int, int] | None:
    """Channel and message of a day's first page, to link to."""
    posting = db.exec(
        select(Posting).where(col(Posting.programme_id) == programme_id, col(Posting.day) == day, col(Posting.page) == 0)
    ).first()
    return (posting.channel_id, posting.message_id) if posting is not None and posting.message_id is not None else None
