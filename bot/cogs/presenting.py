"""`/presenting sessions`, `confirm`, `results`: for those who present, in the server and in direct messages."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.limits import CHOICE_NAME, CHOICES
from bot.presenting import confirm_code, mine_of, show_results, show_sessions
from bot.pressing import Press
from bot.text import bare, when_short
from bot.whose import around_of, offered_to
from domain.errors import BadInput


def add(tree: app_commands.CommandTree[Any]) -> None:
    """Add the group, for direct messages too."""
    presenting = app_commands.Group(
        name="presenting",
        description="The sessions that you present",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @presenting.command(name="sessions", description="When and where you present, the link, and how many people come")
    async def sessions_(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_sessions(press)

    @presenting.command(name="confirm", description="Say that you will present, with the code from your e-mail")
    @app_commands.describe(code="Eight letters and numbers, such as ABCD-EFGH")
    async def confirm_(interaction: discord.Interaction[Any], code: app_commands.Range[str, 8, 20]) -> None:
        press = Press(interaction, await around_of(interaction, code=code), {})
        await press.defer()
        await confirm_code(press, code)

    @presenting.command(name="results", description="What people said about a session that you presented")
    @app_commands.describe(session="Choose one of your sessions")
    async def results_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        if not session.isascii() or not session.isdecimal() or len(session) > 12:
            raise BadInput("Please choose one of the sessions that are shown while you type.")
        await show_results(press, int(session))

    @results_.autocomplete("session")
    async def offered(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        surroundings = await offered_to(interaction)
        if surroundings is None:
            return []
        mine = await mine_of(Press(interaction, surroundings, {}))
        found = [one for one in mine if typed.casefold() in one.title.casefold()][:CHOICES]
        names = [bare(f"{when_short(one.starts_at, one.ends_at, one.zone)} · {one.title}", CHOICE_NAME) for one in found]
        return [app_commands.Choice(name=name, value=str(one.presenter_id)) for name, one in zip(names, found, strict=True)]

    tree.add_command(presenting)
