"""The database's revisions: up from nothing, down again, and never far from the models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import String, inspect, text
from sqlmodel import SQLModel, col
from typer.testing import CliRunner

import domain.models  # noqa: F401 - the tables
from domain.audit import audit
from domain.bookings import Came
from domain.database import Store, writing_engine
from domain.models import Booking, Notice, OrganiserAddress, Person, SeriesBooking, Session
from domain.organisers import sync_organisers
from domain.programmes import ensure_partnership
from domain.rights.subjects import made_by
from domain.rules import Rules
from practiceweek import cli
from practiceweek.database import revisions
from practiceweek.settings.installation import SettingsError
from tests.building import Building, one_row, rows
from tests.postgres_server import PostgresServer
from tests.series_building import run_of

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables: a file that does not exist yet, and one of a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(empty=True) as made:
        yield made


@pytest.fixture
def made_of_models(request: pytest.FixtureRequest, url: str) -> str:
    """A database of the same kind, with every table of the models."""
    made: str = request.getfixturevalue("sqlite_url" if url.startswith("sqlite") else "postgres_url")
    return made


@pytest.fixture
def config(tmp_path: Path, url: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[database]\nurl = "{url}"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n', encoding="utf-8")
    return path


def on(url: str, do: Any) -> Any:
    """Do something with a connection of its own."""
    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            return do(connection)
    finally:
        engine.dispose()


def tables(url: str) -> list[str]:
    return sorted(on(url, lambda connection: inspect(connection).get_table_names()))


def differences(url: str) -> list[Any]:
    """What Alembic would have to do to make the database what the models say."""

    def compare(connection: Any) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        return list(compare_metadata(context, SQLModel.metadata))

    found: list[Any] = on(url, compare)
    return found


def rules_of(url: str) -> dict[str, Any]:
    """What Alembic does not compare: each table's CHECKs, keys, uniques and indexes."""

    def read(connection: Any) -> dict[str, Any]:
        seen = inspect(connection)
        return {
            name: {
                "checks": sorted((c["name"] or "", "".join(c["sqltext"].split())) for c in seen.get_check_constraints(name)),
                "unique": sorted(tuple(u["column_names"]) for u in seen.get_unique_constraints(name)),
                "foreign": sorted((tuple(f["constrained_columns"]), f["referred_table"]) for f in seen.get_foreign_keys(name)),
                "indexes": sorted((i["name"], tuple(i["column_names"]), i["unique"]) for i in seen.get_indexes(name)),
                "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(name)},
                "primary": seen.get_pk_constraint(name)["constrained_columns"],
            }
            for name in seen.get_table_names()
            if name != "alembic_version"
        }

    found: dict[str, Any] = on(url, read)
    return found


def test_a_new_database_is_brought_to_the_newest_revision(url: str) -> None:
    assert (revisions.is_empty(url), revisions.present(url)) == (True, None)
    revisions.upgrade(url)
    assert (revisions.is_empty(url), revisions.present(url)) == (False, revisions.newest())
    assert tables(url) == sorted(["alembic_version", *SQLModel.metadata.tables])


def test_bringing_it_there_again_changes_nothing(url: str) -> None:
    revisions.upgrade(url)
    before = rules_of(url)
    revisions.upgrade(url)
    assert (revisions.present(url), rules_of(url)) == (revisions.newest(), before)


def test_the_revisions_make_what_the_models_say(url: str) -> None:
    revisions.upgrade(url)
    assert differences(url) == []


def test_the_revisions_make_every_check_key_and_index_of_the_models(url: str, made_of_models: str) -> None:
    revisions.upgrade(url)
    assert rules_of(url) == rules_of(made_of_models)


@SQLITE
def test_the_revisions_give_a_number_once_where_the_models_do(url: str, made_of_models: str) -> None:
    def once(connection: Any) -> list[str]:
        return list(connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")).scalars())

    revisions.upgrade(url)
    assert on(url, once) == on(made_of_models, once) == ["organiseraddress"]


def test_a_difference_would_be_noticed(url: str) -> None:
    revisions.upgrade(url)
    on(url, lambda connection: connection.execute(text("DROP TABLE hostday")))
    assert [(found[0], found[1].name) for found in differences(url)] == [("add_table", "hostday")]


def test_down_to_the_base_leaves_no_table_of_ours(url: str) -> None:
    revisions.upgrade(url)
    revisions.downgrade(url, "base")
    assert (tables(url), revisions.present(url)) == (["alembic_version"], None)


def test_down_and_up_again_is_the_same_database(url: str) -> None:
    revisions.upgrade(url)
    before = rules_of(url)
    revisions.downgrade(url, "base")
    revisions.upgrade(url)
    assert (rules_of(url), differences(url)) == (before, [])


@pytest.fixture
def filled(url: str) -> Iterator[Building]:
    """A migrated database with a programme, sessions, people and bookings in it."""
    revisions.upgrade(url)
    store = Store(url)
    partnership_id = store.write_now(ensure_partnership, "midlands", "Midlands", 1)
    building = Building(store, partnership_id, Rules(), NOW)
    building.programme()
    session_id, first, second = building.session(places=1), building.person(1), building.person(2)
    assert [building.book(session_id, who).came for who in (first, second)] == [Came.CONFIRMED, Came.WAITLISTED]
    yield building
    store.close()


@pytest.fixture
def filled_before(url: str) -> list[tuple[str, list[Any]]]:
    """A database of the first revision, filled by plain statements as its program did; what stands in it."""
    revisions.upgrade(url, FIRST)

    def fill(connection: Any) -> list[tuple[str, list[Any]]]:
        for statement in FIRST_ROWS:
            connection.execute(text(statement))
        return kept_of_first(connection)

    kept: list[tuple[str, list[Any]]] = on(url, fill)
    return kept


#: the oldest revision that was released, and rows as it had them
FIRST = "0002"
FIRST_ROWS = (
    "INSERT INTO partnership (id, key, name, guild_id) VALUES (1, 'midlands', 'Midlands', 1)",
    "INSERT INTO organisation (id, partnership_id, name, name_key) VALUES (1, 1, 'Northfield Council', 'northfield council')",
    "INSERT INTO host (id, partnership_id, provider, account, at_once, per_day, active) VALUES (1, 1, 'teams', 'host-1', 1, 100, true)",
    "INSERT INTO hostday (host_id, day, calls) VALUES (1, '2027-03-01', 3)",
)


def kept_of_first(connection: Any) -> list[tuple[str, list[Any]]]:
    return [
        (table, connection.execute(text(f"SELECT {columns} FROM {table}")).all())
        for table, columns in (
            ("partnership", "id, key, name, guild_id"),
            ("organisation", "id, partnership_id, name"),
            ("host", "id, account, at_once, per_day"),
            ("hostday", "host_id, calls"),
        )
    ]


def test_an_upgrade_from_the_first_revision_keeps_its_rows_and_so_does_the_way_back(
    filled_before: list[tuple[str, list[Any]]], url: str
) -> None:
    revisions.upgrade(url)
    assert (revisions.present(url), differences(url), on(url, kept_of_first)) == (revisions.newest(), [], filled_before)
    revisions.downgrade(url, FIRST)
    assert (revisions.present(url), on(url, kept_of_first)) == (FIRST, filled_before)
    revisions.upgrade(url)
    assert (differences(url), on(url, kept_of_first)) == ([], filled_before)


def test_a_database_that_is_down_a_revision_with_a_whole_week_in_it_comes_up_again(filled: Building, url: str) -> None:
    ours = (Session, Booking, Notice, Person)
    before = [[row.model_dump() for row in filled.read(rows, table)] for table in ours]
    revisions.downgrade(url, FIRST)
    revisions.upgrade(url)
    assert [[row.model_dump() for row in filled.read(rows, table)] for table in ours] == before


def test_a_strangers_wish_is_promoted_by_no_program_of_the_revision_before(filled: Building, url: str) -> None:
    """Down a revision nobody could tell it from what somebody asked for: the one that waits is over, the others are as they were."""
    on(url, lambda connection: connection.execute(text("UPDATE booking SET wished = true WHERE state = 'waitlisted'")))
    revisions.downgrade(url, "0004")
    kept = on(url, lambda connection: connection.execute(text("SELECT state FROM booking ORDER BY id")).scalars().all())
    assert kept == ["confirmed", "cancelled"]
    revisions.upgrade(url)
    assert [(one.state.value, one.wished) for one in filled.read(rows, Booking)] == [("confirmed", False), ("cancelled", False)]


def test_what_only_a_page_can_have_held_is_a_wish_after_the_upgrade(filled: Building, url: str) -> None:
    """A place kept for an address to be proven, of who has proven theirs. What waits stays as it is: nobody can say who typed it."""
    known, new = filled.person(50), filled.newcomer(51)
    run = run_of(filled)
    for person in (known, new):
        filled.book(filled.session(), person)
        run.book(person, accept_clash=True)
    hold = "state = 'held', hold = 'proof', held_until = asked_at"
    for table in ("booking", "seriesbooking"):
        on(url, lambda connection, table=table: connection.execute(text(f"UPDATE {table} SET {hold} WHERE person_id = {known}")))
    revisions.downgrade(url, "0004")
    revisions.upgrade(url)
    for model, whose, each in ((Booking, col(Booking.person_id), 4), (SeriesBooking, col(SeriesBooking.person_id), 1)):
        found = filled.read(rows, model, whose.in_((known, new)))
        assert sorted((one.person_id, one.wished) for one in found) == [(known, True)] * each + [(new, False)] * each


#: rows as 0004 had them: each says who did something, in whichever way
_CODE = "'0', 'ABC', '', 0, '2027-03-01', '2027-03-01'"
DONE_BY = {
    "auditentry.actor": "INSERT INTO auditentry (partnership_id, at, actor, action, detail) VALUES (1, '2027-03-01', '{who}', 'view', '')",
    "announcement.made_by": "INSERT INTO announcement (partnership_id, programme_id, audience, subject, words, made_at, made_by) "
    "VALUES (1, 1, 'both', '', 'Bring lunch.', '2027-03-01', '{who}')",
    "invitationcode.made_by": "INSERT INTO invitationcode (partnership_id, programme_id, code_hash, hint, label, uses, expires_at, "
    f"made_at, made_by) VALUES (1, 1, {_CODE}, '{{who}}')",
    "erasure.asked_by": "INSERT INTO erasure (partnership_id, person_id, asked_at, messages_left, asked_by) "
    "VALUES (1, 1, '2027-03-01', 0, '{who}')",
    "organiseraddress.added_by": "INSERT INTO organiseraddress (partnership_id, address, address_key, added_at, added_by) "
    "VALUES (1, 'by@council.gov.uk', 'by@council.gov.uk', '2027-03-01', '{who}')",
}


def newest_organiser(building: Building) -> int:
    """The number that somebody gets who organises from now on."""
    building.write(sync_organisers, building.partnership_id, ["new@council.gov.uk"], now=NOW)
    return int(building.read(one_row, OrganiserAddress, OrganiserAddress.address == "new@council.gov.uk").id)


@SQLITE
def test_the_columns_that_may_name_an_organiser_are_all_looked_through(url: str) -> None:
    revisions.upgrade(url, "0004")
    there = rules_of(url)
    named_in = [(column.table.name, column.name) for column in made_by()]
    ours = {f"{table}.{column}" for table, column in named_in if column in there.get(table, {"columns": {}})["columns"]}
    assert {"auditentry.actor", *ours} == set(DONE_BY)


@SQLITE
@pytest.mark.parametrize("named_in", DONE_BY)
def test_the_number_of_an_organiser_who_is_named_anywhere_is_given_to_nobody_after_the_upgrade(
    named_in: str, filled: Building, url: str
) -> None:
    """Revision 0004 on a file gave the number of a deleted address again."""
    revisions.downgrade(url, "0004")
    on(url, lambda connection: connection.execute(text(DONE_BY["auditentry.actor"].format(who="organiser:9"))))
    on(url, lambda connection: connection.execute(text(DONE_BY["auditentry.actor"].format(who="discord:99"))))
    on(url, lambda connection: connection.execute(text(DONE_BY[named_in].format(who="organiser:12"))))
    revisions.upgrade(url)
    assert newest_organiser(filled) == 13


def test_an_organiser_who_was_deleted_before_the_upgrade_keeps_their_number_in_the_trail(filled: Building, url: str) -> None:
    filled.write(sync_organisers, filled.partnership_id, ["old@council.gov.uk"], now=NOW)
    filled.write(audit, filled.partnership_id, "organiser:1", "view", now=NOW)
    revisions.downgrade(url, "0004")
    on(url, lambda connection: connection.execute(text("DELETE FROM organiseraddress")))
    revisions.upgrade(url)
    assert newest_organiser(filled) == 2


def test_the_upgrade_of_who_organises_already_goes_on_counting_after_them(filled: Building, url: str) -> None:
    filled.write(sync_organisers, filled.partnership_id, ["one@council.gov.uk", "two@council.gov.uk"], now=NOW)
    revisions.downgrade(url, "0004")
    revisions.upgrade(url)
    assert newest_organiser(filled) == 3


def test_the_program_works_on_a_migrated_database(filled: Building) -> None:
    assert [letter.key for letter in filled.deliver()] == ["invitation:1:1"]


def test_an_upgrade_keeps_what_is_in_the_database(filled: Building, url: str) -> None:
    tables_of_ours = (Session, Booking, Notice)
    before = [[row.model_dump() for row in filled.read(rows, table)] for table in tables_of_ours]
    revisions.upgrade(url)
    assert [[row.model_dump() for row in filled.read(rows, table)] for table in tables_of_ours] == before
    assert [len(kept) for kept in before] == [2, 2, 1]


def renamed(operations: Operations) -> None:
    """As a revision would do it: SQLite copies the table, and drops the old one to which other rows point."""
    with operations.batch_alter_table("person") as person:
        person.alter_column("name", type_=String(150))


def test_a_table_to_which_rows_point_can_be_altered(filled: Building, url: str) -> None:
    before = [[row.model_dump() for row in filled.read(rows, table)] for table in (Person, Booking, Notice)]
    with revisions.altering(url) as connection:
        renamed(Operations(MigrationContext.configure(connection, opts={"render_as_batch": True})))
    assert rules_of(url)["person"]["columns"]["name"] == ("VARCHAR(150)", False)
    assert [[row.model_dump() for row in filled.read(rows, table)] for table in (Person, Booking, Notice)] == before
    assert rules_of(url)["booking"]["foreign"] == rules_of_models("booking")


def rules_of_models(table: str) -> list[Any]:
    keys = SQLModel.metadata.tables[table].foreign_key_constraints
    return sorted((tuple(column.name for column in key.columns), key.referred_table.name) for key in keys)


@SQLITE
def test_a_change_that_leaves_rows_pointing_nowhere_is_refused_and_undone(filled: Building, url: str) -> None:
    before = filled.read(rows, Person)

    def lose_people() -> None:
        with revisions.altering(url) as connection:
            connection.execute(text("DELETE FROM person"))

    with pytest.raises(SettingsError) as refused:
        lose_people()
    assert str(refused.value) == "Rows of booking, notice point to rows that are not there. The database was left as it was."
    assert filled.read(rows, Person) == before


def test_a_failed_upgrade_leaves_nothing_behind(url: str) -> None:
    last = sorted(SQLModel.metadata.tables)[-1]
    on(url, lambda connection: connection.execute(text(f"CREATE TABLE {last} (id INTEGER)")))  # in the way
    with pytest.raises(Exception, match="already exists"):
        revisions.upgrade(url)
    assert tables(url) == [last]


# ── the command line ────────────────────────────────────────────────────────────────────────────────────────


def at_revision(url: str, revision: str) -> None:
    on(url, lambda connection: connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'")))


@pytest.mark.parametrize("command", [["run"], ["import", "week.csv", "--yes"]])
def test_another_revision_is_refused_with_the_command_that_mends_it(command: list[str], config: Path, url: str, tmp_path: Path) -> None:
    revisions.upgrade(url)
    at_revision(url, "9999")
    (tmp_path / "week.csv").write_text("Date,Start,End,Title\n", encoding="utf-8")
    command = [str(tmp_path / word) if word.endswith(".csv") else word for word in command]
    with pytest.raises(SettingsError) as refused:
        CliRunner().invoke(cli.app, [*command, "--config", str(config)], catch_exceptions=False)
    assert str(refused.value) == (
        f"The database is at revision 9999, and this program needs {revisions.newest()}. "
        "Make a copy of it, then run: practiceweek db upgrade --config FILE"
    )


def test_tables_without_a_revision_are_refused(config: Path, url: str) -> None:
    on(url, lambda connection: connection.execute(text("CREATE TABLE something (id INTEGER)")))
    with pytest.raises(SettingsError, match="The database is at revision unknown"):
        CliRunner().invoke(cli.app, ["run", "--config", str(config)], catch_exceptions=False)
    assert tables(url) == ["something"]


def test_db_upgrade_brings_a_database_to_the_newest_revision(config: Path, url: str) -> None:
    said = CliRunner().invoke(cli.app, ["db", "upgrade", "--config", str(config)], catch_exceptions=False)
    assert (said.exit_code, said.output) == (0, f"The database is at revision {revisions.newest()}.\n")
    assert revisions.present(url) == revisions.newest()


def refused_upgrade(config: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        CliRunner().invoke(cli.app, ["db", "upgrade", "--config", str(config)], catch_exceptions=False)
    return str(refused.value)


@SQLITE
def test_an_upgrade_of_a_damaged_database_is_refused_in_a_sentence(config: Path, tmp_path: Path) -> None:
    (tmp_path / "new.sqlite").write_bytes(b"no database at all " * 100)
    assert refused_upgrade(config) == f"The database {tmp_path / 'new.sqlite'} cannot be used: file is not a database."


@SQLITE
def test_an_upgrade_where_there_is_no_such_folder_is_refused_in_a_sentence(config: Path, tmp_path: Path) -> None:
    text = config.read_text(encoding="utf-8").replace("new.sqlite", "none/new.sqlite")
    config.write_text(text, encoding="utf-8")
    assert refused_upgrade(config) == f"The database {tmp_path}/none/new.sqlite cannot be used: unable to open database file."


def test_an_upgrade_of_a_newer_database_is_refused_in_a_sentence(config: Path, url: str) -> None:
    revisions.upgrade(url)
    at_revision(url, "9999")
    assert refused_upgrade(config) == "The database is at revision 9999, which this program does not know. Use the program that made it."
    assert revisions.present(url) == "9999"
