"""Two processes do an organiser's work, or one person's, at the same moment: what the first has done is seen by the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.calling_off import begin, cancel_one
from domain.closing import archive
from domain.database import Db
from domain.descriptions import NewSession, described
from domain.errors import Closed, Refusal
from domain.held import Held, hold_as
from domain.kinds import Format, Provider
from domain.models import Announcement, Programme, ProgrammeKind, Session, SessionState, Transfer
from domain.programmes import NewProgramme, create
from domain.schedule.importing import Imported, apply, preview
from domain.sessions import edit, reschedule
from domain.transfers import asking
from domain.undoing import undo
from integrations.sheets import CalamineSheetReader
from tests.another_writer import another_writes_before_the_lock
from tests.building import ACTOR, START, Building, one_row, rows
from tests.organiser_building import WEEK, csv


@pytest.mark.parametrize("day", [START.date(), None])
def test_calling_off_pressed_twice_at_once_is_one_order(building: Building, day: date | None) -> None:
    session = building.session()
    what = building.partnership_id, building.programme_id, day, "Snow"
    first = []

    def another() -> None:
        first.append(building.write(begin, *what, actor=ACTOR, now=building.now))

    with another_writes_before_the_lock(building, another) as db:
        second = begin(db, *what, actor=ACTOR, now=building.now)
    assert first == [second]
    assert session in second.sessions
    assert len(building.read(rows, Announcement)) == 1


def test_a_session_that_is_moved_at_the_moment_its_day_is_called_off_stays(building: Building) -> None:
    session = building.session()
    begun = building.write(begin, building.partnership_id, building.programme_id, START.date(), "Snow", actor=ACTOR, now=building.now)
    with another_writes_before_the_lock(building, lambda: building.move(session, START + timedelta(days=7))) as db:
        cancel_one(db, building.partnership_id, begun.announcement_id or 0, session, building.rules, now=building.now)
    assert building.read(one_row, Session, Session.id == session).state is SessionState.PUBLISHED


class File:
    """A file of three sessions for a programme that has none, and the preview that its organiser has seen."""

    def __init__(self, building: Building) -> None:
        self._building = building
        new = NewProgramme("Third", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        self.programme_id = building.write(create, building.partnership_id, new, actor=ACTOR, now=building.now).id
        self._sheet = CalamineSheetReader().read("week.csv", csv(*WEEK))
        asked = building.partnership_id, self.programme_id, self._sheet, building.rules
        self._seen = building.read(preview, *asked, now=building.now, holidays={}).fingerprint

    def confirmed(self, db: Db, *, seen: bool = True) -> Imported:
        what = self._building.partnership_id, self.programme_id, self._sheet, self._building.rules
        given: dict[str, Any] = {"good_rows_only": False, "actor": ACTOR, "now": self._building.now, "holidays": {}}
        return apply(db, *what, seen=self._seen if seen else None, **given)

    def titles(self) -> list[str]:
        return [one.title for one in self._building.read(rows, Session, Session.programme_id == self.programme_id)]


def test_two_files_confirmed_at_once_for_an_empty_programme_add_each_session_once(building: Building) -> None:
    file = File(building)
    with (
        another_writes_before_the_lock(building, lambda: building.write(file.confirmed), of="programme") as db,
        pytest.raises(Refusal, match="The programme has changed since this preview was made"),
    ):
        file.confirmed(db)
    assert file.titles() == ["Lunch and learn", "Critical reflection", "Kinship care"]


def test_of_two_files_that_nobody_has_seen_the_second_finds_what_the_first_added(building: Building) -> None:
    file = File(building)
    with another_writes_before_the_lock(building, lambda: building.write(file.confirmed), of="programme") as db:
        assert file.confirmed(db, seen=False) == Imported(unchanged=3)
    assert len(file.titles()) == 3


def test_a_file_brings_nothing_to_a_programme_that_was_put_away_meanwhile(building: Building) -> None:
    file, over = File(building), building.now + timedelta(days=60)

    def another() -> None:
        building.write(archive, building.partnership_id, file.programme_id, actor=ACTOR, now=over)

    with another_writes_before_the_lock(building, another, of="programme") as db, pytest.raises(Closed, match="over and put away"):
        file.confirmed(db)
    assert file.titles() == []


def days_of(building: Building) -> tuple[date, date]:
    programme = building.read(one_row, Programme, Programme.id == building.programme_id)
    return programme.starts_on, programme.ends_on


def moved(db: Db, building: Building, session: int, days: int) -> int:
    at = START + timedelta(days=days)
    given = building.partnership_id, session, at, at + timedelta(hours=1), building.rules
    return reschedule(db, *given, actor=ACTOR, now=building.now).undo_id or 0


def test_two_sessions_moved_at_once_both_widen_their_programme(building: Building) -> None:
    one, two = building.session(title="One"), building.session(title="Two")
    with another_writes_before_the_lock(building, lambda: building.write(moved, building, one, 9), of="programme") as db:
        moved(db, building, two, 6)
    assert days_of(building) == (date(2027, 3, 15), date(2027, 3, 24))


def test_a_move_that_is_undone_leaves_the_days_that_another_has_widened_meanwhile(building: Building) -> None:
    one, two = building.session(title="One"), building.session(title="Two")
    undo_id = building.write(moved, building, one, 6)
    with another_writes_before_the_lock(building, lambda: building.write(moved, building, two, 9), of="programme") as db:
        undo(db, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)
    assert days_of(building) == (date(2027, 3, 15), date(2027, 3, 24))


def test_places_handed_over_at_once_are_counted_together(building: Building) -> None:
    ann, sessions = building.person(1), [building.session(starts_at=START + timedelta(days=day)) for day in range(asking.MOST_AN_HOUR + 1)]
    for session in sessions:
        building.book(session, ann)

    def asked(db: Db, number: int) -> None:
        what = building.partnership_id, sessions[number], ann, "Kim", f"kim{number}@council.gov.uk", building.rules
        asking.hand_over_place(db, *what, now=building.now)

    for number in range(asking.MOST_AN_HOUR - 1):
        building.write(asked, number)
    last = asking.MOST_AN_HOUR
    with (
        another_writes_before_the_lock(building, lambda: building.write(asked, last), of="person") as db,
        pytest.raises(Refusal, match="You have asked 3 times in the last hour"),
    ):
        asked(db, last - 1)
    assert len(building.read(rows, Transfer)) == asking.MOST_AN_HOUR


def test_places_meant_for_joining_online_are_not_given_to_the_room(building: Building) -> None:
    link = "https://meet.example.org/x"
    session = building.session(format=Format.ONLINE, provider=Provider.GIVEN, given_link=link, venue=None, places=10)
    seen: NewSession = building.read(described, building.partnership_id, session)
    held = replace(Held.of(seen), format=Format.IN_PERSON, venue="Room for ten", room_places=10)
    building.write(hold_as, building.partnership_id, session, held, building.rules, actor=ACTOR, now=building.now)
    asked = replace(seen, places=200)
    with pytest.raises(Refusal, match="Somebody else changed this session"):
        building.write(edit, building.partnership_id, session, asked, building.rules, actor=ACTOR, now=building.now, seen=seen)
    title = replace(seen, title="What is not counted by how it is held")
    building.write(edit, building.partnership_id, session, title, building.rules, actor=ACTOR, now=building.now, seen=seen)
    there: NewSession = building.read(described, building.partnership_id, session)
    assert (there.title, there.format, there.places) == (title.title, Format.IN_PERSON, 10)
