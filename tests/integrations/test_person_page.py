"""The page of what we keep about somebody: an answer in their words, with nothing left out."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

from sqlalchemy import Boolean, Column, Date, DateTime, Integer
from sqlalchemy.types import TypeDecorator

from domain.rights.copying import Cell, Part, PersonCopy
from domain.rights.personal import PERSONAL
from domain.rights.table import Table
from domain.tables import table_of
from integrations.person_page import as_page
from integrations.person_words import FOR_THE_RECORD, HEADINGS, WORDS

MADE = datetime(2026, 7, 23, 4, 56, 52, 794723, UTC)
IN_WORDS = "Thursday 23 July 2026, 5.56am, UK time (BST)"


def cell_of(column: Column[object], place: int) -> Cell:
    """Some value as the copy has it: of each column another, where it is a number or a text."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, DateTime):
        return MADE.isoformat()
    if isinstance(kind, Date):
        return date(2026, 7, 24).isoformat()
    if isinstance(kind, Boolean):
        return True
    return 7_000_000 + place if isinstance(kind, Integer) else f"text{place}x"


def part_of(table: Table, first: int) -> Part:
    names = tuple(table.about.split())
    row = tuple(cell_of(table_of(table.model).c[name], first + place) for place, name in enumerate(names))
    return Part(table.name, table.holds, names, (row,))


def everything() -> PersonCopy:
    """A copy with a row of every table that there is, and every column filled."""
    parts = tuple(part_of(table, 100 * number) for number, table in enumerate(PERSONAL, start=1))
    return PersonCopy("Ann", "Midlands", MADE, parts, (), ("E-mails are in your mailbox.",))


def test_every_table_has_a_heading_and_the_record_names_real_columns() -> None:
    assert set(HEADINGS) == {table.name for table in PERSONAL}
    assert set(WORDS) >= FOR_THE_RECORD


def test_every_cell_of_every_table_stands_on_the_page() -> None:
    copy = everything()
    page = as_page(copy)
    texts = [cell for part in copy.parts for cell in part.rows[0] if isinstance(cell, (str, int)) and not isinstance(cell, bool)]
    assert [one for one in texts if str(one) not in page and one not in (MADE.isoformat(), "2026-07-24")] == []
    labels = [WORDS[name] for part in copy.parts for name in part.columns]
    said = [one.split(": ")[0] for line in re.findall("<li>(.*?)</li>", page) for one in line.split("; ")]
    said += re.findall(r"<(?:th|dt)(?: [^>]*)?>(.*?)</", page)
    assert sorted(html.unescape(one) for one in said if html.unescape(one) in set(labels)) == sorted(labels)


def test_times_are_in_uk_time_and_yes_and_no_are_words() -> None:
    page = as_page(everything())
    assert f"<p>Made on {IN_WORDS}. " in page
    assert "Friday 24 July 2026" in page
    assert [word for word in ("True", "False", "(UTC)", "+00:00", "2026-07", "Somebody") if word in page] == []
    assert "<dt>reminders in chat</dt><dd>yes</dd>" in page


def test_what_only_the_program_needs_stands_below_all_else() -> None:
    read, record = as_page(everything()).split('<div class="record">')
    labels = set(re.findall(r"<(?:th|dt)(?: [^>]*)?>(.*?)</", read))
    assert labels & {WORDS[name] for name in FOR_THE_RECORD} - {WORDS[name] for name in set(WORDS) - FOR_THE_RECORD} == set()
    assert ("<h2>Your bookings</h2>" in read, "mark of its own: text" in record) == (True, True)


def test_a_number_gives_way_to_what_it_stands_for_and_stays_in_the_record() -> None:
    part = Part("feedbackgiven", "", ("session_id", "person_id"), ((4, 1), (5, 1)), (("session_id", {4: "Strengths <b>"}),))
    read, record = as_page(PersonCopy("Ann", "Midlands", MADE, (part,), (), ())).split('<div class="record">')
    assert ("<td>Strengths &lt;b&gt;</td>" in read, "<td>5</td>" in read) == (True, True)
    assert "number of the session: 4; number of the person: 1" in record


def test_words_of_the_program_are_words_of_a_person() -> None:
    part = Part("booking", "", ("state", "attendance", "mode"), (("waitlisted", "unknown", "online"),))
    done = Part("auditentry", "", ("action", "session_id"), (("book confirmed", None), ("a new one", None)))
    page = as_page(PersonCopy("Ann", "Midlands", MADE, (part, done), (), ()))
    assert "<td>on the waiting list</td><td>not known</td><td>online</td>" in page
    assert ("<td>booked a place on a session</td>" in page, "<td>a new one</td>" in page) == (True, True)
