"""A programme is held before its sessions, by every door: nothing is lost between two who change it, and neither waits for the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.closing import archive, close
from domain.database import Db
from domain.descriptions import NewSession, described
from domain.errors import Closed
from domain.kinds import Format
from domain.models import Privacy, Programme, ProgrammeState, Session, SessionState
from domain.ports.files import Sheet
from domain.private_sessions import set_privacy, set_programme_privacy
from domain.programmes import publish
from domain.schedule.importing import apply
from domain.sessions import add, cancel_session, reschedule
from tests.another_writer import another_writes_before_the_lock, another_writes_in_the_middle
from tests.building import ACTOR, START, Building, one_row, rows

LATER, LATEST = date(2027, 3, 21), date(2027, 3, 24)


#: only rows are locked there
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def on_day(days: int) -> NewSession:
    """A session so many days after the programme's first."""
    at = START + timedelta(days=days)
    return NewSession(f"Day {days}", at, at + timedelta(hours=1), Format.IN_PERSON, venue="Room A")


def adding(building: Building, days: int) -> Callable[[Db], object]:
    where = building.partnership_id, building.programme_id
    return lambda db: add(db, *where, on_day(days), building.rules, actor=ACTOR, now=building.now)


def importing(building: Building, days: int) -> Callable[[Db], object]:
    where, day = (building.partnership_id, building.programme_id), START + timedelta(days=days)
    sheet = Sheet("week", (("Date", "Time", "Title", "Location"), (f"{day:%d/%m/%Y}", "12-1pm", f"Day {days}", "Room A")))
    return lambda db: apply(db, *where, sheet, building.rules, good_rows_only=False, actor=ACTOR, now=building.now, holidays={})


def moving(building: Building, session: int, days: int) -> Callable[[Db], object]:
    at = START + timedelta(days=days)
    return lambda db: reschedule(
        db, building.partnership_id, session, at, at + timedelta(hours=1), building.rules, actor=ACTOR, now=building.now
    )


def publishing(building: Building) -> Callable[[Db], object]:
    where = building.partnership_id, building.programme_id
    return lambda db: publish(db, *where, 77, building.rules, actor=ACTOR, now=building.now)


DOORS = {"chat": adding, "import": importing}


@pytest.mark.parametrize("door", DOORS)
def test_of_two_sessions_added_at_once_the_later_stays_among_the_programmes_days(building: Building, door: str) -> None:
    with another_writes_before_the_lock(building, lambda: building.write(adding(building, 9))) as db:
        DOORS[door](building, 6)(db)
    assert building.read(one_row, Programme).ends_on == LATEST


@pytest.mark.parametrize("door", DOORS)
def test_what_is_added_to_a_programme_that_was_published_meanwhile_opens_with_it(building: Building, door: str) -> None:
    building.programme("Second", publish=False)
    with another_writes_before_the_lock(building, lambda: building.write(publishing(building))) as db:
        DOORS[door](building, 1)(db)
    theirs = building.read(rows, Session, Session.programme_id == building.programme_id)
    assert [one.state for one in theirs] == [SessionState.PUBLISHED] * 2


@pytest.mark.parametrize("door", DOORS)
def test_nothing_is_added_to_a_programme_that_is_put_away(building: Building, door: str) -> None:
    building.later(days=60)

    def put_away() -> None:
        building.write(archive, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)

    with another_writes_before_the_lock(building, put_away) as db, pytest.raises(Closed, match="over and put away"):
        DOORS[door](building, 70)(db)
    assert [one.title for one in building.read(rows, Session)] == ["Opening"]


@ON_POSTGRESQL
def test_an_edit_and_a_publishing_at_once_do_not_wait_for_each_other(building: Building) -> None:
    building.programme("Second", publish=False)
    session = building.session()
    with another_writes_in_the_middle(building, publishing(building), before="UPDATE programme") as db:
        moving(building, session, 6)(db)
    theirs = building.read(rows, Session, Session.programme_id == building.programme_id)
    assert [one.state for one in theirs] == [SessionState.PUBLISHED] * 2
    assert building.read(one_row, Programme, Programme.id == building.programme_id).ends_on == LATER


@ON_POSTGRESQL
def test_of_two_sessions_moved_at_once_the_later_stays_among_the_programmes_days(building: Building) -> None:
    one, other = building.session(), building.session(title="Another")
    with another_writes_in_the_middle(building, moving(building, other, 9), before="UPDATE programme") as db:
        moving(building, one, 6)(db)
    assert building.read(one_row, Programme).ends_on == LATEST


@ON_POSTGRESQL
def test_a_session_that_is_cancelled_while_its_programme_is_published_stays_cancelled(building: Building) -> None:
    building.programme("Second", publish=False)
    session = building.session()

    def call_off(db: Db) -> object:
        return cancel_session(db, building.partnership_id, session, "", building.rules, actor=ACTOR, now=building.now)

    with another_writes_in_the_middle(building, call_off, before="UPDATE session") as db:
        publishing(building)(db)
    assert building.read(one_row, Session, Session.id == session).state is SessionState.CANCELLED


@pytest.mark.parametrize("of", ["session", "programme"])
@ON_POSTGRESQL
def test_a_session_that_is_said_to_be_open_while_its_programme_is_published_opens_with_it(building: Building, of: str) -> None:
    building.programme("Second", publish=False)
    session = building.session(privacy_asked=True)
    where: int = building.partnership_id
    known: dict[str, Any] = {"actor": ACTOR, "now": building.now, "sees_private": True}

    def answer(db: Db) -> object:
        if of == "session":
            return set_privacy(db, where, [session], Privacy.OPEN, building.rules, **known)
        return set_programme_privacy(db, where, building.programme_id, Privacy.OPEN, building.rules, **known)

    with another_writes_in_the_middle(building, answer, before="INSERT INTO auditentry") as db:
        publishing(building)(db)
    assert building.read(one_row, Session, Session.id == session).state is SessionState.PUBLISHED


@ON_POSTGRESQL
def test_a_programme_is_closed_while_its_sessions_are_moved(building: Building) -> None:
    session = building.session()

    def closing(db: Db) -> object:
        return close(db, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)

    with another_writes_in_the_middle(building, closing, before="UPDATE programme") as db:
        moving(building, session, 6)(db)
    programme = building.read(one_row, Programme)
    assert (programme.state, programme.ends_on) == (ProgrammeState.CLOSED, LATER)
    assert building.read(described, building.partnership_id, session).starts_at == START + timedelta(days=6)
