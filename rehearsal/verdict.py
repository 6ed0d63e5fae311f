"""What must hold after a rehearsal, checked against what arrived rather than against what was meant.

The evidence is the database as it was left, every message in the mailbox, every meeting that the stand-ins hold,
and the transcripts of public channels. The instants of reminders are reckoned here anew, by other means than the
program's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.meetings import link_of
from domain.models import Booking, BookingState, Host, Notice, NoticeState, Person, Session, SessionState
from domain.places import modes_of, places_of, taken
from domain.rules import Rules


@dataclass(frozen=True)
class Invitation:
    """One calendar message as it arrived. Instants are UTC; `message_id` names the message."""

    to: str
    message_id: str
    uid: str
    method: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    location: str
    text: str  #: everything else it says: the link must stand in it


@dataclass(frozen=True)
class RoomHeld:
    """A meeting that a service still has."""

    provider: Provider
    host: str
    ref: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Evidence:
    """All that a verdict looks at. `repeated_differently` are Message-IDs that came twice with other bytes."""

    db: Db
    rules: Rules
    invitations: Sequence[Invitation]
    repeated_differently: Sequence[str]
    rooms: Sequence[RoomHeld]
    public_transcripts: Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """One thing that must hold: how many cases were looked at, and each breach in a sentence."""

    name: str
    looked_at: int
    breaches: tuple[str, ...]


def verdict(evidence: Evidence) -> tuple[Check, ...]:
    """Every check, in the order in which a reader asks."""
    checks: Sequence[tuple[str, Callable[[Evidence], tuple[int, Iterable[str]]]]] = (
        ("no session is over its places", _places),
        ("every confirmed booking holds one invitation that tells the truth", _invitations),
        ("every cancelled booking that had been invited has a cancellation", _cancellations),
        ("sequences and time stamps rise", _sequences),
        ("no message came twice with other words", _repeats),
        ("reminders come at the right wall time", _reminder_times),
        ("everyone confirmed in time is reminded", _reminded),
        ("nobody is reminded of what they cancelled", _not_reminded),
        ("no session has two meetings, and a cancelled one has none", _one_meeting),
        ("no host is over its allowance at once", _hosts),
        ("nothing is left owed", _nothing_owed),
        ("no channel names anybody", _no_names),
    )
    made = []
    for name, look in checks:
        looked_at, breaches = look(evidence)
        made.append(Check(name, looked_at, tuple(breaches)))
    return tuple(made)


def _sessions(db: Db) -> Sequence[Session]:
    return db.exec(select(Session).where(col(Session.state) != SessionState.DRAFT).order_by(col(Session.id))).all()


def _places(evidence: Evidence) -> tuple[int, list[str]]:
    breaches, looked_at = [], 0
    for session in _sessions(evidence.db):
        for mode in modes_of(session.format):
            places, got = places_of(session, mode), taken(evidence.db, session.id or 0, mode)
            looked_at += 1
            if places is not None and got > places:
                breaches.append(f"{session.reference}: {got} people have {places} places")
    return looked_at, breaches


def _by_entry(evidence: Evidence) -> dict[tuple[str, str], list[Invitation]]:
    """What each calendar holds of each session, in order of arrival, each message once."""
    seen: set[str] = set()
    entries: dict[tuple[str, str], list[Invitation]] = defaultdict(list)
    for invitation in evidence.invitations:
        if invitation.message_id not in seen:
            seen.add(invitation.message_id)
            entries[invitation.to.casefold(), invitation.uid].append(invitation)
    return entries


def _bookings(evidence: Evidence, *states: BookingState) -> Sequence[tuple[Booking, Session, Person]]:
    rows = (
        select(Booking, Session, Person)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.state).in_(states))
        .order_by(col(Booking.id))
    )
    return evidence.db.exec(rows).all()


def _invitations(evidence: Evidence) -> tuple[int, list[str]]:
    entries = _by_entry(evidence)
    breaches, confirmed = [], _bookings(evidence, BookingState.CONFIRMED)
    for booking, session, person in confirmed:
        messages = entries.get(((person.email or "").casefold(), session.uid), [])
        where = f"booking {booking.id} of {session.reference}"
        if not messages:
            breaches.append(f"{where} has no invitation")
            continue
        breaches += [f"{where}: {fault}" for fault in _faults_of(messages[-1], booking, session, link_of(evidence.db, session))]
    return len(confirmed), breaches


def _faults_of(last: Invitation, booking: Booking, session: Session, link: str | None) -> Iterable[str]:
    if last.method != "REQUEST":
        yield f"the last message is a {last.method}"
    if (last.starts_at, last.ends_at) != (session.starts_at, session.ends_at):
        yield f"the invitation says {last.starts_at:%d %b %H:%M}, the session starts {session.starts_at:%d %b %H:%M} (UTC)"
    online = session.format is Format.ONLINE or booking.mode is Mode.ONLINE
    if online and (link is None or link not in last.text):
        yield "the invitation does not carry the present link"
    if not online and (session.venue or "") not in last.location:
        yield "the invitation does not name the present venue"


def _cancellations(evidence: Evidence) -> tuple[int, list[str]]:
    entries = _by_entry(evidence)
    breaches, looked_at = [], 0
    for booking, session, person in _bookings(evidence, BookingState.CANCELLED):
        messages = entries.get(((person.email or "").casefold(), session.uid), [])
        if messages:
            looked_at += 1
            if messages[-1].method != "CANCEL":
                breaches.append(f"booking {booking.id} of {session.reference} is cancelled, its calendar entry is not")
    return looked_at, breaches


def _sequences(evidence: Evidence) -> tuple[int, list[str]]:
    breaches, looked_at = [], 0
    for (_, uid), messages in _by_entry(evidence).items():
        for before, after in pairwise(messages):
            looked_at += 1
            if not (after.sequence > before.sequence and after.dtstamp > before.dtstamp):
                breaches.append(f"entry {uid}: sequence {before.sequence} is followed by {after.sequence}")
    return looked_at, breaches


def _repeats(evidence: Evidence) -> tuple[int, list[str]]:
    return len(evidence.invitations), [f"message {name} came twice, not alike" for name in evidence.repeated_differently]


def _due(session: Session, lead_minutes: int) -> datetime:
    """When a reminder is due: whole days by the calendar on the wall, else by the stopwatch."""
    days, rest = divmod(lead_minutes, 24 * 60)
    if rest:
        return session.starts_at - timedelta(minutes=lead_minutes)
    zone = ZoneInfo(session.zone)
    wall = session.starts_at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    return wall.replace(tzinfo=zone).astimezone(session.starts_at.tzinfo)


def _reminders(evidence: Evidence) -> Sequence[tuple[Notice, Booking, Session]]:
    rows = (
        select(Notice, Booking, Session)
        .join(Booking, col(Booking.id) == col(Notice.booking_id))
        .join(Session, col(Session.id) == col(Notice.session_id))
        .where(col(Notice.kind) == Kind.REMINDER, col(Notice.state) == NoticeState.SENT)
        .order_by(col(Notice.id))
    )
    return evidence.db.exec(rows).all()


def _reminder_times(evidence: Evidence) -> tuple[int, list[str]]:
    breaches, looked_at = [], 0
    for notice, _, session in _reminders(evidence):
        if notice.detail != session.starts_at.isoformat():
            continue  # the session has moved since: it was right then
        looked_at += 1
        lead = notice.lead_minutes or 0
        due = _due(session, lead)
        late = (notice.sent_at or due) - due
        first_try = notice.attempts == 1 and notice.fallback_of is None
        if not timedelta() <= late < timedelta(minutes=lead) / 2 or (first_try and late > timedelta(seconds=5)):
            breaches.append(
                f"reminder {notice.id} of {session.reference} was due {due:%d %b %H:%M} and sent {notice.sent_at:%d %b %H:%M} (UTC)"
            )
    return looked_at, breaches


def _reminded(evidence: Evidence) -> tuple[int, list[str]]:
    sent = {(notice.booking_id, notice.lead_minutes, notice.detail) for notice, _, _ in _reminders(evidence)}
    breaches, looked_at = [], 0
    for booking, session, _ in _bookings(evidence, BookingState.CONFIRMED):
        if session.state is not SessionState.PUBLISHED:
            continue
        for lead in evidence.rules.reminders:
            minutes = int(lead.total_seconds() // 60)
            if booking.confirmed_at is None or booking.confirmed_at >= _due(session, minutes):
                continue
            looked_at += 1
            if (booking.id, minutes, session.starts_at.isoformat()) not in sent:
                breaches.append(f"booking {booking.id} of {session.reference} was not reminded {minutes} minutes before")
    return looked_at, breaches


def _not_reminded(evidence: Evidence) -> tuple[int, list[str]]:
    breaches, looked_at = [], 0
    for notice, booking, session in _reminders(evidence):
        looked_at += 1
        ended = booking.cancelled_at
        if ended is not None and notice.sent_at is not None and ended <= notice.sent_at:
            breaches.append(f"booking {booking.id} of {session.reference} was cancelled, then reminded")
    return looked_at, breaches


def _one_meeting(evidence: Evidence) -> tuple[int, list[str]]:
    rooms: dict[str, list[RoomHeld]] = defaultdict(list)
    for room in evidence.rooms:
        rooms[room.ref.rsplit(":", 1)[0]].append(room)
    breaches = []
    sessions = _sessions(evidence.db)
    for session in sessions:
        held = rooms.pop(session.uid, [])
        wanted = session.state is SessionState.PUBLISHED and session.provider in (Provider.TEAMS, Provider.ZOOM)
        if len(held) != int(wanted):
            breaches.append(f"{session.reference} should have {int(wanted)} meeting and has {len(held)}")
        if (
            wanted
            and held
            and (held[0].provider, held[0].starts_at, held[0].ends_at) != (session.provider, session.starts_at, session.ends_at)
        ):
            breaches.append(f"the meeting of {session.reference} is not at the session's time, or with another service")
    breaches += [f"there is a meeting {ref} of no session" for ref in rooms]
    return len(sessions), breaches


def _hosts(evidence: Evidence) -> tuple[int, list[str]]:
    allowed = {(host.provider, host.account): host.at_once for host in evidence.db.exec(select(Host))}
    breaches = []
    for room in evidence.rooms:
        same = [r for r in evidence.rooms if (r.provider, r.host) == (room.provider, room.host)]
        at_once = sum(r.starts_at <= room.starts_at < r.ends_at for r in same)
        if at_once > allowed.get((room.provider, room.host), 0):
            breaches.append(f"a {room.provider} host has {at_once} meetings at {room.starts_at:%d %b %H:%M} (UTC)")
    return len(evidence.rooms), breaches


def _nothing_owed(evidence: Evidence) -> tuple[int, list[str]]:
    notices = evidence.db.exec(select(Notice).order_by(col(Notice.id))).all()
    fallbacks = {notice.fallback_of for notice in notices}
    keys = {notice.key for notice in notices}
    breaches = []
    for notice in notices:
        if notice.state in (NoticeState.QUEUED, NoticeState.CLAIMED):
            breaches.append(f"notice {notice.id} ({notice.kind} by {notice.channel}) is still {notice.state}")
        refused_chat = notice.channel is Channel.CHAT and (notice.id in fallbacks or _also_by_mail(notice, keys))
        if notice.state in (NoticeState.FAILED, NoticeState.UNKNOWN) and not refused_chat:
            breaches.append(f"notice {notice.id} ({notice.kind} by {notice.channel}) {notice.state}: {notice.error}")
    return len(notices), breaches


def _also_by_mail(notice: Notice, keys: set[str]) -> bool:
    """Whether the same was owed by e-mail in any case (a promotion's invitation, a reminder wanted both ways), or could not be."""
    other = notice.key.removesuffix(f":{Channel.CHAT}")
    return notice.kind in (Kind.PROMOTION, Kind.LAPSED) or f"{other}:{Channel.EMAIL}" in keys


def _no_names(evidence: Evidence) -> tuple[int, list[str]]:
    people = evidence.db.exec(select(Person)).all()
    breaches = [
        f"person {person.id} is named in {channel}"
        for channel, transcript in evidence.public_transcripts.items()
        for person in people
        if person.name in transcript or (person.email and person.email in transcript)
    ]
    return len(evidence.public_transcripts), breaches
