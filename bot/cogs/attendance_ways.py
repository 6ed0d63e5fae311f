"""`/attendance`: a sheet to print, and the ways to say who was there: from a list, from a file, or everyone but a few."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import organisers_group
from bot.organisers.access import chosen_session, session_choices
from bot.organisers.marking import show_attendance
from bot.organisers.rolls import send_sheet, show_all_but, take_roll
from bot.pressing import Press
from bot.surroundings import Surroundings

WHICH = "Type part of its title, who runs it, its day or its reference"
BEGUN = "A session that has started: type part of its title, who runs it, its day or its reference"
PAPER = [app_commands.Choice(name="Upright", value="portrait"), app_commands.Choice(name="Across", value="landscape")]


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the group."""
    group = organisers_group(tree, surroundings, "attendance", "For organisers: who comes to a session, and who came")
    _add_sheet(group, surroundings)
    _add_list(group, surroundings)
    _add_upload(group, surroundings)
    _add_all_but(group, surroundings)


def _add_sheet(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="sheet", description="A sign-in sheet to print: everyone with a place, with a line to sign.")
    @app_commands.describe(session=WHICH, paper="How the page lies. Upright, unless you choose across")
    @app_commands.choices(paper=PAPER)
    async def sheet_(interaction: discord.Interaction[Any], session: str, paper: app_commands.Choice[str] | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        await send_sheet(press, desk, landscape=paper is not None and paper.value == "landscape")

    _offer_sessions(sheet_, surroundings, begun=False)


def _add_list(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="list", description="Say who was there, from a list. Only organisers see the names.")
    @app_commands.describe(session=BEGUN)
    async def list_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session, begun=True)
        await show_attendance(press, desk.session_id)

    _offer_sessions(list_, surroundings, begun=True)


def _add_upload(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="upload", description="Say who was there, from a file of Teams, Zoom or your own. You see first whom it names.")
    @app_commands.describe(session=BEGUN, file="A list of who was there as .csv or .xlsx, 5 MB at most")
    async def upload_(interaction: discord.Interaction[Any], session: str, file: discord.Attachment) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await take_roll(press, await chosen_session(press, session, begun=True), file)

    _offer_sessions(upload_, surroundings, begun=True)


def _add_all_but(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="allbut", description="Everyone was there but a few: choose only who was not.")
    @app_commands.describe(session=BEGUN)
    async def all_but_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session, begun=True)
        await show_all_but(press, desk)

    _offer_sessions(all_but_, surroundings, begun=True)


def _offer_sessions(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings, *, begun: bool) -> None:
    @command.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed, begun=begun)
