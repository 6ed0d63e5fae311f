"""What the bot is given: for each partnership one frozen value with everything it needs, made by the composition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import discord

from domain.database import Store
from domain.ports.aside import Aside
from domain.ports.drawing import Certificates, Pictures, SignInSheets
from domain.ports.files import FormReader, PersonWriter, SheetReader, SheetWriter
from domain.ports.letters import CalendarWriter
from domain.reports.figures import ProgrammeReport
from domain.rules import Rules


@dataclass(frozen=True)
class Surroundings:
    """A partnership's bot and its world. `clock` gives the present instant (UTC, aware)."""

    store: Store
    partnership_id: int
    partnership_name: str
    guild_id: int
    organiser_roles: frozenset[int]
    rules: Rules
    clock: Callable[[], datetime]
    calendar: CalendarWriter
    sheets: SheetReader
    pictures: Pictures | None
    wake: Callable[[], None]  #: called after a committed change that owes something soon
    holidays: Mapping[date, str] = field(default_factory=dict)  #: bank holidays with their names, for previews
    sync_commands: bool = True  #: tell Discord at start which commands there are
    mails_per_minute: int | None = None  #: how fast e-mail may leave; None: no limit
    contact: str = ""  #: where people write about what is kept about them; empty: they ask an organiser
    report_page: Callable[[ProgrammeReport, Pictures], bytes] | None = None  #: writes `report.html`; slow, for a thread
    sign_in: SignInSheets | None = None
    sheet_writer: SheetWriter | None = None
    forms: FormReader | None = None
    person_files: PersonWriter | None = None
    certificates: Certificates | None = None  #: draws certificates; slow, for a thread
    pages: str = ""  #: the address of this partnership's pages; empty: it has none
    aside: Aside = asyncio.to_thread  #: where what takes seconds is computed

    @property
    def guild(self) -> discord.Object:
        """The partnership's server, for commands that live only there."""
        return discord.Object(self.guild_id)


class Served:
    """The partnerships that a bot serves, each with its server. They share a store."""

    def __init__(self, each: Sequence[Surroundings]) -> None:
        self.each = tuple(each)
        self.store = self.each[0].store
        self._by_id = {one.partnership_id: one for one in self.each}
        self._by_server = {one.guild_id: one for one in self.each}
        self.ids = tuple(sorted(self._by_id))

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.each) > 1

    def in_server(self, guild_id: int | None) -> Surroundings | None:
        """The partnership of a server, if it is one's."""
        return self._by_server.get(guild_id) if guild_id is not None else None

    def find(self, partnership_id: int) -> Surroundings | None:
        """The partnership with this id, if it is served here."""
        return self._by_id.get(partnership_id)

    def of(self, partnership_id: int) -> Surroundings:
        """The partnership with this id. Raises `KeyError` for one that is not served here."""
        return self._by_id[partnership_id]
