"""The world outside the program: mail, Discord, Zoom and Teams, alive in the process that kills, and so never killed.

They all live by the shared clock, and keep everything that they received.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from email import message_from_bytes
from types import TracebackType
from typing import Any, Self

from domain.kinds import Provider
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.mailbox import Arrived, Mailbox, read_invitation
from rehearsal.zoom import ZoomRealm, ZoomStandIn
from tests.faults.chat_desk import ChatDesk
from tests.faults.evidence import SENDER, Mail, Record, Room, Word
from tests.faults.shared_clock import SharedClock

GUILD = 31
SECRET = "a-secret-of-the-tests"
GRAPH = GraphRealm(client_secret=SECRET)
ZOOM = ZoomRealm(client_secret=SECRET, daily_limit=100_000)


class Outside:
    """Everything that the program talks to, and the people who talk to it."""

    def __init__(self, clock: SharedClock) -> None:
        self.clock = clock
        self.mail = Mailbox(clock)
        self.chat = ChatDesk(clock)
        self.graph = GraphStandIn(clock=clock, realm=GRAPH)
        self.zoom = ZoomStandIn(clock=clock, realm=ZOOM)
        self._words: dict[str, Word] = {}

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        for part in (self.mail, self.chat, self.graph, self.zoom):
            await self._stack.enter_async_context(part)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()

    def settings(self, database_url: str, *, mail_port: int | None = None, **mail: Any) -> dict[str, Any]:
        """The tables of the settings on these addresses; `mail` changes that table."""
        tables = settings_on(
            database_url,
            chat=self.chat.api_base,
            mail=(self.mail.host, mail_port or self.mail.port),
            graph=(self.graph.base_url, self.graph.authority),
            zoom=(self.zoom.api_base, self.zoom.oauth_base),
        )
        return tables | {"mail": tables["mail"] | mail}

    # ── what people said and heard ──────────────────────────────────────────────────────────────────────

    def heard(self, told: dict[str, Any]) -> None:
        """A life tells what somebody asked, or was told. What was refused has changed nothing."""
        if "asked" in told:
            asked = told["asked"]
            self._words[f"{told['life']}:{asked['number']}"] = Word(asked["person"], asked["session"], asked["what"])
        elif "answered" in told:
            name, came = f"{told['life']}:{told['answered']}", told["came"]
            word = self._words.pop(name)
            if came != "refused":
                self._words[name] = Word(word.person_id, word.session_id, word.asked, came)

    # ── what was received ───────────────────────────────────────────────────────────────────────────────

    def record(self) -> Record:
        """Everything so far."""
        services = ((Provider.TEAMS, self.graph.living), (Provider.ZOOM, self.zoom.living))
        rooms = tuple(Room(provider, held.ref, held.external_id, held.starts_at) for provider, living in services for held in living)
        return Record(tuple(map(mail_of, self.mail.messages)), tuple(self.chat.posts), tuple(self._words.values()), rooms)


def settings_on(database_url: str, *, chat: str, mail: tuple[str, int], graph: tuple[str, str], zoom: tuple[str, str]) -> dict[str, Any]:
    """The tables of the settings of a program whose world is at these addresses."""
    hosts = [{"provider": "teams", "account": GRAPH.hosts[0], "at_once": 50}, {"provider": "zoom", "account": ZOOM.hosts[0], "at_once": 50}]
    partnership = {"name": "Midlands Teaching Partnership", "guild_id": GUILD, "organiser_roles": [1], "contact": "us", "hosts": hosts}
    partnership["keep_unproven"] = "90d"  # the clock jumps by days, and the verdict needs to know who wrote from which address
    teams = {"base_url": graph[0], "authority": graph[1], "tenant_id": GRAPH.tenant_id, "client_id": GRAPH.client_id}
    zooms = {"api_base": zoom[0], "oauth_base": zoom[1], "account_id": ZOOM.account_id, "client_id": ZOOM.client_id}
    return {
        "database": {"url": database_url},
        "discord": {"api_base": chat, "sync_commands": False},
        "mail": {"host": mail[0], "port": mail[1], "security": "none", "login": "none", "connections": 4, "sender": SENDER},
        "teams": {"enabled": True, **teams},
        "zoom": {"enabled": True, **zooms},
        "partnership": {"midlands": partnership},
    }


def mail_of(arrived: Arrived) -> Mail:
    """A message as the verdict needs it."""
    read = read_invitation(message_from_bytes(arrived.content)) if arrived.has_calendar else None
    if read is None:
        return Mail(arrived.at, arrived.message_id, arrived.recipient, arrived.content)
    entry = read.uid, read.sequence, read.method, read.starts_at, read.attendee
    return Mail(arrived.at, arrived.message_id, arrived.recipient, arrived.content, *entry)
