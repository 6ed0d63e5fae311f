"""Those who wait for a place, or hold one that is not theirs yet: what they hear when the session that they hope for moves.

Theirs is an update without a calendar part: nothing is in their calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from domain.capacity import WAITS
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Hold, Notice, NoticeState, Person, Session
from domain.notices import let_go, owe_person
from domain.rules import Rules

#: what of a change concerns somebody who has no place
CONCERNS = ("time", "held", "place", "title")
HOPING = (BookingState.WAITLISTED, BookingState.HELD)


def tell_waiting(
    db: Db,
    session: Session,
    changes: Iterable[str],
    rules: Rules,
    *,
    now: datetime,
    moved_from: datetime,
    only: Collection[int | None] | None = None,
) -> int:
    """Owe an update to everyone who waits or holds an offer, in place of an older one that nobody has sent; how many.

    `only`: the bookings whose people are to hear, where not all are.
    """
    concerns = _concerning(changes)
    if not concerns:
        return 0
    soonest = min(session.starts_at, moved_from)
    settled = now if soonest - now < rules.settle_not_within else now + rules.settle
    hear = [(booking, person) for booking, person in _hoping(db, session) if only is None or booking.id in only]
    return sum(_tell(db, session, booking, person, concerns, settled, now=now) for booking, person in hear)


def _concerning(changes: Iterable[str]) -> list[str]:
    return [change for change in changes if change in CONCERNS]


def count_hearing(db: Db, session: Session, changes: Iterable[str]) -> int:
    """How many would hear, were these of it to change now."""
    return 0 if not _concerning(changes) else sum(_can_hear(person) for _, person in _hoping(db, session))


def _hoping(db: Db, session: Session) -> Sequence[tuple[Booking, Person]]:
    offered = col(Booking.hold) == Hold.OFFER  # who has only to prove an address is sent the invitation, as it is then
    hoping = (
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session.id, or_(WAITS, offered))
        .order_by(col(Booking.id))
    )
    return db.exec(hoping).all()


def _tell(db: Db, session: Session, booking: Booking, person: Person, changes: Sequence[str], settled: datetime, *, now: datetime) -> bool:
    if not _can_hear(person):
        return False
    older = unsent(db, session, booking)
    for notice in older:
        notice.state = NoticeState.SUPERSEDED
        let_go(db, notice)
    joined = dict.fromkeys([part for notice in older for part in notice.detail.split(",") if part] + list(changes))
    return owe_person(
        db,
        Kind.UPDATE,
        person,
        key=f"update:{booking.id}:w{session.revision}",
        now=now,
        channel=None if person.proven_at is not None else Channel.CHAT,
        session=session,
        booking=booking,
        expires_at=session.starts_at,
        detail=",".join(joined),
        next_try_at=settled,
    )


def _can_hear(person: Person) -> bool:
    """Nothing goes to an unproven address: they hear in chat, or not at all."""
    return person.proven_at is not None or person.discord_id is not None


def unsent(db: Db, session: Session, booking: Booking | None = None) -> Sequence[Notice]:
    """Updates without a calendar part that nobody has sent: of one booking, or of all."""
    mine = select(Notice).where(
        col(Notice.session_id) == session.id,
        col(Notice.kind) == Kind.UPDATE,
        col(Notice.sequence).is_(None),
        col(Notice.booking_id).is_not(None),
        col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED)),
        col(Notice.first_handed_at).is_(None),
    )
    return db.exec(mine if booking is None else mine.where(col(Notice.booking_id) == booking.id)).all()
