"""The ledger's other half: notices are claimed, handed over, and marked with what became of them.

    queued ──► claimed ──► sent | failed | unknown | expired | superseded
       ▲           │
       └───────────┘  a lease that lapsed before the letter was handed over, or a temporary failure

The deliver tick *claims* a batch for the length of a lease; `letters` hands each over; here is written down what came
of it. A process that dies after a letter was handed over leaves a notice that is repeated only where a repeat does no harm.
What did not happen is tried until its time is over; chat that fails gives way to e-mail while there is time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col, select

from domain.cancellations import MAILED
from domain.database import Db
from domain.errors import ChatClosed, Held, OutsideError, Permanent, Temporary
from domain.kinds import Channel, Kind
from domain.many import among, set_each
from domain.models import Booking, Notice, NoticeState, Person, Presenter, Session
from domain.notices import CALENDAR_KINDS, LEASE, Counts, backoff, let_go, owe
from domain.partnerships import of_these
from domain.presenters.reaching import address_of
from domain.rules import RulesOf
from domain.standing import Instant, at

FAULT = "a fault of ours"
_LEDGER = SQLModel.metadata.tables["notice"]
#: what a notice that goes another way says again
_SAID_AGAIN = {
    "partnership_id",
    "kind",
    "need",
    "person_id",
    "booking_id",
    "session_id",
    "presenter_id",
    "series_booking_id",
    "programme_id",
    "transfer_id",
    "announcement_id",
    "lead_minutes",
    "detail",
    "expires_at",
}


@dataclass(frozen=True)
class Claimed:
    """A notice that one process has for the length of its lease."""

    id: int
    channel: Channel
    kind: Kind


def claim(
    db: Db, by: str, channels: Iterable[Channel], *, now: datetime, limit: int = 100, whose: Collection[int] | None = None
) -> list[Claimed]:
    """Take the most needed notices that are due. Another process cannot take them until the lease (5 min) has lapsed.

    `whose`: of these partnerships alone; the others' are left to a process that can send them.
    """
    queued = col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now, col(Notice.channel).in_(list(channels))
    due = (
        select(Notice.id)
        .where(*queued, *of_these(Notice.partnership_id, whose))
        .order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # apart: inside the statement PostgreSQL may look for them, and hold them, more than once
    )
    mine = update(Notice).where(col(Notice.id).in_(select(due.c.id)))
    claimed = mine.values(state=NoticeState.CLAIMED, claimed_by=by, claimed_until=now + LEASE, handed_at=None)
    wanted = col(Notice.id), col(Notice.channel), col(Notice.kind), col(Notice.need), col(Notice.next_try_at)
    rows = db.exec(claimed.returning(*wanted).execution_options(synchronize_session=False)).all()
    return [Claimed(row.id, row.channel, row.kind) for row in sorted(rows, key=lambda row: (row.need, row.next_try_at, row.id))]


@dataclass(frozen=True)
class Lapsed:
    """A letter whose process disappeared after it may have been sent. `since` is the first attempt (UTC)."""

    id: int
    channel: Channel
    kind: Kind
    since: datetime


def renew(db: Db, by: str, notice_ids: Iterable[int], *, now: datetime) -> None:
    """This process lives, and these letters are still on their way: nobody may judge them as left behind.

    It gives no leave to begin: a letter is not sent after the lease with which it was handed over.
    """
    mine = update(Notice).where(col(Notice.id).in_(list(notice_ids)), col(Notice.claimed_by) == by)
    db.exec(mine.where(col(Notice.state) == NoticeState.CLAIMED).values(claimed_until=now + LEASE))


def leases_over() -> ColumnElement[bool]:
    """Whether `lapsed` has anything to do."""
    return select(Notice.id).where(*_left_behind(at())).exists()


def _left_behind(now: Instant) -> tuple[ColumnElement[bool], ...]:
    return col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_until) <= now


def lapsed(db: Db, *, now: datetime) -> list[Lapsed]:
    """Free what a vanished process had claimed and not handed over; the rest, which may have been sent, is returned to be judged."""
    late = _left_behind(now)
    free = update(Notice).where(*late, col(Notice.handed_at).is_(None))
    db.exec(free.values(state=NoticeState.QUEUED, claimed_by=None, claimed_until=None))
    handed = db.exec(select(Notice).where(*late)).all()
    return [Lapsed(n.id or 0, n.channel, n.kind, n.first_handed_at or n.handed_at or now) for n in handed]


@dataclass(frozen=True)
class Result:
    """What came of handing a letter over: no error, or what kind of failure. `repeat`: sending it again does no harm.

    `kind` is known to who has the letter; without it the notice is read again.
    """

    notice_id: int
    external_id: str | None = None
    error: OutsideError | None = None
    repeat: bool = False
    kind: Kind | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing follows from it but that it was sent. A cancellation takes the invitation out of the calendar."""
        return self.error is None and self.kind not in (None, Kind.CANCELLATION)


def mark_all(db: Db, results: Iterable[Result], by: str, rules: RulesOf, *, now: datetime) -> None:
    """Mark several letters in one transaction."""
    results = sorted(results, key=lambda result: result.notice_id)
    _mark_plain(db, [result for result in results if result.is_plain], by, now)
    others = [result for result in results if not result.is_plain]
    _kept = _hold(db, [result.notice_id for result in others])
    for result in others:
        mark(db, result, by, rules, now=now)


def _mark_plain(db: Db, results: Sequence[Result], by: str, now: datetime) -> None:
    """By a statement or two, however many they are; what another has by now is left alone."""
    mine = update(_LEDGER).where(_LEDGER.c.state == NoticeState.CLAIMED, _LEDGER.c.claimed_by == by)
    sent = mine.values(state=NoticeState.SENT, sent_at=now, error="", claimed_by=None, claimed_until=None, handed_at=None)
    if without := [result.notice_id for result in results if result.external_id is None]:
        db.connection().execute(sent.where(among(db, _LEDGER.c.id, without)).values(external_id=None))
    receipts = {result.notice_id: result.external_id for result in results if result.external_id is not None}
    set_each(db, sent, _LEDGER.c.id, _LEDGER.c.external_id, receipts)


def _hold(db: Db, notice_ids: Sequence[int]) -> list[object]:
    """The notices, for this transaction, and before them the sessions of calendar messages: what is said of those changes a booking."""
    if not notice_ids:
        return []
    calendar = select(Notice.session_id).where(col(Notice.id).in_(notice_ids), col(Notice.sequence).is_not(None))
    sessions = select(Session).where(col(Session.id).in_(set(db.exec(calendar)))).order_by(col(Session.id)).with_for_update(key_share=True)
    notices = select(Notice).where(col(Notice.id).in_(notice_ids)).order_by(col(Notice.id)).with_for_update()
    return [*db.exec(sessions).all(), *db.exec(notices).all()]


def mark(db: Db, result: Result, by: str, rules: RulesOf, *, now: datetime) -> None:
    """Mark one letter."""
    match result.error:
        case None:
            mark_sent(db, result.notice_id, by, result.external_id, now=now)
        case Permanent(reason=reason) as error:
            mark_permanent(db, result.notice_id, by, reason, closed=isinstance(error, ChatClosed), now=now)
        case Held(reason=reason):
            mark_held(db, result.notice_id, by, reason)
        case Temporary(reason=reason, retry_after=after):
            mark_temporary(db, result.notice_id, by, reason, after, rules, now=now)
        case OutsideError(reason=reason):
            mark_unknown(db, result.notice_id, by, reason, repeat=result.repeat, rules=rules, now=now)


def mark_fault(db: Db, notice_id: int, by: str) -> None:
    """We failed over it ourselves: it is put aside, so that the rest can go on. What was handed over may have arrived.

    One plain statement that reads nothing else of it: whatever is wrong with it must not stop this too.
    """
    mine = update(Notice).where(col(Notice.id) == notice_id, col(Notice.state) == NoticeState.CLAIMED, col(Notice.claimed_by) == by)
    state = case((col(Notice.handed_at).is_(None), NoticeState.FAILED), else_=NoticeState.UNKNOWN)
    db.exec(mine.values(state=state, error=FAULT, claimed_by=None, claimed_until=None, handed_at=None))


def mark_sent(db: Db, notice_id: int, by: str, external_id: str | None, *, now: datetime) -> None:
    """The service took it."""
    notice = _mine(db, notice_id, by)
    if notice is not None:
        notice.state, notice.sent_at, notice.external_id, notice.error = NoticeState.SENT, now, external_id, ""
        let_go(db, notice)
        if notice.kind is Kind.CANCELLATION:
            _see_calendar(db, notice)


def mark_temporary(db: Db, notice_id: int, by: str, reason: str, retry_after: float | None, rules: RulesOf, *, now: datetime) -> None:
    """It did not happen: try again later, for as long as it is worth sending. What chat could not take in time goes by e-mail."""
    notice = _mine(db, notice_id, by)
    if notice is None:
        return
    notice.error = reason[:200]
    _not_left(db, notice)
    at = now + backoff(notice.attempts, notice_id, retry_after)
    most = rules.of(notice.partnership_id).notice_attempts
    if at >= notice.expires_at if notice.expires_at is not None else notice.attempts >= most:
        notice.state = NoticeState.FAILED
        _another_way(db, notice, now=now)
    else:
        _again(db, notice, at)
    let_go(db, notice)


def mark_held(db: Db, notice_id: int, by: str, reason: str) -> None:
    """It was not tried, because others' limits are reached: back in line where it stood, where a more needed one can overtake it."""
    notice = _mine(db, notice_id, by)
    if notice is None:
        return
    notice.error = reason[:200]
    _not_left(db, notice)
    notice.attempts = max(notice.attempts - 1, 0)
    _again(db, notice, notice.next_try_at)
    let_go(db, notice)


def mark_permanent(db: Db, notice_id: int, by: str, reason: str, *, closed: bool = False, now: datetime) -> None:
    """It will never work like this. What chat refused goes by e-mail. `closed`: the person takes no direct messages at all."""
    notice = _mine(db, notice_id, by)
    if notice is None:
        return
    notice.state, notice.error = NoticeState.FAILED, reason[:200]
    _not_left(db, notice)
    let_go(db, notice)
    if closed and notice.person_id is not None:
        person = db.get_one(Person, notice.person_id)
        person.chat_closed_at = person.chat_closed_at or now
        db.add(person)
    _another_way(db, notice, now=now)


def _again(db: Db, notice: Notice, at: datetime) -> None:
    """Queue it once more, unless a newer calendar message of the booking or the presenter is owed by now."""
    counts = _counted_by(db, notice)
    overtaken = counts is not None and counts.sequence != notice.sequence
    notice.state, notice.next_try_at = NoticeState.SUPERSEDED if overtaken else NoticeState.QUEUED, at


def _not_left(db: Db, notice: Notice) -> None:
    """The service says that nothing left, in this attempt."""
    if notice.first_handed_at == notice.handed_at:
        notice.first_handed_at = None
        db.add(notice)
        _see_calendar(db, notice)


def _counted_by(db: Db, notice: Notice) -> Counts | None:
    """What counts this message; None for one that is no calendar message, or that went to an old address."""
    if notice.sequence is None or notice.proof_id is not None:
        return None
    if notice.presenter_id is not None:
        return db.get_one(Presenter, notice.presenter_id)
    return db.get_one(Booking, notice.booking_id) if notice.booking_id is not None else None


def _see_calendar(db: Db, notice: Notice) -> None:
    """Whether an invitation is, or may be, in the calendar: by the last message that left or may have. A cancellation counts once sent."""
    counts = _counted_by(db, notice)
    if counts is None:
        return
    left = select(Notice.kind).where(
        col(Notice.booking_id) == counts.id if notice.presenter_id is None else col(Notice.presenter_id) == counts.id,
        col(Notice.sequence).is_not(None),
        col(Notice.proof_id).is_(None),
        col(Notice.first_handed_at).is_not(None),
        or_(col(Notice.kind) != Kind.CANCELLATION, col(Notice.state) == NoticeState.SENT),
    )
    last = db.exec(left.order_by(col(Notice.sequence).desc()).limit(1)).first()
    counts.invited = last is not None and last is not Kind.CANCELLATION
    db.add(counts)


def _another_way(db: Db, refused: Notice, *, now: datetime) -> None:
    """What chat did not take goes by e-mail; a reminder that e-mail did not take goes by chat, while it is worth sending."""
    if refused.channel is Channel.CHAT:
        _by_email_instead(db, refused, now=now)
    elif refused.channel is Channel.EMAIL and (refused.expires_at is None or refused.expires_at > now):
        owe_instead(db, refused, Channel.CHAT, now=now)


def _by_email_instead(db: Db, refused: Notice, *, now: datetime) -> None:
    """To a person whose address is proven, while it is worth sending."""
    if refused.channel is not Channel.CHAT or refused.person_id is None:
        return
    late = refused.expires_at is not None and refused.expires_at <= now
    key = refused.key.removesuffix(f":{Channel.CHAT}")
    own_mail = db.exec(select(Notice.id).where(col(Notice.key) == key)).first() is not None  # such as a calendar cancellation
    if own_mail or (refused.announcement_id is not None and refused.detail == MAILED):
        return
    if late or refused.kind is Kind.PROMOTION or not _has_mail(db, refused):
        return  # a promotion's own mail is owed already
    _owe_by(db, refused, key, Channel.EMAIL, now)


def owe_instead(db: Db, notice: Notice, by: Channel, *, now: datetime) -> bool:
    """Owe a reminder by the other channel, where its person has one and nothing is owed that way already; whether it was.

    What may have arrived by the first is not owed again: nobody is reminded twice.
    """
    if notice.kind is not Kind.REMINDER or notice.first_handed_at is not None or notice.person_id is None:
        return False
    person = db.get_one(Person, notice.person_id)
    open_chat = person.discord_id is not None and person.chat_closed_at is None
    there = _has_mail(db, notice) if by is Channel.EMAIL else open_chat
    return there and _owe_by(db, notice, notice.key.removesuffix(f":{notice.channel}"), by, now)


def _owe_by(db: Db, refused: Notice, key: str, by: Channel, now: datetime) -> bool:
    other = refused.model_dump(include=_SAID_AGAIN)
    return owe(db, Notice(**other, key=f"{key}:{by}", channel=by, owed_at=now, next_try_at=now, fallback_of=refused.id))


def _has_mail(db: Db, refused: Notice) -> bool:
    """Whether mail may take the place of a chat message. A presenter's calendar mail is owed already."""
    if refused.presenter_id is not None:
        return refused.kind not in CALENDAR_KINDS and address_of(db, db.get_one(Presenter, refused.presenter_id)) is not None
    return db.get_one(Person, refused.person_id).proven_at is not None


def mark_unknown(db: Db, notice_id: int, by: str | None, reason: str, *, repeat: bool, rules: RulesOf, now: datetime) -> None:
    """It may have been sent. `repeat` says that sending the very same again does no harm; else it stays on the attention list.

    `by` is None for a letter whose process disappeared.
    """
    notice = _mine(db, notice_id, by) if by is not None else _abandoned(db, notice_id, now)
    if notice is None:
        return
    notice.error = reason[:200]
    at = now + backoff(notice.attempts, notice_id, None)
    in_time = notice.expires_at is None or at < notice.expires_at
    plain_mail = notice.channel is Channel.EMAIL and notice.sequence is None  # two of it would be noticed, whatever its kind
    if repeat and not plain_mail and in_time and notice.attempts < rules.of(notice.partnership_id).notice_attempts:
        _again(db, notice, at)
    else:
        notice.state = NoticeState.UNKNOWN
    let_go(db, notice)


def some_expire() -> ColumnElement[bool]:
    """Whether `expire` has anything to do."""
    return select(Notice.id).where(*_late(at())).exists()


def _late(now: Instant) -> tuple[ColumnElement[bool], ...]:
    return col(Notice.state) == NoticeState.QUEUED, col(Notice.expires_at) <= now


def expire(db: Db, *, now: datetime) -> int:
    """Mark what came too late; how many."""
    late = update(Notice).where(*_late(now))
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
