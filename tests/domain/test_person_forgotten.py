"""Somebody is taken out of every table: what stays are counts, in the rows, in the file, and in a dump of the server."""

from __future__ import annotations

import os
import struct
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, update
from sqlmodel import SQLModel, col

from domain.audit import of_person
from domain.database import Db, Store, writing_engine
from domain.errors import NotFound
from domain.invitations import NewCode, make_code
from domain.kinds import Kind
from domain.models import AuditEntry, Booking, BookingState, InvitationCode, NoticeState, OrganiserAddress, Partnership, Person, Presenter
from domain.organisers import add_organiser, organiser_at
from domain.rights.copying import copy_of
from domain.rights.leaving import leave, leave_for, leaving
from domain.rights.stripping import PATIENCE, erasures_due, forget, ready
from domain.rights.subjects import SOMEBODY, Subject, subject_at, subjects_at
from domain.rights.tables import TABLES
from domain.rules import Rules
from tests.building import Building, one_row, rows, said_in_chat
from tests.postgres_server import PostgresServer, programs
from tests.private_building import NEUTRAL, SECRET, parent, private_session
from tests.seeding import ACCOUNT, ADDRESS, NAME, ROW, maker_columns, put_as_maker, put_everywhere, seeded_texts

SOUGHT = (NAME.split()[0].lower().encode(), ADDRESS.lower().encode(), str(ACCOUNT).encode())


def erase(building: Building, person_id: int) -> bool:
    """The clock's step, once the letters have left."""
    (one,) = building.read(ready, now=building.now)
    assert one.partnership_id == building.partnership_id
    return bool(building.write(forget, one.erasure_id, building.rules, left=0, now=building.now)) and person_id > 0


def there(db: Db, texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where their name or address stands."""
    found = []
    for table, column in texts:
        one = SQLModel.metadata.tables[table].c[column]
        said = db.connection().execute(select(one)).scalars().all()
        if any(NAME[:5] in str(value) or ADDRESS[:5] in str(value) for value in said):
            found.append((table, column))
    return found


def makers(db: Db) -> set[str]:
    """Who stands in the columns that say who made somebody else's row."""
    tables = SQLModel.metadata.tables
    said = (select(tables[table].c[column]).where(tables[table].c.id == ROW + 1) for table, column in maker_columns())
    return {str(value) for one in said for value in db.connection().execute(one).scalars()}


def everything_kept(store: Store, server: PostgresServer | None) -> bytes:
    """The file after a VACUUM and what stands beside it; or a dump of the server's database."""
    url = make_url(store.url)
    if server is not None:
        dump = subprocess.run(
            [programs() / "pg_dump", "--format=plain", server.of(url.database)], capture_output=True, check=True, env=dict(os.environ)
        )
        return dump.stdout
    engine = writing_engine(store.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    assert url.database is not None
    beside = (Path(f"{url.database}{end}") for end in ("", "-wal", "-shm"))
    return b"".join(file.read_bytes() for file in beside if file.exists())


def test_the_map_knows_every_table_and_every_column() -> None:
    there = {table.name: frozenset(column.name for column in table.columns) for table in SQLModel.metadata.sorted_tables}
    assert {table.name: table.columns for table in TABLES} == there


def test_nothing_leads_back_to_somebody_who_stood_in_every_table(
    store: Store, partnership_id: int, rules: Rules, now: datetime, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = request.getfixturevalue("postgres_server") if store.url.startswith("postgres") else None
    store.write_now(put_everywhere, partnership_id)
    store.write_now(put_as_maker, partnership_id)
    texts = seeded_texts()
    assert store.read_now(there, texts) == texts, "the seeding reaches every column"
    assert store.read_now(makers) == {f"discord:{ACCOUNT}"}
    before = everything_kept(store, server).lower()
    assert [one for one in SOUGHT if one not in before and not one.isdigit()] == []

    (one,) = store.write_now(subjects_at, partnership_id, ADDRESS, now=now)
    assert one == Subject(partnership_id, ROW, ACCOUNT, ADDRESS)
    (waiting,) = store.read_now(ready, now=now)
    assert waiting.messages == ((ROW, f"{NAME} {ADDRESS}"),)
    assert store.write_now(forget, waiting.erasure_id, rules, left=0, now=now) is True

    assert store.read_now(there, texts) == []
    after = everything_kept(store, server).lower()
    assert [after[max(0, after.find(one) - 200) : after.find(one) + 60] for one in SOUGHT if one in after] == []
    assert struct.pack(">q", ACCOUNT) not in after
    assert store.read_now(makers) == {of_person(ROW)}
    person = store.read_now(one_row, Person, col(Person.id) == ROW)
    assert (person.name, person.email, person.email_key, person.discord_id, person.organisation_id) == (SOMEBODY, None, None, None, ROW)
    assert store.read_now(one_row, Booking, col(Booking.id) == ROW).state is BookingState.CONFIRMED


def test_an_organiser_of_whom_only_what_they_made_is_kept_can_ask_to_be_forgotten(
    store: Store, partnership_id: int, rules: Rules, now: datetime
) -> None:
    store.write_now(put_everywhere, partnership_id)
    store.write_now(put_as_maker, partnership_id)
    store.write_now(_leave_only_what_was_made)
    assert store.read_now(makers) == {f"discord:{ACCOUNT}"}
    store.write_now(leave_for, partnership_id, ACCOUNT, rules, now=now)
    for waiting in store.read_now(ready, now=now):
        store.write_now(forget, waiting.erasure_id, rules, left=0, now=now)
    assert [one for one in store.read_now(makers) if str(ACCOUNT) in one] == []
    with pytest.raises(NotFound):
        store.write_now(subject_at, partnership_id, ACCOUNT, now=now)


def _leave_only_what_was_made(db: Db) -> None:
    """The person's own account is known no more, as if they had never booked or asked for a list."""
    for table in SQLModel.metadata.sorted_tables:
        for column in (table.c.get("discord_id"), table.c.get("asked_by")):
            if column is not None and not column.primary_key and column.type.python_type is int:
                db.connection().execute(update(table).where(column == ACCOUNT).values({column.name: 7}))


def test_a_copy_holds_their_rows_of_every_table_and_no_secret(store: Store, partnership_id: int, now: datetime) -> None:
    store.write_now(put_everywhere, partnership_id)
    one = Subject(partnership_id, ROW, ACCOUNT, ADDRESS)
    copy = store.write_now(copy_of, one, now=now)
    has_rows = {table.name for table in TABLES if table.theirs is not None}
    assert {part.table for part in copy.parts} == has_rows
    secrets = {(table.name, column) for table in TABLES for column in table.secret.split()}
    assert {(part.table, column) for part in copy.parts for column in part.columns} & secrets == set()
    (person,) = next(part for part in copy.parts if part.table == "person").rows
    assert (NAME in str(person), ADDRESS in str(person), ACCOUNT in person) == (True, True, True)
    kept = store.read_now(one_row, AuditEntry, col(AuditEntry.action) == "export person")
    assert (kept.actor, kept.detail) == (of_person(ROW), of_person(ROW))


def test_what_somebody_did_by_page_is_in_their_copy_and_leads_nowhere_once_they_are_forgotten(building: Building) -> None:
    private_session(building)
    here, week = building.partnership_id, building.programme_id
    for name in ("ann", "bob"):
        building.write(add_organiser, here, week, f"{name}@council.gov.uk", actor="command line", now=building.now)
        signed_in = building.read(organiser_at, here, f"{name}@council.gov.uk")
        building.write(add_organiser, here, week, f"{name}s-colleague@council.gov.uk", actor=signed_in.actor, now=building.now)
        building.write(make_code, here, NewCode(week, label=f"of {name}"), actor=signed_in.actor, now=building.now)
    (ann,) = building.write(subjects_at, here, "Ann@council.gov.uk", now=building.now)
    copy = building.write(copy_of, ann, actor="command line", now=building.now)
    by_table = {part.table: part for part in copy.parts}
    actions = [row[by_table["auditentry"].columns.index("action")] for row in by_table["auditentry"].rows]
    codes = [row[by_table["invitationcode"].columns.index("label")] for row in by_table["invitationcode"].rows]
    assert (actions, codes) == (["add organiser address", "make invitation"], ["of ann"])
    building.write(leave, ann, building.rules, actor="command line", now=building.now)
    assert erase(building, ann.person_id)
    bob = building.read(organiser_at, here, "bob@council.gov.uk").actor
    assert {row.label: row.made_by for row in building.read(rows, InvitationCode)} == {"of ann": of_person(ann.person_id), "of bob": bob}
    added = {row.address: row.added_by for row in building.read(rows, OrganiserAddress)}
    assert added == {
        "anns-colleague@council.gov.uk": of_person(ann.person_id),
        "bob@council.gov.uk": "command line",
        "bobs-colleague@council.gov.uk": bob,
    }


@pytest.mark.parametrize(("server", "account", "spoken_of"), [(None, None, False), (9, None, True), (None, 1, True)])
def test_a_copy_speaks_of_discord_only_where_there_is_any(
    building: Building, server: int | None, account: int | None, spoken_of: bool
) -> None:
    person = building.person(1)
    building.write(_server, building.partnership_id, server)
    copy = building.write(copy_of, Subject(building.partnership_id, person, account), now=building.now)
    assert any("Discord" in one for one in copy.elsewhere) is spoken_of
    assert copy.elsewhere[0] == "We sent you 0 e-mails" + (" and 0 messages in Discord." if spoken_of else ".")


def _server(db: Db, partnership_id: int, guild_id: int | None) -> None:
    partnership = db.get_one(Partnership, partnership_id)
    partnership.guild_id = guild_id
    db.add(partnership)


def test_a_copy_says_where_organisers_words_name_them(building: Building) -> None:
    person = building.person(1, name="Quillon Zebedee")
    session = building.session(title="A talk by quillon zebedee")
    copy = building.write(copy_of, Subject(building.partnership_id, person, 1, "person1@council.gov.uk"), now=building.now)
    assert copy.named == (f"session {session}: title",)


def test_who_asks_to_be_forgotten_hears_that_all_ahead_is_cancelled_and_is_stripped_when_that_has_left(building: Building) -> None:
    session = building.session(places=1)
    person, next_one = building.person(1), building.person(2)
    building.book(session, person)
    building.book(session, next_one)
    building.deliver()
    one = Subject(building.partnership_id, person, 1, "person1@council.gov.uk")
    assert building.write(leave, one, building.rules, now=building.now).cancelled == 1
    assert building.write(leave, one, building.rules, now=building.now).cancelled == 0, "harmless to repeat"
    assert building.booking(session, next_one).state is BookingState.CONFIRMED, "the next in line has the place"
    assert (building.read(ready, now=building.now), building.read(due)) == ((), False), "the cancellation has not left"
    assert [letter.kind for letter in building.deliver() if letter.person_id == person] == [Kind.CANCELLATION]
    assert building.read(due) is True
    assert erase(building, person) is True
    assert building.read(due) is False
    assert building.read(one_row, Person, Person.id == person).name == SOMEBODY
    assert (building.booking(session, person).state, building.booking(session, person).alias) == (BookingState.CANCELLED, None)
    done = building.read(leaving, person)
    assert (done.asked_at, done.done_at) == (building.now, building.now)


def due(db: Db) -> bool:
    """What the clock asks."""
    from domain.standing import Standing

    (answer,) = Standing([erasures_due()]).ask(db, now=datetime.fromisoformat("2027-03-01T09:00:00+00:00"))
    return bool(answer)


def test_a_mail_server_that_is_away_is_waited_for_two_days_and_no_longer(building: Building) -> None:
    session = building.session()
    person = building.person(1)
    building.book(session, person)
    building.deliver()
    building.write(leave, Subject(building.partnership_id, person, 1, "person1@council.gov.uk"), building.rules, now=building.now)
    building.now += PATIENCE - timedelta(seconds=1)
    assert building.read(ready, now=building.now) == ()
    building.later(seconds=1)
    assert erase(building, person) is True
    (key,) = [one for one in building.notices() if one[0].startswith("cancellation")]
    assert key[1] == NoticeState.DROPPED


def test_who_books_again_meanwhile_is_cancelled_again_before_anything_is_stripped(building: Building) -> None:
    person, session = building.person(1), building.session()
    building.write(leave, Subject(building.partnership_id, person, 1, None), building.rules, now=building.now)
    building.book(session, person)
    building.deliver()
    assert erase(building, person) is False
    building.deliver()
    assert erase(building, person) is True
    assert building.booking(session, person).state is BookingState.CANCELLED


def test_a_presenter_whom_only_an_address_leads_to_is_forgotten_and_named_nowhere(building: Building) -> None:
    session = building.session()
    building.write(_presents, building.partnership_id, session)
    (one,) = building.write(subjects_at, building.partnership_id, ADDRESS.upper(), now=building.now)
    building.write(leave, one, building.rules, actor="command line", now=building.now)
    building.deliver()
    assert erase(building, one.person_id) is True
    row = building.read(one_row, Presenter, Presenter.session_id == session)
    assert (row.label, row.address) == (SOMEBODY, None)


def _presents(db: Db, partnership_id: int, session_id: int) -> None:
    db.add(Presenter(partnership_id=partnership_id, session_id=session_id, label=NAME, address=ADDRESS, code_seed="seed"))


def test_messages_in_chat_are_listed_until_each_is_taken_back(building: Building) -> None:
    person = building.person(5, reminders_by_chat=True)
    building.write(said_in_chat, building.partnership_id, person, now=building.now)
    building.write(leave, Subject(building.partnership_id, person, 5, None), building.rules, now=building.now)
    (one,) = building.read(ready, now=building.now)
    assert (one.discord_id, [number for _, number in one.messages]) == (5, ["77001"])


def test_a_copy_names_a_private_session_by_the_title_that_everybody_may_see(building: Building) -> None:
    session = private_session(building)
    person = parent(building, 1)
    building.book(session, person, alias="Rosie")
    copy = building.write(copy_of, Subject(building.partnership_id, person, 1, "parent1@family.example"), now=building.now)
    means = dict(next(part for part in copy.parts if part.table == "booking").means)
    assert (means["session_id"][session].startswith(f"{NEUTRAL}, "), SECRET in str(copy)) == (True, False)
