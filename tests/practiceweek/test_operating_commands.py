"""`practiceweek status` and `practiceweek notices`, as who runs the program types them."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from domain import processes, tending
from domain.database import Store
from domain.kinds import Channel, Kind, Provider
from domain.limits import host_account, pause
from domain.models import AuditEntry, Host, Notice, NoticeState, Partnership, Session
from domain.rules import Rules
from practiceweek import cli
from practiceweek.database import revisions
from practiceweek.operating import standing as operating
from practiceweek.processes import naming, pulse
from practiceweek.processes.state import State
from practiceweek.settings.installation import Settings, load
from practiceweek.times import utc_now
from practiceweek.typed import AgainWord, OffWord, StateWord
from tests.building import Building, rows, the_morning_after


@dataclass
class Desk:
    """An operator's folder, and the database behind it."""

    folder: Path
    url: str
    config: Path

    def run(self, *words: str) -> tuple[int, str]:
        """Type a command; how it ended, and all it wrote."""
        written, code = io.StringIO(), 0
        with pytest.MonkeyPatch.context() as here, redirect_stdout(written), redirect_stderr(written):
            here.setattr(sys, "argv", ["practiceweek", *words, "--config", str(self.config)])
            try:
                cli.main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        return code, written.getvalue()

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def write(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        store = Store(self.url)
        try:
            return store.write_now(use_case, *args, **kwargs)
        finally:
            store.close()


def desk_of(folder: Path, url: str) -> Desk:
    config = folder / "config.toml"
    config.write_text(
        f'[database]\nurl = "{url}"\n[partnership.midlands]\nname = "Midlands"\nguild_id = 1\n'
        '[partnership.north]\nname = "North"\nguild_id = 2\n',
        encoding="utf-8",
    )
    return Desk(folder, url, config)


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Desk:
    """A database with a week, a booking whose invitation has failed, and a process that runs."""
    made = desk_of(tmp_path, sqlite_url)
    made.write(_of_this_revision)
    store, now = Store(made.url), utc_now()
    ids = store.write_now(_partnerships)
    building = Building(store, ids[0], Rules(), now)
    building.programme()
    building.book(building.session(starts_at=the_morning_after(now, days=9)), building.person(1, name="Quokka"))
    building.write(processes.say, "box:1", answers=True, sends=True, now=now)
    store.write_now(_failed)
    store.close()
    return made


def _of_this_revision(db: Any) -> None:
    db.connection().exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
    db.connection().exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revisions.newest()}')")


def _partnerships(db: Any) -> list[int]:
    made = [Partnership(key=key, name=key.title(), guild_id=number) for number, key in enumerate(("midlands", "north"), start=1)]
    db.add_all(made)
    db.flush()
    return [one.id or 0 for one in made]


def _failed(db: Any) -> None:
    notice = db.exec(select(Notice)).one()
    notice.state, notice.error = NoticeState.FAILED, "550 <quokka@family.example> unknown"
    db.add(notice)


def _asked(db: Any) -> None:
    session = db.exec(select(Session)).all()[-1]
    session.privacy_asked = True
    db.add(session)


def test_status_says_what_is_wrong_and_ends_with_one(desk: Desk) -> None:
    code, said = desk.run("status")
    assert code == 1
    assert said.startswith(
        "Something needs you:\n  - Midlands: 1 message failed, and nobody has dealt with it. "
        "Look with: practiceweek notices list --state failed\n"
        "1 thing waits for organisers. They see it under “What needs you”.\n\n"
        f"The database has revision {revisions.newest()}.\nProcess box:1 sends messages and answers in chat. It was last heard of "
    )
    assert "\nMidlands\n  1 message failed:\n          1  invitation by e-mail\n\nNorth\n  There are no messages yet.\n" in said


def test_status_misses_the_pages_and_says_which_process_shows_them(desk: Desk) -> None:
    missed = "  - No process shows the pages. Start one with: practiceweek run --only web"
    assert missed not in desk.run("status")[1].splitlines()
    desk.config.write_text(desk.config.read_text() + '[web]\nenabled = true\naddress = "https://pages.example.org"\n', encoding="utf-8")
    assert missed in desk.run("status")[1].splitlines()
    desk.write(processes.say, "box:2", answers=False, sends=False, serves=True, now=utc_now())
    said = desk.run("status")[1]
    assert (missed in said, "\nProcess box:2 shows pages. It was last heard of " in said) == (False, True)


def test_what_was_dropped_needs_nobody_any_more(desk: Desk) -> None:
    assert desk.run("notices", "drop", "1") == (0, "1 message is dropped, and never sent.\n")
    code, said = desk.run("status")
    assert (code, said.splitlines()[0]) == (0, "All is well with the program.")
    assert "\nMidlands\n  1 message was dropped, and is no longer needed:\n          1  invitation by e-mail\n" in said
    assert [one.action for one in desk.write(rows, AuditEntry)][-1] == "drop notices"
    assert desk.run("notices", "drop", "1") == (1, "No message was dropped.\n  1: It was dropped before.\n")


def test_what_waits_for_organisers_is_counted_and_is_nothing_wrong_with_the_program(desk: Desk) -> None:
    desk.run("notices", "drop", "1")
    desk.write(_asked)
    code, said = desk.run("status")
    lines = ["All is well with the program.", "1 thing waits for organisers. They see it under “What needs you”."]
    assert (code, said.splitlines()[:2]) == (0, lines)
    found = json.loads(desk.run("status", "--json")[1])
    assert (found["ok"], found["wrong"], found["for_organisers"]) == (True, [], 1)


def test_status_for_machines_has_the_same_and_no_person(desk: Desk) -> None:
    code, said = desk.run("status", "--json")
    found = json.loads(said)
    assert (code, found["ok"], found["revision"], len(found["wrong"])) == (1, False, revisions.newest(), 1)
    assert [one["name"] for one in found["partnerships"]] == ["Midlands", "North"]
    assert found["all"]["counts"] == [{"state": "failed", "kind": "invitation", "channel": "email", "count": 1}]
    assert (found["all"]["failed"], found["all"]["oldest_owed_seconds"], found["processes"][0]["there"]) == (1, None, True)
    assert not [word for word in ("Quokka", "quokka", "@") if word in said]


def test_status_names_no_account_but_its_kind_and_a_mark(desk: Desk) -> None:
    """Hosts are people's mailboxes: what is printed goes into tickets and monitoring."""
    address = "jo.quokka@council.example"
    desk.write(lambda db: db.add(Host(partnership_id=1, provider=Provider.ZOOM, account=address)))
    host = host_account(Provider.ZOOM, address)
    desk.write(pause, host, 3600, f"429 for {address}", now=utc_now())
    shown = "host 8c42c3"
    code, said = desk.run("status")
    assert code == 1
    assert f"\n  - A service has asked us to wait for long: {shown}.\n" in said
    assert f"\n{shown} is not called before " in said
    assert f"\n  Host 1 (zoom, {shown}) was used 0 times today.\n" in said
    machine = json.loads(desk.run("status", "--json")[1])
    assert [one["account"] for one in machine["paused"]] == [one["account"] for one in machine["all"]["hosts"]] == [shown]
    assert not [word for word in ("quokka", "@") if word in said + json.dumps(machine)]


def test_messages_are_listed_sent_again_and_only_where_they_are_meant(desk: Desk) -> None:
    code, said = desk.run("notices", "list", "--state", "failed", "--partnership", "midlands")
    assert (code, said.split()[:5]) == (0, ["1", "failed", "invitation", "by", "e-mail,"])
    assert said.rstrip().endswith(": 550 <(address)> unknown")
    assert desk.run("notices", "list", "--partnership", "north") == (0, "There are no such messages.\n")
    assert [one["id"] for one in json.loads(desk.run("notices", "list", "--json")[1])] == [1]
    assert desk.run("notices", "retry", "--state", "failed", "--partnership", "north") == (0, "No message was put back in line.\n")
    assert desk.run("notices", "retry", "--state", "failed") == (0, "1 message is back in line.\n")
    assert desk.run("notices", "retry", "1") == (1, "No message was put back in line.\n  1: It waits to be sent already.\n")


def test_nothing_is_done_to_everything_by_mistake(desk: Desk) -> None:
    for words in (("retry",), ("drop",), ("drop", "--partnership", "midlands")):
        code, said = desk.run("notices", *words)
        assert (code, said.startswith("Say which messages you mean")) == (2, True)
    assert desk.run("notices", "list", "--partnership", "south")[0] == 2


def test_looking_makes_no_database(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert desk.run("status")[0] == 1
    said = f"There is no database at {tmp_path / 'none.sqlite'}. Check database.url, or make a new one with: practiceweek run\n"
    assert desk.run("status")[1] == f"Something needs you:\n  - {said}"
    assert desk.run("notices", "list") == (2, said)
    assert desk.run("db", "backup", str(tmp_path / "copy")) == (2, f"{said.partition('. ')[0]}. So there is nothing to copy.\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml"]


def test_from_another_folder_it_is_said_where_was_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(tmp_path, "sqlite:///practiceweek.sqlite")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    said = (
        f"There is no database at {tmp_path / 'elsewhere' / 'practiceweek.sqlite'}. The path in database.url is relative: it counts from "
        "the folder in which the program is started. Start in the folder where yours is, or make a new one with: practiceweek run\n"
    )
    assert desk.run("status") == (1, f"Something needs you:\n  - {said}")
    assert desk.run("notices", "list") == (2, said)
    assert [one for one in (tmp_path / "elsewhere").iterdir() if one.exists()] == []


def test_a_new_database_without_a_partnership_can_be_looked_at(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite'}")
    revisions.upgrade(desk.url)
    code, said = desk.run("status")
    assert (code, said.splitlines()) == (
        1,
        [
            "Something needs you:",
            "  - No process is running, so nothing is sent and nobody answers in chat. Start it with: practiceweek run",
            "",
            f"The database has revision {revisions.newest()}.",
            "Nothing is due at present.",
        ],
    )
    assert (tmp_path / "new.sqlite").stat().st_mode & 0o777 == 0o600


def test_checking_a_database_that_is_not_there_ends_with_one(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite'}")
    code, said = desk.run("db", "check")
    where = f"There is no database at {tmp_path / 'none.sqlite'}."
    assert (code, "".join(where.split()) in "".join(said.split())) == (1, True)  # a long path is folded


def test_a_session_over_its_places_is_found(desk: Desk) -> None:
    assert "No session is over its places." in desk.run("db", "check")[1]
    desk.write(lambda db: db.connection().exec_driver_sql("UPDATE session SET places = 0"))
    code, said = desk.run("db", "check")
    assert (code, "1 session has more people than places" in said) == (1, True)


def test_a_database_of_another_revision_is_wrong_and_is_not_read(tmp_path: Path) -> None:
    desk = desk_of(tmp_path, f"sqlite:///{tmp_path / 'old.sqlite'}")
    revisions.upgrade(desk.url, "0002")
    code, said = desk.run("status")
    words = f"The database is at revision 0002, and this program needs {revisions.newest()}. Make a copy of it, then run: "
    assert (code, words in said) == (1, True)
    assert desk.run("notices", "list")[0] == 2
    assert revisions.present(desk.url) == "0002"


def test_a_file_that_is_no_database_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_bytes(b"This is a letter, and no database at all.\n" * 99)
    code, said = desk_of(tmp_path, f"sqlite:///{tmp_path / 'no.sqlite'}").run("status", "--json")
    assert (code, json.loads(said)["wrong"][0].endswith("cannot be used: file is not a database.")) == (1, True)


def test_a_server_that_does_not_answer_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:  # nobody listens behind it
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        desk = desk_of(tmp_path, f"postgresql+psycopg://pw@127.0.0.1:{port}/pw")
        (tmp_path / "week.csv").write_text("Date,Start,End,Title\n15/03/2027,09:30,10:30,Opening\n", encoding="utf-8")
        refused = "connection failed: connection to server at"
        sentence = f'The database {desk.url} cannot be used: {refused} "127.0.0.1", port {port} failed: Connection refused.'
        for words in (
            ("notices", "list"),
            ("notices", "drop", "1"),
            ("export", "Week", "--what", "sessions", "--out", str(tmp_path / "week.xlsx")),
            ("import", str(tmp_path / "week.csv"), "--preview"),
            ("db", "backup", str(tmp_path / "copy")),
        ):
            assert desk.run(*words) == (2, sentence + "\n"), words
        assert sentence in desk.run("status")[1]


def test_status_only_reads(desk: Desk) -> None:
    """It looks by a handle that can change nothing, on both databases."""
    with operating._reading(desk.url) as db, pytest.raises(Exception, match=r"(?i)read-?only"):
        db.connection().exec_driver_sql("DELETE FROM notice")


async def test_it_stands_the_same_on_postgresql(postgres_url: str, tmp_path: Path, now: datetime) -> None:
    desk = desk_of(tmp_path, postgres_url)
    desk.write(_partnerships)
    desk.write(_of_this_revision)
    desk.write(processes.say, "box:1", answers=True, sends=True, now=now)
    found = operating.look(desk.settings, now=now)
    assert (found.wrong, [one.name for one in found.found.each if found.found] if found.found else []) == ((), ["Midlands", "North"])


def test_every_state_can_be_typed() -> None:
    assert [one.value for one in StateWord] == [one.value for one in NoticeState] == [one.value for one in operating.STATES]


def test_where_something_is_done_only_the_states_can_be_typed_in_which_it_can_be(now: datetime) -> None:
    kept = [(Notice.model_construct(state=state, channel=Channel.CHAT, kind=Kind.REMINDER, need=0), state.value) for state in NoticeState]
    again = [word for one, word in kept if tending.why_not_again(one, sent_otherwise=False, may_arrive_twice=True, now=now) is None]
    assert ([one.value for one in AgainWord], [one.value for one in OffWord]) == (
        again,
        [word for one, word in kept if tending.why_not_drop(one) is None],
    )


def test_the_help_of_the_list_explains_every_state_and_channel(desk: Desk) -> None:
    helped = desk.run("notices", "list", "--help")[1].splitlines()
    begun = {line.split()[0] for line in helped if len(line.split()) > 1}
    assert {*StateWord, *Channel} <= begun


async def test_a_process_says_that_it_is_there_until_it_stops(store: Store, now: datetime) -> None:
    talking = False
    state = State(store, lambda: now, True, True, lambda: talking, lambda: False)
    saying = asyncio.create_task(pulse._say_on(state))
    (seen,) = await _soon(store)
    assert (seen.name, seen.sends, seen.answers) == (naming.process_name(), True, False)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert await store.read(processes.seen) == ()


async def _soon(store: Store) -> tuple[processes.Seen, ...]:
    async with asyncio.timeout(10):
        while not (found := await store.read(processes.seen)):
            pass
    return found
