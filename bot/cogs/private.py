"""`/programme private` and `contact`; `/session private`, `bookings` and `needs`: private sessions in their organisers' hands."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group, session_group
from bot.organisers.access import chosen_session, organised_programme, programme_choices, session_choices
from bot.organisers.families import show_booked, show_needs
from bot.organisers.privacy import answer_for, answer_for_programme, take_contact
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.models import Privacy

WAYS = [
    app_commands.Choice(name="Private", value=Privacy.PRIVATE.value),
    app_commands.Choice(name="Open to everyone", value=Privacy.OPEN.value),
]
PROGRAMME = "Type part of its title"
SESSION = "Type part of its title, who runs it, its day or its reference"


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the commands to their groups."""
    _add_programme(programme_group(tree, surroundings), surroundings)
    session = session_group(tree, surroundings)
    _add_session(session, surroundings)
    _add_lists(session, surroundings)


def _add_programme(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="private", description="Make a programme and all its sessions private, or open.")
    @app_commands.describe(programme=PROGRAMME, privacy="Private: only people with an invitation code see it")
    @app_commands.choices(privacy=WAYS)
    async def private_(interaction: discord.Interaction[Any], programme: str, privacy: app_commands.Choice[str]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        await answer_for_programme(press, chosen, Privacy(privacy.value))

    @programme.command(name="contact", description="Whom families can call. They see it before they book a private session.")
    @app_commands.describe(programme=PROGRAMME, contact="A name and a telephone number")
    async def contact_(interaction: discord.Interaction[Any], programme: str, contact: app_commands.Range[str, 1, 200]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        await take_contact(press, chosen, contact)

    _offer_programmes(private_, surroundings)
    _offer_programmes(contact_, surroundings)


def _offer_programmes(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)


def _add_session(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="private", description="Say whether a session is private, and what it is called in public.")
    @app_commands.describe(
        session=SESSION,
        privacy="Private: only people with an invitation code see it",
        public_title="What it is called where others can see it, such as Morning workshop",
    )
    @app_commands.choices(privacy=WAYS)
    async def private_(
        interaction: discord.Interaction[Any],
        session: str,
        privacy: app_commands.Choice[str],
        public_title: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        await answer_for(press, desk, Privacy(privacy.value), public_title)

    _offer_sessions(private_, surroundings)


def _add_lists(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="bookings", description="Who is booked on a private session. It is recorded that you looked.")
    @app_commands.describe(session=SESSION)
    async def bookings_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        await show_booked(press, desk)

    @session.command(name="needs", description="What people need on a session. It is recorded that you looked.")
    @app_commands.describe(session=SESSION)
    async def needs_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        await show_needs(press, desk)

    _offer_sessions(bookings_, surroundings)
    _offer_sessions(needs_, surroundings)


def _offer_sessions(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)
