"""Statements about many rows at once, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from domain.database import Db
from domain.many import among, set_each
from domain.models import Person
from domain.tables import table_of
from tests.building import Building

PEOPLE = table_of(Person)
EARLY, LATE = datetime(2027, 3, 15, 9, 30, 0, 250_000, tzinfo=UTC), datetime(2027, 6, 1, 12, tzinfo=UTC)


def test_each_row_gets_its_own_value_and_no_other_is_touched(building: Building) -> None:
    ids = [building.person(number) for number in range(1, 5)]
    before = building.read(_kept)
    building.write(set_each, update(PEOPLE), PEOPLE.c.id, PEOPLE.c.chat_closed_at, {ids[0]: EARLY, ids[1]: LATE, ids[2]: None})
    building.write(set_each, update(PEOPLE).values(email=None), PEOPLE.c.id, PEOPLE.c.name, {ids[2]: 'O\'Neil, "Jo" 😀'})
    assert building.read(_kept) == [
        (ids[0], before[0][1], before[0][2], EARLY),
        (ids[1], before[1][1], before[1][2], LATE),
        (ids[2], 'O\'Neil, "Jo" 😀', None, None),
        before[3],
    ]


def test_nothing_to_set_is_nothing_done(building: Building) -> None:
    building.person(1)
    before = building.read(_kept)
    building.write(set_each, update(PEOPLE).values(email=None), PEOPLE.c.id, PEOPLE.c.name, {})
    assert building.read(_kept) == before


def test_a_condition_of_its_own_is_refused(building: Building) -> None:
    with pytest.raises(AssertionError):
        building.write(set_each, update(PEOPLE).where(PEOPLE.c.name == "Jo"), PEOPLE.c.id, PEOPLE.c.name, {1: "Ann"})


@pytest.mark.parametrize("count", [0, 1, 1_000])
def test_a_number_is_among_these_however_many_they_are(building: Building, count: int) -> None:
    ids = [building.person(number) for number in range(1, 4)]
    wanted = [ids[1], *range(10_000, 10_000 + count)] if count else []
    assert building.read(_those_among, wanted) == ([ids[1]] if count else [])


def _kept(db: Db) -> list[tuple[object, ...]]:
    rows = select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.chat_closed_at).order_by(PEOPLE.c.id)
    return [tuple(row) for row in db.connection().execute(rows)]


def _those_among(db: Db, ids: list[int]) -> list[int]:
    return list(db.connection().scalars(select(PEOPLE.c.id).where(among(db, PEOPLE.c.id, ids))))
