"""What a file and a server do alike, though each would do it otherwise: one key once, ids beyond all ids, any text, one alphabet."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Enum, String
from sqlmodel import SQLModel

from domain import bookings, notices, sessions
from domain.capacity import find_session, lock, lock_all
from domain.database import Db, Store
from domain.descriptions import NewSession, described
from domain.errors import NotFound, Refusal
from domain.guesses import count_wrong, guesses_of
from domain.kinds import Kind
from domain.models import CodeGuess, Milestone, Notice, Organisation, Person, Session
from domain.once import put_in
from domain.people import organisation_named
from domain.presenters import naming
from domain.rules import Rules
from tests.building import ACTOR, START, Building, rows
from tests.conftest import NOW


@pytest.fixture
def other(building: Building) -> Iterator[Store]:
    """Another process's store over the same database."""
    store = Store(building.store.url)
    yield store
    store.close()


ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


class Slow:
    """A use case of which another process does the same while it has not committed; how often each was begun."""

    def __init__(self, what: Callable[[Db], Any]) -> None:
        self._what, self.begun = what, 0
        self._first, self._done = threading.Event(), threading.Event()

    def __call__(self, db: Db) -> Any:
        self.begun += 1
        if self.begun == 1:
            came = self._what(db)
            self._first.set()
            self._done.wait(0.3)  # the other comes to the same row meanwhile
            return came
        self._first.wait(10)
        return self._what(db)

    async def in_both(self, ours: Store, theirs: Store) -> list[Any]:
        first = asyncio.ensure_future(ours.write(self))
        await asyncio.to_thread(self._first.wait, 10)
        return [await theirs.write(self), await first]


def _owed(db: Db, person: int) -> bool:
    return notices.owe_person(db, Kind.FEEDBACK, db.get_one(Person, person), key="feedback:1", now=NOW)


# ── one key, once ───────────────────────────────────────────────────────────────────────────────────────────


async def test_what_two_processes_owe_at_once_is_owed_once_and_nothing_is_run_again(building: Building, other: Store) -> None:
    person = building.person(1)
    both = Slow(lambda db: _owed(db, person))
    assert (await both.in_both(building.store, other), both.begun) == ([False, True], 2)
    assert len(building.read(rows, Notice, Notice.key == "feedback:1:email")) == 1


async def test_an_organisation_that_two_name_at_once_is_one(building: Building, other: Store) -> None:
    both = Slow(lambda db: organisation_named(db, building.partnership_id, "Eastfield Trust").id)
    one, same = await both.in_both(building.store, other)
    assert (one == same, both.begun) == (True, 2)
    assert len(building.read(rows, Organisation)) == 1


async def test_a_milestone_that_two_reach_at_once_is_one(building: Building, other: Store) -> None:
    session = building.session()
    both = Slow(lambda db: put_in(db, [Milestone(session_id=session, what="feedback", at=NOW)]))
    assert (await both.in_both(building.store, other), both.begun) == ([0, 1], 2)


async def test_two_first_wrong_codes_at_once_are_two(building: Building, other: Store) -> None:
    def guess(db: Db) -> Refusal:
        return count_wrong(db, guesses_of(db, building.partnership_id, 9, now=NOW), "No.")

    both = Slow(guess)
    await both.in_both(building.store, other)
    assert ([row.tries for row in building.read(rows, CodeGuess)], both.begun) == ([2], 2)


def test_owing_many_at_once_says_how_many_were_new(building: Building) -> None:
    person = building.person(1)

    def owe(db: Db, numbers: range) -> int:
        who = db.get_one(Person, person)
        return notices.owe_all(db, [notices.to_person(Kind.FEEDBACK, who, key=f"feedback:{n}", now=NOW) for n in numbers])

    assert [building.write(owe, numbers) for numbers in (range(0), range(3), range(1, 700), range(700))] == [0, 3, 697, 0]


# ── locks ───────────────────────────────────────────────────────────────────────────────────────────────────


@ON_POSTGRES
async def test_who_holds_several_sessions_never_waits_for_who_wants_the_same(building: Building, other: Store) -> None:
    ids, begun = [building.session(title=f"Session {n}") for n in range(6)], []

    def touch(db: Db, wanted: list[int]) -> None:
        begun.append(1)
        lock_all(db, wanted)
        for session_id in wanted:
            lock(db, building.partnership_id, session_id).next_place += 1
        db.flush()

    ours = [building.store.write(touch, ids) for _ in range(25)]
    theirs = [other.write(touch, ids[::-1]) for _ in range(25)]
    await asyncio.gather(*ours, *theirs)
    assert len(begun) == 50  # nothing had to be run again
    assert {row.next_place for row in building.read(rows, Session) if row.id in ids} == {51}


@ON_POSTGRES
async def test_a_notice_about_a_session_that_another_holds_does_not_wait(building: Building, other: Store) -> None:
    session, person, held, go = building.session(), building.person(1), threading.Event(), threading.Event()

    def hold(db: Db) -> None:
        lock(db, building.partnership_id, session)
        held.set()
        assert go.wait(5)

    holding = asyncio.ensure_future(other.write(hold))
    await asyncio.to_thread(held.wait, 10)

    def owe(db: Db) -> bool:
        who, about = db.get_one(Person, person), db.get_one(Session, session)
        return notices.owe_person(db, Kind.REMINDER, who, key="reminder:1", now=NOW, session=about)

    assert await asyncio.wait_for(building.store.write(owe), 3)
    go.set()
    await holding


# ── ids and texts ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("beyond", [2**31, 999_999_999_999, 2**70])
def test_an_id_beyond_every_id_is_nobodys(building: Building, beyond: int) -> None:
    person = building.person(1)
    with pytest.raises(NotFound):
        building.book(beyond, person)
    with pytest.raises(NotFound):
        building.write(naming.remove, building.partnership_id, beyond, building.rules, actor=ACTOR, now=building.now)
    with pytest.raises(NotFound):
        building.read(find_session, building.partnership_id, beyond)
    assert building.book(building.session(), person).came is bookings.Came.CONFIRMED


def test_a_text_with_the_character_nul_is_kept_and_looked_for_without_a_fault(building: Building) -> None:
    building.session(title="Meet\x00ing", description="One\x00two")
    building.person(1, name="Ann\x00Lee")
    assert building.read(rows, Session, Session.title == "Nothing\x00") == []
    names = {person.name.replace("\x00", " ") for person in building.read(rows, Person)}
    assert names == {"Ann Lee"}


def test_no_list_has_the_order_of_a_databases_own_alphabet() -> None:
    """A file goes by bytes, a server by the customs of its country: texts are put in order here."""
    ordered = [
        (file.name, table, column)
        for file in (Path(__file__).parents[2] / "domain").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        for table, column in re.findall(r"col\((\w+)\.(\w+)\)", line.partition("order_by(")[2])
    ]
    tables = SQLModel.metadata.tables
    kinds = {(of, column): tables[of.lower()].c[column].type for _, of, column in ordered if of.lower() in tables}
    assert len(kinds) > 20
    by_text = {key for key, kind in kinds.items() if isinstance(kind, String) and not isinstance(kind, Enum)}
    assert [one for one in ordered if one[1:] in by_text] == []


# ── edits ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_two_organisers_both_changed_is_refused_to_the_second(building: Building) -> None:
    session = building.session(title="First")
    building.change(session, title="Second")
    seen = building.read(described, building.partnership_id, session)
    building.change(session, title="Third")
    with pytest.raises(Refusal, match="Somebody else changed this session a moment ago"):
        _edit(building, session, seen, title="Fourth")
    building.change(session, places=9)
    seen = building.read(described, building.partnership_id, session)
    building.change(session, venue="Library")
    _edit(building, session, seen, starts_at=START + timedelta(minutes=15), ends_at=START + timedelta(minutes=60))
    left = building.read(described, building.partnership_id, session)
    assert (left.title, left.places, left.venue, left.starts_at) == ("Third", 9, "Library", START + timedelta(minutes=15))


def _edit(building: Building, session: int, seen: NewSession, **changes: Any) -> None:
    new = replace(seen, **changes)
    building.write(sessions.edit, building.partnership_id, session, new, Rules(), actor=ACTOR, now=building.now, seen=seen)
