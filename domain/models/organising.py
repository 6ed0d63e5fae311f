"""What organisers keep beside the schedule: announcements, undo, remembered columns, and who wants the daily message."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.models.columns import choice
from domain.times import UtcDateTime


class Audience(StrEnum):
    """Whom an announcement is for."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    BOTH = "both"
    ONESELF = "oneself"  # a trial
    CHANNEL = "channel"  # a summary in the programme's channel


class Announcement(SQLModel, table=True):
    """An organiser's words to those booked, by session, day or programme; or a summary in a channel."""

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int = Field(foreign_key="programme.id", index=True)
    session_id: int | None = Field(default=None, foreign_key="session.id")
    day: date | None = None
    audience: Audience = Field(sa_type=choice(Audience))
    subject: str = Field(default="", max_length=150)
    words: str = Field(max_length=2000)
    made_by: str = Field(max_length=60)  # as in the audit trail
    made_at: datetime = Field(sa_type=UtcDateTime)


class Undo(SQLModel, table=True):
    """How a session was before an edit that still settles."""

    __table_args__ = (Index("undo_by_session", "session_id", "until"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id")
    before: str = Field(max_length=20_000)  # the session's description as JSON
    revision: int  # that the edit made: a later edit has another
    until: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RememberedColumn(SQLModel, table=True):
    """What an organiser said, in chat or by page, a column of their schedules means."""

    __table_args__ = (
        UniqueConstraint("partnership_id", "discord_id", "heading_key"),
        UniqueConstraint("partnership_id", "address_key", "heading_key"),
        CheckConstraint("(discord_id IS NULL) <> (address_key IS NULL)", name="rememberedcolumn_of_one"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    discord_id: int | None = Field(default=None, sa_type=BigInteger)
    address_key: str | None = Field(default=None, max_length=254)  # of somebody who organises by page
    heading_key: str = Field(max_length=200)
    means: str = Field(max_length=40)  # a column's name, or `nothing`
    at: datetime = Field(sa_type=UtcDateTime)


class DigestReader(SQLModel, table=True):
    """An organiser who wants a programme's attention list as a daily message."""

    __table_args__ = (UniqueConstraint("programme_id", "discord_id"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int = Field(foreign_key="programme.id")
    discord_id: int = Field(sa_type=BigInteger)
    since: datetime = Field(sa_type=UtcDateTime)


class Material(SQLModel, table=True):
    """Something to read or bring, for those booked on a session: a link or a file."""

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id", index=True)
    label: str = Field(max_length=100)
    link: str | None = Field(default=None, max_length=1000)
    file_name: str | None = Field(default=None, max_length=100)
    media_type: str | None = Field(default=None, max_length=100)
    content: bytes | None = None
    added_at: datetime = Field(sa_type=UtcDateTime)
