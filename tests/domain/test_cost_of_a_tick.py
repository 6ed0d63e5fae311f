"""A pass of the clock costs what is due, not what there is: it never reads all bookings or all notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, update
from sqlmodel import col, select

from domain import calling_off
from domain.agenda import next_due
from domain.database import Db, writing_engine
from domain.models import Booking, Notice, NoticeState, Person, Session, SessionState
from domain.rules import Rules, RulesBook
from domain.timekeeping import keep_time
from tests.building import Building

#: a table read from end to end, or an index walked without a condition on it
_ALL = {
    "sqlite": re.compile(r"SCAN (?:booking|notice)\b|SEARCH (?:booking|notice)(?! USING [^(]*\()"),
    "postgresql": re.compile(r"Seq Scan on (?:booking|notice)\b"),
}
#: so many of the past that PostgreSQL, which reads a small table from end to end whatever it is asked, has reason not to
PAST = 5000


def a_long_past(db: Db) -> None:
    """Bookings and notices of a session long over, as there are thousands after some years."""
    person = db.exec(select(Person)).first()
    session = db.exec(select(Session).where(Session.places == 0)).first()
    booking, notice = db.exec(select(Booking)).first(), db.exec(select(Notice)).first()
    assert person is not None
    assert session is not None
    assert booking is not None
    assert notice is not None
    ids = range(1000, 1000 + PAST)
    one = person.model_dump() | {"email": None, "email_key": None}
    db.execute(insert(Person), [one | {"id": n, "discord_id": n} for n in ids])
    one = booking.model_dump() | {"session_id": session.id}
    db.execute(insert(Booking), [one | {"id": n, "person_id": n} for n in ids])
    one = notice.model_dump() | {"state": NoticeState.SENT, "session_id": session.id}
    db.execute(insert(Notice), [one | {"id": n, "key": f"past:{n}", "person_id": n, "booking_id": n} for n in ids])


def plan_of(db: Db, statement: str, parameters: Any) -> list[str]:
    """The steps in which the database would carry a statement out."""
    if db.get_bind().dialect.name == "sqlite":
        return [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return [row[0] for row in db.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)]


@pytest.mark.parametrize("keeps", ["all", "its own"])
@pytest.mark.parametrize("look", ["keep_time", "next_due", "standing_still"])
def test_no_statement_of_a_pass_reads_every_booking_or_notice(building: Building, look: str, keeps: str) -> None:
    session = building.session(places=1)
    for number in range(1, 4):
        building.book(session, building.person(number))
    rules = building.rules if keeps == "all" else RulesBook({building.partnership_id: building.rules, 99: Rules()})
    passes: dict[str, Callable[[Db], object]] = {
        "keep_time": lambda db: keep_time(db, rules, now=building.now),
        "next_due": lambda db: next_due(db, rules, now=building.now),
        "standing_still": lambda db: calling_off.standing_still(db, now=building.now, whose=rules.kept()),
    }
    engine, said = writing_engine(building.store.url), list[tuple[str, Any]]()
    if engine.dialect.name == "postgresql":
        building.write(a_long_past)
        building.write(lambda db: db.connection().exec_driver_sql("ANALYZE"))

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    with Db(engine) as db:
        passes[look](db)
        plans = [
            (statement, plan_of(db, statement, parameters))
            for statement, parameters in list(said)
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        ]
    whole = _ALL[engine.dialect.name]
    engine.dispose()
    assert len(plans) > 0
    assert [(statement, plan) for statement, plan in plans if any(whole.search(step) for step in plan)] == []


def test_of_sessions_long_over_the_clock_finds_the_first_with_open_feedback_at_once(building: Building) -> None:
    building.session(places=1)
    building.write(_many_closed)
    building.write(lambda db: db.connection().exec_driver_sql("ANALYZE"))
    engine, said = writing_engine(building.store.url), list[tuple[str, Any]]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    with Db(engine) as db:
        next_due(db, building.rules, now=building.now)
        (statement, parameters), *_ = [one for one in said if "min(session.ends_at)" in one[0]]
        plan = plan_of(db, statement, parameters)
    engine.dispose()
    assert [step for step in plan if "session_by_closing" in step] != []


def _many_closed(db: Db) -> None:
    session = db.exec(select(Session).where(Session.state == SessionState.PUBLISHED)).first()
    assert session is not None
    one = session.model_dump() | {"feedback_closed_at": session.starts_at}
    each = [one | {"id": n, "uid": f"over{n}", "reference": f"OV-{n}"} for n in range(1000, 1000 + PAST)]
    db.execute(insert(Session), each)
    db.execute(update(Session).where(col(Session.id) >= 1000 + PAST // 2).values(feedback_closed_at=None))
