"""`practiceweek check`: what is there, what is missing and what cannot be told, against local stand-ins of everything outside."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr
from rich.console import Console

from domain import programmes, sessions
from domain.database import Store
from domain.descriptions import NewSession
from domain.findings import Finding, Sign
from domain.kinds import Format
from domain.models import ProgrammeKind
from domain.programmes import NewProgramme, ensure_partnership
from domain.rules import Rules
from practiceweek.check import Connection, Surroundings, as_json, is_fine, look, show
from practiceweek.database import revisions
from practiceweek.settings.installation import Secrets, Settings, from_tables
from rehearsal import faults
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.mailbox import Mailbox, Step
from rehearsal.zoom import ZoomRealm, ZoomStandIn
from rehearsal.zoom_people import SCOPES, ZoomPerson
from tests.name_server import NameServer
from tests.newest import put_newest
from tests.practiceweek.discord_to_look_at import ALL, ATTACH, SEND, SEND_IN_THREADS, DiscordToLookAt

PROGRAM = Path(sys.executable).with_name("practiceweek")
SENDER = "week@midlands.example"
TEAMS_HOST, ZOOM_HOST = "aaaaaaaa-0000-0000-0000-000000000001", "host-one@zoom.example"
GRAPH = GraphRealm(client_secret="the-graph-secret", mailboxes=(SENDER,))
ZOOM = ZoomRealm(client_secret="the-zoom-secret")
SPF = {("midlands.example", "TXT"): ['"v=spf1 ip4:127.0.0.0/8 -all"'], ("_dmarc.midlands.example", "TXT"): ['"v=DMARC1; p=none"']}
Records = Mapping[tuple[str, str], list[str]]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Outside:
    """Everything outside, and settings that name it."""

    folder: Path
    stack: AsyncExitStack
    graph_realm: GraphRealm = GRAPH
    zoom_realm: ZoomRealm = ZOOM
    records: Records = field(default_factory=lambda: SPF)
    silent: frozenset[str] = frozenset()
    days: int = 90  #: for how long the mail server's certificate is good
    named: str = "127.0.0.1"  #: what it is for
    clock: timedelta = timedelta()  #: how far this machine is ahead
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    async def open(self) -> Outside:
        authority = trustme.CA()
        self.trust, tls = ssl.create_default_context(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.configure_trust(self.trust)
        authority.cert_pem.write_to_path(str(self.folder / "authority.pem"))
        authority.issue_cert(self.named, not_after=utc_now() + timedelta(days=self.days, hours=1)).configure_cert(tls)
        self.discord = await self.stack.enter_async_context(DiscordToLookAt())
        self.mail = await self.stack.enter_async_context(Mailbox(utc_now, tls=tls, logins={SENDER: "the-mail-password"}))
        self.graph = await self.stack.enter_async_context(GraphStandIn(clock=utc_now, realm=self.graph_realm, deliver=self.mail.receive))
        self.zoom = await self.stack.enter_async_context(ZoomStandIn(clock=utc_now, realm=self.zoom_realm))
        self.names = await self.stack.enter_async_context(NameServer(self.records, self.silent))
        self.database = f"sqlite:///{self.folder / 'practiceweek.sqlite'}"
        return self

    def make_database(self) -> None:
        """A database with a programme that is posted in a channel."""
        put_newest(self.folder / "practiceweek.sqlite")
        store, now = Store(self.database), utc_now()
        made = store.write_now(ensure_partnership, "midlands", "Midlands", self.discord.guild_id)
        week = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        programme = store.write_now(programmes.create, made, week, actor="discord:1", now=now).id
        start = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
        talk = NewSession("Court skills", start, start + timedelta(hours=1), Format.IN_PERSON, venue="Town Hall")
        store.write_now(sessions.add, made, programme, talk, Rules(), actor="discord:1", now=start - timedelta(days=14))
        channel = self.discord.practice_week.id
        store.write_now(programmes.publish, made, programme, channel, Rules(), actor="discord:1", now=start - timedelta(days=14))
        store.close()

    def settings_tables(self) -> dict[str, Any]:
        tables: dict[str, dict[str, Any]] = {
            "database": {"url": self.database},
            "discord": {"api_base": self.discord.api_base, "gateway_url": self.discord.gateway_url},
            "mail": {"host": self.mail.host, "port": self.mail.port, "username": SENDER, "sender": SENDER, "timeout_seconds": 5},
            "teams": {
                "enabled": True,
                "base_url": self.graph.base_url,
                "authority": self.graph.authority,
                "tenant_id": GRAPH.tenant_id,
                "client_id": GRAPH.client_id,
            },
            "zoom": {
                "enabled": True,
                "api_base": self.zoom.api_base,
                "oauth_base": self.zoom.oauth_base,
                "account_id": ZOOM.account_id,
                "client_id": ZOOM.client_id,
            },
        }
        for table, changed in self.tables.items():
            tables[table] = {**tables.get(table, {}), **changed}
        hosts = [{"provider": "teams", "account": host} for host in (TEAMS_HOST,)]
        hosts.append({"provider": "zoom", "account": ZOOM_HOST})
        partnership = {"name": "Midlands", "guild_id": self.discord.guild_id, "organiser_roles": [self.discord.organiser_role]}
        partnership = {"hosts": hosts, **partnership, **tables.pop("partnership", {})}
        return {**tables, "partnership": {"midlands": partnership}}

    def settings(self) -> Settings:
        known: dict[str, Any] = {name: SecretStr(value) for name, value in self.known().items()}
        return from_tables(self.settings_tables()).model_copy(update={"secrets": Secrets.model_construct(**known)})

    def known(self) -> dict[str, str]:
        return {
            "discord_token": self.discord.token,
            "mail_password": "the-mail-password",
            "mail_client_secret": "",
            "teams_client_secret": "the-graph-secret",
            "zoom_client_secret": "the-zoom-secret",
        } | self.secrets

    async def look(self) -> dict[str, tuple[Finding, ...]]:
        self.found = await look(self.settings(), Surroundings(self.names.address, self.trust, lambda: utc_now() + self.clock))
        return {one.name: one.findings for one in self.found}

    async def lacks(self, name: str, sign: Sign = Sign.MISSING) -> list[str]:
        """What is missing from one connection."""
        return [finding.sentence for finding in (await self.look())[name] if finding.sign is sign]


@asynccontextmanager
async def outside(folder: Path, *, database: bool = True, **changed: Any) -> AsyncIterator[Outside]:
    async with AsyncExitStack() as stack:
        made = await Outside(folder, stack, **changed).open()
        if database:
            await asyncio.to_thread(made.make_database)
        yield made


# ── all as it should be ─────────────────────────────────────────────────────────────────────────────────────


async def test_where_all_is_well_every_connection_says_so(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        found = await world.look()
    said = {name: [(one.sign.value, one.sentence) for one in findings] for name, findings in found.items()}
    free = said["Database"].pop()
    assert (free[0] in ("ok", "unsure"), free[1].endswith("GB are free on its disk.")) == (True, True)
    assert said == {
        "Settings": [("ok", "The settings can be read, and every secret and id that they need is there.")],
        "Database": [
            ("ok", "The database is there and whole."),
            ("ok", f"The database has the revision that this program needs ({revisions.newest()})."),
            ("ok", "The database can be written to."),
            ("ok", "No session is over its places."),
        ],
        "Discord": [
            ("ok", "Discord knows the bot's token."),
            ("ok", "The clock of this machine agrees with Discord."),
            ("ok", "The bot needs no privileged intent."),
            ("ok", "The bot is in the server “The partnership”."),
            ("ok", "The bot may add its commands to the server."),
            ("ok", "The organisers' role is there."),
            ("ok", "In the server the bot has every permission that it needs."),
            ("ok", "In #practice-week, the channel of Practice week, the bot may do all it has to."),
        ],
        "E-mail": [
            ("ok", "The mail server 127.0.0.1 answers."),
            ("ok", "The connection is encrypted, and its certificate is good for 90 more days."),
            ("ok", "The mail server takes our login."),
            ("ok", f"The mail server takes mail from {SENDER}. Nothing was sent."),
        ],
        "Sender's domain": [
            ("ok", "The DNS of midlands.example lets our mail server send for it (SPF)."),
            ("ok", "midlands.example says what becomes of forged mail (DMARC)."),
        ],
        "Teams": [
            ("ok", "Microsoft takes our sign-in."),
            (
                "unsure",
                "When the secret runs out cannot be seen from here. Entra shows the day under Certificates & secrets: write it down.",
            ),
            ("ok", "The clock of this machine agrees with Microsoft."),
            ("ok", "The application may make meetings (OnlineMeetings.ReadWrite.All)."),
            ("ok", f"The application may make meetings for the host {TEAMS_HOST}."),
            ("unsure", f"Whether the host {TEAMS_HOST} has a licence with Teams could not be told."),
            ("ok", "Our Teams meetings let everyone in without the host (teams.who_skips_the_lobby)."),
            ("unsure", "Whether your organisation's own meeting policy allows that cannot be read from here."),
        ],
        "Zoom": [
            ("ok", "Zoom takes our sign-in."),
            ("ok", "The clock of this machine agrees with Zoom."),
            ("ok", "The Zoom app may make, change, delete and list meetings."),
            ("ok", f"The Zoom host {ZOOM_HOST} has a licence."),
            ("ok", f"People may join before the Zoom host {ZOOM_HOST}."),
            ("ok", f"Nobody has to wait to be let in by the Zoom host {ZOOM_HOST}."),
        ],
    }
    assert is_fine(world.found)


async def test_a_look_changes_nothing_anywhere(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}) as world:
        before = (tmp_path / "practiceweek.sqlite").read_bytes()
        await world.look()
        assert (tmp_path / "practiceweek.sqlite").read_bytes() == before
        assert {request.method for request in world.discord.requests} == {"GET"}
        assert [call.effect for call in (*world.graph.calls, *world.zoom.calls) if call.effect] == []
        assert (world.graph.meetings, world.zoom.meetings, world.mail.messages) == ([], [], [])


async def test_the_command_says_it_in_words_or_json_and_its_exit_code_tells(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        tables = world.settings_tables()
        config = tmp_path / "config.toml"
        config.write_text(_toml(tables), encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        secrets = {f"PRACTICEWEEK_{name.upper()}": value for name, value in world.known().items()}

        async def check(*words: str, **more: str) -> tuple[int, str, str]:
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                "check",
                "--config",
                config,
                *words,
                env={**kept, "SSL_CERT_FILE": str(tmp_path / "authority.pem"), **secrets, **more},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, errors = await asyncio.wait_for(process.communicate(), 60)
            return process.returncode or 0, said.decode(), errors.decode()

        code, said, errors = await check("--json", PRACTICEWEEK_ZOOM_CLIENT_SECRET="the-wrong-secret")
        told = json.loads(said)
        zoom = next(one for one in told["connections"] if one["name"] == "Zoom")
        assert (code, told["fine"], errors) == (1, False, "")
        assert zoom["findings"][0] == {
            "sign": "missing",
            "sentence": "Zoom does not know this client id, or the client secret is wrong.",
            "remedy": "Copy both again from the app's page in Zoom.",
        }
        code, words, _ = await check(PRACTICEWEEK_ZOOM_CLIENT_SECRET="the-wrong-secret")
    assert (code, "✗ Zoom does not know this client id" in words, "→ Copy both again" in words) == (1, True, True)
    assert [secret for secret in (*world.known().values(), "the-wrong-secret") if secret and secret in said + words] == []


def _toml(tables: dict[str, Any]) -> str:
    """Just enough of TOML for these settings."""
    lines = []
    for name, table in tables.items():
        rows = {f"partnership.{key}": value for key, value in table.items()} if name == "partnership" else {name: table}
        for header, row in rows.items():
            lines += [f"[{header}]", *(f"{key} = {json.dumps(value)}" for key, value in row.items() if key != "hosts")]
            for host in row.get("hosts", ()):
                lines += [f"[[{header}.hosts]]", *(f"{key} = {json.dumps(value)}" for key, value in host.items())]
    return "\n".join(lines)


# ── the settings and the database ───────────────────────────────────────────────────────────────────────────


async def test_what_the_settings_lack_is_said_and_what_is_off_is_said_to_be_off(tmp_path: Path) -> None:
    tables = {"teams": {"enabled": False}, "zoom": {"account_id": ""}}
    async with outside(tmp_path, tables=tables, secrets={"discord_token": ""}) as world:
        world.tables["partnership"] = {"hosts": []}
        found = await world.look()
    assert found["Settings"] == (
        Finding(
            Sign.MISSING,
            "There is no bot token.",
            "Set PRACTICEWEEK_DISCORD_TOKEN in the environment. It is in Discord's developer portal, under Bot.",
        ),
        Finding(
            Sign.MISSING, "zoom.account_id is empty.", "Write the account's id there, or do without: see [zoom] in config.example.toml."
        ),
    )
    assert found["Discord"] == (Finding(Sign.UNSURE, "There is no bot token, so nothing could be looked at."),)
    assert found["Teams"] == (Finding(Sign.OFF, "Teams is off in the settings."),)
    assert "Zoom is on, but there is no host to hold its meetings." in [one.sentence for one in found["Zoom"]]


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    async with outside(tmp_path, database=False) as world:
        assert await world.lacks("Database", Sign.UNSURE) == ["There is no database yet."]
        assert not (tmp_path / "practiceweek.sqlite").exists()
        world.tables["database"] = {"url": f"sqlite:///{tmp_path / 'nowhere' / 'a.sqlite'}"}
        assert await world.lacks("Database") == [f"There is no folder {tmp_path / 'nowhere'} for the database."]


def opened_to_others(file: Path) -> int:
    """What others were allowed before."""
    before = file.stat().st_mode & 0o777
    file.chmod(0o644)
    return before


async def test_a_database_that_others_may_open_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        assert opened_to_others(Path(world.database.removeprefix("sqlite:///"))) == 0o600
        assert "Others on this machine may open the database, which holds names." in await world.lacks("Database", Sign.UNSURE)


async def test_a_file_that_is_no_database_and_one_of_another_revision_are_said(tmp_path: Path) -> None:
    async with outside(tmp_path, database=False) as world:
        file = tmp_path / "practiceweek.sqlite"
        file.write_bytes(b"a letter to a friend, rather longer than a header" * 20)
        assert await world.lacks("Database") == [f"The file {file} is not a database, or it is damaged."]
        file.unlink()
        Store(world.database).close()
        file.write_bytes(b"")
        said = f"The database is at revision unknown, and this program needs {revisions.newest()}."
        assert await world.lacks("Database") == [said]


# ── Discord ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_token_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path, secrets={"discord_token": "MTAw.G.another"}) as world:
        assert await world.lacks("Discord") == ["Discord does not know the bot's token."]


async def test_a_discord_that_is_not_there_is_said(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with outside(tmp_path, tables={"discord": {"api_base": nobody}}) as world:
            assert await world.lacks("Discord") == ["Discord could not be reached."]


async def test_each_permission_that_the_bot_lacks_is_named_with_its_place(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.discord.denied[world.discord.practice_week.id] = SEND  # who may not send may attach nothing either
        lacking = "In #practice-week, the channel of Practice week, the bot lacks Send Messages, Embed Links and Attach Files."
        assert await world.lacks("Discord") == [lacking]
        world.discord.rights = ALL & ~ATTACH
        world.discord.denied.clear()
        assert await world.lacks("Discord") == [
            "In the server as a whole the bot lacks Attach Files.",
            "In #practice-week, the channel of Practice week, the bot lacks Attach Files.",
        ]


async def test_a_programme_in_a_thread_is_looked_at_with_the_rights_of_its_channel(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        thread, channel = world.discord.practice_week, world.discord.add_channel("talk")
        world.discord.threads[thread.id] = channel.id
        said = "In #practice-week, the channel of Practice week, the bot lacks Send Messages in Threads."
        assert await world.lacks("Discord") == [said]
        world.discord.rights = ALL | SEND_IN_THREADS
        assert await world.lacks("Discord") == []


async def test_a_channel_that_is_gone_or_hidden_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.discord.unseen.add(world.discord.practice_week.id)
        assert await world.lacks("Discord") == ["The bot cannot see the channel of Practice week."]
        del world.discord.rooms[world.discord.practice_week.id]
        assert await world.lacks("Discord") == ["The channel of Practice week is no longer there."]


async def test_a_bot_that_was_not_invited_or_without_its_commands_is_said_with_the_address_that_invites_it(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"partnership": {"organiser_roles": [5]}}) as world:
        world.discord.commands_scope = False
        assert await world.lacks("Discord") == [
            "The bot may not add its commands to the server: it was invited without the scope applications.commands.",
            "The server has no role with the id 5.",
        ]
        world.discord.invited = False
        (finding,) = [one for one in (await world.look())["Discord"] if one.sign is Sign.MISSING]
    assert finding.sentence == "The bot is not in the partnership's server, or guild_id is the id of another."
    assert f"client_id={world.discord.application_id}&scope=bot+applications.commands&permissions={ALL}" in finding.remedy


# ── e-mail ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_password_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path, secrets={"mail_password": "another"}) as world:
        assert await world.lacks("E-mail") == ["The mail server does not take our login (answer 535)."]


async def test_a_sender_that_is_refused_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.mail.answer_next(Step.MAIL, "550 5.7.60 not allowed to send as this sender")
        assert await world.lacks("E-mail") == [f"The mail server does not take mail from {SENDER} (answer 550)."]
        world.mail.answer_next(Step.RCPT, "450 4.2.1 busy")
        assert await world.lacks("E-mail", Sign.UNSURE) == [
            f"The mail server could not say just now whether it takes mail from {SENDER} (answer 450)."
        ]
    assert world.mail.messages == []


async def test_a_certificate_that_is_not_good_is_said_with_its_reason(tmp_path: Path) -> None:
    async with outside(tmp_path, named="mail.elsewhere.example") as world:
        assert await world.lacks("E-mail") == ["The certificate of the mail server 127.0.0.1 is for another name."]
        world.trust = ssl.create_default_context()
        assert await world.lacks("E-mail") == ["The certificate of the mail server 127.0.0.1 is from an issuer that is not known here."]


@pytest.mark.parametrize(
    ("days", "sign", "said"),
    [
        (-2, Sign.MISSING, "The certificate of the mail server 127.0.0.1 has run out."),
        (1, Sign.UNSURE, "The connection is encrypted, but its certificate is good for 1 more day."),
    ],
)
async def test_a_certificate_that_runs_out_is_said(tmp_path: Path, days: int, sign: Sign, said: str) -> None:
    async with outside(tmp_path, days=days) as world:
        assert await world.lacks("E-mail", sign) == [said]


async def test_a_server_without_starttls_or_not_there_at_all_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world, Mailbox(utc_now) as plain:
        world.tables["mail"] = {"port": plain.port}
        assert await world.lacks("E-mail") == [f"The mail server 127.0.0.1 does not offer STARTTLS on port {plain.port}."]
        await plain.refuse_connections()
        assert await world.lacks("E-mail") == [f"The mail server 127.0.0.1 does not answer on port {plain.port}."]
        world.tables["mail"] = {"host": "no.such.invalid"}
        assert await world.lacks("E-mail") == ["There is no server with the name no.such.invalid."]


async def test_mail_by_graph_is_looked_at_instead_of_smtp(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}) as world:
        found = (await world.look())["E-mail"]
        assert [one.sentence for one in found if one.sign is Sign.OK][-2:] == [
            "The application may send mail (Mail.Send).",
            f"Microsoft would take mail from {SENDER}. Nothing was sent.",
        ]
        assert world.mail.connections == 0


@pytest.mark.parametrize(
    ("realm", "said"),
    [
        (
            replace(GRAPH, roles=("OnlineMeetings.ReadWrite.All",)),
            [
                "The application may not send mail: Mail.Send was not granted.",
                f"Microsoft does not let the application send from {SENDER}.",
            ],
        ),
        (replace(GRAPH, mailboxes_out_of_reach=(SENDER,)), [f"Microsoft does not let the application send from {SENDER}."]),
        (replace(GRAPH, mailboxes=()), [f"Microsoft knows no mailbox {SENDER}."]),
    ],
    ids=["no role", "out of reach", "no mailbox"],
)
async def test_what_mail_by_graph_lacks_is_said(tmp_path: Path, realm: GraphRealm, said: list[str]) -> None:
    async with outside(tmp_path, graph_realm=realm, tables={"mail": {"by": "graph"}}) as world:
        assert await world.lacks("E-mail") == said


# ── the sender's domain ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_domain_that_does_not_name_exchange_is_said_where_mail_leaves_by_graph(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}, records={**SPF, ("smtp.office365.com", "A"): ["192.0.2.9"]}) as world:
        assert await world.lacks("Sender's domain") == ["The SPF record of midlands.example does not name spf.protection.outlook.com."]


# ── Teams ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tables", "secrets", "said"),
    [
        ({"tenant_id": "another"}, {}, "Microsoft does not know this tenant."),
        ({"client_id": "another"}, {}, "Microsoft does not know this application in the tenant."),
        ({}, {"teams_client_secret": "another"}, "The client secret is wrong."),
    ],
)
async def test_each_way_to_sign_in_wrongly_has_words_of_its_own(
    tmp_path: Path, tables: dict[str, Any], secrets: dict[str, str], said: str
) -> None:
    async with outside(tmp_path, tables={"teams": tables}, secrets=secrets) as world:
        assert await world.lacks("Teams") == [said]


async def test_a_missing_role_access_policy_or_host_is_said(tmp_path: Path) -> None:
    locked, unknown = "bbbbbbbb-0000-0000-0000-000000000002", "cccccccc-0000-0000-0000-000000000003"
    realm = replace(GRAPH, without_policy=(locked,))
    hosts = [{"provider": "teams", "account": host} for host in (TEAMS_HOST, locked, unknown, "ann@midlands.example")]
    async with outside(tmp_path, graph_realm=realm, tables={"partnership": {"hosts": hosts}}) as world:
        world.tables["teams"] = {"who_skips_the_lobby": "organization"}
        assert await world.lacks("Teams") == [
            f"The application may not make meetings for the host {locked}: its access policy is missing.",
            f"Microsoft does not know the host {unknown}.",
            "The Teams host ann@midlands.example is an address. Microsoft wants the account's object id.",
            "Our Teams meetings let only some people in without the host (teams.who_skips_the_lobby is organization).",
        ]
    (tmp_path / "two").mkdir()
    async with outside(tmp_path / "two", graph_realm=replace(GRAPH, roles=())) as world:
        assert await world.lacks("Teams") == ["The application may not make meetings: OnlineMeetings.ReadWrite.All was not granted."]


async def test_a_microsoft_that_is_busy_or_gone_is_told_from_a_refusal(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.graph.faults.next("POST", "/token$", faults.status(503))
        assert "The Microsoft sign-in is too busy to tell just now." in await world.lacks("Teams", Sign.UNSURE)
        world.graph.faults.next("POST", "/token$", faults.DROP_BEFORE_EFFECT)
        assert await world.lacks("Teams") == ["The Microsoft sign-in could not be reached."]


# ── Zoom ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_host_without_a_licence_is_said_to_be_cut_off_after_forty_minutes(tmp_path: Path) -> None:
    person = ZoomPerson(kind=1, join_before_host=False, waiting_room=True)
    hosts = [{"provider": "zoom", "account": ZOOM_HOST, "at_once": 2}, {"provider": "zoom", "account": "nobody@zoom.example"}]
    async with outside(tmp_path, zoom_realm=replace(ZOOM, people={ZOOM_HOST: person}), tables={"partnership": {"hosts": hosts}}) as world:
        assert await world.lacks("Zoom") == [
            f"The Zoom host {ZOOM_HOST} has no licence (Basic): Zoom ends its meetings after 40 minutes.",
            f"The Zoom host {ZOOM_HOST} is to run 2 meetings at once. Zoom allows it 1 at most.",
            f"In Zoom, people may not join before the host {ZOOM_HOST}. Our meetings ask for it, but a locked setting wins.",
            f"In Zoom, the host {ZOOM_HOST} has a waiting room. Our meetings ask for none, but a locked setting wins.",
            "Zoom does not know the host nobody@zoom.example.",
        ]


@pytest.mark.parametrize(
    ("at_once", "sign", "said"),
    [
        (2, Sign.UNSURE, f"The Zoom host {ZOOM_HOST} is to run 2 meetings at once. Whether your plan allows it cannot be seen from here."),
        (5, Sign.MISSING, f"The Zoom host {ZOOM_HOST} is to run 5 meetings at once. Zoom allows it 2 at most."),
    ],
)
async def test_more_meetings_at_once_than_zoom_allows_are_said(tmp_path: Path, at_once: int, sign: Sign, said: str) -> None:
    hosts = [{"provider": "zoom", "account": ZOOM_HOST, "at_once": at_once}]
    async with outside(tmp_path, tables={"partnership": {"hosts": hosts}}) as world:
        assert await world.lacks("Zoom", sign) == [said]


async def test_the_scopes_that_are_missing_are_named(tmp_path: Path) -> None:
    fewer = tuple(scope for scope in SCOPES if "delete" not in scope and "user:" not in scope)
    async with outside(tmp_path, zoom_realm=replace(ZOOM, scopes=fewer)) as world:
        found = (await world.look())["Zoom"]
    assert [(one.sentence, one.remedy) for one in found if one.sign is Sign.MISSING] == [
        (
            "The Zoom app may not delete meetings.",
            "In the Zoom App Marketplace, open the app, Scopes, and add meeting:delete:meeting:admin.",
        )
    ]
    assert [one.sentence for one in found if one.sign is Sign.UNSURE] == [
        f"Which licence the Zoom host {ZOOM_HOST} has could not be told.",
        f"Who may join before the Zoom host {ZOOM_HOST} could not be told.",
    ]


async def test_the_older_broader_scopes_are_good_too(tmp_path: Path) -> None:
    older = ("meeting:write:admin", "meeting:read:admin")
    async with outside(tmp_path, zoom_realm=replace(ZOOM, scopes=older)) as world:
        assert await world.lacks("Zoom") == []


async def test_a_wrong_account_is_told_from_a_wrong_secret(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"zoom": {"account_id": "another"}}) as world:
        assert await world.lacks("Zoom") == ["Zoom does not know this account, or the app is switched off."]
        world.tables["zoom"] = {"client_id": "another"}
        assert await world.lacks("Zoom") == ["Zoom does not know this client id, or the client secret is wrong."]


# ── the clock, and how it is shown ──────────────────────────────────────────────────────────────────────────


async def test_a_clock_that_is_wrong_is_said_by_every_service(tmp_path: Path) -> None:
    async with outside(tmp_path, clock=timedelta(minutes=10)) as world:
        found = await world.look()
    wrong = [one.sentence for findings in found.values() for one in findings if one.sentence.startswith("The clock of this machine is ")]
    assert [" ".join(said.split()[:6]) for said in wrong] == ["The clock of this machine is"] * 3
    assert [said.rsplit("the clock of ")[-1] for said in wrong] == ["Discord.", "Microsoft.", "Zoom."]


def test_the_table_shows_a_sign_a_sentence_and_what_to_do() -> None:
    connections = (
        Connection("Discord", (Finding(Sign.OK, "It is [there]."), Finding(Sign.MISSING, "It lacks a right.", "Give it."))),
        Connection("Zoom", (Finding(Sign.UNSURE, "It could not be told.", "Look."), Finding(Sign.OFF, "It is off."))),
    )
    shown = io.StringIO()
    show(connections, Console(file=shown, width=100))
    lines = [line.rstrip() for line in shown.getvalue().splitlines()]
    assert [line for line in lines if line] == [
        "  Discord",
        "✓ It is [there].",
        "✗ It lacks a right.",
        "  → Give it.",
        "  Zoom",
        "? It could not be told.",
        "  → Look.",
        "– It is off.",
        "1 thing is missing: see each ✗.",
    ]
    assert json.loads(as_json(connections))["fine"] is False
