"""Where only rows are locked, another process may have written between the first look and the lock: what was read is read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain import places
from domain.adding import add_once
from domain.bookings import Came
from domain.capacity import find_session, lock
from domain.closing import archive, reopen
from domain.database import Db
from domain.descriptions import NewSession
from domain.errors import Closed, NotAllowed, Refusal
from domain.kinds import Format
from domain.models import BookingState, Privacy, Programme, ProgrammeState, Session, SessionState
from domain.private_sessions import set_privacy, set_programme_privacy
from domain.programmes import publish
from domain.series import line as series_line
from domain.transfers import asking
from domain.transfers import taking as taking_over
from tests.another_writer import another_writes_before_the_lock
from tests.building import ACTOR, START, Building, one_row, rows
from tests.series_building import run_of

CONFIRMED, CANCELLED = BookingState.CONFIRMED, BookingState.CANCELLED


def held(building: Building) -> tuple[int, int]:
    """A session, and a newcomer who holds its only place and has the six digits."""
    session, new = building.session(places=1), building.newcomer(9)
    building.book(session, new)
    building.later(minutes=25)
    building.deliver()
    return session, new


def test_the_lock_reads_the_session_anew(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    with another_writes_before_the_lock(building, lambda: building.book(session, ann)) as db:
        before = find_session(db, building.partnership_id, session)
        assert before.next_place == 1
        assert lock(db, building.partnership_id, session).next_place == 2
    assert [row.next_place for row in building.read(rows, Session, Session.id == session)] == [2]


def test_a_hold_that_was_proven_meanwhile_does_not_lapse(building: Building) -> None:
    session, new = held(building)
    late = building.now + timedelta(minutes=6)
    with another_writes_before_the_lock(building, lambda: building.prove(9)) as db:
        assert places.lapse_holds(db, building.rules, now=late) == 0
    assert building.booking(session, new).state is CONFIRMED


def test_a_hold_that_lapsed_meanwhile_is_not_confirmed_beside_who_was_promoted(building: Building) -> None:
    session, new = held(building)
    bob = building.person(2)
    assert building.book(session, bob).came is Came.WAITLISTED

    def lapse() -> None:
        building.write(places.lapse_holds, building.rules, now=building.now + timedelta(minutes=6))

    with another_writes_before_the_lock(building, lapse) as db:
        assert places.prove_holds(db, new, building.rules, now=building.now) == ()
    assert [building.booking(session, person).state for person in (new, bob)] == [CANCELLED, CONFIRMED]


def test_a_series_that_was_proven_meanwhile_does_not_lapse(building: Building) -> None:
    run, new = run_of(building), building.newcomer(9)
    run.book(new)
    building.later(minutes=25)
    building.deliver()
    late = building.now + timedelta(minutes=6)
    with another_writes_before_the_lock(building, lambda: building.prove(9)) as db:
        assert series_line.lapse_series(db, now=late) == ()
    assert run.states(new) == [CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED]


@pytest.mark.parametrize("meanwhile", ["cancelled", "withdrawn"])
def test_a_place_that_was_given_back_meanwhile_is_not_taken_over_too(building: Building, meanwhile: str) -> None:
    session, ann, bob, kim = building.session(places=1), building.person(1), building.person(2), building.person(3)
    building.book(session, ann)
    building.book(session, bob)  # first in line
    building.deliver()
    building.later(minutes=1)
    where = building.partnership_id, session, ann
    building.write(asking.hand_over_place, *where, "Kim", "person3@council.gov.uk", building.rules, now=building.now)
    (letter,) = building.deliver()
    assert letter.code is not None

    def other() -> None:
        if meanwhile == "cancelled":
            building.cancel(session, ann)
        else:
            building.write(asking.withdraw, *where, now=building.now)

    with another_writes_before_the_lock(building, other) as db:
        came = taking_over.take_over(db, building.partnership_id, 3, letter.code, building.rules, now=building.now)
    assert isinstance(came, Refusal)
    assert str(came) == "Your colleague no longer offers this place."
    confirmed = [person for person in (ann, bob) if building.booking(session, person).state is CONFIRMED]
    assert confirmed == [bob if meanwhile == "cancelled" else ann]
    assert building.now < START
    assert kim not in confirmed


@pytest.mark.parametrize("meanwhile", ["session", "programme"])
def test_what_was_made_private_meanwhile_is_opened_by_nobody_who_may_not_see_it(building: Building, meanwhile: str) -> None:
    session = building.session()
    now = building.now
    where, rules, programme = building.partnership_id, building.rules, building.programme_id

    def another() -> None:
        building.write(set_privacy, where, [session], Privacy.PRIVATE, rules, sees_private=True, actor=ACTOR, now=now)

    opening: Callable[[Db], object] = {
        "session": lambda db: set_privacy(db, where, [session], Privacy.OPEN, rules, sees_private=False, actor=ACTOR, now=now),
        "programme": lambda db: set_programme_privacy(db, where, programme, Privacy.OPEN, rules, sees_private=False, actor=ACTOR, now=now),
    }[meanwhile]
    with another_writes_before_the_lock(building, another) as db, pytest.raises(NotAllowed):
        opening(db)
    assert [row.privacy for row in building.read(rows, Session, Session.id == session)] == [Privacy.PRIVATE]


def test_a_programme_that_was_made_private_meanwhile_is_opened_by_nobody_who_may_not_see_it(building: Building) -> None:
    building.programme("Nothing in it yet", publish=False)
    now = building.now
    wanted = building.partnership_id, building.programme_id

    def another() -> None:
        building.write(set_programme_privacy, *wanted, Privacy.PRIVATE, building.rules, sees_private=True, actor=ACTOR, now=now)

    with another_writes_before_the_lock(building, another) as db, pytest.raises(NotAllowed):
        set_programme_privacy(db, *wanted, Privacy.OPEN, building.rules, sees_private=False, actor=ACTOR, now=now)
    assert [row.default_privacy for row in building.read(rows, Programme, Programme.id == building.programme_id)] == [Privacy.PRIVATE]


def session_on(days: int) -> NewSession:
    """A session so many days after the programme's first."""
    at = START + timedelta(days=days)
    return NewSession(f"Day {days}", at, at + timedelta(hours=1), Format.IN_PERSON, venue="Room A")


def test_of_two_sessions_added_at_once_the_later_stays_among_the_programmes_days(building: Building) -> None:
    added = building.partnership_id, building.programme_id

    def another() -> None:
        building.write(add_once, *added, session_on(9), building.rules, newest=0, actor=ACTOR, now=building.now)

    with another_writes_before_the_lock(building, another) as db:
        add_once(db, *added, session_on(6), building.rules, newest=0, actor=ACTOR, now=building.now)
    assert building.read(one_row, Programme).ends_on == date(2027, 3, 24)


def test_what_is_added_to_a_programme_that_was_published_meanwhile_opens_with_it(building: Building) -> None:
    building.programme("Second", publish=False)
    wanted = building.partnership_id, building.programme_id

    def another() -> None:
        building.write(publish, *wanted, 77, building.rules, actor=ACTOR, now=building.now)

    with another_writes_before_the_lock(building, another) as db:
        done = add_once(db, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=building.now)
    assert building.read(one_row, Session, Session.id == done.session_id).state is SessionState.PUBLISHED


def test_nothing_is_added_to_a_programme_that_was_put_away_meanwhile(building: Building) -> None:
    wanted, over = (building.partnership_id, building.programme_id), building.now + timedelta(days=60)

    def another() -> None:
        building.write(archive, *wanted, actor=ACTOR, now=over)

    with another_writes_before_the_lock(building, another) as db, pytest.raises(Closed, match="over and put away"):
        add_once(db, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=over)
    assert [one.title for one in building.read(rows, Session)] == ["Opening"]


def test_what_was_added_before_a_programme_is_published_opens_with_it(building: Building) -> None:
    building.programme("Second", publish=False)
    wanted = building.partnership_id, building.programme_id

    def another() -> None:
        building.write(add_once, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=building.now)

    with another_writes_before_the_lock(building, another) as db:
        assert publish(db, *wanted, 77, building.rules, actor=ACTOR, now=building.now).sessions == 2
    theirs = building.read(rows, Session, Session.programme_id == building.programme_id)
    assert [one.state for one in theirs] == [SessionState.PUBLISHED] * 2


def test_a_programme_that_was_put_away_meanwhile_is_not_opened_again(building: Building) -> None:
    wanted, over = (building.partnership_id, building.programme_id), building.now + timedelta(days=60)

    def another() -> None:
        building.write(archive, *wanted, actor=ACTOR, now=over)

    with another_writes_before_the_lock(building, another) as db, pytest.raises(Closed, match="over and put away"):
        reopen(db, *wanted, actor=ACTOR, now=over)
    assert building.read(one_row, Programme).state is ProgrammeState.ARCHIVED


def test_what_is_added_to_a_programme_that_was_made_private_meanwhile_is_private(building: Building) -> None:
    wanted = building.partnership_id, building.programme_id

    def another() -> None:
        building.write(set_programme_privacy, *wanted, Privacy.PRIVATE, building.rules, actor=ACTOR, now=building.now, sees_private=True)

    with another_writes_before_the_lock(building, another) as db:
        done = add_once(db, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=building.now)
    assert building.read(one_row, Session, Session.id == done.session_id).privacy is Privacy.PRIVATE


def test_of_two_posts_of_one_form_at_once_the_later_finds_what_the_first_has_added(building: Building) -> None:
    wanted, added = (building.partnership_id, building.programme_id), []

    def another() -> None:
        added.append(building.write(add_once, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=building.now))

    with another_writes_before_the_lock(building, another) as db:
        done = add_once(db, *wanted, session_on(1), building.rules, newest=0, actor=ACTOR, now=building.now)
    assert [one.id for one in building.read(rows, Session, Session.title == "Day 1")] == [done.session_id] == [added[0].session_id]
