"""`/my hand-over`, `/my accept`: a place that changes hands."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.limits import CHOICE_NAME, CHOICES
from bot.pressing import Press
from bot.text import bare, when_short
from bot.transfers import accept_form, start_handing_over
from bot.whose import around_of, offered_to
from domain.browsing import my_bookings
from domain.models import BookingState


def add(tree: app_commands.CommandTree[Any]) -> None:
    """Add both to `/my`, which is there already."""
    my = tree.get_command("my")
    assert isinstance(my, app_commands.Group)

    @my.command(name="hand-over", description="Ask a colleague to take your place at a session")
    @app_commands.describe(session="Choose one of your bookings")
    async def hand_over(interaction: discord.Interaction[Any], session: str) -> None:
        await start_handing_over(Press(interaction, await around_of(interaction), {}), session)

    @hand_over.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        surroundings = await offered_to(interaction)
        if surroundings is None:
            return []
        mine = await surroundings.store.read(my_bookings, surroundings.partnership_id, interaction.user.id, now=surroundings.clock())
        choices = []
        for one in mine:
            session = one.session
            name = f"{when_short(session.starts_at, session.ends_at, session.zone)} · {session.title}"
            ours = one.mine is not None and one.mine.state is BookingState.CONFIRMED and one.mine.can_hand_over
            if ours and typed.strip().casefold() in name.casefold():
                choices.append(app_commands.Choice(name=bare(name, CHOICE_NAME), value=session.reference))
        return choices[:CHOICES]

    @my.command(name="accept", description="Take a place that a colleague offers you, with the code from your e-mail")
    async def accept(interaction: discord.Interaction[Any]) -> None:
        await Press(interaction, await around_of(interaction), {}).ask(accept_form())
