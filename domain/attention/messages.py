"""Messages that did not arrive, and days that could not be posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.attention.items import KEPT, Concern, Item, about, named, reason_words
from domain.database import Db
from domain.in_time import MOVED
from domain.kinds import Channel, Kind
from domain.letters.names import NAMES
from domain.models import Booking, Notice, NoticeState, Posting, Presenter, Programme, Session
from domain.notices import CALENDAR_KINDS
from domain.times import day_words

_TROUBLE = {NoticeState.FAILED: Concern.FAILED, NoticeState.UNKNOWN: Concern.UNKNOWN, NoticeState.EXPIRED: Concern.EXPIRED}
_ENDS = {
    Concern.FAILED: "could not be delivered",
    Concern.UNKNOWN: "may or may not have arrived",
    Concern.EXPIRED: "came too late to be sent",
}
_MENDS = {
    Concern.FAILED: " We do not try again. Please tell them another way.",
    Concern.UNKNOWN: " Please ask them whether it came.",
    Concern.EXPIRED: " See with /programme sends what is still to be sent, and when.",
}
_WAYS = {Channel.EMAIL: "by e-mail", Channel.CHAT: "by chat", Channel.BOARD: "in a channel"}


def lost_messages(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Item]:
    """Messages that failed, may have failed, or came too late, counted by what they were."""
    alike: dict[tuple[object, ...], list[tuple[Notice, Session | None, Presenter | None]]] = defaultdict(list)
    for notice, session, presenter in lost(db, partnership_id, programme_id, now):
        sort = notice.session_id, notice.programme_id, notice.state, notice.kind, notice.channel, notice.presenter_id
        alike[sort].append((notice, session, presenter))
    return [_message_item([notice for notice, _, _ in group], *group[0][1:]) for group in alike.values()]


Lost = tuple[Notice, Session | None, Presenter | None]


def lost(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Lost]:
    """The same one by one: what nothing has made good since, and is not long past. With its session, and its presenter where it has one."""
    rows = (
        select(Notice, Session, Booking, Presenter)
        .join(Session, col(Session.id) == col(Notice.session_id), isouter=True)
        .join(Booking, col(Booking.id) == col(Notice.booking_id), isouter=True)
        .join(Presenter, col(Presenter.id) == col(Notice.presenter_id), isouter=True)
        .where(
            col(Notice.partnership_id) == partnership_id,
            col(Notice.state).in_(list(_TROUBLE)),
            col(Notice.kind) != Kind.DIGEST,  # a daily message must not tell tomorrow that it failed today
            (col(Session.ends_at) > now - KEPT) | (col(Notice.session_id).is_(None) & (col(Notice.owed_at) > now - KEPT)),
        )
    )
    if programme_id is not None:
        rows = rows.where((col(Session.programme_id) == programme_id) | (col(Notice.programme_id) == programme_id))
    found = [
        (notice, session, presenter)
        for notice, session, booking, presenter in db.exec(rows.order_by(col(Notice.id))).all()
        if not _made_good(notice, booking or presenter)
    ]
    replaced = _replaced(db, [notice.id for notice, _, _ in found])
    return [one for one in found if one[0].id not in replaced]


def _message_item(notices: Sequence[Notice], session: Session | None, presenter: Presenter | None) -> Item:
    """One sentence for messages of one kind, about one session, that came to the same end. A presenter is named, as on the session."""
    first, concern = notices[0], _TROUBLE[notices[0].state]
    one, many = NAMES[first.kind]
    to = f" to the presenter {presenter.label}" if presenter is not None else ""
    about = to + (f" for {named(session)}" if session is not None else "")
    error = next((notice.error for notice in reversed(notices) if notice.error), "")
    why = f": {reason_words(error)}" if error and concern is not Concern.EXPIRED else ""
    words = f"{len(notices)} {one if len(notices) == 1 else many} {_WAYS[first.channel]}{about} {_ENDS[concern]}{why}.{_MENDS[concern]}"
    programme_id = session.programme_id if session is not None else first.programme_id
    return Item(concern, words, first.session_id, programme_id, session.starts_at if session is not None else None)


def _made_good(notice: Notice, counts: Booking | Presenter | None) -> bool:
    """Whether a later calendar message of the same booking or presenter has overtaken this one."""
    calendar = notice.kind in CALENDAR_KINDS and notice.sequence is not None and counts is not None
    return calendar and counts is not None and (notice.sequence or 0) < counts.sequence


def _replaced(db: Db, ids: list[int | None]) -> set[int | None]:
    """Those that were sent another way instead."""
    return set(db.exec(select(Notice.fallback_of).where(col(Notice.fallback_of).in_(ids))))


def moved_reminders(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Item]:
    """Reminders of sessions still to come that went another way, counted: those that were too late, and those that mail did not take."""
    first = aliased(Notice)
    late = col(first.error) == MOVED
    rows = (
        select(Session, first.channel, late, func.count(), func.max(first.error))  # type: ignore[call-overload]  # its types end at four
        .join(first, col(first.session_id) == col(Session.id))
        .join(Notice, col(Notice.fallback_of) == col(first.id))
        .where(
            col(first.partnership_id) == partnership_id,
            col(first.kind) == Kind.REMINDER,
            (col(first.state) == NoticeState.SUPERSEDED) | (col(first.channel) == Channel.EMAIL),
            col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED, NoticeState.SENT)),
            col(Session.starts_at) > now,
        )
        .group_by(col(Session.id), col(first.channel), late)
        .order_by(col(Session.id), col(first.channel), late)
    )
    if programme_id is not None:
        rows = rows.where(col(Session.programme_id) == programme_id)
    moved = db.exec(rows).all()
    return [
        about(Concern.MOVED, session, _moved_words(session, Channel(by), count, None if too_late else error))
        for session, by, too_late, count, error in moved
    ]


def _moved_words(session: Session, by: Channel, count: int, error: str | None) -> str:
    """`error`: what mail said of it; None where there was no time for it."""
    went = "1 reminder" if count == 1 else f"{count:,} reminders"
    other = _WAYS[Channel.EMAIL if by is Channel.CHAT else Channel.CHAT]
    instead = "it goes" if count == 1 else "they go"
    if error is not None:
        mend = "If an address is wrong, please ask for the right one."
        said = f"The mail service said: {reason_words(error)}."
        return f"{went} for {named(session)} could not be sent {_WAYS[by]}, so {instead} {other}. {said} {mend}"
    return f"{went} for {named(session)} could not leave {_WAYS[by]} in time, so {instead} {other}. You need do nothing."


def stale_postings(db: Db, partnership_id: int, programme_id: int | None) -> list[Item]:
    """Days whose message in a channel is not true any more."""
    rows = (
        select(Posting, Programme)
        .join(Programme, col(Programme.id) == col(Posting.programme_id))
        .where(col(Posting.partnership_id) == partnership_id, col(Posting.error) != "")
        .order_by(col(Posting.day), col(Posting.page))
    )
    if programme_id is not None:
        rows = rows.where(col(Posting.programme_id) == programme_id)
    items = {}
    for posting, programme in db.exec(rows):
        day, why = day_words(posting.day), reason_words(posting.error)
        mend = "Look at the channel, then use /programme publish again."
        words = f"{day} of {programme.title} is not up to date in its channel: {why}. {mend}"
        items[programme.id, posting.day] = Item(Concern.NOT_POSTED, words, None, programme.id)
    return list(items.values())
