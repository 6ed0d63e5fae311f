"""A list of who was there, uploaded: the attendance file that we export, or what Teams and Zoom call participants.

A row is one of those with a place by its e-mail address, else by its booking's reference, else by its name where only
one person has it. Nothing is marked before Confirm, and then through `attendance.mark` like every other mark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from domain.attendance import AttendanceList, attendance_list, mark
from domain.database import Db
from domain.drafts import locked_draft
from domain.errors import BadInput, Refusal
from domain.models import Attendance, Booking, BookingState, DraftOf, Person
from domain.ports.files import Sheet
from domain.schedule.columns import heading_words
from domain.schedule.wording import blank, words
from domain.texts import address_key

_NAMES: Final = frozenset({"name", "full name", "participant", "participants", "attendee", "display name", "your name"})
_FIRST: Final = frozenset({"first name", "forename", "given name"})
_LAST: Final = frozenset({"last name", "surname", "family name"})
_ADDRESSES: Final = frozenset(
    {"email", "e mail", "email address", "e mail address", "user email", "upn", "participant id", "work email", "mail"}
)
_REFERENCES: Final = frozenset({"booking", "booking reference", "booking ref"})
_SESSIONS: Final = frozenset({"reference", "session reference"})
_MARKS: Final = frozenset({"attended", "attendance", "present", "came", "was there", "there"})
_YES: Final = frozenset({"yes", "y", "true", "1", "x", "✓", "✔", "attended", "present", "there", "came"})
_NO: Final = frozenset({"no", "n", "false", "0", "absent", "not there", "did not come", "dna", "away"})
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^]]*\]")
_FIRST_ROWS: Final = 60


@dataclass(frozen=True)
class RollRow:
    """One row of the file. `there` None: its cell says nothing."""

    row: int
    name: str
    address: str
    booking: str
    there: bool | None


@dataclass(frozen=True)
class Roll:
    """The file compared with those who have a place. Nothing is marked yet."""

    listed: AttendanceList
    there: frozenset[int]  #: person ids
    away: frozenset[int]
    unmatched: tuple[str, ...]  #: as the file names them
    rows: int

    @property
    def others(self) -> frozenset[int]:
        """Those with a place of whom the file says nothing."""
        return frozenset(person.person_id for person in self.listed.people) - self.there - self.away

    @property
    def fingerprint(self) -> str:
        """Differs when Confirm would do something else."""
        seen = sorted(self.there), sorted(self.away), sorted(self.others)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:8]


def booking_reference(booking_id: int) -> str:
    """How a booking is named in a spreadsheet."""
    return f"B{booking_id}"


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Head:
    row: int
    places: dict[str, int]

    def cell(self, row: Sequence[object], what: str) -> str:
        at = self.places.get(what)
        return words(row[at]) if at is not None and at < len(row) else ""


def _head(sheet: Sheet) -> _Head:
    """The first row with a heading for names or addresses, and another heading beside it or nothing at all."""
    kinds = (
        ("name", _NAMES),
        ("first", _FIRST),
        ("last", _LAST),
        ("address", _ADDRESSES),
        ("booking", _REFERENCES),
        ("session", _SESSIONS),
        ("mark", _MARKS),
    )
    for number, row in enumerate(sheet.rows[:_FIRST_ROWS]):
        plain = [heading_words(cell) for cell in row]
        places: dict[str, int] = {}
        for at, text in enumerate(plain):
            found = next((kind for kind, known in kinds if text in known), None)
            if found:
                places.setdefault(found, at)
        if {"name", "first", "address", "booking"} & places.keys():
            return _Head(number, places)
    raise BadInput("No column of names or e-mail addresses was found. Give one column the heading Name or E-mail, and send the file again.")


def read_roll(sheet: Sheet, reference: str) -> tuple[RollRow, ...]:
    """The rows that are about the session with this reference. Raises `BadInput` where no column says who."""
    head = _head(sheet)
    found = []
    for number, row in enumerate(sheet.rows[head.row + 1 :], head.row + 2):
        of = head.cell(row, "session")
        if all(blank(cell) for cell in row) or (of and of.casefold() != reference.casefold()):
            continue
        name = head.cell(row, "name") or f"{head.cell(row, 'first')} {head.cell(row, 'last')}".strip()
        one = RollRow(number, name, head.cell(row, "address"), head.cell(row, "booking"), _mark(head, row, number))
        if (name or one.address or one.booking) and heading_words(name) not in _NAMES:
            found.append(one)
    return tuple(found)


def _mark(head: _Head, row: Sequence[object], number: int) -> bool | None:
    """A file without such a column lists only who was there."""
    if "mark" not in head.places:
        return True
    text = head.cell(row, "mark").casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if text in ("", "unknown", "not marked"):
        return None
    raise BadInput(f"Row {number}: “{text[:40]}” is neither Yes nor No. Write Yes for who was there and No for who was not.")


def name_words(name: str) -> str:
    """A name for comparing: "Khan, Aisha (Guest)" and "aisha khan" are one."""
    plain = " ".join(_BRACKETS.sub(" ", name).split()).casefold()
    last, comma, first = plain.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else plain


# ── comparing, and marking ──────────────────────────────────────────────────────────────────────────────────


def compare_roll(db: Db, partnership_id: int, session_id: int, sheet: Sheet, reference: str, *, actor: str, now: datetime) -> Roll:
    """What the file would mark. Seeing the names is recorded, so this is a write. Raises `BadInput`, `Closed`, `NotFound`."""
    rows = read_roll(sheet, reference)
    if not rows:
        raise BadInput("No row of this file is about this session. Is it the right file?")
    listed = attendance_list(db, partnership_id, session_id, actor=actor, now=now)
    known = _Known(db, session_id)
    there: set[int] = set()
    away: set[int] = set()
    unmatched: list[str] = []
    for row in rows:
        person_id = known.find(row)
        if person_id is None:
            unmatched.append(row.name or row.address or row.booking)
        elif row.there is not None:
            (there if row.there else away).add(person_id)
    return Roll(listed, frozenset(there), frozenset(away - there), tuple(dict.fromkeys(unmatched)), len(rows))


class _Known:
    """Those with a place, by what a file may call them."""

    def __init__(self, db: Db, session_id: int) -> None:
        self._addresses: dict[str, int] = {}
        self._bookings: dict[str, int] = {}
        self._names: dict[str, set[int]] = {}
        rows = select(Booking, Person).join(Person, col(Person.id) == col(Booking.person_id))
        for booking, person in db.exec(
            rows.where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED).order_by(col(Booking.id))
        ):
            if person.email_key:
                self._addresses[person.email_key] = booking.person_id
            self._bookings[booking_reference(booking.id or 0).casefold()] = booking.person_id
            for name in filter(None, (person.name, booking.alias)):
                self._names.setdefault(name_words(name), set()).add(booking.person_id)

    def find(self, row: RollRow) -> int | None:
        by_address = self._addresses.get(address_key(row.address.strip())) if row.address else None
        by_booking = self._bookings.get(row.booking.casefold()) if row.booking else None
        named = self._names.get(name_words(row.name), set()) if row.name else set()
        return by_address or by_booking or (next(iter(named)) if len(named) == 1 else None)


def mark_roll(
    db: Db,
    partnership_id: int,
    draft_id: int,
    sheet: Sheet,
    reference: str,
    *,
    others_away: bool,
    seen: str,
    actor: str,
    now: datetime,
) -> AttendanceList:
    """Mark what the preview showed, once. `others_away`: those of whom the file says nothing were not there.

    Raises `Refusal` when the list has changed since the preview.
    """
    draft = locked_draft(db, partnership_id, draft_id, DraftOf.ATTENDANCE)
    if draft.applied_at is not None:
        raise Refusal("This file has been marked already. Nothing was done twice.")
    session_id = draft.session_id or 0
    roll = compare_roll(db, partnership_id, session_id, sheet, reference, actor=actor, now=now)
    if roll.fingerprint != seen:
        raise Refusal("Who has a place has changed since you saw this list. Nothing was marked. Please send the file again.")
    marks = dict.fromkeys(roll.there, Attendance.ATTENDED) | dict.fromkeys(roll.away, Attendance.ABSENT)
    if others_away:
        marks |= dict.fromkeys(roll.others, Attendance.ABSENT)
    draft.applied_at = now
    db.add(draft)
    return mark(db, partnership_id, session_id, marks, actor=actor, now=now)
