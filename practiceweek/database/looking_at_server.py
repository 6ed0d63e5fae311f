"""Looking at a PostgreSQL database without changing it: whether it answers, holds our tables as we know them, and can be written to."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from domain.engines import server_address
from domain.findings import Finding, missing, ok, unsure
from practiceweek.database import revisions
from practiceweek.times import utc_now

_MOST_SKEW_S = 2.0
#: what `run` takes: one writes, one counts what others allow, three read, one waits for the bell, one holds the chat
OF_A_PROCESS = 7
#: two processes, as during a deploy, and a copy that is made beside them
NEEDED = 2 * OF_A_PROCESS + 1


def look_at_server(url: str, lacks: Callable[[str, str], Finding] = unsure) -> list[Finding]:
    """Everything about the database and the server that it is on."""
    try:
        with psycopg.connect(server_address(url), autocommit=True, connect_timeout=10) as connection:
            connection.execute("SET TimeZone='UTC'")
            return [
                ok(f"The PostgreSQL server answers (version {connection.info.server_version // 10_000})."),
                _encoding(connection),
                _clock(connection),
                _right(url, lacks),
                _writable(connection),
                _room(connection),
            ]
    except psycopg.OperationalError as fault:
        return [
            missing(f"The PostgreSQL server did not let us in: {revisions.why(fault)}.", "Check database.url, PGPASSWORD and the server.")
        ]


def _encoding(connection: psycopg.Connection) -> Finding:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding == "UTF8":
        return ok("The database can hold every name (its encoding is UTF8).")
    return missing(f"The database's encoding is {encoding}: many names cannot be written.", "Make one with: createdb --encoding=UTF8")


def _clock(connection: psycopg.Connection) -> Finding:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    seconds = abs((utc_now() - row[0]).total_seconds())
    if seconds <= _MOST_SKEW_S:
        return ok("The clocks of this machine and of the server agree.")
    return unsure(f"The clocks of this machine and of the server are {seconds:.0f} seconds apart.", "Set both by a time server (NTP).")


def _right(url: str, lacks: Callable[[str, str], Finding]) -> Finding:
    present, newest = revisions.present(url), revisions.newest()
    if present == newest:
        different = revisions.differences(url)
        if different:
            return missing(f"Tables are not as this program knows them: {', '.join(different)}.", "Put back a copy, or ask for help.")
        return ok(f"The database has the revision that this program needs ({newest}), and its tables.")
    if present is None:
        return lacks("There are no tables yet.", "practiceweek run makes them at its first start.")
    said = f"The database is at revision {present}, and this program needs {newest}."
    if not revisions.is_known(present):
        return missing(said, "Use the program that made it, or a newer one than this.")
    return missing(said, "Make a copy of it, then run: practiceweek db upgrade --config FILE")


def _writable(connection: psycopg.Connection) -> Finding:
    row = connection.execute(
        "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool, has_schema_privilege('public', 'CREATE')"
    ).fetchone()
    assert row is not None
    copy_only, may_create = row
    if copy_only:
        return missing("The database may only be read: it may be a standby of another.", "Write the main server into database.url.")
    if not may_create:
        return unsure("We may not make tables here.", "For an upgrade, let us: GRANT CREATE ON SCHEMA public TO …")
    return ok("The database can be written to.")


def _room(connection: psycopg.Connection) -> Finding:
    """What administrators and other programs leave to us; what we have already is ours."""
    row = connection.execute(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        " - coalesce(current_setting('reserved_connections', true), '0')::int"
        " - (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid())"
    ).fetchone()
    assert row is not None
    return said_of_room(row[0] + connections_of_ours(connection))


def connections_of_ours(connection: psycopg.Connection) -> int:
    """How many the processes of this installation have to its database just now, by the names that they give themselves.

    Those names are given in `domain.engines`, `domain.bell` and `practiceweek.processes.standby`.
    """
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'practiceweek%'"
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def said_of_room(left: int) -> Finding:
    """Whether so many connections are enough for us."""
    needs = f"Two processes and a copy of the database need {NEEDED}"
    if left >= NEEDED:
        return ok(f"The server has room for {left} connections of ours. {needs}.")
    return unsure(f"The server has room for only {left} connections of ours. {needs}.", "Raise max_connections.")
