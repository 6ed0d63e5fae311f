"""Reminders, judged by when they reached people. When each was due is reckoned here anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from domain.database import Db
from domain.day_reminders import MOST_IN_ONE
from domain.kinds import Channel, Kind
from domain.models import AuditEntry, Booking, Notice, NoticeState, Person, Session
from rehearsal.entries import Found, claims, entries_of
from rehearsal.evidence import Evidence, Invitation

#: how late a reminder may be that went at the first attempt
AT_ONCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Reminder:
    """That somebody was told of a session beforehand: `came_at` is when it reached them (UTC), `start` the start that it told.

    One message may tell of several sessions of a day. It was `due` by one of them, the first.
    """

    notice: Notice
    booking: Booking
    session: Session
    person: Person
    start: datetime
    due_by: datetime  #: the start that the message was reckoned from
    came_at: datetime

    @property
    def lead(self) -> timedelta:
        """How long before the start it is due."""
        return timedelta(minutes=self.notice.lead_minutes or 0)

    @property
    def where(self) -> str:
        """How a breach names its booking."""
        return f"booking {self.booking.id} of {self.session.reference}"


def due(start: datetime, lead: timedelta, zone: str) -> datetime:
    """When a reminder is due (UTC): whole days by the calendar on the wall, anything else by the stopwatch."""
    days, rest = divmod(lead, timedelta(days=1))
    if rest:
        return start.astimezone(UTC) - lead
    wall = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def come_in_time(evidence: Evidence) -> Found:
    """Each reminder comes when it is due, by the clock on the wall; one that had to be repeated within half its lead."""
    breaches, reminders = [], _came(evidence)
    for reminder in reminders:
        wanted, notice = due(reminder.due_by, reminder.lead, reminder.session.zone), reminder.notice
        first_try = notice.attempts == 1 and notice.fallback_of is None
        patience = AT_ONCE if first_try else reminder.lead / 2
        if not timedelta() <= reminder.came_at - wanted <= patience:
            breaches.append(
                f"reminder {notice.id} of {reminder.session.reference} was due {wanted:%d %b %H:%M} "
                f"and came {reminder.came_at:%d %b %H:%M} (UTC)"
            )
    return len(reminders), breaches


def come_as_one(evidence: Evidence) -> Found:
    """The day before, one message through each channel tells of all of a person's sessions of a day.

    A second one is for what the first could not tell: a place that came later, or a session that was changed since.
    """
    days: dict[tuple[int | None, timedelta, date, Channel], list[Reminder]] = defaultdict(list)
    for reminder in _came(evidence):
        if reminder.lead >= timedelta(days=1):
            day = reminder.start.astimezone(ZoneInfo(reminder.session.zone)).date()
            days[reminder.person.id, reminder.lead, day, reminder.notice.channel].append(reminder)
    breaches = []
    for (person_id, _, day, channel), told in days.items():
        first = min(told, key=lambda one: (one.came_at, one.notice.id))
        known = {one.booking.id for one in told if one.notice.id == first.notice.id}
        apart = [one for one in told if one.notice.id != first.notice.id and len(known) < MOST_IN_ONE]
        breaches += [
            f"person {person_id} was reminded of {day:%d %b} by {channel} more than once: {one.where} came apart"
            for one in apart
            if not _is_news(evidence.db, one, first.came_at)
        ]
    return len(days), breaches


def _is_news(db: Db, reminder: Reminder, since: datetime) -> bool:
    """Whether a place was given, or its session changed, after an instant."""
    if reminder.booking.confirmed_at is not None and reminder.booking.confirmed_at > since:
        return True
    not_a_booking = (col(AuditEntry.booking_id).is_(None), col(AuditEntry.action) != "confirm presenting")
    changed = select(AuditEntry.id).where(col(AuditEntry.session_id) == reminder.session.id, *not_a_booking, col(AuditEntry.at) > since)
    return db.exec(changed.limit(1)).first() is not None


def come_to_everyone(evidence: Evidence) -> Found:
    """Who had a place before a reminder was due has had it."""
    came = {(r.booking.id, r.lead, r.start) for r in _came(evidence)}
    breaches, looked_at = [], 0
    for claim in (claim for claim in claims(evidence.db) if claim.has_place):
        session, confirmed_at = claim.session, claim.booking.confirmed_at
        for lead in evidence.rules.reminders:
            if confirmed_at is None or confirmed_at >= due(session.starts_at, lead, session.zone):
                continue
            looked_at += 1
            if (claim.booking.id, lead, session.starts_at) not in came:
                breaches.append(f"{claim.where} was not reminded {lead.total_seconds() / 3600:g} hours before")
    return looked_at, breaches


def come_to_nobody_else(evidence: Evidence) -> Found:
    """Nobody is reminded of what they, or the organiser, had cancelled by then."""
    entries, reminders = entries_of(evidence.invitations), _came(evidence)
    breaches = [f"{r.where} was cancelled, then reminded" for r in reminders if _was_cancelled(r, entries)]
    return len(reminders), breaches


def _was_cancelled(reminder: Reminder, entries: Mapping[tuple[str, str], Sequence[Invitation]]) -> bool:
    """By the booking's or the session's own word; and, since a booking that was asked for again forgets it, by the calendar."""
    came_at, booking, session = reminder.came_at, reminder.booking, reminder.session
    if any(ended is not None and ended <= came_at for ended in (booking.cancelled_at, session.cancelled_at)):
        return True
    if booking.confirmed_at is not None and booking.confirmed_at <= came_at:
        return False
    told = [m for m in entries.get(((reminder.person.email or "").casefold(), session.uid), ()) if m.at < came_at]
    return not told or told[-1].method == "CANCEL"


def _came(evidence: Evidence) -> list[Reminder]:
    """Every reminder that has come. One that is called sent and never came is named among what is left owed."""
    came = {(Channel.EMAIL, mail.name): mail.at for mail in reversed(evidence.mails)}
    came |= {(Channel.CHAT, message.name): message.at for message in evidence.direct_messages}
    claimed = {claim.booking.id: claim for claim in claims(evidence.db)}
    sent = select(Notice).where(
        col(Notice.kind) == Kind.REMINDER, col(Notice.state) == NoticeState.SENT, col(Notice.presenter_id).is_(None)
    )
    found = []
    for notice in evidence.db.exec(sent.order_by(col(Notice.id))).all():
        came_at = came.get((notice.channel, notice.external_id or ""))
        if came_at is None:
            continue
        for booking_id, start, due_by in _told(notice):
            claim = claimed[booking_id]
            found.append(Reminder(notice, claim.booking, claim.session, claim.person, start, due_by, came_at))
    return found


def _told(notice: Notice) -> list[tuple[int, datetime, datetime]]:
    """What a reminder spoke of: each booking with the start that it told, and the start by which the message was due."""
    if notice.booking_id is not None:
        start = datetime.fromisoformat(notice.detail)
        return [(notice.booking_id, start, start)]
    _, first, *items = notice.detail.split()  # of a day: minutes since 1970
    pairs = (item.split("@") for item in items)
    return [(int(booking), _minute(minute), _minute(first)) for booking, minute in pairs]


def _minute(text: str) -> datetime:
    return datetime.fromtimestamp(int(text) * 60, UTC)
