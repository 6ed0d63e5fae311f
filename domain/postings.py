"""The messages that show a programme's days in a channel, and keeping them true.

A use case only touches its session; a tick finds the days that may show something old, compares what they would
show now, and edits those that differ. What it read may lack what another process touched before and commits after: what was
touched in the minute before is compared again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, delete, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.models import Posting, Programme, ProgrammeState, Session
from domain.notices import backoff
from domain.partnerships import Whose, of_these
from domain.queries import day_view
from domain.views import DayView

AT_MOST_EVERY = timedelta(seconds=5)  # a message is not edited more often than this
COMES_LATE = timedelta(minutes=1)  # what was touched at an instant may be seen this much later: it waited to be written, or clocks differ
IN_HAND = timedelta(minutes=1)  # how long a process has a page that it is sending
AGAIN_AFTER = timedelta(minutes=30)  # what Discord refused: an organiser may have put it right by then
AT_ONCE = 20  # pages in one pass
WORTH_A_TRY = timedelta(days=7)  # how long after its day one that failed is still tried


@dataclass(frozen=True)
class Stale:
    """A page of a day that has to be posted or edited."""

    posting_id: int
    page: int
    channel_id: int
    message_id: int | None
    day: DayView
    digest: str


@cache
def _late(whose: tuple[int, ...] | None) -> SelectOfScalar[Posting]:
    """The statement of `stale`: every pass of the clock says it, and making it costs more than running it."""
    touched = select(Session.id).where(
        col(Session.programme_id) == col(Posting.programme_id), col(Session.touched_at) >= col(Posting.shown_at)
    )
    archived = select(Programme.id).where(col(Programme.state) == ProgrammeState.ARCHIVED)  # what is posted of it stays
    return (
        select(Posting)
        .where(
            or_(col(Posting.shown_at).is_(None), touched.exists()),
            or_(col(Posting.next_try_at).is_(None), col(Posting.next_try_at) <= bindparam("now")),
            or_(col(Posting.attempts) == 0, col(Posting.day) >= bindparam("first_day")),
            col(Posting.programme_id).not_in(archived),
            *of_these(Posting.partnership_id, whose),
        )
        # by turns, however many change all the time; a channel's first messages come in the order of their days
        .order_by(col(Posting.next_try_at).asc().nulls_first(), col(Posting.day), col(Posting.page))
        .limit(AT_ONCE)
    )


def stale(db: Db, *, now: datetime, whose: Whose = None) -> list[Stale]:
    """Pages of these partnerships that do not show how things are. Each is shown at most every five seconds."""
    pages = []
    late = _late(None if whose is None else tuple(whose))
    for posting in db.exec(late, params={"now": now, "first_day": (now - WORTH_A_TRY).date()}).all():
        day = day_view(db, posting.partnership_id, posting.programme_id, posting.day)
        digest = digest_of(day)
        pages.append(Stale(posting.id or 0, posting.page, posting.channel_id, posting.message_id, day, digest))
    return pages


def leave_channels(db: Db, partnership_id: int) -> None:
    """The partnership has no server (any more): nothing of it is posted in a channel, and what was posted is left as it is."""
    posted = select(Programme).where(col(Programme.partnership_id) == partnership_id, col(Programme.channel_id).is_not(None))
    for programme in db.exec(posted.order_by(col(Programme.id)).with_for_update(key_share=True)).all():
        programme.channel_id = None
        db.add(programme)
    db.flush()
    db.exec(delete(Posting).where(col(Posting.partnership_id) == partnership_id))


def digest_of(day: DayView) -> str:
    """Equal for days that show the same."""
    return hashlib.sha256(repr(day).encode()).hexdigest()[:32]


def differs(db: Db, posting_id: int, digest: str, *, pages: int, now: datetime) -> bool:
    """Whether the page has to be sent; if it shows the same already, that is recorded. Makes room for the day's further pages.

    Who is told so has the page for a minute: another process leaves it alone meanwhile. One of a server that was left is sent no more.
    """
    posting = db.exec(select(Posting).where(col(Posting.id) == posting_id).with_for_update()).first()
    if posting is None or (posting.next_try_at is not None and posting.next_try_at > now):
        return False
    if posting.page == 0:
        _further_pages(db, posting, pages)
    if posting.message_id is not None and posting.digest == digest:
        posting.shown_at, posting.next_try_at = now - COMES_LATE, now + AT_MOST_EVERY
        db.add(posting)
        return False
    posting.next_try_at = now + IN_HAND
    db.add(posting)
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


def shown(db: Db, page: Stale, message_id: int, *, read_at: datetime, now: datetime) -> None:
    """The page shows what was seen at `read_at`, unless it belongs in another channel by now, or in none."""
    posting = db.get(Posting, page.posting_id)
    if posting is None or posting.channel_id != page.channel_id:
        return
    # a new message may be the one of an attempt whose answer was lost, and show what was true then: it is edited next
    sure = message_id == posting.message_id or posting.attempts == 0
    posting.digest, posting.shown_at = (page.digest, read_at - COMES_LATE) if sure else ("", None)
    posting.message_id, posting.attempts, posting.error, posting.next_try_at = message_id, 0, "", now + AT_MOST_EVERY
    db.add(posting)


def not_shown(db: Db, page: Stale, reason: str, *, permanent: bool, retry_after: float | None, now: datetime) -> None:
    """Discord did not take it: later again, sooner or much later."""
    posting = db.get(Posting, page.posting_id)
    if posting is None or posting.channel_id != page.channel_id:
        return
    posting.attempts += 1
    pause = AGAIN_AFTER if permanent else backoff(posting.attempts, page.posting_id, retry_after)
    posting.error, posting.next_try_at = reason[:200], now + pause
    db.add(posting)
