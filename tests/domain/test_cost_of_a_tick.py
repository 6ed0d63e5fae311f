"""A pass of the clock costs what is due, not what there is: it never reads all bookings or all notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from domain import calling_off
from domain.agenda import next_due
from domain.database import Db, writing_engine
from domain.timekeeping import keep_time
from tests.building import Building

#: a table read from end to end, or an index walked without a condition on it
_ALL = re.compile(r"SCAN (?:booking|notice)\b|SEARCH (?:booking|notice)(?! USING [^(]*\()")


@pytest.mark.parametrize("look", ["keep_time", "next_due", "standing_still"])
def test_no_statement_of_a_pass_reads_every_booking_or_notice(building: Building, look: str) -> None:
    session = building.session(places=1)
    for number in range(1, 4):
        building.book(session, building.person(number))
    passes: dict[str, Callable[[Db], object]] = {
        "keep_time": lambda db: keep_time(db, building.rules, now=building.now),
        "next_due": lambda db: next_due(db, building.rules, now=building.now),
        "standing_still": lambda db: calling_off.standing_still(db, now=building.now),
    }
    engine, said = writing_engine(building.store.url), list[tuple[str, Any]]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    with Db(engine) as db:
        passes[look](db)
        plans = [
            (statement, [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)])
            for statement, parameters in list(said)
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        ]
    engine.dispose()
    assert len(plans) > 0
    assert [(statement, plan) for statement, plan in plans if any(_ALL.search(step) for step in plan)] == []
