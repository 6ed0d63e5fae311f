"""`/session materials add`, `remove`, `list`: what there is to read for a session, in its organisers' hands."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import session_group
from bot.limits import CHOICE_NAME, CHOICES
from bot.organisers.access import chosen_session, session_choices
from bot.organisers.materials import add_material, list_materials, remove_material
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import bare
from domain.errors import Refusal
from domain.materials import materials_of

WHICH = "Type part of its title, who runs it, its day or its reference"


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the group below `/session`."""
    materials = app_commands.Group(
        name="materials", description="What there is to read for a session", parent=session_group(tree, surroundings)
    )
    _add_add(materials, surroundings)
    _add_remove(materials, surroundings)
    _add_list(materials, surroundings)


def _add_add(materials: app_commands.Group, surroundings: Surroundings) -> None:
    @materials.command(name="add", description="Add a link or a file. It goes to everyone with a place.")
    @app_commands.describe(
        session=WHICH,
        link="A web address. It must begin with https://",
        file="5 MB at most: pdf, docx, pptx, xlsx, odt, png, jpg or txt",
        called="What it is called, such as: Slides",
    )
    async def add_(
        interaction: discord.Interaction[Any],
        session: str,
        link: app_commands.Range[str, 1, 1000] | None = None,
        file: discord.Attachment | None = None,
        called: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await add_material(press, await chosen_session(press, session), link, file, called or "")

    _offer_sessions(add_, surroundings)


def _add_remove(materials: app_commands.Group, surroundings: Surroundings) -> None:
    @materials.command(name="remove", description="Take a link or a file away. Everyone with a place is told.")
    @app_commands.describe(session=WHICH, which="Choose one from the list")
    async def remove_(interaction: discord.Interaction[Any], session: str, which: app_commands.Range[str, 1, 100]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await remove_material(press, await chosen_session(press, session), which)

    _offer_sessions(remove_, surroundings)

    @remove_.autocomplete("which")
    async def kept(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        press = Press(interaction, surroundings, {})
        try:
            desk = await chosen_session(press, str(interaction.namespace.session or ""))
        except Refusal:
            return []
        found = await surroundings.store.read(materials_of, surroundings.partnership_id, desk.session_id)
        fitting = [one for one in found if typed.strip().casefold() in one.label.casefold()]
        return [app_commands.Choice(name=bare(one.label, CHOICE_NAME), value=str(one.id)) for one in fitting[:CHOICES]]


def _add_list(materials: app_commands.Group, surroundings: Surroundings) -> None:
    @materials.command(name="list", description="See what there is to read for a session.")
    @app_commands.describe(session=WHICH)
    async def list_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await list_materials(press, await chosen_session(press, session))

    _offer_sessions(list_, surroundings)


def _offer_sessions(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)
