"""What came of each letter, written down: sent, to be tried again, refused, or perhaps arrived.

What did not happen is tried until its time is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, or_, update
from sqlmodel import SQLModel, col, select

from domain.database import Db
from domain.errors import ChatClosed, Held, OutsideError, Permanent, Temporary
from domain.kinds import Channel, Kind
from domain.ledger.other_way import another_way
from domain.many import among, set_each
from domain.models import Booking, Notice, NoticeState, Person, Presenter, Session
from domain.notices import Counts, backoff, let_go
from domain.rules import RulesOf

FAULT = "a fault of ours"
_LEDGER = SQLModel.metadata.tables["notice"]


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
    """By two statements, however many they are; what another has by now is left alone."""
    if not results:
        return
    ledger, ids = _LEDGER.c, [result.notice_id for result in results]
    mine = select(ledger.id).where(among(db, ledger.id, ids), ledger.state == NoticeState.CLAIMED, ledger.claimed_by == by)
    still_mine = set(db.connection().scalars(mine.order_by(ledger.id).with_for_update(key_share=True)).all())
    sent = update(_LEDGER).values(state=NoticeState.SENT, sent_at=now, error="", claimed_by=None, claimed_until=None, handed_at=None)
    receipts = {result.notice_id: result.external_id for result in results if result.notice_id in still_mine}
    set_each(db, sent, ledger.id, ledger.external_id, receipts)


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
        notice.state = _given_up(notice)
        another_way(db, notice, now=now)
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
    notice.error = reason[:200]
    _not_left(db, notice)
    notice.state = _given_up(notice)
    let_go(db, notice)
    if closed and notice.person_id is not None:
        person = db.get_one(Person, notice.person_id)
        person.chat_closed_at = person.chat_closed_at or now
        db.add(person)
    another_way(db, notice, now=now)


def _given_up(notice: Notice) -> NoticeState:
    """What a refusal says of this attempt says nothing of an earlier one that may have arrived."""
    return NoticeState.FAILED if notice.first_handed_at is None else NoticeState.UNKNOWN


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


def _mine(db: Db, notice_id: int, by: str) -> Notice | None:
    notice = db.get(Notice, notice_id)
    return notice if notice is not None and notice.state is NoticeState.CLAIMED and notice.claimed_by == by else None


def _abandoned(db: Db, notice_id: int, now: datetime) -> Notice | None:
    """Locked: who sent it may be writing down at this moment that it left."""
    notice = db.get(Notice, notice_id, with_for_update={"key_share": True}, populate_existing=True)
    if notice is None or notice.state is not NoticeState.CLAIMED or notice.claimed_until is None or notice.claimed_until > now:
        return None
    return notice
