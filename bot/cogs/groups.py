"""Groups of commands that several files add to, such as `/programme`."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.surroundings import Surroundings

#: Organisers' commands are hidden from those who may not manage events in the server: Discord cannot hide by role without its
#: administrator. Nothing relies on it: who may do what is asked whenever something is typed or pressed.
HIDDEN = discord.Permissions(manage_events=True)


def programme_group(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> app_commands.Group:
    """`/programme` of the partnership's server, made by whoever asks first."""
    return organisers_group(tree, surroundings, "programme", "For organisers: run a programme")


def session_group(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> app_commands.Group:
    """`/session`, likewise."""
    return organisers_group(tree, surroundings, "session", "For organisers: change one session")


def organisers_group(tree: app_commands.CommandTree[Any], surroundings: Surroundings, name: str, description: str) -> app_commands.Group:
    """A group of commands for organisers, in the partnership's server only."""
    known = tree.get_command(name, guild=surroundings.guild)
    if isinstance(known, app_commands.Group):
        return known
    group = app_commands.Group(name=name, description=description, default_permissions=HIDDEN)
    tree.add_command(group, guild=surroundings.guild)
    return group
