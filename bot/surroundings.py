"""What the bot is given: one frozen value with everything it needs, made by the composition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import discord

from domain.database import Store
from domain.ports import CalendarWriter, Pictures, SheetReader
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
    sync_commands: bool = True  #: tell Discord at start which commands there are

    @property
    def guild(self) -> discord.Object:
        """The partnership's server, for commands that live only there."""
        return discord.Object(self.guild_id)
