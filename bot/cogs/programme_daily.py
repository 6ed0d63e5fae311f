"""`/programme daily`: what needs attention as a direct message at 8am, for organisers who want it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cards import GOOD, OVER, simple_card
from bot.cogs.groups import programme_group
from bot.organisers.access import organised_programme, programme_choices
from bot.permissions import actor_of
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import plain
from domain.digests import stop, want

ON = (
    "### You will get a daily message\n{title}\nEach morning at 8am we send you what needs you, by direct message. "
    "When nothing needs you, nothing is sent. Your direct messages must be open."
)
OFF = "### The daily message is off\n{title}\nYou can always look with /programme attention."


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    programme = programme_group(tree, surroundings)

    @programme.command(name="daily", description="Get what needs you as a message each morning at 8am, or stop it.")
    @app_commands.describe(programme="Type part of its title", message="On: each morning. Off: no more")
    @app_commands.choices(message=[app_commands.Choice(name="On", value="on"), app_commands.Choice(name="Off", value="off")])
    async def daily_(interaction: discord.Interaction[Any], programme: str, message: app_commands.Choice[str]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        on = message.value == "on"
        where = surroundings.partnership_id, chosen.id, press.who
        await surroundings.store.write(want if on else stop, *where, actor=actor_of(interaction), now=surroundings.clock())
        await press.show(simple_card((ON if on else OFF).format(title=plain(chosen.title, 300)), colour=GOOD if on else OVER))

    @daily_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)
