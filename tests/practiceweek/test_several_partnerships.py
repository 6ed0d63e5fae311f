"""One installation with several partnerships: their rows, their parts, and the commands that ask which one is meant."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.no_server import NoServer
from domain.database import Db, Store
from domain.errors import ChatClosed, Temporary
from domain.kinds import Channel, Kind
from domain.limits import Flow
from domain.models import Host, Notice, NoticeState, Partnership, Person
from domain.notices import owe_person
from domain.ports.letters import NOT_OURS, Letter, Receipt, Recipient
from domain.rules import Rules
from integrations.mail import Mail
from practiceweek.compose import Program, compose
from practiceweek.kept import book_of, keep
from practiceweek.settings.installation import Secrets, Settings, SettingsError, from_tables
from tests.building import Building, rows
from tests.conftest import NOW
from tests.practiceweek.test_export_command import Folder

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TWO = """
[partnership.midlands]
name = "Midlands"
guild_id = {midlands}
reminders = ["3h"]
[partnership.north]
name = "North"
guild_id = {north}
sender = "north@example.org"
"""


def settings(text: str, **tables: Any) -> Settings:
    return from_tables(tomllib.loads(text) | tables)


FLOW = Flow(NOW, 3, 5)


class Line:
    """A channel that takes everything."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return True

    async def flow(self) -> Flow | None:
        return FLOW

    async def send(self, letter: Letter) -> Receipt:
        self.sent.append(letter)
        return Receipt("sent")


def owe_by_chat(db: Db, person_id: int) -> None:
    owe_person(db, Kind.LAPSED, db.get_one(Person, person_id), key=f"lapsed:{person_id}", now=NOW, channel=Channel.CHAT)


def kept_in(store: Store) -> list[tuple[str, int | None]]:
    return [(one.key, one.guild_id) for one in store.read_now(rows, Partnership)]


def test_the_second_partnership_of_the_example_can_be_used() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# [partnership.north]")
    end = lines.index("", start)
    both = load_text("\n".join([*lines[:start], *(line.removeprefix("# ") for line in lines[start:end])]))
    assert list(both.partnership) == ["midlands", "north"]
    assert [both.sender_of(one) for one in both.partnership.values()] == ["practice-week@example.org", "north@example.org"]
    assert [host.account[:8] for host in both.hosts()] == ["11111111", "66666666"]
    assert both.of_one("north").chosen()[0] == "north"


def load_text(text: str) -> Settings:
    return from_tables(tomllib.loads(text))


def test_two_partnerships_may_change_servers(store: Store) -> None:
    for midlands, north in ((1, 2), (2, 1)):
        store.write_now(keep, settings(TWO.format(midlands=midlands, north=north)).partnership, now=NOW)
        assert kept_in(store) == [("midlands", midlands), ("north", north)]


def test_a_partnership_that_was_renamed_is_not_begun_anew(store: Store) -> None:
    store.write_now(keep, settings(TWO.format(midlands=1, north=2)).partnership, now=NOW)
    renamed = settings(TWO.format(midlands=1, north=2).replace("partnership.north", "partnership.nord"))
    with pytest.raises(SettingsError) as refused:
        store.write_now(keep, renamed.partnership, now=NOW)
    assert str(refused.value) == (
        "partnership.nord: the database knows this guild_id as the server of north. "
        "The name of a table stays as it is for ever: call it [partnership.north] again."
    )
    assert kept_in(store) == [("midlands", 1), ("north", 2)]


def test_a_process_leaves_the_hosts_of_a_partnership_alone_that_another_keeps(store: Store) -> None:
    host = '[[partnership.north.hosts]]\nprovider = "zoom"\naccount = "host@zoom.example"\n'
    both = settings(TWO.format(midlands=1, north=2) + host, zoom={"enabled": True})
    kept = store.write_now(keep, both.partnership, now=NOW)
    assert book_of(kept).of(kept[0].id) == kept[0].rules != Rules()
    assert [one.active for one in store.read_now(rows, Host)] == [True]
    store.write_now(keep, both.of_one("midlands").partnership, now=NOW)
    assert [one.active for one in store.read_now(rows, Host)] == [True]
    none = settings(TWO.format(midlands=1, north=2))
    store.write_now(keep, none.partnership, now=NOW)
    assert [one.active for one in store.read_now(rows, Host)] == [False]


async def test_one_program_serves_both(database_url: str) -> None:
    both = settings(TWO.format(midlands=1, north=2), database={"url": database_url}, mail={"login": "none"})
    program = await compose(both)
    try:
        assert program.bot is not None
        assert [(one.partnership_name, one.guild_id, one.rules) for one in program.bot.served.each] == [
            ("Midlands", 1, program.kept[0].rules),
            ("North", 2, Rules()),
        ]
        assert [program.ticks.rules.of(one.id) for one in program.kept] == [one.rules for one in program.kept]
        assert isinstance(program.services.mail, Mail)
        trees = [{one.name for one in program.bot.tree.get_commands(guild=one.guild)} for one in program.bot.served.each]
        assert trees[0] == trees[1] >= {"browse", "book", "programme", "session"}
    finally:
        await program.close()


MIXED = """
[web]
enabled = true
[partnership.midlands]
name = "Midlands"
guild_id = 1
[partnership.north]
name = "North"
"""


async def composed(text: str, database_url: str) -> Program:
    made = settings(text, database={"url": database_url}, mail={"login": "none"})
    secrets = Secrets.model_construct(web_key=SecretStr("a key for links, long enough, surely"))
    return await compose(made.model_copy(update={"secrets": secrets}), now=lambda: NOW)


async def test_the_bot_serves_who_has_a_server_and_the_clock_both(database_url: str) -> None:
    program = await composed(MIXED, database_url)
    try:
        assert program.bot is not None
        assert [(one.partnership_name, one.guild_id) for one in program.bot.served.each] == [("Midlands", 1)]
        assert [program.ticks.rules.of(one.id) for one in program.kept] == [Rules(), Rules()]
        assert kept_in(program.store) == [("midlands", 1), ("north", None)]
    finally:
        await program.close()


async def test_who_came_by_a_server_that_was_left_is_written_to_by_e_mail(database_url: str) -> None:
    """What was owed by chat on that day is not lost, and nothing more is owed that way."""
    program = await composed(MIXED, database_url)
    for number, one in enumerate(program.kept, start=1):
        building = Building(program.store, one.id, one.rules, NOW)
        building.write(owe_by_chat, building.person(number))
    await program.close()
    program = await composed(MIXED.replace("guild_id = 1\n", ""), database_url)
    try:
        store = program.store
        assert (program.bot, kept_in(store)) == (None, [("midlands", None), ("north", None)])
        assert await program.ticks.deliver_by(Channel.CHAT) == 0
        assert await program.ticks.show() == 0
        for one in program.kept:
            told = [(owed.channel, owed.state, owed.error) for owed in store.read_now(rows, Notice) if owed.partnership_id == one.id]
            assert told == [
                (Channel.CHAT, NoticeState.FAILED, "the partnership has no Discord server"),
                (Channel.EMAIL, NoticeState.QUEUED, ""),
            ]
            assert [person.chat_closed_at for person in store.read_now(rows, Person) if person.partnership_id == one.id] == [NOW]
    finally:
        await program.close()


async def test_a_letter_by_chat_waits_for_the_process_that_keeps_its_partnership() -> None:
    """And of one that has a server, it goes by it."""
    line = Line()
    here, alone = NoServer({2}, line), NoServer({2})
    to = [Letter(1, "one", Kind.LAPSED, Channel.CHAT, Recipient("Ann", None, 7), partnership_id=one) for one in (1, 2)]
    assert (await here.send(to[0]), line.sent) == (Receipt("sent"), [to[0]])
    with pytest.raises(ChatClosed):
        await here.send(to[1])
    with pytest.raises(Temporary, match=NOT_OURS):
        await alone.send(to[0])
    assert (await here.flow(), await alone.flow()) == (FLOW, None)
    assert (here.harmless_to_repeat(Kind.LAPSED, 1), alone.harmless_to_repeat(Kind.LAPSED, 1)) == (True, False)


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    week = "Date,Start,End,Title,Platform,Location\nMonday 12 March 2035,1pm,2.30pm,Court skills,In person,Town Hall\n"
    form = '[[question]]\nkind = "text"\nwords = "What helped?"\n'
    config = '[database]\nurl = "sqlite:///practiceweek.sqlite"\n' + TWO.format(midlands=1, north=2)
    for name, text in (("config.toml", config), ("week.csv", week), ("form.toml", form)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Folder(tmp_path)


WHICH = "There are several partnerships: midlands, north. Say which one you mean, with --partnership NAME.\n"


def test_a_command_for_one_partnership_asks_which(folder: Folder) -> None:
    into = "import", "week.csv", "--config", "config.toml", "--programme", "Week", "--yes"
    assert folder.run(*into) == (2, WHICH)
    unknown = "There is no partnership south in the settings. They name: midlands, north.\n"
    assert folder.run(*into, "--partnership", "south") == (2, unknown)
    code, written = folder.run(*into, "--partnership", "north")
    assert (code, "1 session added." in written) == (0, True)
    found = "SELECT partnership.key, session.title FROM session JOIN partnership ON partnership.id = session.partnership_id"
    assert folder.query(found) == [("north", "Court skills")]


def test_a_programme_is_looked_for_in_the_partnership_that_was_named(folder: Folder) -> None:
    folder.run("import", "week.csv", "--config", "config.toml", "--programme", "Week", "--yes", "--partnership", "north")
    export = "export", "Week", "--what", "sessions", "--out", "week.xlsx"
    form = "form", "Week", "--file", "form.toml", "--yes"
    nothing = "The database knows no partnership midlands yet. It has: north. Check the settings, or add midlands with: practiceweek run\n"
    assert [folder.run(*export), folder.run(*form)] == [(2, WHICH), (2, WHICH)]
    assert folder.run(*export, "--partnership", "midlands") == (2, nothing)
    assert folder.run(*export, "--partnership", "north") == (0, "week.xlsx: 1 row.\n")
    assert folder.run(*form, "--partnership", "north")[0] == 0
