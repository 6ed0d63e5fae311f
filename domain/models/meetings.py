"""Meetings: the Teams or Zoom room of a session, and the hosts that hold them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.kinds import Provider
from domain.models.columns import choice
from domain.times import UtcDateTime


class MeetingState(StrEnum):
    WANTED = "wanted"  # host and slot reserved, nothing asked of the service yet (or asked, and it refused)
    UNKNOWN = "unknown"  # asked; it may exist
    READY = "ready"  # adopted: id and link known
    CHANGING = "changing"  # exists, with a title or times that are no longer right
    REMOVING = "removing"  # no longer wanted; may exist
    GONE = "gone"
    FAILED = "failed"  # given up: on the attention list


class Host(SQLModel, table=True):
    """An account that can hold meetings, from the settings."""

    __table_args__ = (
        UniqueConstraint("partnership_id", "provider", "account"),
        CheckConstraint("at_once >= 1", name="at_least_one_at_once"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    provider: Provider = Field(sa_type=choice(Provider))
    account: str = Field(max_length=200)  # Teams: object id; Zoom: user id or address
    at_once: int = 1  # meetings it may run at the same time
    per_day: int | None = None  # creates and updates a UTC day; None: no cap
    active: bool = True


class HostDay(SQLModel, table=True):
    """How many creates and updates a host has had on a UTC day."""

    __table_args__ = (UniqueConstraint("host_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    host_id: int = Field(foreign_key="host.id")
    day: date
    calls: int = 0


class Meeting(SQLModel, table=True):
    """A session's meeting of one generation. Committed with host and slot before the service is asked."""

    __table_args__ = (
        UniqueConstraint("session_id", "generation"),
        Index("meeting_by_turn", "state", "next_try_at"),
        Index("meeting_by_slot", "host_id", "slot_starts_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id", index=True)
    provider: Provider = Field(sa_type=choice(Provider))
    generation: int
    ref: str = Field(unique=True, max_length=100)
    host_id: int | None = Field(default=None, foreign_key="host.id")  # None: no host was free
    slot_starts_at: datetime = Field(sa_type=UtcDateTime)
    slot_ends_at: datetime = Field(sa_type=UtcDateTime)
    state: MeetingState = Field(default=MeetingState.WANTED, sa_type=choice(MeetingState))
    external_id: str | None = Field(default=None, max_length=300)
    join_url: str | None = Field(default=None, max_length=1000)
    attempts: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # None: nothing to do
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sweep_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when to look for an effect that landed late
    error: str = Field(default="", max_length=200)
    wanted_at: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
