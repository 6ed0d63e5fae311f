"""The ledger's table, and what has been posted in channels."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.kinds import Channel, Kind
from domain.models.columns import choice
from domain.times import UtcDateTime


class NoticeState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"  # an operator said that it shall not be sent, or its person was forgotten


class Notice(SQLModel, table=True):
    """One message owed to one recipient through one channel. Ids and states only: names and words are read when it is sent."""

    __table_args__ = (
        Index("notice_by_turn", "state", "next_try_at", "need"),
        Index("notice_by_lease", "state", "claimed_until"),
        Index("notice_by_end", "state", "expires_at"),
        Index("notice_by_booking", "booking_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    key: str = Field(unique=True, max_length=120)
    kind: Kind = Field(sa_type=choice(Kind))
    channel: Channel = Field(sa_type=choice(Channel))
    need: int  # 0 is sent first
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    booking_id: int | None = Field(default=None, foreign_key="booking.id")
    session_id: int | None = Field(default=None, foreign_key="session.id", index=True)
    programme_id: int | None = Field(default=None, foreign_key="programme.id")
    proof_id: int | None = Field(default=None, foreign_key="emailproof.id")
    presenter_id: int | None = Field(default=None, foreign_key="presenter.id", index=True)
    series_booking_id: int | None = Field(default=None, foreign_key="seriesbooking.id")
    transfer_id: int | None = Field(default=None, foreign_key="transfer.id")
    announcement_id: int | None = Field(default=None, foreign_key="announcement.id", index=True)
    digest_reader_id: int | None = Field(default=None, foreign_key="digestreader.id")
    organiser_id: int | None = Field(default=None, foreign_key="organiseraddress.id")
    sequence: int | None = None  # of a calendar message
    dtstamp: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lead_minutes: int | None = None
    detail: str = Field(default="", max_length=500)  # what changed, or an organiser's reason
    fallback_of: int | None = Field(default=None, foreign_key="notice.id")
    state: NoticeState = Field(default=NoticeState.QUEUED, sa_type=choice(NoticeState))
    owed_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)  # not before
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str | None = Field(default=None, max_length=60)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # from here on it may have been sent
    first_handed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_revision: int | None = None  # the session's revision that the letter told
    told_link: bool = False  # whether the letter carried a link
    error: str = Field(default="", max_length=200)
    external_id: str | None = Field(default=None, max_length=300)


class Posting(SQLModel, table=True):
    """A message in a server's channel that shows a day of a programme, and up to when it is true."""

    __table_args__ = (UniqueConstraint("programme_id", "day", "page"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int = Field(foreign_key="programme.id")
    day: date
    page: int = 0
    channel_id: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, sa_type=BigInteger)  # None: still to be posted
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # it shows all that was touched before
    digest: str = Field(default="", max_length=32)  # of what it shows
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    error: str = Field(default="", max_length=200)
