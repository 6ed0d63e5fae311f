"""`/programme import` and `columns`: an organiser's own spreadsheet, previewed before anything is made, and what we remember of it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group
from bot.organisers.access import organised_programme, programme_choices, require_any_organiser
from bot.organisers.columns import show_remembered, show_unfinished
from bot.organisers.imports import take_file
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.programmes import require_kept


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    programme = programme_group(tree, surroundings)

    @programme.command(name="import", description="Read a schedule from a spreadsheet. You see first what it would do.")
    @app_commands.describe(
        programme="Type part of its title", file="Your schedule as .xlsx or .csv, 5 MB at most. Leave it out to go on with the last one"
    )
    async def import_(interaction: discord.Interaction[Any], programme: str, file: discord.Attachment | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        require_kept(chosen.state)
        if file is not None:
            await take_file(press, chosen, file)
            return
        await show_unfinished(press, chosen)

    @import_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)

    @programme.command(name="columns", description="What you told us about the columns of your schedules, and how to forget it.")
    async def columns_(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await require_any_organiser(press)
        await show_remembered(press)
