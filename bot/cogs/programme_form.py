"""`/programme form`: the questions that people answer after a session, seen, or set from a file.

It stands beside the other commands of a programme, because `/feedback` is what people type to answer.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group
from bot.organisers.access import organised_programme, programme_choices
from bot.organisers.form_files import show_form, take_form
from bot.pressing import Press
from bot.surroundings import Surroundings


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    programme = programme_group(tree, surroundings)

    @programme.command(name="form", description="The feedback questions of a programme: see them, or set them from a file.")
    @app_commands.describe(programme="Type part of its title", file="A .toml file with up to four questions. Leave it out to see them")
    async def form_(interaction: discord.Interaction[Any], programme: str, file: discord.Attachment | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        if file is not None:
            await take_form(press, chosen, file)
            return
        await show_form(press, chosen)

    @form_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)
