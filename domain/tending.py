"""Tending the ledger by hand: finding notices, putting them back in line, and taking them off the list for good.

    failed, unknown ──retry──► queued          queued, failed, unknown ──drop──► dropped

Ids, kinds, states and reasons only: what a service said is shown without the addresses in it. What cannot be done to a
notice is said in a sentence, and the rest is done. Every change leaves a row in the audit trail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.audit import audit
from domain.bell import ring
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Notice, NoticeState, Session
from domain.notices import CALENDAR_KINDS, let_go

#: notices that are changed at once, at most
MOST = 5_000
NEVER_SENT = "dropped by an operator"
_ADDRESS = re.compile(r"[^\s<>()\"']+@[^\s<>()\"',;]+")


@dataclass(frozen=True)
class Wanted:
    """Which notices are meant: those with these ids, or all that have everything that is said here."""

    ids: tuple[int, ...] = ()
    states: tuple[NoticeState, ...] = ()
    kind: Kind | None = None
    channel: Channel | None = None
    partnership_id: int | None = None
    session_id: int | None = None

    @property
    def is_everything(self) -> bool:
        """Nothing was said at all, beyond the partnership."""
        return not (self.ids or self.states or self.kind or self.channel or self.session_id)


@dataclass(frozen=True)
class NoticeLine:
    """A notice as operators see it. Instants are UTC."""

    id: int
    partnership_id: int
    kind: Kind
    channel: Channel
    state: NoticeState
    session_id: int | None
    booking_id: int | None
    attempts: int
    owed_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    reason: str
    sent_otherwise: bool = False  #: it failed, and an e-mail went in its place


@dataclass(frozen=True)
class Tended:
    """What was done, by id, and why not to the others."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]


def find(db: Db, wanted: Wanted, *, limit: int) -> tuple[NoticeLine, ...]:
    """The newest notices that are meant."""
    rows = db.exec(_meant(wanted).order_by(col(Notice.id).desc()).limit(limit)).all()
    replaced = _replaced(db, Wanted(ids=tuple(row.id or 0 for row in rows)))
    return tuple(
        NoticeLine(
            row.id or 0,
            row.partnership_id,
            row.kind,
            row.channel,
            row.state,
            row.session_id,
            row.booking_id,
            row.attempts,
            row.owed_at,
            row.next_try_at,
            row.sent_at,
            without_addresses(row.error),
            row.id in replaced,
        )
        for row in rows
    )


def without_addresses(reason: str) -> str:
    """What a service said, with every address in it left out."""
    return _ADDRESS.sub("(address)", reason)


def retry(db: Db, wanted: Wanted, *, may_arrive_twice: bool, actor: str, now: datetime) -> Tended:
    """Put failed and unknown notices back in line. One that may have arrived is sent again only if that does no harm, or if you say so."""
    replaced = _replaced(db, wanted)

    def refusal(notice: Notice) -> str | None:
        return why_not_again(notice, sent_otherwise=notice.id in replaced, may_arrive_twice=may_arrive_twice, now=now)

    def again(notice: Notice) -> None:
        notice.state, notice.next_try_at, notice.attempts, notice.error = NoticeState.QUEUED, now, 0, ""
        if not harmless_again(notice):
            notice.first_handed_at = None  # you have said that it may arrive twice: no sender is to hold it back for that

    done = _tended(db, wanted, refusal, again, "retry notices", actor=actor, now=now)
    if done.done:
        ring(db)
    return done


def drop(db: Db, wanted: Wanted, *, actor: str, now: datetime) -> Tended:
    """Take notices off the list: they are never sent."""

    def off(notice: Notice) -> None:
        notice.state, notice.error = NoticeState.DROPPED, NEVER_SENT

    return _tended(db, wanted, why_not_drop, off, "drop notices", actor=actor, now=now)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────

_IS_OVER = {
    NoticeState.SENT: "It was sent.",
    NoticeState.SUPERSEDED: "A newer message has taken its place.",
    NoticeState.EXPIRED: "It came too late, so it is not sent any more.",
    NoticeState.DROPPED: "It was dropped before.",
    NoticeState.CLAIMED: "It is on its way. Look again in a few minutes.",
}


def why_not_again(notice: Notice, *, sent_otherwise: bool, may_arrive_twice: bool, now: datetime) -> str | None:
    """Why a notice is not put back in line; None: it is."""
    if notice.state is NoticeState.QUEUED:
        return "It waits to be sent already."
    if notice.state in _IS_OVER:
        return _IS_OVER[notice.state]
    if notice.expires_at is not None and notice.expires_at <= now:
        return "Its time is over, so nobody needs it now."
    if sent_otherwise:
        return "It went by e-mail instead."
    may_have_arrived = notice.state is NoticeState.UNKNOWN or notice.first_handed_at is not None  # by an attempt before the one that failed
    if may_have_arrived and not harmless_again(notice) and not may_arrive_twice:
        return "It may have arrived. To send it all the same, add --yes-it-may-arrive-twice."
    return None


def why_not_drop(notice: Notice) -> str | None:
    """Why a notice is not taken off the list; None: it is."""
    return _IS_OVER.get(notice.state)


def harmless_again(notice: Notice) -> bool:
    """Calendar mail may come twice: by its number a calendar knows that it is the same."""
    return notice.channel is Channel.EMAIL and notice.kind in CALENDAR_KINDS and notice.sequence is not None


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _meant(wanted: Wanted) -> SelectOfScalar[Notice]:
    meant = select(Notice)
    if wanted.ids:
        meant = meant.where(col(Notice.id).in_(wanted.ids))
    if wanted.states:
        meant = meant.where(col(Notice.state).in_(wanted.states))
    for column, value in (
        (Notice.kind, wanted.kind),
        (Notice.channel, wanted.channel),
        (Notice.partnership_id, wanted.partnership_id),
        (Notice.session_id, wanted.session_id),
    ):
        if value is not None:
            meant = meant.where(col(column) == value)
    return meant


def _replaced(db: Db, wanted: Wanted) -> set[int | None]:
    """Those of them that went another way instead."""
    ids = _meant(wanted).with_only_columns(col(Notice.id))
    return set(db.exec(select(Notice.fallback_of).where(col(Notice.fallback_of).in_(ids))))


def _tended(
    db: Db,
    wanted: Wanted,
    refusal: Callable[[Notice], str | None],
    change: Callable[[Notice], None],
    action: str,
    *,
    actor: str,
    now: datetime,
) -> Tended:
    meant = _meant(wanted).order_by(col(Notice.id)).limit(MOST).with_for_update()
    rows = db.exec(meant.execution_options(populate_existing=True)).all()
    refused = [(one, "There is no such message.") for one in sorted(set(wanted.ids) - {row.id for row in rows})]
    done: list[Notice] = []
    for row in rows:
        if (why := refusal(row)) is not None:
            refused.append((row.id or 0, why))
            continue
        change(row)
        let_go(db, row)
        done.append(row)
    db.flush()
    _audit(db, done, action, actor=actor, now=now)
    return Tended(tuple(row.id or 0 for row in done), tuple(refused))


def _audit(db: Db, done: Sequence[Notice], action: str, *, actor: str, now: datetime) -> None:
    """A row for each programme and session that they are about."""
    programmes = select(Session.id, Session.programme_id).where(col(Session.id).in_({row.session_id for row in done if row.session_id}))
    of_session: dict[int | None, int] = dict(db.exec(programmes).all())
    alike: dict[tuple[int, int | None, int | None], list[int]] = defaultdict(list)
    for row in done:
        alike[row.partnership_id, row.programme_id or of_session.get(row.session_id), row.session_id].append(row.id or 0)
    for (partnership_id, programme_id, session_id), ids in alike.items():
        audit(db, partnership_id, actor, action, now=now, programme_id=programme_id, session_id=session_id, detail=_listed(ids))


def _listed(ids: Sequence[int]) -> str:
    said = f"notice {', '.join(map(str, ids))}"
    return said if len(said) <= 450 else f"{said[:450].rpartition(',')[0]} and others: {len(ids):,} in all"
