"""Private sessions: invitation codes, who was let in by one, and what somebody needs in order to come."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime


class InvitationCode(SQLModel, table=True):
    """A code that opens a private programme, or one private session of it. Only its hash is kept."""

    __table_args__ = (
        CheckConstraint("uses >= 0 AND (most_uses IS NULL OR uses <= most_uses)", name="uses_within_the_most"),
        CheckConstraint("most_uses IS NULL OR most_uses >= 1", name="at_least_one_use"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    programme_id: int = Field(foreign_key="programme.id", index=True)
    session_id: int | None = Field(default=None, foreign_key="session.id")  # None: every private session of the programme
    code_hash: str = Field(unique=True, max_length=64)
    hint: str = Field(max_length=8)  # its first characters, to tell codes apart in a list
    label: str = Field(default="", max_length=100)  # the organiser's own note: "Tuesday group"
    most_uses: int | None = None  # 1: for one person; None: no limit
    uses: int = 0
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    made_by: str = Field(max_length=60)  # as in the audit trail
    made_at: datetime = Field(sa_type=UtcDateTime)


class Admission(SQLModel, table=True):
    """Somebody has opened a code, in chat or by its link, and may see and book what it opens."""

    __table_args__ = (
        UniqueConstraint("code_id", "discord_id"),
        UniqueConstraint("code_id", "person_id"),
        CheckConstraint("(discord_id IS NULL) <> (person_id IS NULL)", name="admission_of_one"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    code_id: int = Field(foreign_key="invitationcode.id")
    discord_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)  # of somebody who came by the link
    at: datetime = Field(sa_type=UtcDateTime)


class CodeGuess(SQLModel, table=True):
    """How often somebody has lately tried codes that open nothing."""

    __table_args__ = (UniqueConstraint("partnership_id", "discord_id"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    discord_id: int = Field(sa_type=BigInteger)
    tries: int = 0
    since: datetime = Field(sa_type=UtcDateTime)


class Needs(SQLModel, table=True):
    """What one person needs in order to come to one session: adjustments, never a diagnosis. Deleted on `delete_on`."""

    __table_args__ = (UniqueConstraint("booking_id"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    booking_id: int = Field(foreign_key="booking.id")
    access: str = Field(default="", max_length=300)
    interpreter: str = Field(default="", max_length=300)
    childcare: str = Field(default="", max_length=300)
    travel: str = Field(default="", max_length=300)
    dietary: str = Field(default="", max_length=300)
    supporter: str = Field(default="", max_length=300)
    told_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # an organiser has seen to them
    delete_on: date = Field(index=True)
