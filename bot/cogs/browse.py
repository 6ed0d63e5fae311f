"""`/browse` and `/book`: what is on, and a place in it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.booking import ask_for_place
from bot.finding import show_programmes
from bot.limits import CHOICE_NAME, CHOICES
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import bare, when_short
from domain.browsing import find_sessions, pick_session
from domain.kinds import Mode
from domain.picking import Found

WAYS = [app_commands.Choice(name="In the room", value=Mode.ROOM.value), app_commands.Choice(name="Online", value=Mode.ONLINE.value)]


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add both to the partnership's server."""

    @tree.command(name="browse", description="See what is on, day by day, and book", guild=surroundings.guild)
    async def browse(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await show_programmes(press)

    @tree.command(name="book", description="Book a place in a session", guild=surroundings.guild)
    @app_commands.describe(session="Type part of its title, who runs it, or its day", how="Only for a session that is in a room and online")
    @app_commands.choices(how=WAYS)
    async def book(interaction: discord.Interaction[Any], session: str, how: app_commands.Choice[str] | None = None) -> None:
        press = Press(interaction, surroundings, {})
        session_id = await surroundings.store.read(pick_session, surroundings.partnership_id, session, now=surroundings.clock())
        await ask_for_place(press, session_id, Mode(how.value) if how else None)

    @book.autocomplete("session")
    async def sessions(_interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        found = await surroundings.store.read(find_sessions, surroundings.partnership_id, typed, now=surroundings.clock(), limit=CHOICES)
        return [choice_of(one) for one in found]


def choice_of(found: Found) -> app_commands.Choice[str]:
    """A session as it is offered while somebody types."""
    by = f" · {found.organisation}" if found.organisation else ""
    hours = when_short(found.starts_at, found.ends_at, found.zone)
    return app_commands.Choice(name=bare(f"{hours} · {found.title}{by}", CHOICE_NAME), value=found.reference)
