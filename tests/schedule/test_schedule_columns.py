"""The public title, the notes, and what is no series: columns of a private programme and of a week in strands."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain import programmes
from domain.database import Store
from domain.models import Privacy, ProgrammeKind, Series, Session
from domain.ports.files import Sheet
from domain.programmes import NewProgramme
from domain.rules import Rules
from domain.schedule.columns import fields_of
from domain.schedule.importing import Imported, apply, preview
from domain.schedule.planned import Fate, ImportPreview
from domain.schedule.reading import read_schedule
from integrations.sheets import CalamineSheetReader
from tests.building import ACTOR, Building, rows

TODAY = date(2027, 3, 1)
PARENTS = Path("rehearsal/programmes/parent-partnership.csv")
HEAD = "Reference,Date,Time,Title,Public title,Private,Platform,Location,Places,Notes,Series"
PANEL = "PP1,15/03/2027,10-11am,Parents speak,{public},Yes,In person,Hall,5,{notes},Parents 2027"


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    made = Building(store, partnership_id, rules, now)
    new = NewProgramme("Parents", ProgrammeKind.PARENT_PARTNERSHIP, date(2027, 3, 15), date(2027, 5, 10))
    made.programme_id = made.write(programmes.create, partnership_id, new, actor=ACTOR, now=now).id
    return made


def sheet(public: str = "Monday workshop", notes: str = "Ring the bell.") -> Sheet:
    return CalamineSheetReader().read("week.csv", f"{HEAD}\n{PANEL.format(public=public, notes=notes)}".encode())


def shown(building: Building, file: Sheet) -> ImportPreview:
    where = building.partnership_id, building.programme_id, file, building.rules
    return building.read(preview, *where, now=building.now, holidays={})


def sent(building: Building, file: Sheet) -> Imported:
    given: dict[str, Any] = {"good_rows_only": False, "actor": ACTOR, "now": building.now, "holidays": {}}
    return building.write(apply, building.partnership_id, building.programme_id, file, building.rules, **given)


@pytest.mark.parametrize("heading", ["Strand", "Pathway", "Module", "Course", "Part of"])
def test_a_week_in_strands_is_not_a_series(heading: str) -> None:
    assert "series" not in fields_of(heading)
    body = (("Date", "Time", "Title", heading), ("15/03/2027", "9am-10am", "Lunch and learn", "Early help"))
    [row] = read_schedule(Sheet("week.csv", body), today=TODAY).sessions
    assert (row.series, row.description) == (None, None if heading in ("Course", "Part of") else "Theme: Early help")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Public title", "public_title"),
        ("Neutral title", "public_title"),
        ("Title (in public)", "public_title"),
        ("Notes", "notes"),
        ("Joining notes", "notes"),
        ("Good to know", "notes"),
        ("What to bring", "notes"),
        ("Joining instructions", "link"),
        ("Further information", "description"),
        ("Course title", "title"),
        ("Series", "series"),
    ],
)
def test_a_heading_means_one_thing_first(heading: str, field: str) -> None:
    assert fields_of(heading)[0] == field


def test_nothing_is_asked_about_the_parents_programme_and_its_own_words_are_kept() -> None:
    read = read_schedule(CalamineSheetReader().read(PARENTS.name, PARENTS.read_bytes()), today=TODAY)
    assert (read.unknown, read.errors) == ((), ())
    assert [(row.title, row.public_title, row.notes, row.private) for row in read.sessions[:2]] == [
        ("Meet the parent advisers", "Tuesday workshop", "The entrance is on Mill Lane. There is a ramp on the left.", True),
        ("What helped and what did not: parents speak", "Thursday evening", "You may keep your camera off.", True),
    ]


def test_several_columns_of_notes_are_all_kept() -> None:
    body = (("Date", "Time", "Title", "Notes", "What to bring"), ("15/03/2027", "9am-10am", "Walk", "Meet at the gate.", "Boots"))
    [row] = read_schedule(Sheet("week.csv", body), today=TODAY).sessions
    assert row.notes == "Meet at the gate.\nBoots"


def test_a_public_title_that_is_too_long_is_said_in_words() -> None:
    body = (("Date", "Time", "Title", "Public title"), ("15/03/2027", "9am-10am", "Walk", "x" * 201))
    [error] = read_schedule(Sheet("week.csv", body), today=TODAY).errors
    assert (error.column, error.message) == (
        "Public title",
        "This text has 201 characters. The longest public title we can keep has 200.",
    )


def test_the_columns_come_to_the_session_and_a_change_of_them_is_shown(building: Building) -> None:
    sent(building, sheet())
    [made] = building.read(rows, Session)
    assert (made.privacy, made.public_title, made.notes) == (Privacy.PRIVATE, "Monday workshop", "Ring the bell.")
    [changed] = shown(building, sheet("Morning group", "Knock.")).of(Fate.CHANGED)
    assert [(one.field, one.before, one.after) for one in changed.differences] == [
        ("Public title", "Monday workshop", "Morning group"),
        ("Joining notes", "Ring the bell.", "Knock."),
    ]
    sent(building, sheet("Morning group", "Knock."))
    assert [(one.public_title, one.notes) for one in building.read(rows, Session)] == [("Morning group", "Knock.")]


def test_a_private_row_with_a_series_stands_alone_and_sent_again_changes_nothing(building: Building) -> None:
    first = shown(building, sheet())
    assert [(one.row, one.column) for one in first.warnings if "cannot be part of a series" in one.message] == [(2, "Series")]
    sent(building, sheet())
    assert building.read(rows, Series) == []
    again = shown(building, sheet())
    assert [row.fate for row in again.rows] == [Fate.UNCHANGED]
    assert sent(building, sheet()).unchanged == 1


def test_a_part_that_a_file_makes_private_leaves_its_series(building: Building) -> None:
    is_open = PANEL.format(public="Monday workshop", notes="").replace(",Yes,", ",No,")
    sent(building, CalamineSheetReader().read("week.csv", f"{HEAD}\n{is_open}".encode()))
    assert [one.series_part for one in building.read(rows, Session)] == [1]
    [changed] = shown(building, sheet()).of(Fate.CHANGED)
    assert ("Series", "Parents 2027", "nothing") in [(one.field, one.before, one.after) for one in changed.differences]
    sent(building, sheet())
    assert [(one.series_id, one.privacy) for one in building.read(rows, Session)] == [(None, Privacy.PRIVATE)]


@pytest.mark.parametrize(
    ("head", "cells", "notes"),
    [
        (("Time",), ("9.30am - 4.30pm (lunch provided)",), "Lunch provided"),
        (("Start", "End"), ("9.30am prompt", "4.30pm, lunch provided"), "Prompt, lunch provided"),
        (("Time", "Notes"), ("9.30am-4.30pm, lunch provided", "Bring a pen."), "Bring a pen.\nLunch provided"),
        (("Time",), ("9.30am - 4.30pm (UK time)",), None),
        (("Time",), ("9.30am - 4.30pm",), None),
    ],
)
def test_words_after_the_hours_are_kept_as_notes(head: tuple[str, ...], cells: tuple[str, ...], notes: str | None) -> None:
    read = read_schedule(Sheet("week.csv", (("Date", "Title", *head), ("15/03/2027", "Walk", *cells))), today=TODAY)
    assert [(row.notes, (row.ends_at - row.starts_at).seconds) for row in read.sessions] == [(notes, 7 * 3600)]
    kept = [one.message for one in read.warnings if "joining notes" in one.message]
    assert len(kept) == (notes is not None)
    assert all(message.endswith("are kept as joining notes. Those who book see them.") for message in kept)
