"""Runs of a course for tests: three workshops, either side of a clock change, and what people do with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.attendance import mark
from domain.models import Attendance, Booking, BookingState, SeriesBooking
from domain.series import booking as series_booking
from domain.series import parts as series_parts
from tests.building import ACTOR, Building, rows

#: 9.30am in London on three days: the clocks go forward on 28 March 2027
DAYS = (
    datetime(2027, 3, 15, 9, 30, tzinfo=UTC),
    datetime(2027, 4, 12, 8, 30, tzinfo=UTC),
    datetime(2027, 5, 10, 8, 30, tzinfo=UTC),
)
COURSE = "Practitioner teachers"


@dataclass
class Run:
    """A run of a course, and its sessions in order of their parts."""

    building: Building
    id: int
    parts: list[int]

    def book(self, person_id: int, **other: Any) -> series_booking.SeriesBooked:
        b = self.building
        return b.write(series_booking.book_series, b.partnership_id, self.id, person_id, b.rules, now=b.now, **other)

    def cancel(self, person_id: int) -> series_booking.SeriesCancelled:
        b = self.building
        return b.write(series_booking.cancel_series, b.partnership_id, self.id, person_id, b.rules, now=b.now)

    def whole(self, person_id: int) -> SeriesBooking:
        found = self.building.read(rows, SeriesBooking, SeriesBooking.series_id == self.id, SeriesBooking.person_id == person_id)
        return found[0]

    def states(self, person_id: int) -> list[BookingState | None]:
        """The state of the whole, then of each part (None: never booked)."""
        found = {b.session_id: b.state for b in self.building.read(rows, Booking, Booking.person_id == person_id)}
        return [self.whole(person_id).state, *(found.get(part) for part in self.parts)]

    def add(self, session_id: int) -> int:
        b = self.building
        return b.write(series_parts.add_part, b.partnership_id, self.id, session_id, actor=ACTOR, now=b.now)

    def replace(self, gone: int, by: int) -> int:
        b = self.building
        return b.write(series_parts.replace_part, b.partnership_id, gone, by, actor=ACTOR, now=b.now)

    def attend(self, session_id: int, *people: int, was: Attendance = Attendance.ATTENDED) -> None:
        """Mark people on the evening of the session's day."""
        b = self.building
        b.write(mark, b.partnership_id, session_id, dict.fromkeys(people, was), actor=ACTOR, now=b.now)


def run_of(
    building: Building, title: str = f"{COURSE} 2027", *, places: int | None = 5, days: tuple[datetime, ...] = DAYS, **other: Any
) -> Run:
    """A run with a workshop on each of these days."""
    series_id = building.write(series_parts.create, building.partnership_id, title, None, actor=ACTOR, now=building.now)
    run = Run(building, series_id, [])
    for number, day in enumerate(days, start=1):
        run.parts.append(building.session(title=f"Workshop {number}", starts_at=day, minutes=180, places=places, **other))
        run.add(run.parts[-1])
    return run


def evening(building: Building, day: datetime) -> None:
    """Time passes until the evening of a day."""
    building.now = day + timedelta(hours=9)
