"""Attendance: marked from the start on, for those with a place, on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from domain.attendance import AttendanceList, Attendee, attendance_list, mark, mark_all_but
from domain.bookings import book
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Format, Provider
from domain.models import Attendance, AuditEntry, Person, ProgrammeKind
from domain.people import organisation_named
from domain.programmes import NewProgramme, create, ensure_partnership, publish
from domain.rules import Rules
from domain.sessions import add, cancel_session

START = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
END = START + timedelta(hours=1)
BEFORE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
ACTOR = "discord:1"


class Room:
    """A published session with two people in it and one who waits."""

    def __init__(self, store: Store, partnership_id: int, rules: Rules) -> None:
        self.store, self.partnership_id, self.rules = store, partnership_id, rules
        week = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        self.programme_id = store.write_now(create, partnership_id, week, actor=ACTOR, now=BEFORE).id
        session = NewSession("Welcome", START, END, Format.ONLINE, Provider.TEAMS, places=2)
        added = store.write_now(add, partnership_id, self.programme_id, session, rules, actor=ACTOR, now=BEFORE)
        self.session_id = added.session_id
        store.write_now(publish, partnership_id, self.programme_id, None, rules, actor=ACTOR, now=BEFORE)
        self.zoe, self.ada, self.waits = (self.join(name) for name in ("Zoe", "Ada", "Ben"))

    def join(self, name: str) -> int:
        def proven(db: Db) -> int:
            council = organisation_named(db, self.partnership_id, "Dudley MBC")
            person = Person(partnership_id=self.partnership_id, name=name, proven_at=BEFORE, organisation_id=council.id, created_at=BEFORE)
            db.add(person)
            db.flush()
            return person.id or 0

        person_id = self.store.write_now(proven)
        self.store.write_now(book, self.partnership_id, self.session_id, person_id, self.rules, now=BEFORE)
        return person_id

    def listed(self, now: datetime = START) -> AttendanceList:
        return self.store.write_now(attendance_list, self.partnership_id, self.session_id, actor=ACTOR, now=now)

    def trail(self) -> list[tuple[str, str, str]]:
        with self.store.reading() as db:
            rows = select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail).where(col(AuditEntry.action).contains("attendance"))
            return [(actor, action, detail) for actor, action, detail in db.exec(rows.order_by(col(AuditEntry.id)))]


@pytest.fixture
def room(store: Store, partnership_id: int, rules: Rules) -> Room:
    return Room(store, partnership_id, rules)


def test_the_list_names_those_with_a_place_in_order_and_is_on_record(room: Room) -> None:
    people = (
        Attendee(room.ada, "Ada", "Dudley MBC", Attendance.UNKNOWN),
        Attendee(room.zoe, "Zoe", "Dudley MBC", Attendance.UNKNOWN),
    )
    assert room.listed() == AttendanceList(room.session_id, "Welcome", START, END, "Europe/London", people)
    assert room.trail() == [(ACTOR, "view attendance", "")]


def test_marking_some_leaves_the_others_unknown(room: Room) -> None:
    marks = {room.ada: Attendance.ABSENT}
    after = room.store.write_now(mark, room.partnership_id, room.session_id, marks, actor=ACTOR, now=START)
    assert [(person.name, person.attendance) for person in after.people] == [("Ada", Attendance.ABSENT), ("Zoe", Attendance.UNKNOWN)]
    assert room.listed(END) == after
    assert room.trail()[0] == (ACTOR, "mark attendance", "1 marked")


@pytest.mark.parametrize(("absent", "there"), [((), 2), (("ada",), 1), (("ada", "zoe"), 0)])
def test_everyone_was_there_but_these(room: Room, absent: tuple[str, ...], there: int) -> None:
    ids = {getattr(room, name) for name in absent}
    after = room.store.write_now(mark_all_but, room.partnership_id, room.session_id, ids, actor=ACTOR, now=END)
    assert (after.count(Attendance.ATTENDED), after.count(Attendance.ABSENT), after.count(Attendance.UNKNOWN)) == (there, len(absent), 0)


def test_a_mark_can_be_changed(room: Room) -> None:
    for attendance in (Attendance.ABSENT, Attendance.ATTENDED, Attendance.UNKNOWN):
        after = room.store.write_now(mark, room.partnership_id, room.session_id, {room.ada: attendance}, actor=ACTOR, now=START)
        assert after.people[0].attendance is attendance


def test_nobody_is_marked_before_the_start(room: Room) -> None:
    early = START - timedelta(minutes=1)
    with pytest.raises(Closed, match=r"from the start: Monday 15 March 2027, 9\.30am"):
        room.store.write_now(mark_all_but, room.partnership_id, room.session_id, (), actor=ACTOR, now=early)
    with pytest.raises(Closed):
        room.listed(early)


def test_who_waits_or_is_unknown_cannot_be_marked_and_nobody_else_is(room: Room) -> None:
    marks = {room.ada: Attendance.ATTENDED, room.waits: Attendance.ATTENDED}
    with pytest.raises(BadInput, match="no place any more"):
        room.store.write_now(mark, room.partnership_id, room.session_id, marks, actor=ACTOR, now=START)
    with pytest.raises(BadInput):
        room.store.write_now(mark_all_but, room.partnership_id, room.session_id, {room.waits}, actor=ACTOR, now=START)
    assert room.listed().count(Attendance.UNKNOWN) == 2


def test_a_cancelled_session_has_no_attendance(room: Room) -> None:
    room.store.write_now(cancel_session, room.partnership_id, room.session_id, "", room.rules, actor=ACTOR, now=BEFORE)
    with pytest.raises(Closed, match="was cancelled"):
        room.listed()


def test_another_partnership_does_not_find_the_session(room: Room) -> None:
    other = room.store.write_now(ensure_partnership, "north", "North", 2)
    with pytest.raises(NotFound):
        room.store.write_now(attendance_list, other, room.session_id, actor=ACTOR, now=START)
