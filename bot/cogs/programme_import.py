"""`/programme import`: an organiser's own spreadsheet, previewed before anything is made."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group
from bot.organisers.access import organised_programme, programme_choices
from bot.organisers.imports import take_file
from bot.pressing import Press
from bot.surroundings import Surroundings


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    programme = programme_group(tree, surroundings)

    @programme.command(name="import", description="Read a schedule from a spreadsheet. You see first what it would do.")
    @app_commands.describe(programme="Type part of its title", file="Your schedule as .xlsx or .csv, 5 MB at most")
    async def import_(interaction: discord.Interaction[Any], programme: str, file: discord.Attachment) -> None:
        press = Press(interaction, surroundings, {})
        await take_file(press, await organised_programme(press, programme), file)

    @import_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)
