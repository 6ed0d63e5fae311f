"""Bookings: a person's claim on a session."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from domain.kinds import Mode
from domain.models.columns import choice
from domain.times import UtcDateTime


class BookingState(StrEnum):
    HELD = "held"  # a place is kept until `held_until`
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"


class Hold(StrEnum):
    """Why a place is only held."""

    PROOF = "proof"  # until the address is proven
    OFFER = "offer"  # off the waiting list, but it clashes: until the person says yes


class Attendance(StrEnum):
    UNKNOWN = "unknown"
    ATTENDED = "attended"
    ABSENT = "absent"


class Booking(SQLModel, table=True):
    """One row for a person and a session, for ever: cancelled by state, and booked again in the same row.

    `sequence` counts the calendar messages owed to this person for this session and never falls.
    """

    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="held_until_some_time"),
        CheckConstraint("(state = 'held') = (hold IS NOT NULL)", name="held_for_a_cause"),
        # it alone answers who counts
        Index("booking_by_session", "session_id", "state", "mode", "series_booking_id", "wished", "queue_number"),
        Index("booking_by_hold", "held_until"),
        Index("booking_by_wish", "asked_at", sqlite_where=text("wished IS 1"), postgresql_where=text("wished IS true")),  # few, for a day
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    series_booking_id: int | None = Field(default=None, foreign_key="seriesbooking.id")
    mode: Mode = Field(sa_type=choice(Mode))
    state: BookingState = Field(sa_type=choice(BookingState))
    hold: Hold | None = Field(default=None, sa_type=choice(Hold))
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    queue_number: int = 0  # the order in which people asked, within the session
    clash_accepted: bool = False
    #: asked for on a page by somebody who has not shown yet that they are this person: nobody is promoted by it, or told of it
    wished: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    sequence: int = 0
    stamped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # DTSTAMP of the last calendar message owed
    invited: bool = False  # an invitation is, or may be, in this person's calendar
    asked_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alias: str | None = Field(default=None, max_length=100)  # the name chosen for a private session
    attendance: Attendance = Field(default=Attendance.UNKNOWN, sa_type=choice(Attendance))


class TransferState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Transfer(SQLModel, table=True):
    """A place that somebody hands to a named colleague, who must agree. The code in the mail proves the address."""

    __table_args__ = (CheckConstraint("tries >= 0 AND tries <= 5", name="transfer_tries_within_five"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    booking_id: int = Field(foreign_key="booking.id", index=True)  # of who hands it over
    to_name: str = Field(max_length=100)
    to_address: str = Field(max_length=254)
    to_person_id: int | None = Field(default=None, foreign_key="person.id")  # once agreed
    state: TransferState = Field(default=TransferState.ASKED, sa_type=choice(TransferState))
    code_hash: str | None = None
    salt: str = Field(max_length=64)
    tries: int = 0
    asked_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Milestone(SQLModel, table=True):
    """Something a session owes once at an instant (its reminders, its feedback prompts), and that it has been seen to."""

    __table_args__ = (UniqueConstraint("session_id", "what", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="session.id")
    what: str = Field(max_length=40)  # `reminder:1440`, `feedback`, `waiting_closed`
    at: datetime = Field(sa_type=UtcDateTime)  # the session's start or end it was reckoned from
