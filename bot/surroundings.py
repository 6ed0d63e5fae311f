"""What the bot is given: one frozen value with everything it needs, made by the composition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import discord

from domain.database import Store
from domain.ports import CalendarWriter, Certificates, FormReader, Pictures, SheetReader, SheetWriter, SignInSheets
from domain.reports import ProgrammeReport
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
    certificates: Certificates | None = None  #: draws certificates; slow, for a thread

    @property
    def guild(self) -> discord.Object:
        """The partnership's server, for commands that live only there."""
        return discord.Object(self.guild_id)
