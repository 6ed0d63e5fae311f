"""Everything outside for `practiceweek check` to look at: local stand-ins, and settings that name them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from pydantic import SecretStr

from domain import programmes, sessions
from domain.database import Store
from domain.descriptions import NewSession
from domain.findings import Finding, Sign
from domain.kinds import Format
from domain.models import ProgrammeKind
from domain.programmes import NewProgramme, ensure_partnership
from domain.rules import Rules
from practiceweek.check import Surroundings, look
from practiceweek.settings.installation import Secrets, Settings, from_tables
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.mailbox import Mailbox
from rehearsal.zoom import ZoomRealm, ZoomStandIn
from tests.name_server import NameServer
from tests.newest import put_newest
from tests.practiceweek.discord_to_look_at import DiscordToLookAt

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
