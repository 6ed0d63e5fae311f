"""Series in a schedule: rows in any order, and a run that grows or changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain import programmes
from domain.database import Store
from domain.kinds import Format
from domain.models import Booking, BookingState, ProgrammeKind, Series, SeriesBooking, Session
from domain.ports.files import Sheet
from domain.programmes import NewProgramme
from domain.rules import Rules
from domain.schedule.importing import apply, preview
from domain.series.booking import book_series
from integrations.sheets import CalamineSheetReader
from tests.building import ACTOR, Building, rows

HEAD = "Series,Date,Time,Title,Platform,Location,Places"
ONE = "Supervisors 2027,15/03/2027,10-11am,Workshop one,In person,Hall,5"
TWO = "Supervisors 2027,12/04/2027,10-11am,Workshop two,In person,Hall,5"
THREE = "supervisors  2027,10/05/2027,10-11am,Workshop three,In person,Hall,5"


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    made = Building(store, partnership_id, rules, now)
    new = NewProgramme("Supervision", ProgrammeKind.PRACTITIONER_TEACHER, date(2027, 3, 15), date(2027, 5, 10))
    made.programme_id = made.write(programmes.create, partnership_id, new, actor=ACTOR, now=now).id
    return made


def sheet(*lines: str) -> Sheet:
    return CalamineSheetReader().read("week.csv", "\n".join((HEAD, *lines)).encode())


def send(building: Building, *lines: str) -> Any:
    given: dict[str, Any] = {"now": building.now, "holidays": {}}
    return building.write(
        apply, building.partnership_id, building.programme_id, sheet(*lines), building.rules, good_rows_only=False, actor=ACTOR, **given
    )


def parts(building: Building) -> dict[str, int | None]:
    return {one.title: one.series_part for one in building.read(rows, Session)}


def test_rows_in_any_order_are_numbered_by_date(building: Building) -> None:
    send(building, THREE, ONE, TWO)
    assert parts(building) == {"Workshop three": 3, "Workshop one": 1, "Workshop two": 2}
    assert [(one.title, one.course) for one in building.read(rows, Series)] == [("supervisors 2027", "supervisors")]
    shown = building.read(
        preview, building.partnership_id, building.programme_id, sheet(TWO, ONE, THREE), building.rules, now=building.now, holidays={}
    )
    assert {row.fate.value for row in shown.rows} == {"unchanged"}


def test_an_earlier_part_that_comes_later_is_put_in_its_place_and_everybody_has_it(building: Building) -> None:
    send(building, THREE, ONE)
    building.write(programmes.publish, building.partnership_id, building.programme_id, None, building.rules, actor=ACTOR, now=building.now)
    ann = building.person(1)
    [series] = building.read(rows, Series)
    building.write(book_series, building.partnership_id, series.id, ann, building.rules, now=building.now)
    send(building, TWO, ONE, THREE)
    assert parts(building) == {"Workshop three": 3, "Workshop one": 1, "Workshop two": 2}
    assert [one.state for one in building.read(rows, Booking)] == [BookingState.CONFIRMED] * 3


def test_a_row_of_another_series_leaves_the_first(building: Building) -> None:
    send(building, ONE, TWO, THREE)
    send(building, ONE.replace("Supervisors", "Managers"), TWO, THREE)
    assert parts(building) == {"Workshop one": 1, "Workshop two": 1, "Workshop three": 2}
    titles = {one.id: one.title for one in building.read(rows, Series)}
    assert [titles[one.series_id] for one in building.read(rows, Session)] == ["Managers 2027", "Supervisors 2027", "Supervisors 2027"]


def test_what_was_in_a_series_by_hand_stays_when_a_file_says_nothing_of_it(building: Building) -> None:
    send(building, ONE, TWO)
    bare = "\n".join(("Date,Time,Title,Platform,Location,Places", *(row.partition(",")[2] for row in (ONE, TWO))))
    given: dict[str, Any] = {"now": building.now, "holidays": {}, "good_rows_only": False, "actor": ACTOR}
    read = CalamineSheetReader().read("week.csv", bare.replace("10-11am", "10-11.30am").encode())
    assert building.write(apply, building.partnership_id, building.programme_id, read, building.rules, **given).changed == 2
    assert parts(building) == {"Workshop one": 1, "Workshop two": 2}
    assert building.read(rows, Session)[0].ends_at == datetime(2027, 3, 15, 11, 30, tzinfo=UTC)
    assert building.read(rows, Session)[0].format is Format.IN_PERSON


def test_a_file_may_call_off_a_full_part_and_bring_its_new_day_and_the_line_is_looked_after_last(building: Building) -> None:
    """Were it given on between the two, the new day would have too few places for those who have the series by then."""
    send(building, ONE.replace("Hall,5", "Hall,1"), TWO, THREE)
    building.write(programmes.publish, building.partnership_id, building.programme_id, None, building.rules, actor=ACTOR, now=building.now)
    [series] = building.read(rows, Series)
    people = [building.person(number) for number in (1, 2)]
    for person in people:
        building.write(book_series, building.partnership_id, series.id, person, building.rules, now=building.now)
    gone = next(one.id for one in building.read(rows, Session) if one.title == "Workshop one")
    new = ONE.replace("Workshop one", "A later beginning").replace("15/03", "22/03").replace("Hall,5", "Hall,1")
    given: dict[str, Any] = {"now": building.now, "holidays": {}, "good_rows_only": False, "actor": ACTOR, "cancel_gone": frozenset({gone})}
    building.write(apply, building.partnership_id, building.programme_id, sheet(new, TWO, THREE), building.rules, **given)
    wholes = {one.person_id: one.state for one in building.read(rows, SeriesBooking)}
    assert [wholes[person] for person in people] == [BookingState.CONFIRMED, BookingState.WAITLISTED]
