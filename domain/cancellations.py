"""What is said in chat when organisers cancel: once to each person, beside the e-mail that their calendar needs.

One session that is cancelled alone is said by its own name. Where a day or a programme is called off, each person gets one
message for all of theirs: it is owed with the first and held back until the last is cancelled.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Notice, Person, Session
from domain.notices import About, need, owe_person, preferred_channel


@dataclass(frozen=True)
class WithOthers:
    """A session is called off with others. Places that come free by it go to the line when all are called off: its caller sees to that.

    `announcement_id`: of a day or a programme, which says it in chat once for all.
    """

    announcement_id: int | None = None


#: of a message for several sessions: everyone it speaks to has an e-mail for each of them too
MAILED = "mailed"
#: how long such a message waits for the last session at most
HELD_BACK = timedelta(minutes=30)


def said_in_chat(db: Db, session: Session, booking: Booking, *, now: datetime, reason: str, together: int | None, mailed: bool) -> bool:
    """Owe the message in chat, to who has it open; whether that is enough.

    `together`: the announcement of a day or a programme that is called off. `mailed`: a calendar cancellation is owed by e-mail.
    """
    person = db.get_one(Person, booking.person_id)
    unproven_in_chat = person.proven_at is None and person.discord_id is not None and person.chat_closed_at is None
    if preferred_channel(person) is not Channel.CHAT and not unproven_in_chat:
        return False
    if together is not None:
        _owe_together(db, session, person, together, now=now, mailed=mailed)
        return True
    if mailed:
        key = f"{Kind.CANCELLATION}:{booking.id}:{booking.sequence}"
        about = About(key=key, now=now, session=session, booking=booking, expires_at=session.ends_at, detail=reason, channel=Channel.CHAT)
        owe_person(db, Kind.CANCELLATION, person, **about)
    return mailed


def together_key(announcement_id: int, person_id: int | None) -> str:
    """The key of a person's one message about all that was called off."""
    return f"called_off:{announcement_id}:p{person_id}:{Channel.CHAT}"


def count_told(db: Db, announcement_id: int | None, session_ids: Collection[int | None], *, since: datetime) -> int:
    """How many people who had booked these sessions are told that they were called off together, by e-mail or in chat."""
    by_mail = and_(col(Notice.kind) == Kind.CANCELLATION, col(Notice.booking_id) == col(Booking.id), col(Notice.owed_at) >= since)
    in_chat = and_(col(Notice.announcement_id) == announcement_id, col(Notice.person_id) == col(Booking.person_id))
    ended = col(Booking.state) == BookingState.CANCELLED, col(Booking.cancelled_at) >= since
    hears = select(Notice.id).where(or_(by_mail, in_chat)).exists()
    return len(set(db.exec(select(Booking.person_id).where(col(Booking.session_id).in_(session_ids), *ended, hears))))


def _owe_together(db: Db, session: Session, person: Person, announcement_id: int, *, now: datetime, mailed: bool) -> None:
    key = together_key(announcement_id, person.id)
    known = db.exec(select(Notice).where(col(Notice.key) == key)).first()
    notice = known or Notice(
        partnership_id=person.partnership_id,
        key=key,
        kind=Kind.ANNOUNCEMENT,
        channel=Channel.CHAT,
        need=need(Kind.CANCELLATION, starts_at=session.starts_at, now=now),
        person_id=person.id,
        programme_id=session.programme_id,
        announcement_id=announcement_id,
        detail=MAILED,
        owed_at=now,
        next_try_at=now + HELD_BACK,
        expires_at=session.ends_at,
    )
    notice.expires_at = max(notice.expires_at or session.ends_at, session.ends_at)
    notice.need = min(notice.need, need(Kind.CANCELLATION, starts_at=session.starts_at, now=now))
    notice.detail = notice.detail if mailed else ""
    db.add(notice)
    db.flush()
