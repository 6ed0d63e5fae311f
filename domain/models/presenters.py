"""Who presents a session: a label on it and, where known, an address or a person who is invited and kept told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime


class Presenter(SQLModel, table=True):
    """A presenter of one session. `sequence`, `stamped_at` and `invited` count calendar messages, as a booking's do."""

    __table_args__ = (CheckConstraint("sequence >= 0", name="presenter_sequence_not_negative"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id", index=True)
    label: str = Field(max_length=200)
    address: str | None = Field(default=None, max_length=254)  # given by an organiser
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    named: bool = False  # added by an organiser, beside the label that the schedule gives
    co_organiser: bool = False  # is made co-organiser in Teams, or alternative host in Zoom
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    declined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code_seed: str | None = Field(default=None, max_length=64)  # what the code and the link in their mail are made from
    sequence: int = 0
    stamped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    invited: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # presents no more; kept so that a cancellation can be sent
