"""`/feedback`: for who was asked by e-mail, in the server and in direct messages."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.feedback import awaited, fits, show_prompt
from bot.limits import CHOICE_NAME, CHOICES
from bot.pressing import Press
from bot.text import bare, when_short
from bot.whose import around_of, offered_to
from domain.feedback.asking import Awaited


def add(tree: app_commands.CommandTree[Any]) -> None:
    """Add the command, for direct messages too."""

    @tree.command(name="feedback", description="Say how a session was")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(session="Choose one of your sessions that have ended")
    async def feedback(interaction: discord.Interaction[Any], session: str | None = None) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_prompt(press, session)

    @feedback.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        surroundings = await offered_to(interaction)
        if surroundings is None:
            return []
        waiting = await awaited(Press(interaction, surroundings, {}))
        return [_choice(one) for one in waiting if fits(one, typed)][:CHOICES]


def _choice(one: Awaited) -> app_commands.Choice[str]:
    hours = when_short(one.starts_at, one.ends_at, one.zone)
    return app_commands.Choice(name=bare(f"{hours} · {one.title}", CHOICE_NAME), value=str(one.session_id))
