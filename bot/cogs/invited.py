"""`/invited`: for families with an invitation code, in the server and in direct messages."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.invited import code_form, show_invited, take_code
from bot.pressing import Press
from bot.whose import around_of
from domain.admissions import admitted_to


def add(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command, for direct messages too."""

    @tree.command(name="invited", description="Open your invitation. Only you see what you type and what comes back.")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(code="The code that you were given. Leave it empty to see what you are invited to")
    async def invited(interaction: discord.Interaction[Any], code: app_commands.Range[str, 1, 100] | None = None) -> None:
        around = await around_of(interaction, code=code or "")
        press = Press(interaction, around, {})
        if code is None and not await around.store.read(admitted_to, around.partnership_id, press.who, now=around.clock()):
            await press.ask(code_form())
            return
        await press.defer()
        await (show_invited(press) if code is None else take_code(press, code))
