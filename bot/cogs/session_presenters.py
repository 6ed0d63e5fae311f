"""`/session presenters`: who presents a session, and adding somebody."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import session_group
from bot.organisers.access import chosen_session, session_choices
from bot.organisers.presenters import add_presenter, member_id, show_presenters
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.errors import BadInput
from domain.presenters.naming import NewPresenter


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to the group."""
    session = session_group(tree, surroundings)

    @session.command(name="presenters", description="See who presents a session and whether they said yes, or add somebody")
    @app_commands.describe(
        session="Type part of its title, who runs it, its day or its reference",
        presenter="To add somebody: their name, as people will see it",
        email="Where to send their invitation",
        member="If they are in this server",
        runs_meeting="May they run the Teams or Zoom meeting too?",
    )
    async def presenters_(
        interaction: discord.Interaction[Any],
        session: str,
        presenter: app_commands.Range[str, 1, 200] | None = None,
        email: app_commands.Range[str, 3, 254] | None = None,
        member: discord.Member | None = None,
        runs_meeting: bool = False,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        if presenter is None and member is None:
            if email is not None:
                raise BadInput("Please give the presenter's name too.")
            await show_presenters(press, desk)
            return
        label = presenter or (member.display_name if member is not None else "")
        await add_presenter(press, desk, NewPresenter(label, email, member_id(member), runs_meeting))

    @presenters_.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)
