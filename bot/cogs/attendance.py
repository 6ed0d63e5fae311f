"""`/session attendance`: who was there, said by the organisers from the start of a session on."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import session_group
from bot.organisers.access import chosen_session, session_choices
from bot.organisers.marking import show_attendance
from bot.organisers.private_people import require_sight
from bot.pressing import Press
from bot.surroundings import Surroundings


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    session = session_group(tree, surroundings)

    @session.command(name="attendance", description="Say who was there. Only organisers see the names.")
    @app_commands.describe(session="A session that has started: type part of its title, who runs it, its day or its reference")
    async def attendance_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session, begun=True)
        await require_sight(press, desk)
        await show_attendance(press, desk.session_id)

    @attendance_.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed, begun=True)
