"""What has been forgotten: each run of the clock that deletes what is over, and each person who asked to be forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime


class RetentionRun(SQLModel, table=True):
    """That the clock has deleted or stripped so many records of one kind; or, as `everything`, that a whole run is done. Counts only."""

    __table_args__ = (Index("retentionrun_by_what", "partnership_id", "what", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    what: str = Field(max_length=40)  # a kind of `domain.keeping.kinds`, or `everything`
    count: int
    at: datetime = Field(sa_type=UtcDateTime)


class Erasure(SQLModel, table=True):
    """Somebody is to be forgotten: first what is ahead of them is cancelled, and when those letters have left they are stripped."""

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    person_id: int = Field(foreign_key="person.id", unique=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: str = Field(max_length=60)  # as in the audit trail; a person's own number, never a Discord id
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    messages_left: int = 0  # direct messages that the chat service did not let us delete
