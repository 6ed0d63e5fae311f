"""A list of who was there, uploaded: whom each row means, and that nothing is marked before Confirm, and nothing twice."""

from __future__ import annotations

from datetime import date, time

import pytest

from domain.attendance import attendance_list
from domain.drafts import keep_draft
from domain.errors import BadInput, NotFound, Refusal
from domain.models import Attendance, DraftOf
from domain.ports.files import Sheet
from domain.roll import Roll, RollRow, booking_reference, compare_roll, mark_roll, name_words, read_roll
from tests.building import ACTOR, START, Building


def sheet(*rows: tuple[object, ...]) -> Sheet:
    return Sheet("list.csv", rows)


class Held:
    """A session that has begun, with three people."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.session_id = building.session(places=10)
        names = ("Aisha Khan", "Ben Bow", "Ben Bow")
        self.people = [building.person(number, name=name) for number, name in enumerate(names, 1)]
        for person in self.people:
            building.book(self.session_id, person)
        self.bookings = [building.booking(self.session_id, person).id or 0 for person in self.people]
        building.now = START

    def compare(self, *rows: tuple[object, ...], reference: str = "PW-1") -> Roll:
        building = self.building
        return building.write(
            compare_roll, building.partnership_id, self.session_id, sheet(*rows), reference, actor=ACTOR, now=building.now
        )

    def confirm(self, *rows: tuple[object, ...], seen: str, others_away: bool = False, draft_id: int | None = None) -> None:
        building = self.building
        draft_id = draft_id or self.keep()
        where = building.partnership_id, draft_id, sheet(*rows), "PW-1"
        building.write(mark_roll, *where, others_away=others_away, seen=seen, actor=ACTOR, now=building.now)

    def keep(self, purpose: DraftOf = DraftOf.ATTENDANCE) -> int:
        building = self.building
        where = building.partnership_id, building.programme_id, "list.csv", b"x"
        return building.write(keep_draft, *where, asked_by=7, now=building.now, purpose=purpose, session_id=self.session_id)

    def marks(self) -> list[str]:
        listed = self.building.write(attendance_list, self.building.partnership_id, self.session_id, actor=ACTOR, now=self.building.now)
        return [person.attendance.value for person in sorted(listed.people, key=lambda one: one.person_id)]


@pytest.fixture
def held(building: Building) -> Held:
    return Held(building)


def test_a_teams_list_is_read_below_its_summary_by_address_first(held: Held) -> None:
    roll = held.compare(
        ("1. Summary",),
        ("Meeting title", "Strengths"),
        ("Attended participants", 3.0),
        (),
        ("2. Participants",),
        ("Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"),
        ("Khan, Aisha (Northfield)", "15/03/2027 09:29", "", "44m", "", "", "Presenter"),
        ("Somebody Else", "", "", "", "PERSON2@council.gov.uk", "", "Attendee"),
        ("Stray Guest (Guest)", "", "", "", "", "", "Attendee"),
    )
    assert (roll.there, roll.away, roll.unmatched) == (frozenset(held.people[:2]), frozenset(), ("Stray Guest (Guest)",))
    assert roll.others == {held.people[2]}


def test_a_name_that_two_people_have_is_nobodys(held: Held) -> None:
    roll = held.compare(("Name (Original Name)", "User Email"), ("Ben Bow", ""), ("Aisha Khan", ""))
    assert (roll.there, roll.unmatched) == (frozenset(held.people[:1]), ("Ben Bow",))


def test_our_own_file_is_read_by_booking_and_only_for_this_session(held: Held) -> None:
    first, second, third = (booking_reference(booking) for booking in held.bookings)
    head = ("Booking", "Reference", "Session", "Date", "Start", "Name", "Attended")
    day = date(2027, 3, 15), time(9, 30)
    roll = held.compare(
        head,
        (first, "PW-1", "Strengths", *day, "Aisha Khan", "Yes"),
        (second, "pw-1", "Strengths", *day, "Ben Bow", "no"),
        (third, "PW-1", "Strengths", *day, "Ben Bow", None),
        (third, "PW-2", "Another", *day, "Ben Bow", "Yes"),
    )
    assert (set(roll.there), set(roll.away), set(roll.others)) == ({held.people[0]}, {held.people[1]}, {held.people[2]})


def test_nothing_is_marked_before_confirm_and_then_once(held: Held) -> None:
    rows = (("Email",), ("person1@council.gov.uk",))
    seen = held.compare(*rows).fingerprint
    assert held.marks() == ["unknown"] * 3
    draft_id = held.keep()
    held.confirm(*rows, seen=seen, draft_id=draft_id)
    assert held.marks() == ["attended", "unknown", "unknown"]
    with pytest.raises(Refusal, match="marked already"):
        held.confirm(*rows, seen=seen, draft_id=draft_id)


def test_the_others_can_be_marked_as_away(held: Held) -> None:
    rows = (("Email",), ("person1@council.gov.uk",))
    held.confirm(*rows, seen=held.compare(*rows).fingerprint, others_away=True)
    assert held.marks() == ["attended", "absent", "absent"]


def test_a_list_that_changed_since_it_was_shown_is_refused(held: Held) -> None:
    rows = (("Email",), ("person1@council.gov.uk",), ("person4@council.gov.uk",))
    seen = held.compare(*rows).fingerprint
    held.building.now = START.replace(hour=9, minute=0)
    held.building.book(held.session_id, held.building.person(4))
    held.building.now = START
    with pytest.raises(Refusal, match="has changed since you saw this list"):
        held.confirm(*rows, seen=seen)
    assert held.marks() == [Attendance.UNKNOWN.value] * 4


def test_a_schedule_is_not_taken_for_a_list(held: Held) -> None:
    rows = (("Email",), ("person1@council.gov.uk",))
    with pytest.raises(NotFound):
        held.confirm(*rows, seen=held.compare(*rows).fingerprint, draft_id=held.keep(DraftOf.SCHEDULE))


def test_a_file_that_says_nothing_of_who_is_refused_in_a_sentence(held: Held) -> None:
    with pytest.raises(BadInput, match="No column of names or e-mail addresses was found"):
        held.compare(("Date", "Time"), ("15/03/2027", "9am"))
    with pytest.raises(BadInput, match="Is it the right file"):
        held.compare(("Reference", "Name"), ("PW-2", "Aisha Khan"))
    with pytest.raises(BadInput, match="Row 2: “perhaps” is neither Yes nor No"):
        held.compare(("Name", "Attended"), ("Aisha Khan", "perhaps"))


@pytest.mark.parametrize("name", ["Aisha Khan", "aisha  KHAN", "Khan, Aisha", "Aisha Khan (Guest)", "Khan, Aisha [Northfield]"])
def test_one_name_is_written_in_many_ways(name: str) -> None:
    assert name_words(name) == "aisha khan"


def test_first_and_last_names_may_stand_apart() -> None:
    rows = read_roll(sheet(("First name", "Surname"), ("Aisha", "Khan")), "PW-1")
    assert rows == (RollRow(2, "Aisha Khan", "", "", True),)
