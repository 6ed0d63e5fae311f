"""Every thing that time does has a question which finds it, at its instant and not before, and which says no once it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import SQLModel, col

from domain import agenda, timekeeping
from domain.database import Db
from domain.models import (
    Announcement,
    Audience,
    Booking,
    BookingState,
    CameOfReply,
    CodeGuess,
    DigestReader,
    EmailProof,
    Hold,
    ImportDraft,
    Needs,
    Notice,
    NoticeState,
    ReplySeen,
    RetentionRun,
    Series,
    SeriesBooking,
    Session,
    Transfer,
)
from domain.rules import Rules, RulesBook
from tests.building import START, Building

SECOND = timedelta(seconds=1)
#: a night ten days before the session, when nothing is due
QUIET = datetime(2027, 3, 5, 3, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)


def put(building: Building, row: Any) -> None:
    building.write(lambda db: db.add(row))


def change(building: Building, table: type[Any], **values: Any) -> None:
    building.write(lambda db: db.exec(update(table).where(col(table.id) == 1).values(**values)))


def a_hold(building: Building, at: datetime) -> None:
    change(building, Booking, state=BookingState.HELD, hold=Hold.PROOF, held_until=at)


def a_part(building: Building, at: datetime) -> None:
    """Of a course for which somebody waits."""
    part = building.session(title="Workshop 1", starts_at=at)
    put(building, Series(partnership_id=1, title="Course", course="Course", course_key="course", created_at=QUIET))
    building.write(lambda db: db.exec(update(Session).where(col(Session.id) == part).values(series_id=1, series_part=1)))
    put(building, SeriesBooking(partnership_id=1, series_id=1, person_id=1, state=BookingState.WAITLISTED, asked_at=QUIET))
    building.write(timekeeping.keep_time, building.rules, now=at - SECOND)  # what else is due so shortly before it
    building.deliver()


def a_wish(building: Building, at: datetime) -> None:
    change(building, Booking, state=BookingState.WAITLISTED, wished=True, asked_at=at - timedelta(days=1))


def a_transfer(building: Building, at: datetime) -> None:
    row = Transfer(partnership_id=1, booking_id=1, to_name="Sam", to_address="sam@council.gov.uk", salt="s", asked_at=QUIET, expires_at=at)
    put(building, row)


def an_address(building: Building, at: datetime) -> None:
    asked = at - timedelta(days=1) - timedelta(microseconds=1)
    put(building, EmailProof(partnership_id=1, person_id=1, address="a@b.uk", salt="s", asked_at=asked, expires_at=asked))


def needs(building: Building, at: datetime) -> None:
    put(building, Needs(partnership_id=1, booking_id=1, access="A ramp", told_at=QUIET, delete_on=at.date()))


def a_reply(building: Building, at: datetime) -> None:
    seen = at - timedelta(days=30)
    put(building, ReplySeen(partnership_id=1, key="k", session_id=1, came=CameOfReply.NOTED, refuses=False, seen_at=seen))


def wrong_codes(building: Building, at: datetime) -> None:
    put(building, CodeGuess(partnership_id=1, discord_id=5, tries=1, since=at - timedelta(hours=1)))


def a_draft(building: Building, at: datetime) -> None:
    came = at - timedelta(days=7) - timedelta(microseconds=1)
    put(building, ImportDraft(partnership_id=1, programme_id=1, file_name="a.xlsx", content=b"rows", created_at=came))


def an_announcement(building: Building, at: datetime) -> None:
    made = at - timedelta(days=1)
    put(building, Announcement(partnership_id=1, programme_id=1, audience=Audience.BOTH, words="Hello", made_by="discord:1", made_at=made))


def a_run(building: Building, at: datetime) -> None:
    building.write(lambda db: db.exec(update(RetentionRun).values(at=at - timedelta(days=1))))


def a_reader(building: Building, at: datetime) -> None:
    put(building, DigestReader(partnership_id=1, programme_id=1, discord_id=5, since=QUIET))


def a_late_notice(building: Building, at: datetime) -> None:
    change(building, Notice, state=NoticeState.QUEUED, next_try_at=at + timedelta(days=1), expires_at=at)


def a_lease(building: Building, at: datetime) -> None:
    change(building, Notice, state=NoticeState.CLAIMED, claimed_by="gone", claimed_until=at, next_try_at=at + timedelta(days=1))


def nothing_more(_building: Building, _at: datetime) -> None:
    """Time alone brings it about."""


LATER = QUIET + timedelta(hours=1)
#: for each part: when, and what brings it about
SITUATIONS: dict[str, tuple[datetime, Callable[[Building, datetime], None]]] = {
    "holds": (LATER, a_hold),
    "parts begun": (LATER, a_part),
    "wishes": (LATER, a_wish),
    "transfers": (LATER, a_transfer),
    "reminders": (START - timedelta(days=1), nothing_more),
    "waiting lists": (START - timedelta(hours=3), nothing_more),  # of the opening, an hour before
    "prompts": (END, nothing_more),
    "feedback": (END + timedelta(days=7), nothing_more),
    "addresses": (LATER, an_address),
    "needs": (datetime(2027, 3, 6, tzinfo=UTC), needs),
    "wrong codes": (LATER, wrong_codes),
    "drafts": (LATER, a_draft),
    "announcements": (LATER, an_announcement),
    "replies": (LATER, a_reply),
    "old records": (LATER, a_run),
    "digests": (QUIET.replace(hour=8), a_reader),
    "late notices": (LATER, a_late_notice),
    "leases": (LATER, a_lease),
}


def ask(building: Building, at: datetime) -> tuple[str, ...]:
    """What is due; an installation with a second partnership, which has decided otherwise, finds the same."""
    other = Rules(reminders=(timedelta(days=3),), cutoff=timedelta(days=2), feedback_open=timedelta(days=1), needs_kept=timedelta(days=2))
    book = RulesBook({1: building.rules, 2: other})
    found: tuple[str, ...] = building.read(timekeeping.due, building.rules, now=at)
    assert found == building.read(timekeeping.due, book, now=at)
    return found


@pytest.mark.parametrize("name", [*(part.name for part in timekeeping.PARTS), "leases"])
def test_each_thing_is_found_at_its_instant_and_is_done_with_one_pass(building: Building, name: str) -> None:
    at, bring_about = SITUATIONS[name]
    session, person = building.session(), building.person(1)
    building.now = QUIET
    building.book(session, person)
    building.now = at - SECOND
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    building.deliver()
    bring_about(building, at)
    before = ask(building, building.now)
    building.now = at
    found = ask(building, at)
    building.write(timekeeping.keep_time, building.rules, now=at)
    building.deliver()
    assert (before, found, ask(building, at)) == ((), (name,), ())


@pytest.mark.parametrize("name", [*(part.name for part in timekeeping.PARTS), "leases"])
def test_who_keeps_another_partnership_neither_finds_it_nor_touches_it(building: Building, name: str) -> None:
    at, bring_about = SITUATIONS[name]
    session, person = building.session(), building.person(1)
    building.now = QUIET
    building.book(session, person)
    building.write(timekeeping.keep_time, building.rules, now=at - SECOND)
    bring_about(building, at)
    others = RulesBook({2: building.rules})
    before = building.read(everything)
    building.write(timekeeping.keep_time, others, now=at)
    assert (building.read(timekeeping.due, others, now=at), building.read(agenda.next_due, others, now=at)) == ((), None)
    assert building.read(everything) == before


def everything(db: Db) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    tables = SQLModel.metadata.sorted_tables
    return {table.name: [tuple(row) for row in db.connection().execute(table.select().order_by(*table.primary_key))] for table in tables}


def test_a_reminder_of_the_day_before_is_found_by_the_wall_clock_across_the_change(building: Building) -> None:
    """The clocks go forward on Sunday 28 March at 1am, so the day before is 23 hours before."""
    first = datetime(2027, 3, 28, 11, 0, tzinfo=UTC)  # Sunday noon, London; the day before at noon is 12.00 UTC
    building.session(starts_at=first, title="After the change")
    building.rules = replace(building.rules, reminders=(timedelta(days=1),))
    due = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    building.write(timekeeping.keep_time, building.rules, now=due - SECOND)
    assert [building.read(timekeeping.due, building.rules, now=at) for at in (due - SECOND, due)] == [(), ("reminders",)]
