"""`/invitation new`, `list`, `revoke`: codes for private sessions, in their organisers' hands."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import organisers_group
from bot.organisers.access import chosen_session, programme_choices, session_choices
from bot.organisers.invitations import code_choices, make, private_programme, show_codes, take_back
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.invitations import MOST_USES, NewCode

PROGRAMME = "Type part of its title"


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the group."""
    group = organisers_group(tree, surroundings, "invitation", "For organisers: codes for private sessions")
    _add_new(group, surroundings)
    _add_list(group, surroundings)
    _add_revoke(group, surroundings)


def _add_new(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="new", description="Make a code for families. It is shown once, and only to you.")
    @app_commands.describe(
        programme=PROGRAMME,
        people="How many people may use it. One, unless you type a number",
        anyone="True, if there is no limit to how many people may use it",
        session="Only if it should open one session, not all the private ones",
        days="How many days it lasts. Until the programme is over, unless you type a number",
        note="For you, to tell your codes apart, such as Tuesday group",
    )
    async def new_(
        interaction: discord.Interaction[Any],
        programme: str,
        people: app_commands.Range[int, 1, MOST_USES] = 1,
        anyone: bool = False,
        session: str | None = None,
        days: app_commands.Range[int, 1, 366] | None = None,
        note: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await private_programme(press, programme)
        one = await chosen_session(press, session) if session is not None else None
        most = None if anyone else people
        await make(press, NewCode(chosen.id, one.session_id if one else None, most, days, note or ""))

    @new_.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)

    _offer_programmes(new_, surroundings)


def _add_list(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="list", description="The codes of a programme: how often each was used, and until when it works.")
    @app_commands.describe(programme=PROGRAMME)
    async def list_(interaction: discord.Interaction[Any], programme: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await private_programme(press, programme)
        await show_codes(press, chosen)

    _offer_programmes(list_, surroundings)


def _add_revoke(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="revoke", description="Take a code back. It lets nobody in any more; those who have booked keep their places.")
    @app_commands.describe(programme=PROGRAMME, code="Choose it by its first letters or your note")
    async def revoke_(interaction: discord.Interaction[Any], programme: str, code: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await private_programme(press, programme)
        await take_back(press, code)

    @revoke_.autocomplete("code")
    async def codes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await code_choices(Press(interaction, surroundings, {}), str(interaction.namespace.programme or ""), typed)

    _offer_programmes(revoke_, surroundings)


def _offer_programmes(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)
