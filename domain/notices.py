"""The ledger: every message that is owed, each under a key that the database takes only once.

A use case *owes* a notice in its own transaction, and may ask as often as it likes. What becomes of it is written in
`domain.ledger`; what it says is read at the moment of sending, in `domain.letters.handing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, Required, TypedDict, Unpack

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.database import Db
from domain.hearing import hearing
from domain.kinds import Channel, Kind
from domain.models import Booking, Notice, NoticeState, Person, Presenter, Session
from domain.once import put_in
from domain.presenters.reaching import address_of
from domain.rules import Rules

#: Kinds that carry a calendar message while the booking has, or had, a place.
CALENDAR_KINDS = (Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION)
URGENT = timedelta(hours=3)
#: what a notice of somebody who asked to be forgotten is marked with
FORGOTTEN = "they asked to be forgotten"
#: how long a process has what it claimed, and what it handed over; it renews the second for as long as a letter is under way
LEASE = timedelta(minutes=5)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def need(kind: Kind, *, starts_at: datetime | None, now: datetime) -> int:
    """The order of sending: 0 first. Changes of the next hours, verifications, promotions, invitations, reminders, prompts."""
    soon = starts_at is not None and starts_at - now < URGENT
    if kind in (Kind.CANCELLATION, Kind.UPDATE) and soon:
        return 0
    return {
        Kind.VERIFICATION: 1,
        Kind.SIGN_IN: 1,
        Kind.PROMOTION: 2,
        Kind.OFFER: 2,
        Kind.CANCELLATION: 3,
        Kind.UPDATE: 3,
        Kind.INVITATION: 3,
        Kind.WAITING: 3,
        Kind.REMINDER: 4,
        Kind.WAITING_CLOSED: 5,
        Kind.LAPSED: 5,
        Kind.TRANSFER: 2,
        Kind.ANNOUNCEMENT: 4,
        Kind.FEEDBACK: 6,
        Kind.CERTIFICATE: 6,
        Kind.RESULTS: 7,
        Kind.DIGEST: 7,
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
    return put_in(db, [notice]) == 1


def owe_all(db: Db, notices: Sequence[Notice]) -> int:
    """As `owe`, for many at once; how many were added."""
    return put_in(db, notices)


class Counts(Protocol):
    """What counts the calendar messages of one person for one session: a booking, or a presenter."""

    id: int | None
    partnership_id: int
    sequence: int
    stamped_at: datetime | None
    invited: bool

    @property
    def person_id(self) -> int | None:
        """Whose it is, where we know them."""


def number_next(counts: Counts, *, now: datetime) -> datetime:
    """Count one more calendar message; its DTSTAMP in whole seconds, which rises strictly (RFC 5546, 2.1.4 and 2.1.5)."""
    counts.sequence += 1
    stamp = now.replace(microsecond=0)
    if counts.stamped_at is not None and stamp <= counts.stamped_at:
        stamp = counts.stamped_at + timedelta(seconds=1)
    counts.stamped_at = stamp
    return stamp


def owe_calendar(
    db: Db,
    counts: Counts,
    session: Session,
    kind: Kind,
    *,
    now: datetime,
    not_before: datetime | None = None,
    detail: str = "",
    by_organiser: bool = False,
    needed_at: datetime | None = None,
) -> Notice | None:
    """Owe a booking or a presenter the next calendar message, in place of any older one that nobody has sent yet.

    A presenter who has no address is told by direct message, which carries no calendar entry.

    Sequence and DTSTAMP rise with every call (RFC 5546, 2.1.4 and 2.1.5). A cancellation of an invitation that never
    left is owed without a calendar part when an organiser caused it, and not at all when the person did. `needed_at`:
    when it must be known, where that is before the session's start.
    """
    presents = isinstance(counts, Presenter)
    by = Channel.CHAT if isinstance(counts, Presenter) and address_of(db, counts) is None else Channel.EMAIL
    older = _supersede_unsent(db, counts, by) if counts.id is not None else []
    if kind is Kind.CANCELLATION and not counts.invited and not by_organiser:
        return None
    if kind is Kind.UPDATE:
        kind, not_before, detail = _joined(older, kind, not_before, detail)
    stamp = number_next(counts, now=now)
    db.add(counts)
    db.flush()  # the key needs its id
    with_calendar = by is Channel.EMAIL and (kind is not Kind.CANCELLATION or counts.invited)
    notice = Notice(
        partnership_id=counts.partnership_id,
        key=f"{'presenting' if presents else kind}:{counts.id}:{counts.sequence}",
        kind=kind,
        channel=by,
        need=need(kind, starts_at=needed_at or session.starts_at, now=now),
        person_id=counts.person_id,
        booking_id=None if presents else counts.id,
        presenter_id=counts.id if presents else None,
        session_id=session.id,
        sequence=counts.sequence if with_calendar else None,
        dtstamp=stamp if with_calendar else None,
        detail=detail,
        owed_at=now,
        next_try_at=not_before or now,
        expires_at=session.ends_at,
    )
    db.add(notice)
    db.flush()
    return notice


def owe_updates(
    db: Db, session: Session, changes: Iterable[str], rules: Rules, *, now: datetime, moved_from: datetime | None = None
) -> int:
    """Raise the session's revision and owe everyone confirmed an update, and who presents it; how many.

    Edits settle, so that three quick ones are one update; not so close to the start, before the change or after it.
    """
    soonest = min(session.starts_at, moved_from or session.starts_at)
    session.revision += 1
    session.touched_at = now
    db.add(session)
    waiting = update(Notice).where(col(Notice.session_id) == session.id, col(Notice.kind) == Kind.CANCELLATION)
    db.exec(waiting.where(col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED))).values(expires_at=session.ends_at))
    settled = now if soonest - now < rules.settle_not_within else now + rules.settle
    changes = tuple(changes)
    hear = hearing(db, session, changes)
    told: list[Counts] = [*hear.bookings, *hear.presenters]
    for counts in told:
        owe_calendar(db, counts, session, Kind.UPDATE, now=now, not_before=settled, detail=",".join(changes), needed_at=soonest)
    return len(told)


def went_without_link(whose: int | None) -> tuple[ColumnElement[bool], ...]:
    """What holds of the last calendar message that left, or may have, if no link was in it and none that has one is on its way.

    `whose`: `Notice.booking_id` or `Notice.presenter_id`. A later message that never left, such as one that was undone, counts for nothing.
    """
    later = aliased(Notice)
    same = col(later.booking_id if whose is Notice.booking_id else later.presenter_id) == col(whose)
    told = col(later.first_handed_at).is_not(None) | col(later.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED))
    newer = select(later.id).where(same, col(later.sequence) > col(Notice.sequence), col(later.proof_id).is_(None), told)
    return (
        col(Notice.sequence).is_not(None),
        col(Notice.proof_id).is_(None),
        col(Notice.told_revision).is_not(None),
        col(Notice.told_link).is_(False),
        col(Notice.state) != NoticeState.QUEUED,
        ~newer.exists(),
    )


def _supersede_unsent(db: Db, counts: Counts, by: Channel) -> list[Notice]:
    in_hand = and_(col(Notice.state) == NoticeState.CLAIMED, col(Notice.handed_at).is_(None))  # `hand_over` finds it superseded
    unsent = select(Notice).where(
        col(Notice.presenter_id if isinstance(counts, Presenter) else Notice.booking_id) == counts.id,
        or_(col(Notice.state) == NoticeState.QUEUED, in_hand),
        col(Notice.kind).in_(CALENDAR_KINDS),
        col(Notice.channel) == by,
        col(Notice.proof_id).is_(None),
    )
    older = list(db.exec(unsent))
    for notice in older:
        notice.state = NoticeState.SUPERSEDED
        let_go(db, notice)
    return older


def _joined(older: Sequence[Notice], kind: Kind, not_before: datetime | None, detail: str) -> tuple[Kind, datetime | None, str]:
    """An update that overtakes an unsent message says what that one would have said, and is a first invitation where that was one."""
    changes = dict.fromkeys(part for part in ",".join([*(n.detail for n in older if n.kind is Kind.UPDATE), detail]).split(",") if part)
    for notice in older:
        if notice.kind in (Kind.INVITATION, Kind.PROMOTION):
            return notice.kind, notice.next_try_at, ""
    return kind, not_before, ",".join(changes)


def owe_person(db: Db, kind: Kind, person: Person, **about: Unpack[About]) -> bool:
    """Owe a person one message that carries no invitation; whether it was not owed before."""
    return owe(db, to_person(kind, person, **about))


class About(TypedDict, total=False):
    """What a message to a person is about. `:<channel>` is added to `key`; without a channel it goes where the person prefers."""

    key: Required[str]
    now: Required[datetime]
    channel: Channel | None
    session: Session | None
    booking: Booking | None
    expires_at: datetime | None
    proof_id: int | None
    lead_minutes: int | None
    detail: str
    next_try_at: datetime


def to_person(kind: Kind, person: Person, **about: Unpack[About]) -> Notice:
    """A message to one person that carries no invitation, not owed yet."""
    now, session, booking = about["now"], about.get("session"), about.get("booking")
    by = about.get("channel") or preferred_channel(person)
    return Notice(
        partnership_id=person.partnership_id,
        key=f"{about['key']}:{by}",
        kind=kind,
        channel=by,
        need=need(kind, starts_at=session.starts_at if session else None, now=now),
        person_id=person.id,
        booking_id=booking.id if booking else None,
        session_id=session.id if session else None,
        proof_id=about.get("proof_id"),
        lead_minutes=about.get("lead_minutes"),
        detail=about.get("detail", ""),
        owed_at=now,
        next_try_at=about.get("next_try_at") or now,
        expires_at=about.get("expires_at"),
    )


def let_go(db: Db, notice: Notice) -> None:
    """No process has it any more."""
    notice.claimed_by = notice.claimed_until = notice.handed_at = None
    db.add(notice)
