"""What needs an organiser's eye: sessions that people cannot join, and messages that did not arrive.

Each item is one plain sentence or two. Nothing here names a person or changes anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Format, Kind, Provider
from domain.letters import LINK_NEEDED
from domain.models import Booking, Meeting, MeetingState, Notice, NoticeState, Posting, Programme, Session, SessionState
from domain.notices import CALENDAR_KINDS
from domain.programmes import owned
from domain.rules import Rules
from domain.times import day_words, span_words

#: how long after a session (or, without one, after it was owed) a message that failed stays listed
KEPT = timedelta(days=7)


class Concern(StrEnum):
    """What is wrong."""

    NO_HOST = "no_host"
    NO_LINK = "no_link"
    MEETING_STALE = "meeting_stale"  # a meeting that could not be moved or deleted
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    NOT_POSTED = "not_posted"


@dataclass(frozen=True)
class Item:
    """One thing that needs attention. `sentence` may be shown as it is; `at` is the session's start, where it is about one."""

    concern: Concern
    sentence: str
    session_id: int | None = None
    programme_id: int | None = None
    at: datetime | None = None


def attention(db: Db, partnership_id: int, programme_id: int | None, rules: Rules, *, now: datetime) -> tuple[Item, ...]:
    """Everything that needs attention in a programme (None: in the partnership), the most pressing session first."""
    if programme_id is not None:
        owned(db, partnership_id, programme_id)
    items = [
        *_links(db, partnership_id, programme_id, rules, now),
        *_stale_meetings(db, partnership_id, programme_id, now),
        *_messages(db, partnership_id, programme_id, now),
        *_postings(db, partnership_id, programme_id),
    ]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return tuple(sorted(items, key=lambda item: item.at or far))  # stable: links before messages of the same session


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────────


def _links(db: Db, partnership_id: int, programme_id: int | None, rules: Rules, now: datetime) -> list[Item]:
    ahead = select(Session).where(
        col(Session.partnership_id) == partnership_id,
        col(Session.state) == SessionState.PUBLISHED,
        col(Session.format) != Format.IN_PERSON,
        col(Session.ends_at) > now,
    )
    if programme_id is not None:
        ahead = ahead.where(col(Session.programme_id) == programme_id)
    sessions = db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()
    meetings = _current_meetings(db, sessions)
    found = [(session, why_no_link(session, meetings.get(session.id or 0), rules, now=now)) for session in sessions]
    return [
        Item(concern, f"{_named(session)} has no link to join. {why}", session.id, session.programme_id, session.starts_at)
        for session, reason in found
        if reason is not None
        for concern, why in (reason,)
    ]


def _current_meetings(db: Db, sessions: Sequence[Session]) -> dict[int, Meeting]:
    ids = [session.id for session in sessions]
    gone = (MeetingState.GONE, MeetingState.REMOVING)
    mine = select(Meeting).where(col(Meeting.session_id).in_(ids), col(Meeting.state).not_in(gone)).order_by(col(Meeting.generation))
    return {meeting.session_id: meeting for meeting in db.exec(mine)}  # the last generation wins


def why_no_link(session: Session, meeting: Meeting | None, rules: Rules, *, now: datetime) -> tuple[Concern, str] | None:
    """Why people cannot join an online session, and what to do; None when they can, or when the link is still within its patience."""
    if session.provider is Provider.GIVEN:
        return None if session.given_link else (Concern.NO_LINK, "Nobody has given one yet. Add it with /session provider.")
    if session.provider is None:
        return Concern.NO_LINK, "It is online, but nobody has said on what. Choose Teams or Zoom with /session provider."
    service = SERVICES[session.provider]
    if meeting is None:
        return Concern.NO_LINK, f"No {service} meeting was asked for. Choose {service} again with /session provider."
    if meeting.state in (MeetingState.READY, MeetingState.CHANGING):
        return (
            None
            if meeting.join_url
            else (Concern.NO_LINK, f"{service} made the meeting but gave no link. Paste one with /session provider.")
        )
    if meeting.state is MeetingState.FAILED:
        return (
            Concern.NO_LINK,
            f"{service} could not make the meeting: {_reason(meeting.error)}. Choose it again, or paste a link, with /session provider.",
        )
    if meeting.host_id is None:
        return (
            Concern.NO_HOST,
            f"No {service} host is free at that time. Move the session, or choose another provider with /session provider.",
        )
    next_look = max(now, meeting.next_try_at or now)  # a pause longer than our patience is told at once
    if next_look - meeting.wanted_at <= rules.link_patience and session.starts_at - now > LINK_NEEDED:
        return None
    last = f" The last answer was: {_reason(meeting.error)}." if meeting.error else ""
    return Concern.NO_LINK, f"{service} has not made the meeting yet, and we keep trying.{last}"


SERVICES = {Provider.TEAMS: "Teams", Provider.ZOOM: "Zoom", Provider.GIVEN: "the given link"}


def _reason(error: str) -> str:
    return error.strip().rstrip(".") or "it gave no reason"


def _named(session: Session) -> str:
    return f"“{session.title}” ({span_words(session.starts_at, session.ends_at, session.zone)})"


def _stale_meetings(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Item]:
    """Meetings that still stand at the service as they should no longer: not moved, or not deleted."""
    rows = (
        select(Meeting, Session)
        .join(Session, col(Session.id) == col(Meeting.session_id))
        .where(
            col(Meeting.partnership_id) == partnership_id,
            col(Meeting.state).in_((MeetingState.CHANGING, MeetingState.REMOVING, MeetingState.FAILED)),
            col(Meeting.error) != "",
            col(Meeting.slot_ends_at) > now,
        )
        .order_by(col(Meeting.id))
    )
    if programme_id is not None:
        rows = rows.where(col(Session.programme_id) == programme_id)
    items = []
    for meeting, session in db.exec(rows):
        service, reason = SERVICES[meeting.provider], _reason(meeting.error.removeprefix("could not be deleted: "))
        if meeting.state is MeetingState.CHANGING:
            words = f"The new time or title of {_named(session)} could not be sent to {service}: {reason}. Its link is still good."
        elif meeting.state is MeetingState.REMOVING or meeting.error.startswith("could not be deleted"):
            words = f"An old {service} meeting of {_named(session)} could not be deleted: {reason}."
        else:
            continue
        items.append(Item(Concern.MEETING_STALE, words, session.id, session.programme_id, session.starts_at))
    return items


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────

_TROUBLE = {NoticeState.FAILED: Concern.FAILED, NoticeState.UNKNOWN: Concern.UNKNOWN, NoticeState.EXPIRED: Concern.EXPIRED}
_ENDS = {
    Concern.FAILED: "could not be delivered",
    Concern.UNKNOWN: "may or may not have arrived",
    Concern.EXPIRED: "came too late to be sent",
}
_KINDS = {
    Kind.INVITATION: ("invitation", "invitations"),
    Kind.UPDATE: ("update", "updates"),
    Kind.CANCELLATION: ("cancellation", "cancellations"),
    Kind.PROMOTION: ("message about a free place", "messages about a free place"),
    Kind.OFFER: ("offer of a place", "offers of a place"),
    Kind.WAITING_CLOSED: ("message about the waiting list", "messages about the waiting list"),
    Kind.LAPSED: ("message about a lost place", "messages about lost places"),
    Kind.REMINDER: ("reminder", "reminders"),
    Kind.FEEDBACK: ("request for feedback", "requests for feedback"),
    Kind.VERIFICATION: ("six-digit code", "six-digit codes"),
    Kind.ANNOUNCEMENT: ("announcement", "announcements"),
}
_WAYS = {Channel.EMAIL: "by e-mail", Channel.CHAT: "by chat", Channel.BOARD: "in a channel"}


def _messages(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Item]:
    rows = (
        select(Notice, Session, Booking)
        .join(Session, col(Session.id) == col(Notice.session_id), isouter=True)
        .join(Booking, col(Booking.id) == col(Notice.booking_id), isouter=True)
        .where(
            col(Notice.partnership_id) == partnership_id,
            col(Notice.state).in_(list(_TROUBLE)),
            (col(Session.ends_at) > now - KEPT) | (col(Notice.session_id).is_(None) & (col(Notice.owed_at) > now - KEPT)),
        )
    )
    if programme_id is not None:
        rows = rows.where((col(Session.programme_id) == programme_id) | (col(Notice.programme_id) == programme_id))
    found = [
        (notice, session) for notice, session, booking in db.exec(rows.order_by(col(Notice.id))).all() if not _made_good(notice, booking)
    ]
    replaced = _replaced(db, [notice.id for notice, _ in found])
    alike: dict[tuple[object, ...], list[tuple[Notice, Session | None]]] = defaultdict(list)
    for notice, session in found:
        if notice.id not in replaced:
            alike[notice.session_id, notice.programme_id, notice.state, notice.kind, notice.channel].append((notice, session))
    return [_message_item([notice for notice, _ in group], group[0][1]) for group in alike.values()]


def _message_item(notices: Sequence[Notice], session: Session | None) -> Item:
    """One sentence for messages of one kind, about one session, that came to the same end."""
    first, concern = notices[0], _TROUBLE[notices[0].state]
    one, many = _KINDS[first.kind]
    about = f" for {_named(session)}" if session is not None else ""
    error = next((notice.error for notice in reversed(notices) if notice.error), "")
    why = f": {_reason(error)}" if error and concern is not Concern.EXPIRED else ""
    words = f"{len(notices)} {one if len(notices) == 1 else many} {_WAYS[first.channel]}{about} {_ENDS[concern]}{why}."
    programme_id = session.programme_id if session is not None else first.programme_id
    return Item(concern, words, first.session_id, programme_id, session.starts_at if session is not None else None)


def _made_good(notice: Notice, booking: Booking | None) -> bool:
    """Whether a later calendar message of the same booking has overtaken this one."""
    calendar = notice.kind in CALENDAR_KINDS and notice.sequence is not None and booking is not None
    return calendar and booking is not None and (notice.sequence or 0) < booking.sequence


def _replaced(db: Db, ids: list[int | None]) -> set[int | None]:
    """Those that were sent another way instead."""
    return set(db.exec(select(Notice.fallback_of).where(col(Notice.fallback_of).in_(ids))))


def _postings(db: Db, partnership_id: int, programme_id: int | None) -> list[Item]:
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
        words = f"{day_words(posting.day)} of {programme.title} is not up to date in its channel: {_reason(posting.error)}."
        items[programme.id, posting.day] = Item(Concern.NOT_POSTED, words, None, programme.id)
    return list(items.values())
