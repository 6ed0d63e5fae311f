"""What others allow us, and what they have asked: one count for every process of the installation.

An *account* is what a limit is for: a mailbox, the bot, one of its channels, a Zoom account or a host of it. It belongs to
the installation and may serve several partnerships, so these rows carry none.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime

LONGEST_ACCOUNT = 160


class Draw(SQLModel, table=True):
    """One call that was taken from an account's limit. It is deleted when it no longer counts."""

    __table_args__ = (Index("draw_by_account", "account", "at_ms"), Index("draw_by_age", "at_ms"))

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=LONGEST_ACCOUNT)
    at_ms: int = Field(sa_type=BigInteger)  # milliseconds since 1970


class Pause(SQLModel, table=True):
    """Nobody calls this account before `until`: the service said so to one of us."""

    account: str = Field(primary_key=True, max_length=LONGEST_ACCOUNT)
    until: datetime = Field(sa_type=UtcDateTime)
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=200)
