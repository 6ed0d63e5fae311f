"""The clock works for every partnership at once, and by the rules of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from domain import agenda, calling_off, in_time, operating, postings, timekeeping
from domain.database import Db, Store
from domain.kinds import Channel, Kind, Provider
from domain.ledger import claims
from domain.letters import taking
from domain.letters.handing import hand_over
from domain.limits import Flow
from domain.models import Booking, BookingState, Hold, Meeting, Notice, Session
from domain.programmes import ensure_partnership
from domain.provision import turns
from domain.rules import Rules, RulesBook
from tests.building import START, Building, rows

QUICK = Rules(reminders=(timedelta(hours=3),), cutoff=timedelta(hours=1), feedback_open=timedelta(days=1), link_patience=timedelta(hours=9))
SLOW = Rules(reminders=(timedelta(hours=8),), cutoff=timedelta(hours=6), feedback_open=timedelta(days=9), link_patience=timedelta(0))


@pytest.fixture
def two(store: Store, now: datetime) -> tuple[Building, Building]:
    """Two partnerships with rules of their own, each with a session at the same hour, which one person has booked and one waits for."""
    made = []
    for number, rules in enumerate((QUICK, SLOW), 1):
        partnership_id = store.write_now(ensure_partnership, f"p{number}", f"Partnership {number}", number)
        building = Building(store, partnership_id, rules, now)
        building.programme()
        session = building.online(places=1, title="Talk")
        for person in (1, 2):
            building.book(session, building.person(person))
        made.append(building)
    return made[0], made[1]


def book_of(two: tuple[Building, Building]) -> RulesBook:
    return RulesBook({one.partnership_id: one.rules for one in two})


def kinds(building: Building, kind: Kind) -> list[str]:
    """The messages of a kind that a partnership owes, by their session."""
    mine = building.read(rows, Notice, Notice.partnership_id == building.partnership_id, Notice.kind == kind)
    titles = {one.id: one.title for one in building.read(rows, Session)}
    return [titles[one.session_id] for one in mine]


def keep_time(two: tuple[Building, Building], at: datetime) -> None:
    two[0].write(timekeeping.keep_time, book_of(two), now=at)


def test_people_are_reminded_by_the_rules_of_their_own_partnership(two: tuple[Building, Building]) -> None:
    quick, slow = two
    keep_time(two, START - timedelta(hours=7))
    assert (kinds(quick, Kind.REMINDER), kinds(slow, Kind.REMINDER)) == ([], ["Talk"])
    keep_time(two, START - timedelta(hours=3))
    assert (kinds(quick, Kind.REMINDER), kinds(slow, Kind.REMINDER)) == (["Talk"], ["Talk"])


def test_a_waiting_list_ends_when_its_own_partnership_says_so(two: tuple[Building, Building]) -> None:
    quick, slow = two
    keep_time(two, START - timedelta(hours=5))
    assert (kinds(quick, Kind.WAITING_CLOSED), kinds(slow, Kind.WAITING_CLOSED)) == ([], ["Talk"])
    keep_time(two, START - timedelta(minutes=50))
    assert (kinds(quick, Kind.WAITING_CLOSED), kinds(slow, Kind.WAITING_CLOSED)) == (["Talk"], ["Talk"])


def test_feedback_closes_when_its_own_partnership_says_so(two: tuple[Building, Building]) -> None:
    keep_time(two, START + timedelta(days=2))
    closed = {one.partnership_id: one.feedback_closed_at is not None for one in two[0].read(rows, Session, Session.title == "Talk")}
    assert closed == {two[0].partnership_id: True, two[1].partnership_id: False}
    asked = [kinds(one, Kind.FEEDBACK) for one in two]
    assert asked == [[], ["Talk"]]  # the first no longer asks about a session of the day before yesterday


def test_an_invitation_waits_for_its_link_as_long_as_its_own_partnership_says(two: tuple[Building, Building]) -> None:
    book, now = book_of(two), two[0].now
    claimed = two[0].claim()
    handed = [two[0].write(_handed, notice_id, book, now=now) for notice_id in claimed]
    assert [one for one in handed if one is not None] == [two[1].partnership_id]


def _handed(db: Db, notice_id: int, book: RulesBook, *, now: datetime) -> int | None:
    letter = hand_over(db, notice_id, "post", book, now=now)
    return letter.partnership_id if letter is not None and letter.kind is Kind.INVITATION else None


def test_the_clock_looks_again_at_the_first_instant_of_any_partnership(two: tuple[Building, Building]) -> None:
    for one in two:
        one.write(_silence, now=one.now)
    assert two[0].read(agenda.next_due, book_of(two), now=two[0].now) == START - timedelta(hours=9)  # of the opening, an hour before


def _silence(db: Db, *, now: datetime) -> None:
    for notice in rows(db, Notice):
        db.delete(db.get_one(Notice, notice.id))
    for meeting in db.exec(select(Meeting)):
        meeting.next_try_at = None
        db.add(meeting)


def test_a_hold_that_lapses_is_passed_on_by_the_rules_of_its_partnership(two: tuple[Building, Building]) -> None:
    """Five hours before the start, one partnership still promotes and the other does not."""
    at = START - timedelta(hours=5)
    for one in two:
        one.write(_hold_first, one.partnership_id, at)
    keep_time(two, at)
    states: dict[int, list[str]] = {one.partnership_id: [] for one in two}
    for booking in two[0].read(rows, Booking):
        states[booking.partnership_id].append(booking.state.value)
    assert states == {two[0].partnership_id: ["cancelled", "confirmed"], two[1].partnership_id: ["cancelled", "waitlisted"]}


def _hold_first(db: Db, partnership_id: int, until: datetime) -> None:
    first = next(one for one in rows(db, Booking) if one.partnership_id == partnership_id)
    booking = db.get_one(Booking, first.id)
    booking.state, booking.hold, booking.held_until = BookingState.HELD, Hold.OFFER, until
    db.add(booking)


def test_each_partnership_has_its_own_hosts(two: tuple[Building, Building]) -> None:
    quick, slow = two
    host = quick.host(Provider.TEAMS, "teams-1")
    work = quick.write(turns.claim, book_of(two), now=quick.now + timedelta(hours=1))
    sessions = {one.id: one.partnership_id for one in quick.read(rows, Session)}
    assert host
    assert [(sessions[one.session_id], one.wanted.host) for one in work] == [(quick.partnership_id, "teams-1")]
    assert slow.partnership_id not in {sessions[one.session_id] for one in work}


def test_a_pass_asks_no_more_often_for_many_partnerships_than_for_one(two: tuple[Building, Building]) -> None:
    one, many = Rules(), RulesBook({number: Rules() for number in range(1, 24)})
    asked = [two[0].write(_statements, rules, now=two[0].now) for rules in (one, many, one)]
    assert asked[1] == asked[2]


def _statements(db: Db, rules: Any, *, now: datetime) -> int:
    seen: list[object] = []
    connection = db.connection()
    event.listen(connection, "before_cursor_execute", lambda *statement: seen.append(statement[2]))
    timekeeping.keep_time(db, rules, now=now)
    agenda.next_due(db, rules, now=now)
    return len(seen)


def test_a_process_leaves_the_letters_of_others_to_who_keeps_them(two: tuple[Building, Building]) -> None:
    quick, slow = two
    book = RulesBook({quick.partnership_id: QUICK})
    before = quick.read(rows, Notice, Notice.partnership_id == slow.partnership_id)
    now = quick.now + timedelta(days=1)  # no letter waits for a link any more
    taken = quick.write(taking.take, "one", Channel.EMAIL, book, now=now, limit=100)
    assert {letter.partnership_id for letter in taken.letters} == {quick.partnership_id}
    assert quick.write(claims.claim, "one", list(Channel), now=now, whose=book.kept()) == []
    assert quick.read(rows, Notice, Notice.partnership_id == slow.partnership_id) == before
    assert quick.write(claims.claim, "other", list(Channel), now=now, whose=[slow.partnership_id]) != []


def test_a_process_looks_ahead_for_its_own_letters_alone(two: tuple[Building, Building]) -> None:
    quick, slow = two
    quick.write(_without_letters, quick.partnership_id)
    assert quick.read(agenda.due_and_next, RulesBook({quick.partnership_id: QUICK}), now=quick.now)[0] is False
    assert quick.read(agenda.due_and_next, RulesBook({slow.partnership_id: SLOW}), now=quick.now)[0] is True


def _without_letters(db: Db, partnership_id: int) -> None:
    """Nothing is owed or to be provided but the letters of the others."""
    for meeting in db.exec(select(Meeting)):
        meeting.next_try_at = None
        db.add(meeting)
    for notice in rows(db, Notice, Notice.partnership_id == partnership_id):
        db.delete(db.get_one(Notice, notice.id))


def test_a_process_keeps_the_time_of_its_own_partnerships_alone(two: tuple[Building, Building]) -> None:
    quick, slow = two
    quick.write(timekeeping.keep_time, RulesBook({quick.partnership_id: QUICK}), now=START + timedelta(hours=2))
    assert (kinds(quick, Kind.FEEDBACK), kinds(slow, Kind.FEEDBACK)) == (["Talk"], [])


def test_a_process_asks_for_the_meetings_of_its_own_partnerships_alone(two: tuple[Building, Building]) -> None:
    quick, slow = two
    for one in two:
        one.host(Provider.TEAMS, "teams-1")
    ours, now = RulesBook({quick.partnership_id: QUICK}), quick.now + timedelta(hours=1)
    before = quick.read(rows, Meeting, Meeting.partnership_id == slow.partnership_id)
    claimed = [one.session_id for one in quick.write(turns.claim, ours, now=now)]
    assert claimed == [one.session_id for one in quick.read(rows, Meeting, Meeting.partnership_id == quick.partnership_id)] != []
    assert quick.read(rows, Meeting, Meeting.partnership_id == slow.partnership_id) == before
    due = [quick.read(turns.any_due, RulesBook({one.partnership_id: one.rules}), now=now) for one in two]
    assert (due, quick.read(turns.any_due, QUICK, now=now)) == ([False, True], True)


def test_a_process_posts_the_days_of_its_own_partnerships_alone(two: tuple[Building, Building]) -> None:
    pages = [len(two[0].read(postings.stale, now=START, whose=whose)) for whose in ([two[0].partnership_id], (9,), None)]
    assert pages == [1, 0, 2]


def test_a_process_counts_what_its_own_partnerships_owe(two: tuple[Building, Building]) -> None:
    owed = [two[0].read(operating.owed, now=START, whose=whose) for whose in ([two[0].partnership_id], (9,), None)]
    assert [sum(one.count for one in found.counts) for found in owed] == [1, 0, 2]
    assert [found.oldest for found in owed] == [owed[2].oldest, None, owed[0].oldest]


def test_a_process_carries_on_what_stands_still_in_its_own_partnerships_alone(two: tuple[Building, Building]) -> None:
    quick, slow = two
    for one in two:
        one.write(calling_off.begin, one.partnership_id, one.programme_id, None, "Snow", actor="discord:1", now=one.now)
    later = quick.now + timedelta(minutes=5)
    whose = ([slow.partnership_id], (9,), None)
    found = [[one.partnership_id for one in quick.read(calling_off.standing_still, now=later, whose=these)] for these in whose]
    assert found == [[slow.partnership_id], [], [quick.partnership_id, slow.partnership_id]]


def test_a_process_sends_the_reminders_of_its_own_partnerships_another_way(two: tuple[Building, Building]) -> None:
    quick, slow = two
    at = START - timedelta(hours=3)
    for one in two:
        one.write(_without_letters, one.partnership_id)
    keep_time(two, at)
    full: dict[Channel, Flow | None] = {Channel.EMAIL: Flow(at + timedelta(hours=9), 0, 30), Channel.CHAT: None}
    ours, others = (quick.read(in_time.too_late, full, now=at, whose=[one.partnership_id]) for one in two)
    assert (len(ours[Channel.EMAIL]), others) == (1, {})  # theirs was over an hour ago
    assert quick.write(in_time.send_another_way, ours, full, now=at, whose=[slow.partnership_id]) == 0
    assert quick.write(in_time.send_another_way, ours, full, now=at, whose=[quick.partnership_id]) == 1


def test_a_book_says_who_decided_what() -> None:
    book = RulesBook({1: QUICK, 2: SLOW, 3: QUICK})
    assert book.deciding(lambda one: one.reminders) == {timedelta(hours=3): [1, 3], timedelta(hours=8): [2]}
    assert book.deciding(lambda one: (one.settle,)) == {QUICK.settle: [1, 2, 3]}  # the database may hold a fourth
    assert (book.kept(), QUICK.kept()) == ((1, 2, 3), None)
    assert (book.of(2), book.of(9)) == (SLOW, Rules())
    assert QUICK.deciding(lambda one: one.reminders) == {timedelta(hours=3): None}
