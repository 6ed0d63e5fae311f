"""Series: sessions that are booked and completed together, and the claims on them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from domain.models.bookings import BookingState, Hold
from domain.models.columns import choice
from domain.times import UtcDateTime


class Series(SQLModel, table=True):
    """One run of a course, such as three workshops over some months; may span programmes.

    Its sessions carry `series_id` and `series_part`: 1 for the first workshop, and so on. A session that replaces a
    cancelled one has the same part. Runs of one `course` are the same to learn: a part missed in one can be made up in another.
    """

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id", index=True)
    title: str = Field(max_length=200)
    course: str = Field(max_length=200)
    course_key: str = Field(max_length=200, index=True)  # lower case, single spaces: one course however it is typed
    next_place: int = 1  # the next number in the queue
    created_at: datetime = Field(sa_type=UtcDateTime)


class SeriesBooking(SQLModel, table=True):
    """A claim on every session of a series; owns the session bookings: confirmed, waiting or cancelled all or none."""

    __table_args__ = (
        UniqueConstraint("series_id", "person_id"),
        CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="series_held_until_some_time"),
        CheckConstraint("(state = 'held') = (hold IS NOT NULL)", name="series_held_for_a_cause"),
        Index("seriesbooking_by_series", "series_id", "state", "wished", "queue_number"),
        Index("seriesbooking_by_wish", "asked_at", sqlite_where=text("wished IS 1"), postgresql_where=text("wished IS true")),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    series_id: int = Field(foreign_key="series.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    state: BookingState = Field(sa_type=choice(BookingState))
    hold: Hold | None = Field(default=None, sa_type=choice(Hold))
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    queue_number: int = 0
    clash_accepted: bool = False
    wished: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # as of a booking
    asked_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # every part attended, in this run or another
    certificate: str | None = Field(default=None, max_length=20, unique=True)  # the certificate's number, once completed
