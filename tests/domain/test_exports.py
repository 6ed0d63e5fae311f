"""Exports: the sessions can be sent back and change nothing; names are for those who may see them; every export is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.attendance import mark
from domain.database import Db
from domain.exports import SESSION_HEAD, Exported, export
from domain.kinds import Export, Format, Provider
from domain.models import Attendance, AuditEntry, Booking, Privacy, Session
from domain.private_sessions import set_privacy
from domain.schedule.importing import apply
from domain.schedule.planned import Fate, ImportPreview
from domain.schedule.previewing import preview
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from tests.building import ACTOR, START, Building, rows
from tests.private_building import SECRET, parent, private_session
from tests.visiting_building import known_twice

DAY = timedelta(days=1)


def exported(building: Building, what: Export, *, sees_private: bool = True) -> Exported:
    where = building.partnership_id, building.programme_id, what, building.rules
    return building.write(export, *where, sees_private=sees_private, actor=ACTOR, now=building.now)


def sent_back(building: Building, content: bytes) -> ImportPreview:
    sheet = CalamineSheetReader().read("sessions.xlsx", content)
    where = building.partnership_id, building.programme_id, sheet, building.rules
    return building.read(preview, *where, now=building.now, holidays={})


def a_week_of_every_sort(building: Building) -> None:
    building.session(
        title="=HYPERLINK(“x”)", description="Two\nlines", audience="Students", presenter="Ann Other", organisation="Dudley MBC"
    )
    building.session(title="-1 or @all", starts_at=START + DAY, places=None)
    building.session(title="Zoom call", format=Format.ONLINE, provider=Provider.ZOOM, venue=None, starts_at=START + 2 * DAY, places=30)
    building.session(
        title="A link",
        format=Format.ONLINE,
        provider=Provider.GIVEN,
        given_link="https://example.org/a",
        venue=None,
        starts_at=START + 3 * DAY,
    )
    building.session(title="Either way", format=Format.HYBRID, provider=Provider.ZOOM, online_places=9, starts_at=START + 4 * DAY)
    building.session(title="Undecided", format=Format.ONLINE, venue=None, starts_at=START + 4 * DAY, minutes=20)
    building.session(
        title="For parents",
        privacy=Privacy.PRIVATE,
        public_title="Coffee",
        notes="Ring the bell.\n\nBring a cup.",
        starts_at=START + 5 * DAY,
    )
    building.session(title="Summer hours", starts_at=START + 30 * DAY)
    building.session(title="A parents panel", privacy_asked=True, starts_at=START + 6 * DAY)


def test_the_exported_sessions_sent_back_change_nothing(building: Building) -> None:
    a_week_of_every_sort(building)
    building.call_off(building.session(title="Not held", starts_at=START + 7 * DAY))
    made = exported(building, Export.SESSIONS)
    shown = sent_back(building, XlsxWriter().write(made.title, made.pages))
    assert (shown.errors, shown.gone, shown.changes_something) == ((), (), False)
    assert [(row.session.title, row.differences) for row in shown.rows if row.fate is not Fate.UNCHANGED] == []
    assert len(shown.rows) == 10  # the session of the building among them; the cancelled one is left out
    before = building.read(rows, Session)
    sheet = CalamineSheetReader().read("sessions.xlsx", XlsxWriter().write(made.title, made.pages))
    where = building.partnership_id, building.programme_id, sheet, building.rules
    done = building.write(apply, *where, good_rows_only=False, actor=ACTOR, now=building.now, holidays={})
    assert (done.new, done.changed, done.unchanged) == (0, 0, 10)
    assert building.read(rows, Session) == before


def test_a_changed_cell_of_the_export_is_a_change_of_that_session(building: Building) -> None:
    building.session(title="Old title")
    made = exported(building, Export.SESSIONS)
    (page,) = made.pages
    at = SESSION_HEAD.index("Title")
    renamed = tuple(row if row[at] != "Old title" else (*row[:at], "New title", *row[at + 1 :]) for row in page.rows)
    shown = sent_back(building, XlsxWriter().write("x", [type(page)(page.name, page.head, renamed)]))
    assert [(one.field, one.before, one.after) for row in shown.of(Fate.CHANGED) for one in row.differences] == [
        ("Title", "Old title", "New title")
    ]


def private_too(building: Building) -> None:
    """An open and a private session, each with a person; of the second the name that was chosen."""
    first, second = building.session(), building.session(title="For parents", starts_at=START + DAY)
    building.book(first, building.person(1, name="Open Olga"))
    building.book(second, building.person(2, name="Real Name"))

    def close(db: Db) -> None:
        session = db.get_one(Session, second)
        session.privacy = Privacy.PRIVATE
        booking = db.exec(select(Booking).where(Booking.session_id == second)).one()
        booking.alias = "Sky"
        db.add_all((session, booking))

    building.write(close)


def test_of_a_private_session_there_is_the_chosen_name_alone_and_only_for_who_may_see_it(building: Building) -> None:
    private_too(building)
    head = exported(building, Export.BOOKINGS).pages[0].head
    who = slice(head.index("Session"), head.index("Session") + 1), slice(head.index("Name"), head.index("State"))

    def people(made: Exported) -> list[tuple[Any, ...]]:
        return [(*row[who[0]], *row[who[1]]) for row in made.pages[0].rows]

    olga = ("Strengths", "Open Olga", "person1@council.gov.uk", None, "Other services")
    sky = ("Private session", "Sky", None, None, None)
    assert people(exported(building, Export.BOOKINGS)) == [olga, sky]
    assert people(exported(building, Export.BOOKINGS, sees_private=False)) == [olga]
    building.now = START + 2 * DAY
    assert len(exported(building, Export.ATTENDANCE).pages[0].rows) == 2
    assert len(exported(building, Export.ATTENDANCE, sees_private=False).pages[0].rows) == 1


def test_attendance_says_yes_no_or_nothing_of_sessions_that_have_begun(building: Building) -> None:
    session_id = building.session()
    people = [building.person(number) for number in (1, 2, 3)]
    for person in people:
        building.book(session_id, person)
    assert exported(building, Export.ATTENDANCE).pages[0].rows == ()
    building.now = START
    marks = {people[0]: Attendance.ATTENDED, people[1]: Attendance.ABSENT}
    building.write(mark, building.partnership_id, session_id, marks, actor=ACTOR, now=building.now)
    assert [row[-1] for row in exported(building, Export.ATTENDANCE).pages[0].rows] == ["Yes", "No", None]


@pytest.mark.parametrize("what", list(Export))
def test_every_export_is_on_record(building: Building, what: Export) -> None:
    exported(building, what)
    actions = [entry.action for entry in building.read(rows, AuditEntry)]
    assert actions[-1] == f"export {what.value}"


def test_feedback_holds_no_more_than_a_report_shows(building: Building) -> None:
    building.session()
    numbers, *more = exported(building, Export.FEEDBACK).pages
    assert more == []
    assert {row[3:] for row in numbers.rows} == {(None, None, None, None)}


@pytest.mark.parametrize(("sees_private", "shown"), [(True, [("Rosie", None, None, None, "Cancelled")]), (False, [])])
def test_a_name_chosen_in_private_never_stands_beside_an_address_even_once_the_session_is_open(
    building: Building, sees_private: bool, shown: list[tuple[object, ...]]
) -> None:
    session = private_session(building)
    family = parent(building, 50)
    building.book(session, family, alias="Rosie")
    building.cancel(session, family)
    building.write(
        set_privacy, building.partnership_id, [session], Privacy.OPEN, building.rules, sees_private=True, actor=ACTOR, now=building.now
    )
    (page,) = exported(building, Export.BOOKINGS, sees_private=sees_private).pages
    assert [row[5:10] for row in page.rows] == shown


def test_a_claim_that_became_one_with_another_is_one_row_of_the_export(building: Building) -> None:
    session = building.session(places=5)
    account = known_twice(building, session)
    (page,) = exported(building, Export.BOOKINGS).pages
    who, state = page.head.index("E-mail"), page.head.index("State")
    assert [(row[who], row[state]) for row in page.rows] == [("person7@council.gov.uk", "Booked")]
    assert len(building.read(rows, Booking)) == 2
    building.now = START + DAY
    building.write(mark, building.partnership_id, session, {account: Attendance.ATTENDED}, actor=ACTOR, now=building.now)
    (attended,) = exported(building, Export.ATTENDANCE).pages
    assert [(row[attended.head.index("Name")], row[-1]) for row in attended.rows] == [("Person 7", "Yes")]


@pytest.mark.parametrize("sees_private", [True, False])
def test_the_exported_sessions_have_private_ones_only_for_who_may_see_them(building: Building, sees_private: bool) -> None:
    building.session(title="Open")
    private_session(building)
    (page,) = exported(building, Export.SESSIONS, sees_private=sees_private).pages
    titles = {row[SESSION_HEAD.index("Title")] for row in page.rows}
    assert ("Open" in titles, SECRET in titles, len(titles)) == (True, sees_private, len(page.rows))
