"""A database of PostgreSQL that a test has had before finds nothing of the other: no row, no number, no connection, no other shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlmodel import SQLModel

from domain.database import Store
from domain.programmes import ensure_partnership
from domain.rules import Rules
from tests.building import Building
from tests.conftest import NOW
from tests.postgres_server import ROWS_AT_MOST, PostgresServer

CHANGES = (
    "ALTER TABLE person ADD COLUMN colour text",
    "CREATE INDEX one_more ON booking (state)",
    "CREATE TABLE one_more (id integer)",
    "DROP TRIGGER auditentry_no_change ON auditentry",
    "ALTER TABLE auditentry DISABLE TRIGGER auditentry_no_truncate",
    "INSERT INTO partnership (key, name) VALUES ('x', 'x'); ANALYZE partnership",
    "ALTER TABLE booking DROP CONSTRAINT booking_session_id_fkey",
    "CREATE OR REPLACE FUNCTION auditentry_only_adds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''America/New_York''', current_database()); END $$",
)


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The run's server, with no database kept yet."""
    with closing(PostgresServer(postgres_server.sqlalchemy_url("postgres"))) as mine:
        yield mine


def bare(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def acted_out(url: str) -> list[int]:
    """A booking and all that it takes; the ids that they were given."""
    with closing(Store(url)) as store:
        building = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), Rules(), NOW)
        programme, session, person = building.programme(), building.session(), building.person(1)
        building.book(session, person)
        return [building.partnership_id, programme, session, person, building.booking(session, person).id or 0]


def rows_in_all(connection: psycopg.Connection) -> int:
    each = " + ".join(f'(SELECT count(*) FROM "{table}")' for table in SQLModel.metadata.tables)
    ((count,),) = connection.execute(f"SELECT {each}").fetchall()
    return count


def test_the_next_test_has_the_same_database_without_a_row_and_counts_from_one(server: PostgresServer) -> None:
    with server.database() as one:
        first = acted_out(one)
    with server.database() as again, bare(again) as connection:
        assert (again, rows_in_all(connection)) == (one, 0)
        assert (acted_out(again), first) == (first, [1, 1, 2, 1, 1])


def test_numbers_that_were_used_up_for_nothing_are_given_again(server: PostgresServer) -> None:
    with server.database() as one, bare(one) as connection:
        connection.execute("SELECT nextval('partnership_id_seq') FROM generate_series(1, 9)")
    with server.database() as again:
        assert (again, acted_out(again)[0]) == (one, 1)


def test_whoever_is_still_connected_is_cut_off_with_what_they_hold(server: PostgresServer) -> None:
    with server.database() as one:
        left = bare(one)
        left.execute("BEGIN; LOCK TABLE partnership; SELECT pg_advisory_lock(1); INSERT INTO partnership (key, name) VALUES ('x', 'x')")
    with server.database() as again:
        assert (again, acted_out(again)[0]) == (one, 1)
        with pytest.raises(psycopg.OperationalError):
            left.execute("COMMIT")
    left.close()


def test_two_at_once_are_two(server: PostgresServer) -> None:
    with server.database() as one, server.database() as other:
        assert one != other


@pytest.mark.parametrize("change", CHANGES)
def test_one_whose_shape_was_changed_is_thrown_away(server: PostgresServer, change: str) -> None:
    with server.database() as one, bare(one) as connection:
        connection.execute(change)
    with server.database() as other, bare(other) as connection:
        assert other != one
        assert (
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (one.split("?")[0].rpartition("/")[2],)).fetchone() is None
        )


def test_one_that_has_held_very_much_is_thrown_away(server: PostgresServer) -> None:
    many = "INSERT INTO partnership (key, name) SELECT 'p' || i, 'p' FROM generate_series(1, %s) i"
    with server.database() as one, bare(one) as connection:
        connection.execute(many, (ROWS_AT_MOST + 1,))
    with server.database() as other:
        assert other != one


def test_an_empty_one_has_no_table_and_is_nobodys_afterwards(server: PostgresServer) -> None:
    with server.database(empty=True) as one, bare(one) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    with server.database(empty=True) as other:
        assert other != one
