"""Replies to invitations that were read from the mailbox. No address and no word of them: only what became of each, for a while."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.models.columns import choice
from domain.times import UtcDateTime


class CameOfReply(StrEnum):
    """What became of a reply."""

    CANCELLED = "cancelled"  # the place is given back
    DECLINED = "declined"  # a presenter has said that they cannot
    NOTED = "noted"  # nothing was to be done
    LEFT = "left"  # for people to read


class WhyLeft(StrEnum):
    """Why a reply is left for people."""

    UNKNOWN = "unknown"  # nobody with this address has a place
    OTHER_SENDER = "other sender"  # it came from another address than the one that was invited
    UNPROVEN = "unproven"  # our mail server does not vouch for the sender
    AUTOMATIC = "automatic"
    OTHER_ANSWER = "other answer"  # neither yes nor no, or both; or another answer may have followed it
    OLD = "old"  # it answers an invitation that another has followed
    SERIES = "series"  # one part of a series is not given back alone
    TOO_LATE = "too late"  # they accept a place that they have given back


class ReplySeen(SQLModel, table=True):
    """One reply that was read, once: its mail may come again, or be read by another process."""

    __table_args__ = (
        UniqueConstraint("partnership_id", "key"),
        CheckConstraint("(came = 'left') = (why IS NOT NULL)", name="left_for_a_cause"),
        Index("replyseen_by_age", "seen_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    key: str = Field(max_length=64)  # a hash of the Message-ID
    session_id: int = Field(foreign_key="session.id", index=True)
    booking_id: int | None = Field(default=None, foreign_key="booking.id", index=True)
    presenter_id: int | None = Field(default=None, foreign_key="presenter.id", index=True)
    came: CameOfReply = Field(sa_type=choice(CameOfReply))
    why: WhyLeft | None = Field(default=None, sa_type=choice(WhyLeft))
    refuses: bool  # it says that somebody cannot come, or not so
    sequence: int = 0
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # its DTSTAMP, where the sender is proven
    seen_at: datetime = Field(sa_type=UtcDateTime)
