"""The ledger: every message that is owed, and what became of it.

    queued ──► claimed ──► sent | failed | unknown | expired | superseded
       ▲           │
       └───────────┘  a lease that lapsed before the letter was handed over, or a temporary failure

A use case *owes* a notice in its own transaction. The deliver tick *claims* a batch, and for each *hands over*
one letter: facts are read again in that same transaction, so what has been cancelled, moved or superseded in the
meantime is not sent. From that commit on the letter may have reached the service; a process that dies there
leaves a notice that is repeated only where a repeat does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, update
from sqlmodel import col, select

from domain.database import Db
from domain.errors import OutsideError, Permanent, Temporary
from domain.models import Booking, BookingState, Notice, NoticeState, Person, Session
from domain.ports import Channel, Kind
from domain.rules import Rules

#: Kinds that carry a calendar message while the booking has, or had, a place.
CALENDAR_KINDS = (Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION)
LEASE = timedelta(minutes=5)
URGENT = timedelta(hours=3)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def need(kind: Kind, *, starts_at: datetime | None, now: datetime) -> int:
    """The order of sending: 0 first. Changes of the next hours, verifications, promotions, invitations, reminders, prompts."""
    soon = starts_at is not None and starts_at - now < URGENT
    if kind in (Kind.CANCELLATION, Kind.UPDATE) and soon:
        return 0
    return {
        Kind.VERIFICATION: 1,
        Kind.PROMOTION: 2,
        Kind.OFFER: 2,
        Kind.CANCELLATION: 3,
        Kind.UPDATE: 3,
        Kind.INVITATION: 3,
        Kind.REMINDER: 4,
        Kind.WAITING_CLOSED: 5,
        Kind.LAPSED: 5,
        Kind.FEEDBACK: 6,
        Kind.ANNOUNCEMENT: 7,
    }[kind]


def backoff(attempts: int, seed: int, retry_after: float | None) -> timedelta:
    """How long to wait after the n-th failed attempt: doubling from 15 s to 30 min, spread by a fifth, never under `retry_after` seconds.

    The spread comes from `seed` (the notice's id), so that many notices do not come back at once and a rehearsal repeats itself.
    """
    base = min(15.0 * 2 ** max(attempts - 1, 0), 1800.0)
    spread = base * 0.2 * ((seed * 2654435761) % 1000) / 1000
    return timedelta(seconds=max(base + spread, retry_after or 0.0))


def preferred_channel(person: Person) -> Channel:
    """Where a message goes that may go by either way."""
    open_chat = person.discord_id is not None and person.reminders_by_chat and person.chat_closed_at is None
    return Channel.CHAT if open_chat else Channel.EMAIL


def chosen_channels(person: Person) -> tuple[Channel, ...]:
    """Where this person wants reminders. Nobody is left without one."""
    chosen = []
    if person.reminders_by_chat and person.discord_id is not None and person.chat_closed_at is None:
        chosen.append(Channel.CHAT)
    if person.reminders_by_email or not chosen:
        chosen.append(Channel.EMAIL)
    return tuple(chosen)


# ── owing ───────────────────────────────────────────────────────────────────────────────────────────────────


def owe(db: Db, notice: Notice) -> bool:
    """Add a notice unless its key is there already; whether it was added."""
    if db.exec(select(Notice.id).where(col(Notice.key) == notice.key)).first() is not None:
        return False
    db.add(notice)
    db.flush()
    return True


def owe_calendar(
    db: Db,
    booking: Booking,
    session: Session,
    kind: Kind,
    *,
    now: datetime,
    not_before: datetime | None = None,
    detail: str = "",
    by_organiser: bool = False,
) -> Notice | None:
    """Owe a booking its next calendar message, in place of any older one that nobody has sent yet.

    The booking's sequence and its DTSTAMP rise with every call (RFC 5546, 2.1.4 and 2.1.5). A cancellation of a
    booking whose invitation never left is owed without a calendar part when an organiser caused it, and not at
    all when the person did.
    """
    older = _supersede_unsent(db, booking)
    if kind is Kind.CANCELLATION and not booking.invited and not by_organiser:
        return None
    if kind is Kind.UPDATE:
        kind, not_before, detail = _joined(older, kind, not_before, detail)
    booking.sequence += 1
    stamp = now.replace(microsecond=0)
    if booking.stamped_at is not None and stamp <= booking.stamped_at:
        stamp = booking.stamped_at + timedelta(seconds=1)
    booking.stamped_at = stamp
    with_calendar = kind is not Kind.CANCELLATION or booking.invited
    notice = Notice(
        partnership_id=booking.partnership_id,
        key=f"{kind}:{booking.id}:{booking.sequence}",
        kind=kind,
        channel=Channel.EMAIL,
        need=need(kind, starts_at=session.starts_at, now=now),
        person_id=booking.person_id,
        booking_id=booking.id,
        session_id=session.id,
        sequence=booking.sequence if with_calendar else None,
        dtstamp=stamp if with_calendar else None,
        detail=detail,
        owed_at=now,
        next_try_at=not_before or now,
        expires_at=session.ends_at,
    )
    db.add(booking)
    db.add(notice)
    db.flush()
    return notice


def owe_updates(db: Db, session: Session, changes: Iterable[str], rules: Rules, *, now: datetime) -> int:
    """Raise the session's revision and owe everyone confirmed an update; how many.

    Edits settle, so that three quick ones are one update; not so close to the start.
    """
    session.revision += 1
    session.touched_at = now
    db.add(session)
    waiting = update(Notice).where(col(Notice.session_id) == session.id, col(Notice.kind) == Kind.CANCELLATION)
    db.exec(waiting.where(col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED))).values(expires_at=session.ends_at))
    settled = now if session.starts_at - now < rules.settle_not_within else now + rules.settle
    confirmed = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED)
    bookings = db.exec(confirmed.order_by(col(Booking.id))).all()
    for booking in bookings:
        owe_calendar(db, booking, session, Kind.UPDATE, now=now, not_before=settled, detail=",".join(changes))
    return len(bookings)


def _supersede_unsent(db: Db, booking: Booking) -> list[Notice]:
    in_hand = and_(col(Notice.state) == NoticeState.CLAIMED, col(Notice.handed_at).is_(None))  # `hand_over` finds it superseded
    unsent = select(Notice).where(
        col(Notice.booking_id) == booking.id,
        or_(col(Notice.state) == NoticeState.QUEUED, in_hand),
        col(Notice.kind).in_(CALENDAR_KINDS),
        col(Notice.channel) == Channel.EMAIL,
        col(Notice.proof_id).is_(None),
    )
    older = list(db.exec(unsent))
    for notice in older:
        notice.state = NoticeState.SUPERSEDED
        _let_go(db, notice)
    return older


def _joined(older: Sequence[Notice], kind: Kind, not_before: datetime | None, detail: str) -> tuple[Kind, datetime | None, str]:
    """An update that overtakes an unsent message says what that one would have said, and is a first invitation where that was one."""
    changes = dict.fromkeys(part for part in ",".join([*(n.detail for n in older if n.kind is Kind.UPDATE), detail]).split(",") if part)
    for notice in older:
        if notice.kind in (Kind.INVITATION, Kind.PROMOTION):
            return notice.kind, notice.next_try_at, ""
    return kind, not_before, ",".join(changes)


def owe_person(
    db: Db,
    kind: Kind,
    person: Person,
    *,
    key: str,
    now: datetime,
    channel: Channel | None = None,
    session: Session | None = None,
    booking: Booking | None = None,
    expires_at: datetime | None = None,
    proof_id: int | None = None,
    lead_minutes: int | None = None,
    detail: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """Owe a person one message that carries no invitation; whether it was not owed before. `:<channel>` is added to the key."""
    by = channel or preferred_channel(person)
    return owe(
        db,
        Notice(
            partnership_id=person.partnership_id,
            key=f"{key}:{by}",
            kind=kind,
            channel=by,
            need=need(kind, starts_at=session.starts_at if session else None, now=now),
            person_id=person.id,
            booking_id=booking.id if booking else None,
            session_id=session.id if session else None,
            proof_id=proof_id,
            lead_minutes=lead_minutes,
            detail=detail,
            owed_at=now,
            next_try_at=next_try_at or now,
            expires_at=expires_at,
        ),
    )


# ── claiming ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Claimed:
    """A notice that one process has for the length of its lease."""

    id: int
    channel: Channel
    kind: Kind


def claim(db: Db, by: str, channels: Iterable[Channel], *, now: datetime, limit: int = 100) -> list[Claimed]:
    """Take the most needed notices that are due. Another process cannot take them until the lease (5 min) has lapsed."""
    due = (
        select(Notice)
        .where(col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, col(Notice.channel).in_(list(channels)))
        .order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for notice in db.exec(due):
        notice.state, notice.claimed_by, notice.claimed_until, notice.handed_at = NoticeState.CLAIMED, by, now + LEASE, None
        db.add(notice)
        taken.append(Claimed(notice.id or 0, notice.channel, notice.kind))
    return taken


@dataclass(frozen=True)
class Lapsed:
    """A letter whose process disappeared after it may have been sent. `since` is the first attempt (UTC)."""

    id: int
    channel: Channel
    kind: Kind
    since: datetime


def lapsed(db: Db, *, now: datetime) -> list[Lapsed]:
    """Free what a vanished process had claimed and not handed over; the rest, which may have been sent, is returned to be judged."""
    late = col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_until) <= now
    free = update(Notice).where(*late, col(Notice.handed_at).is_(None))
    db.exec(free.values(state=NoticeState.QUEUED, claimed_by=None, claimed_until=None))
    handed = db.exec(select(Notice).where(*late)).all()
    return [Lapsed(n.id or 0, n.channel, n.kind, n.first_handed_at or n.handed_at or now) for n in handed]


# ── marking ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Result:
    """What came of handing a letter over: no error, or what kind of failure. `repeat`: sending it again does no harm."""

    notice_id: int
    external_id: str | None = None
    error: OutsideError | None = None
    repeat: bool = False


def mark_all(db: Db, results: Iterable[Result], by: str, rules: Rules, *, now: datetime) -> None:
    """Mark several letters in one transaction."""
    results = list(results)
    _kept = db.exec(select(Notice).where(col(Notice.id).in_([result.notice_id for result in results]))).all()
    for result in results:
        match result.error:
            case None:
                mark_sent(db, result.notice_id, by, result.external_id, now=now)
            case Permanent(reason=reason):
                mark_permanent(db, result.notice_id, by, reason, now=now)
            case Temporary(reason=reason, retry_after=after):
                mark_temporary(db, result.notice_id, by, reason, after, rules, now=now)
            case OutsideError(reason=reason):
                mark_unknown(db, result.notice_id, by, reason, repeat=result.repeat, rules=rules, now=now)


def mark_sent(db: Db, notice_id: int, by: str, external_id: str | None, *, now: datetime) -> None:
    """The service took it."""
    notice = _mine(db, notice_id, by)
    if notice is not None:
        notice.state, notice.sent_at, notice.external_id, notice.error = NoticeState.SENT, now, external_id, ""
        _let_go(db, notice)
        if notice.kind is Kind.CANCELLATION:
            _see_calendar(db, notice)


def mark_temporary(db: Db, notice_id: int, by: str, reason: str, retry_after: float | None, rules: Rules, *, now: datetime) -> None:
    """It did not happen: try again later, until the attempts are used up."""
    notice = _mine(db, notice_id, by)
    if notice is None:
        return
    notice.error = reason[:200]
    _not_left(db, notice)
    if notice.attempts >= rules.notice_attempts:
        notice.state = NoticeState.FAILED
    else:
        _again(db, notice, now + backoff(notice.attempts, notice_id, retry_after))
    _let_go(db, notice)


def mark_permanent(db: Db, notice_id: int, by: str, reason: str, *, now: datetime) -> None:
    """It will never work like this. What chat refused goes by e-mail, to a person whose address is proven."""
    notice = _mine(db, notice_id, by)
    if notice is None:
        return
    notice.state, notice.error = NoticeState.FAILED, reason[:200]
    _not_left(db, notice)
    _let_go(db, notice)
    if notice.channel is Channel.CHAT and notice.person_id is not None:
        _by_email_instead(db, notice, now=now)


def _again(db: Db, notice: Notice, at: datetime) -> None:
    """Queue it once more, unless a newer calendar message of the booking is owed by now."""
    calendar = notice.sequence is not None and notice.proof_id is None and notice.booking_id is not None
    overtaken = calendar and db.get_one(Booking, notice.booking_id).sequence != notice.sequence
    notice.state, notice.next_try_at = NoticeState.SUPERSEDED if overtaken else NoticeState.QUEUED, at


def _not_left(db: Db, notice: Notice) -> None:
    """The service says that nothing left, in this attempt."""
    if notice.first_handed_at == notice.handed_at:
        notice.first_handed_at = None
        db.add(notice)
        _see_calendar(db, notice)


def _see_calendar(db: Db, notice: Notice) -> None:
    """Whether an invitation is, or may be, in the calendar: by the last message that left or may have. A cancellation counts once sent."""
    if notice.booking_id is None or notice.sequence is None or notice.proof_id is not None:
        return
    left = select(Notice.kind).where(
        col(Notice.booking_id) == notice.booking_id,
        col(Notice.sequence).is_not(None),
        col(Notice.proof_id).is_(None),
        col(Notice.first_handed_at).is_not(None),
        or_(col(Notice.kind) != Kind.CANCELLATION, col(Notice.state) == NoticeState.SENT),
    )
    last = db.exec(left.order_by(col(Notice.sequence).desc()).limit(1)).first()
    booking = db.get_one(Booking, notice.booking_id)
    booking.invited = last is not None and last is not Kind.CANCELLATION
    db.add(booking)


def _by_email_instead(db: Db, refused: Notice, *, now: datetime) -> None:
    person = db.get_one(Person, refused.person_id)
    person.chat_closed_at = person.chat_closed_at or now
    db.add(person)
    if person.proven_at is None or refused.kind is Kind.PROMOTION:  # a promotion's own mail is owed already
        return
    other = refused.model_dump(
        include={
            "partnership_id",
            "kind",
            "need",
            "person_id",
            "booking_id",
            "session_id",
            "programme_id",
            "lead_minutes",
            "detail",
            "expires_at",
        }
    )
    key = refused.key.removesuffix(f":{Channel.CHAT}") + f":{Channel.EMAIL}"
    owe(db, Notice(**other, key=key, channel=Channel.EMAIL, owed_at=now, next_try_at=now, fallback_of=refused.id))


def mark_unknown(db: Db, notice_id: int, by: str | None, reason: str, *, repeat: bool, rules: Rules, now: datetime) -> None:
    """It may have been sent. `repeat` says that sending the very same again does no harm; else it stays on the attention list.

    `by` is None for a letter whose process disappeared.
    """
    notice = _mine(db, notice_id, by) if by is not None else _abandoned(db, notice_id, now)
    if notice is None:
        return
    notice.error = reason[:200]
    if repeat and notice.attempts < rules.notice_attempts:
        _again(db, notice, now + backoff(notice.attempts, notice_id, None))
    else:
        notice.state = NoticeState.UNKNOWN
    _let_go(db, notice)


def expire(db: Db, *, now: datetime) -> int:
    """Mark what came too late; how many."""
    late = update(Notice).where(col(Notice.state) == NoticeState.QUEUED, col(Notice.expires_at) <= now)
    return db.exec(late.values(state=NoticeState.EXPIRED)).rowcount


def release(db: Db, by: str) -> None:
    """Give back what this process has claimed and not handed over: on a graceful stop."""
    mine = update(Notice).where(col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_by) == by, col(Notice.handed_at).is_(None))
    db.exec(mine.values(state=NoticeState.QUEUED, claimed_by=None, claimed_until=None))


def counts(db: Db, partnership_id: int) -> dict[NoticeState, int]:
    """How many notices stand in each state."""
    rows = db.exec(select(Notice.state, func.count()).where(col(Notice.partnership_id) == partnership_id).group_by(col(Notice.state)))
    return {NoticeState(state): count for state, count in rows.all()}


def _mine(db: Db, notice_id: int, by: str) -> Notice | None:
    notice = db.get(Notice, notice_id)
    return notice if notice is not None and notice.state is NoticeState.CLAIMED and notice.claimed_by == by else None


def _abandoned(db: Db, notice_id: int, now: datetime) -> Notice | None:
    notice = db.get(Notice, notice_id)
    if notice is None or notice.state is not NoticeState.CLAIMED or notice.claimed_until is None or notice.claimed_until > now:
        return None
    return notice


def _let_go(db: Db, notice: Notice) -> None:
    notice.claimed_by = notice.claimed_until = notice.handed_at = None
    db.add(notice)
