"""Columns that an organiser explains: asked about when unknown, read as was said, remembered and forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from domain.database import Store
from domain.errors import BadInput
from domain.models import AuditEntry
from domain.organisers import Organiser
from domain.ports.files import Sheet
from domain.schedule.columns import FIELDS, NOTHING, find_columns, heading_key
from domain.schedule.reading import read_schedule
from domain.schedule.remembering import MEANINGS, forget, known_field, means_of, remember, remember_all, remembered
from tests.building import rows

TODAY = date(2027, 3, 1)
HEAD = ("Date", "Time", "Title", "Slot lead", "Biscuits?")
ROW = ("15/03/2027", "9am-10am", "Lunch and learn", "Ann Other", "Yes")


def test_every_field_can_be_meant_and_discord_can_show_them_all() -> None:
    assert set(MEANINGS) == {*FIELDS, NOTHING}
    assert len(MEANINGS) <= 25


def test_unknown_headings_are_named_and_those_explained_are_read() -> None:
    sheet = Sheet("week.csv", (HEAD, ROW))
    first = read_schedule(sheet, today=TODAY)
    assert (first.unknown, first.sessions[0].presenter) == (("Slot lead", "Biscuits?"), None)
    said = {heading_key("slot  LEAD"): "presenter", heading_key("Biscuits?"): NOTHING}
    again = read_schedule(sheet, today=TODAY, means=said)
    assert (again.unknown, again.sessions[0].presenter, again.warnings) == ((), "Ann Other", ())
    assert again.columns["presenter"] == "Slot lead"


def test_what_was_said_of_a_heading_goes_before_what_we_would_have_guessed() -> None:
    columns = find_columns((("Date", "Time", "Title", "Presenter", "Venue"),), {heading_key("Venue"): "presenter", "presenter": NOTHING})
    assert columns is not None
    assert (columns.positions["presenter"], columns.has("venue"), columns.unused) == ((4,), False, ())


def test_a_sheet_whose_needed_column_is_unknown_can_be_explained() -> None:
    sheet = Sheet("week.csv", (("Date", "Time", "Happening"), ("15/03/2027", "9am-10am", "Lunch and learn")))
    first = read_schedule(sheet, today=TODAY)
    assert (len(first.errors), first.unknown) == (1, ("Happening",))
    again = read_schedule(sheet, today=TODAY, means={"happening": "title"})
    assert [row.title for row in again.sessions] == ["Lunch and learn"]


def test_the_rows_are_counted_while_they_are_read_and_reading_can_be_stopped() -> None:
    sheet = Sheet("week.csv", (HEAD, ROW, ROW, ROW))
    seen: list[tuple[int, int]] = []
    read_schedule(sheet, today=TODAY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]

    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        read_schedule(sheet, today=TODAY, progress=stop)


def test_what_is_remembered_is_each_organisers_own(store: Store, partnership_id: int, now: datetime) -> None:
    store.write_now(remember, partnership_id, 7, "Slot lead", "venue", now=now)
    store.write_now(remember, partnership_id, 7, "slot LEAD", "presenter", now=now)
    store.write_now(remember, partnership_id, 8, "Biscuits", NOTHING, now=now)
    assert store.read_now(means_of, partnership_id, 7) == {"slot lead": "presenter"}
    (theirs,) = store.read_now(remembered, partnership_id, 8)
    assert store.write_now(forget, partnership_id, 7, frozenset({theirs.id}), now=now) == 0
    assert store.write_now(forget, partnership_id, 7, now=now) == 1
    assert store.read_now(means_of, partnership_id, 7) == {}
    assert store.read_now(means_of, partnership_id, 8) == {"biscuits": NOTHING}


def test_who_organises_by_page_is_remembered_by_their_address(store: Store, partnership_id: int, now: datetime) -> None:
    ann, bob = (
        Organiser(partnership_id, number, address, None) for number, address in ((3, "Ann@council.gov.uk"), (4, "bob@council.gov.uk"))
    )
    for who, means in (
        (ann, "venue"),
        (replace(ann, organiser_id=5, address="ann@council.gov.uk"), "presenter"),
        (bob, "title"),
        (7, "notes"),
    ):
        store.write_now(remember_all, partnership_id, who, {"slot lead": means}, now=now)
    store.write_now(remember_all, partnership_id, ann, {"slot lead": "presenter"}, now=now)  # nothing new
    said = [store.read_now(means_of, partnership_id, who) for who in (ann, bob, 7)]
    assert said == [{"slot lead": "presenter"}, {"slot lead": "title"}, {"slot lead": "notes"}]
    assert store.write_now(forget, partnership_id, ann, now=now) == 1
    assert store.read_now(means_of, partnership_id, ann) == {}
    assert store.read_now(means_of, partnership_id, 7) == {"slot lead": "notes"}
    trail = [(one.actor, one.action) for one in store.read_now(rows, AuditEntry)]
    assert trail == [
        *((actor, "remember column") for actor in ("organiser:3", "organiser:5", "organiser:4", "discord:7")),
        ("organiser:3", "forget columns"),
    ]


def test_what_no_column_can_mean_is_refused() -> None:
    assert (known_field("End date"), known_field("NOTHING")) == ("end_date", NOTHING)
    with pytest.raises(BadInput, match="“biscuits” is not something that a column can mean"):
        known_field("biscuits")
