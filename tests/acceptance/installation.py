"""An installation of Practice Week as somebody else would run it: the console script, a settings file, secrets in the environment.

Everything outside the process is a stand-in on a real socket: Discord, Zoom, a mail server that asks for STARTTLS and a password,
and, where a story needs Teams, Microsoft's sign-in and Graph (over TLS). The program learns of them from its settings, and of the
authority that signed their certificates from the system's own setting, SSL_CERT_FILE.
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme
from sqlmodel import col, select

from domain.database import Db, Store
from domain.kinds import Channel, Kind
from domain.models import Notice, Person, Session
from domain.notices import owe_person
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.mailbox import Arrived, Mailbox
from rehearsal.zoom import ZoomRealm, ZoomStandIn
from tests.acceptance.discord_server import DiscordServer

PROGRAM = Path(sys.executable).with_name("practiceweek")
WITHIN_S = 90.0
SENDER = "practice-week@midlands.example"
SECRETS = {
    "PRACTICEWEEK_MAIL_PASSWORD": "the-mail-password",
    "PRACTICEWEEK_TEAMS_CLIENT_SECRET": "the-teams-secret",
    "PRACTICEWEEK_ZOOM_CLIENT_SECRET": "the-zoom-secret",
}
GRAPH = GraphRealm(client_secret=SECRETS["PRACTICEWEEK_TEAMS_CLIENT_SECRET"], audience="https://127.0.0.1")
ZOOM = ZoomRealm(client_secret=SECRETS["PRACTICEWEEK_ZOOM_CLIENT_SECRET"])


def utc_now() -> datetime:
    return datetime.now(UTC)


async def eventually(holds: Callable[[], Any], *, seconds: float = WITHIN_S) -> Any:
    """Look again and again until something holds; what it came to. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not (found := holds()):  # noqa: ASYNC110 - a mailbox and a stand-in have no event to wait for
            await asyncio.sleep(0.02)
    return found


@dataclass
class Running:
    """The program while it runs."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def logged(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    async def stop(self, how: signal.Signals = signal.SIGTERM, *, seconds: float = 10.0) -> int:
        """Ask it to stop, and wait; its exit code. Raises `TimeoutError`."""
        self.process.send_signal(how)
        return await self.ended(seconds=seconds)

    async def ended(self, *, seconds: float = WITHIN_S) -> int:
        """Wait until it has ended by itself; its exit code."""
        return await asyncio.wait_for(self.process.wait(), seconds)


@dataclass
class Installation:
    """One folder with settings and a database, and the world around it."""

    folder: Path
    url: str = ""  #: of the database; empty: a file in the folder
    discord: DiscordServer = field(default_factory=DiscordServer)
    teams: bool = False  #: to load Microsoft's library is half of what a start computes
    _started: list[Running] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.url = self.url or f"sqlite:///{self.folder / 'practiceweek.sqlite'}"
        self._stack = AsyncExitStack()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.folder / "authority.pem"))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        password = {SENDER: SECRETS["PRACTICEWEEK_MAIL_PASSWORD"]}
        await self._stack.enter_async_context(self.discord)
        self.graph = GraphStandIn(clock=utc_now, realm=GRAPH, tls=tls)
        if self.teams:
            await self._stack.enter_async_context(self.graph)
        self.zoom = await self._stack.enter_async_context(ZoomStandIn(clock=utc_now, realm=ZOOM))
        self.mail = await self._stack.enter_async_context(Mailbox(utc_now, tls=tls, logins=password))
        self.config = self.folder / "config.toml"
        self.config.write_text(self._settings(), encoding="utf-8")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for running in self._started:
            if running.process.returncode is None:
                running.process.kill()
                await running.process.wait()
        await self._stack.aclose()

    def _settings(self) -> str:
        return f"""
[database]
url = "{self.url}"

[log]
format = "json"

[discord]
api_base = "{self.discord.api_base}"
gateway_url = "{self.discord.gateway_url}"

[mail]
host = "{self.mail.host}"
port = {self.mail.port}
username = "{SENDER}"
sender = "{SENDER}"
per_minute = 600

[zoom]
enabled = true
api_base = "{self.zoom.api_base}"
oauth_base = "{self.zoom.oauth_base}"
account_id = "{ZOOM.account_id}"
client_id = "{ZOOM.client_id}"

[partnership.midlands]
name = "Midlands Teaching Partnership"
guild_id = {self.discord.guild_id}
organiser_roles = [{self.discord.organiser_role}]
contact = "Workforce team, 0121 496 0000"

[[partnership.midlands.hosts]]
provider = "zoom"
account = "{ZOOM.hosts[0]}"
{self._settings_of_teams() if self.teams else ""}"""

    def _settings_of_teams(self) -> str:
        return f"""
[[partnership.midlands.hosts]]
provider = "teams"
account = "{GRAPH.hosts[0]}"

[teams]
enabled = true
base_url = "{self.graph.base_url}"
authority = "{self.graph.authority}"
tenant_id = "{GRAPH.tenant_id}"
client_id = "{GRAPH.client_id}"
"""

    # ── the program ─────────────────────────────────────────────────────────────────────────────────────

    async def run(self, *words: str, **environment: str) -> Running:
        """Start the console script with these words after `--config`'s."""
        log = self.folder / f"log-{len(self._started) + 1}.txt"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        secrets = {**SECRETS, "PRACTICEWEEK_DISCORD_TOKEN": self.discord.token, **environment}
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                *words,
                "--config",
                str(self.config),
                cwd=self.folder,
                env={**kept, "SSL_CERT_FILE": str(self.folder / "authority.pem"), **secrets},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        self._started.append(Running(process, log))
        return self._started[-1]

    async def start(self, *words: str) -> Running:
        """`practiceweek run`, until the bot is on Discord. A program that ends instead fails the test with what it said."""
        gateway, logins = self.discord.gateway, self.discord.gateway.logins
        running = await self.run("run", *words)
        there = asyncio.create_task(self.discord.until(lambda: gateway.connected and gateway.logins > logins))
        ended = asyncio.create_task(running.process.wait())
        await asyncio.wait((there, ended), return_when=asyncio.FIRST_COMPLETED)
        assert running.process.returncode is None, running.logged
        ended.cancel()
        await there
        return running

    async def start_until(self, said: str, *words: str) -> Running:
        """`practiceweek run`, until its log says so: for a process that does not talk to Discord, or not yet."""
        running = await self.run("run", *words)
        await eventually(lambda: said in running.logged or running.process.returncode is not None)
        assert running.process.returncode is None, running.logged
        return running

    # ── what can be seen ────────────────────────────────────────────────────────────────────────────────

    def mail_for(self, address: str) -> list[Arrived]:
        """What has arrived for an address."""
        return [arrived for arrived in self.mail.messages if arrived.recipient == address]

    async def mails(self, address: str, count: int = 1) -> list[Arrived]:
        """Wait until so many have arrived for an address. Raises `TimeoutError`."""
        await eventually(lambda: len(self.mail_for(address)) >= count)
        return self.mail_for(address)

    def ledger(self, *, attempts: bool = False) -> list[tuple[str | int, ...]]:
        """(key, state) of every notice; with `attempts` how often it was tried."""
        with self._store() as store:
            return [row if attempts else row[:2] for row in store.read_now(_ledger)]

    def let_leases_lapse(self) -> None:
        """As when five minutes have gone by."""
        with self._store() as store:
            store.write_now(_let_leases_lapse)

    def owe_direct_message(self, discord_id: int) -> None:
        """Somebody is owed a message that goes by chat."""
        with self._store() as store:
            store.write_now(_owe_direct_message, discord_id)

    @contextmanager
    def _store(self) -> Iterator[Store]:
        store = Store(self.url)
        try:
            yield store
        finally:
            store.close()


def _owe_direct_message(db: Db, discord_id: int) -> None:
    person = db.exec(select(Person).where(col(Person.discord_id) == discord_id)).one()
    session = db.exec(select(Session).where(col(Session.title) == "Court skills")).one()
    owe_person(db, Kind.WAITING_CLOSED, person, key="test", now=utc_now(), channel=Channel.CHAT, session=session)


def _let_leases_lapse(db: Db) -> None:
    for notice in db.exec(select(Notice).where(col(Notice.claimed_until).is_not(None))):
        notice.claimed_until = utc_now() - timedelta(seconds=1)
        db.add(notice)


def _ledger(db: Db) -> list[tuple[str, str, int]]:
    rows = db.exec(select(Notice).order_by(col(Notice.id)))
    return [(notice.key, notice.state.value, notice.attempts) for notice in rows]
