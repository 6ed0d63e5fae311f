"""Programmes and sessions, who organises them, and the schedules read into them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.kinds import Format, Provider
from domain.models.columns import choice
from domain.times import LONDON, UtcDateTime


class ProgrammeKind(StrEnum):
    PRACTICE_WEEK = "practice_week"
    PARENT_PARTNERSHIP = "parent_partnership"
    PRACTITIONER_TEACHER = "practitioner_teacher"


class ProgrammeState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"  # no new bookings
    ARCHIVED = "archived"


class Privacy(StrEnum):
    OPEN = "open"
    PRIVATE = "private"


class SessionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class DraftOf(StrEnum):
    """What an uploaded file is for."""

    SCHEDULE = "schedule"
    ATTENDANCE = "attendance"
    FORM = "form"


class Programme(SQLModel, table=True):
    """A practice week, a parent-partnership programme or a practitioner-teacher course."""

    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    title: str = Field(max_length=200)
    kind: ProgrammeKind = Field(default=ProgrammeKind.PRACTICE_WEEK, sa_type=choice(ProgrammeKind))
    state: ProgrammeState = Field(default=ProgrammeState.DRAFT, sa_type=choice(ProgrammeState))
    starts_on: date
    ends_on: date
    zone: str = Field(default=LONDON, max_length=60)
    audience: str = Field(default="", max_length=200)
    default_provider: Provider = Field(default=Provider.TEAMS, sa_type=choice(Provider))
    default_places: int | None = None  # None: no limit
    default_privacy: Privacy = Field(default=Privacy.OPEN, sa_type=choice(Privacy))
    channel_id: int | None = Field(default=None, sa_type=BigInteger)  # where the schedule is posted
    contact: str = Field(default="", max_length=200)  # whom families call: a name and a telephone number
    created_at: datetime = Field(sa_type=UtcDateTime)


class ProgrammeOrganiser(SQLModel, table=True):
    """A Discord role that organises one programme, besides the partnership's organisers."""

    __table_args__ = (UniqueConstraint("programme_id", "role_id"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int = Field(foreign_key="programme.id", index=True)
    role_id: int = Field(sa_type=BigInteger)


_FEEDBACK_OPEN = "state = 'published' AND feedback_closed_at IS NULL"


class Session(SQLModel, table=True):
    """One dated occurrence. `revision` rises with every change that an invitation tells."""

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("places IS NULL OR places >= 0", name="places_not_negative"),
        CheckConstraint("online_places IS NULL OR online_places >= 0", name="online_places_not_negative"),
        CheckConstraint("(series_id IS NULL) = (series_part IS NULL)", name="a_part_of_a_series"),
        UniqueConstraint("partnership_id", "reference"),
        Index("session_by_start", "state", "starts_at"),
        Index("session_by_end", "state", "ends_at"),
        # the clock asks for the first of these: those whose feedback is open, or will be. Without the state SQLite walks the other
        Index("session_by_closing", "state", "ends_at", sqlite_where=text(_FEEDBACK_OPEN), postgresql_where=text(_FEEDBACK_OPEN)),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    programme_id: int = Field(foreign_key="programme.id", index=True)
    series_id: int | None = Field(default=None, foreign_key="series.id", index=True)
    series_part: int | None = None  # which of the series' parts it is, from 1; one that replaces a cancelled day has the same
    reference: str = Field(max_length=20)  # short, for people and spreadsheets
    uid: str = Field(unique=True, max_length=80)  # for calendars and meetings
    state: SessionState = Field(default=SessionState.DRAFT, sa_type=choice(SessionState))
    title: str = Field(max_length=200)
    public_title: str | None = Field(default=None, max_length=200)  # what a private session is called in public
    description: str = Field(default="", max_length=2000)
    audience: str = Field(default="", max_length=200)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")  # who delivers it
    privacy: Privacy = Field(default=Privacy.OPEN, sa_type=choice(Privacy))
    privacy_asked: bool = False  # its wording proposes private: publishing waits for an organiser's answer
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    zone: str = Field(default=LONDON, max_length=60)
    format: Format = Field(sa_type=choice(Format))
    provider: Provider | None = Field(default=None, sa_type=choice(Provider))
    given_link: str | None = Field(default=None, max_length=1000)
    venue: str | None = Field(default=None, max_length=300)
    places: int | None = None  # None: no limit. In a hybrid session: places in the room
    online_places: int | None = None  # only in a hybrid session
    notes: str = Field(default="", max_length=2000)  # joining notes
    revision: int = 0
    next_place: int = 1  # the next number in the queue
    touched_at: datetime = Field(sa_type=UtcDateTime, index=True)  # bookings or facts changed: what is posted of it is stale
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str = Field(default="", max_length=500)
    feedback_closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ImportDraft(SQLModel, table=True):
    """A file that was read and previewed, waiting for Confirm. Nothing else exists of it yet."""

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int = Field(foreign_key="programme.id")
    purpose: DraftOf = Field(default=DraftOf.SCHEDULE, sa_type=choice(DraftOf))
    session_id: int | None = Field(default=None, foreign_key="session.id")  # whose attendance it is
    file_name: str = Field(max_length=200)
    content: bytes
    asked_by: int | None = Field(default=None, sa_type=BigInteger)  # the organiser's Discord id
    created_at: datetime = Field(sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the organiser left it while it was being read
    place: str = Field(default="", max_length=100)  # how far the organiser had come with the preview
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
