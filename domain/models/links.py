"""Links that were e-mailed, and who may organise without Discord."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.models.columns import choice
from domain.times import UtcDateTime


class Purpose(StrEnum):
    """What a link is for. A link of one purpose opens nothing of another."""

    PROVE = "prove"  # an address is theirs: the wish made with it comes true
    MINE = "mine"  # a person's own page
    JOIN = "join"  # the way into one session
    FEEDBACK = "feedback"  # what somebody thought of one session
    FEED = "feed"  # a person's calendar
    SIGN_IN = "sign in"  # an organiser's, for once
    SIGNED_IN = "signed in"  # the organiser's browser, for some hours


class Link(SQLModel, table=True):
    """One link. Only the hash of what stands in it is kept: what is in the database opens nothing."""

    __table_args__ = (
        UniqueConstraint("subject"),
        UniqueConstraint("token_hash"),
        CheckConstraint("made_at < expires_at", name="made_before_it_expires"),
        Index("link_by_expiry", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    purpose: Purpose = Field(sa_type=choice(Purpose))
    subject: str = Field(max_length=80)  # `join:17`: what it opens; once for each
    token_hash: str = Field(max_length=64)
    salt: str = Field(max_length=32)  # with the installation's key, what stands in the link: random, and made anew when the link is revoked
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    booking_id: int | None = Field(default=None, foreign_key="booking.id", index=True)
    proof_id: int | None = Field(default=None, foreign_key="emailproof.id")
    organiser_id: int | None = Field(default=None, foreign_key="organiseraddress.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of those that serve once


class OrganiserAddress(SQLModel, table=True):
    """Somebody who organises by e-mail and page: one programme, or (None) everything of the partnership."""

    # the trail names them by their number (`organiser:7`): one that was deleted is never given to another
    __table_args__ = (UniqueConstraint("partnership_id", "programme_id", "address_key"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int | None = Field(default=None, foreign_key="programme.id", index=True)
    address: str = Field(max_length=254)
    address_key: str = Field(max_length=254)
    added_by: str = Field(max_length=60)  # as in the audit trail; `settings` where they say so
    added_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
