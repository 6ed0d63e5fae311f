"""Partnerships, their organisations, and people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.models.columns import choice
from domain.times import UtcDateTime


class ServiceArea(StrEnum):
    CHILDREN = "children"
    ADULTS = "adults"
    BOTH = "both"
    OTHER = "other"


class Part(StrEnum):
    """What a person is in a partnership."""

    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    STUDENT = "student"
    ACADEMIC = "academic"
    PRESENTER = "presenter"
    PARENT = "parent"
    ORGANISER = "organiser"


class Partnership(SQLModel, table=True):
    """The tenant: a teaching partnership with its Discord server, organisers, hosts and sender."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=60)  # the name of its table in the settings
    name: str = Field(max_length=200)
    guild_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)


class Organisation(SQLModel, table=True):
    """An employer or university in a partnership."""

    __table_args__ = (UniqueConstraint("partnership_id", "name_key"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    name: str = Field(max_length=200)
    name_key: str = Field(max_length=200)  # lower case, single spaces: one organisation however it is typed


class Person(SQLModel, table=True):
    """Somebody who books, presents or organises. One address is one person in a partnership."""

    __table_args__ = (UniqueConstraint("partnership_id", "discord_id"), UniqueConstraint("partnership_id", "email_key"))

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    discord_id: int | None = Field(default=None, sa_type=BigInteger)
    name: str = Field(max_length=100)
    email: str | None = Field(default=None, max_length=254)  # where mail goes: proven, except while a proof is under way for the first time
    email_key: str | None = Field(default=None, max_length=254)  # case folded; set only for a proven address, so that it stays unique
    proven_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    service_area: ServiceArea = Field(default=ServiceArea.OTHER, sa_type=choice(ServiceArea))
    part: Part = Field(default=Part.PRACTITIONER, sa_type=choice(Part))
    reminders_by_chat: bool = True
    reminders_by_email: bool = False
    privacy_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    chat_closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # Discord said 50007: direct messages are refused
    created_at: datetime = Field(sa_type=UtcDateTime)


#: an address that nobody has proven, and that may be forgotten yet
_OPEN = "done_at IS NULL OR code_hash IS NOT NULL"


class EmailProof(SQLModel, table=True):
    """An address that a person is asked to prove with six digits. The digits are made when the mail is sent, and stored hashed."""

    __table_args__ = (
        CheckConstraint("tries >= 0 AND tries <= 5", name="tries_within_five"),
        Index("emailproof_open", "asked_at", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),  # few, whatever the years bring
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    address: str = Field(max_length=254)
    code_hash: str | None = None
    salt: str = Field(max_length=64)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    session_id: int | None = Field(default=None, foreign_key="session.id")  # asked for on a page: the place that it is about
    by_link: bool = False  # proven by opening a link and pressing its button, not by digits
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
