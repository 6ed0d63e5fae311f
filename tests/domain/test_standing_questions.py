"""What every pass of the clock asks: told nothing but instants, planned once, and answered though a connection was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain import agenda, timekeeping
from domain.database import Db, Store, reading_engine
from domain.engines import server_address
from domain.models import BookingState, NoticeState, Session, SessionState
from domain.programmes import ensure_partnership
from domain.provision import turns
from domain.rules import Rules
from domain.standing import Lists, at
from tests.building import Building
from tests.conftest import NOW


@pytest.fixture
def server_store(postgres_url: str) -> Iterator[Store]:
    """A store over a PostgreSQL server."""
    store = Store(postgres_url)
    yield store
    store.close()


def kept(db: Db) -> int:
    """How many statements this connection has planned and keeps."""
    return int(db.connection().exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one())


def sessions(db: Db) -> Sequence[Session]:
    return db.exec(select(Session).where(col(Session.places) == 0)).all()


def quiet_pass(store: Store) -> None:
    for question in (timekeeping.due, turns.any_due, agenda.due_and_next):
        store.read_now(question, Rules(), now=NOW)


def test_a_list_of_each_question_comes_back_from_one_statement(building: Building) -> None:
    starts = [building.now + timedelta(days=days) for days in (1, 2, 3)]
    first, second, third = (building.session(starts_at=start) for start in starts)
    ours = select(Session.id).where(col(Session.id).in_((first, second, third))).order_by(col(Session.id))
    later = ours.where(col(Session.starts_at) > at(timedelta(days=1, hours=1)))
    lists = Lists([later, later.limit(1), later.where(col(Session.id) < first)])
    answers = [[row.id for row in rows] for rows in building.read(lists.ask, now=building.now)]
    assert answers == [[second, third], [second], []]


def test_a_quiet_pass_asks_five_times_and_tells_nothing_but_instants(building: Building) -> None:
    building.session()
    engine, told = reading_engine(building.store.url), list[Any]()

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        told.append(tuple(parameters.values()) if isinstance(parameters, dict) else tuple(parameters))

    with Db(engine) as db:
        due = timekeeping.due(db, building.rules, now=building.now)
        nothing = turns.any_due(db, building.rules, now=building.now)
        agenda.due_and_next(db, building.rules, now=building.now)
    engine.dispose()
    assert (due, nothing) == ((), False)
    assert len(told) <= 5
    states = {*BookingState, *NoticeState, *SessionState}
    assert {one for values in told for one in values if one in states} == set()


def test_what_a_pass_asks_is_planned_once_a_connection_and_nothing_else_is_kept(server_store: Store) -> None:
    quiet_pass(server_store)
    planned = server_store.read_now(kept)
    for _ in range(8):
        quiet_pass(server_store)
        server_store.read_now(sessions)
    assert planned > 0
    assert server_store.read_now(kept) == planned


def test_reading_goes_on_over_a_new_connection_where_the_old_one_was_lost(server_store: Store) -> None:
    partnership = server_store.write_now(ensure_partnership, "midlands", "Midlands", 1)
    lost = server_store.read_now(lambda db: db.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    with psycopg.connect(server_address(server_store.url), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (lost,))
    found = server_store.read_now(lambda db: db.connection().exec_driver_sql("SELECT id, pg_backend_pid() FROM partnership").one())
    assert found[0] == partnership
    assert found[1] != lost
