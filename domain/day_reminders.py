"""The day-before reminder: one message to a person through a channel for all their sessions of a wall day.

The notice is owed when the day's first session falls due, under `reminder:<person>:<lead>:<date>:<channel>`. It names no
booking: which sessions it speaks of is read when it is sent, and written down in its `detail`, so that a session
confirmed, or moved into the day, after it went is seen to lack a reminder and gets one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Notice, NoticeState, Person, Session, SessionState
from domain.times import day_of

#: sessions in one message; a longer day has reminders of their own for the rest
MOST_IN_ONE = 10


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def is_of_a_day(lead: timedelta) -> bool:
    """Whether a reminder this long before speaks of a whole day."""
    return lead >= timedelta(days=1) and not lead % timedelta(days=1)


def day_key(person_id: int | None, lead_minutes: int, day: date) -> str:
    """The notice's key, but for its channel."""
    return f"reminder:{person_id}:{lead_minutes}:{day.isoformat()}"


@dataclass(frozen=True)
class Told:
    """What a day's reminder is about, as it stands in the notice's `detail`: the day, the start that it was reckoned
    from, and, once it was handed over, each booking with the start that it told. Starts are kept to the minute.
    """

    day: date
    reckoned_from: datetime
    items: tuple[tuple[int, datetime], ...] = ()

    def write(self) -> str:
        """`2027-03-15 30095130 12@30095130 15@30095400`: minutes since 1970."""
        told = " ".join(f"{booking_id}@{_minute(starts_at)}" for booking_id, starts_at in self.items)
        return f"{self.day.isoformat()} {_minute(self.reckoned_from)} {told}".rstrip()

    @classmethod
    def read(cls, detail: str) -> Self:
        """What `write` wrote."""
        day, start, *items = detail.split()
        pairs = (item.split("@") for item in items)
        return cls(date.fromisoformat(day), _instant(start), tuple((int(booking_id), _instant(at)) for booking_id, at in pairs))

    def has(self, booking_id: int | None, starts_at: datetime) -> bool:
        """Whether it told of this booking at this hour."""
        return any(item[0] == booking_id and _minute(item[1]) == _minute(starts_at) for item in self.items)


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60


def _instant(minutes: str) -> datetime:
    return datetime.fromtimestamp(int(minutes) * 60, UTC)


def speaks_of_a_day(notice: Notice) -> bool:
    """Whether this notice is such a reminder."""
    return notice.kind is Kind.REMINDER and notice.booking_id is None and notice.presenter_id is None


def still_to_be_sent(notice: Notice) -> bool:
    """Whether what it says will yet be read."""
    in_hand = notice.state is NoticeState.CLAIMED and notice.handed_at is None
    return notice.state is NoticeState.QUEUED or in_hand


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def days_owed(db: Db, people: Iterable[Person], lead_minutes: int, day: date) -> Mapping[str, Notice]:
    """The day's reminders of these people that are in the ledger, by key."""
    keys = [f"{day_key(person.id, lead_minutes, day)}:{channel}" for person in people for channel in (Channel.CHAT, Channel.EMAIL)]
    return {notice.key: notice for notice in db.exec(select(Notice).where(col(Notice.key).in_(keys)))} if keys else {}


def covers(known: Mapping[str, Notice], key: str, booking: Booking, session: Session, worth_until: datetime) -> bool:
    """Whether the day's reminder of this key has told, or will tell, of this booking. One that waits is given the time to."""
    notice = known[key]
    if notice.state in (NoticeState.FAILED, NoticeState.SUPERSEDED):  # what one channel could not take went by the other
        instead = (known.get(f"{key.rpartition(':')[0]}:{other}") for other in (Channel.EMAIL, Channel.CHAT))
        notice = next((one for one in instead if one is not None and one.fallback_of == notice.id), notice)
    if still_to_be_sent(notice):
        if notice.expires_at is not None and notice.expires_at < worth_until:
            notice.expires_at = worth_until
        return True
    left = notice.state in (NoticeState.CLAIMED, NoticeState.SENT, NoticeState.UNKNOWN)
    return left and Told.read(notice.detail).has(booking.id, session.starts_at)


def sessions_to_tell(db: Db, notice: Notice, *, now: datetime) -> Sequence[tuple[Booking, Session]]:
    """What a day's reminder speaks of when it is sent now: the person's places that day, in order of their start; none: it is not sent."""
    day = Told.read(notice.detail).day
    rows = (
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(
            col(Booking.person_id) == notice.person_id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.starts_at) > now,
            col(Session.starts_at) < now + timedelta(minutes=notice.lead_minutes or 0) + timedelta(days=2),
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    return [(booking, session) for booking, session in db.exec(rows).all() if day_of(session.starts_at, session.zone) == day][:MOST_IN_ONE]


def write_down(db: Db, notice: Notice, told: Sequence[tuple[Booking, Session]]) -> None:
    """Keep what the letter that now leaves speaks of."""
    before = Told.read(notice.detail)
    items = tuple((booking.id or 0, session.starts_at) for booking, session in told)
    notice.detail = Told(before.day, before.reckoned_from, items).write()
    db.add(notice)
