"""`/programme cancel`, `close`, `reopen`, `archive`, `message`, `sends`, `history`, and `/session message`: running what is published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group, session_group
from bot.limits import CHOICES
from bot.organisers.access import chosen_session, organised_programme, programme_choices, session_choices
from bot.organisers.announcing import start_programme_message, start_session_message
from bot.organisers.calling_off import show_call_off
from bot.organisers.closing import archive_programme, close_programme, reopen_programme
from bot.organisers.history import show_history
from bot.organisers.sends import show_sends
from bot.permissions import is_organiser
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.calling_off import days_left
from domain.errors import Refusal
from domain.models import Audience
from domain.organising import pick_programme
from domain.programmes import ProgrammeView
from domain.schedule.typed import read_day
from domain.times import day_of, day_words

TO = [
    app_commands.Choice(name="Who have a place", value="confirmed"),
    app_commands.Choice(name="Who wait for a place", value="waiting"),
    app_commands.Choice(name="Both", value="both"),
]
WHICH_PROGRAMME = "Type part of its title"
WHICH_DAY = "Choose a day. Leave it empty for the whole programme"
Short = app_commands.Range[str, 1, 60]


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the commands to their groups."""
    programme = programme_group(tree, surroundings)
    _add_cancel(programme, surroundings)
    _add_message(programme, surroundings)
    _add_plain(programme, surroundings, "close", "No new bookings. Who has a place keeps it.", close_programme)
    _add_plain(programme, surroundings, "reopen", "Take bookings again.", reopen_programme)
    _add_plain(programme, surroundings, "archive", "Put a programme away that is over. Reports still have it.", archive_programme)
    _add_plain(programme, surroundings, "sends", "What is still to be sent, and when it will be through.", show_sends)
    _add_plain(programme, surroundings, "history", "Who did what about a programme, and when.", show_history)
    _add_session_message(session_group(tree, surroundings), surroundings)


def _add_cancel(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="cancel", description="Cancel a day or a whole programme. You see first how many would be told.")
    @app_commands.describe(programme=WHICH_PROGRAMME, day=WHICH_DAY)
    async def cancel_(interaction: discord.Interaction[Any], programme: str, day: Short | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        wanted = _day(press, chosen, day)
        await show_call_off(press, chosen, wanted)

    _offer(cancel_, surroundings, days=True)


def _add_message(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="message", description="Write to everyone booked on a day or in a programme. You see it first.")
    @app_commands.describe(programme=WHICH_PROGRAMME, day=WHICH_DAY, to="Who have a place, unless you choose")
    @app_commands.choices(to=TO)
    async def message_(
        interaction: discord.Interaction[Any], programme: str, day: Short | None = None, to: app_commands.Choice[str] | None = None
    ) -> None:
        press = Press(interaction, surroundings, {})
        chosen = await organised_programme(press, programme)
        await start_programme_message(press, chosen, _day(press, chosen, day), Audience(to.value if to else "confirmed"))

    _offer(message_, surroundings, days=True)


def _add_session_message(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="message", description="Write to everyone booked on a session. You see it first.")
    @app_commands.describe(
        session="Type part of its title, who runs it, its day or its reference", to="Who have a place, unless you choose"
    )
    @app_commands.choices(to=TO)
    async def message_(interaction: discord.Interaction[Any], session: str, to: app_commands.Choice[str] | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await start_session_message(press, await chosen_session(press, session), Audience(to.value if to else "confirmed"))

    @message_.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)


def _add_plain(
    group: app_commands.Group,
    surroundings: Surroundings,
    name: str,
    description: str,
    do: Callable[[Press, ProgrammeView], Awaitable[None]],
) -> None:
    @group.command(name=name, description=description)
    @app_commands.describe(programme=WHICH_PROGRAMME)
    async def plain_(interaction: discord.Interaction[Any], programme: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        await do(press, chosen)

    _offer(plain_, surroundings)


def _day(press: Press, programme: ProgrammeView, typed: str | None) -> date | None:
    if typed is None:
        return None
    return read_day(typed, today=day_of(press.surroundings.clock(), programme.zone), zone=programme.zone)


def _offer(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings, *, days: bool = False) -> None:
    @command.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)

    if days:

        @command.autocomplete("day")
        async def some_days(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
            return await _day_choices(interaction, surroundings, typed)


async def _day_choices(interaction: discord.Interaction[Any], surroundings: Surroundings, typed: str) -> list[app_commands.Choice[str]]:
    """The days that are left of the programme that was typed, for who organises it."""
    around = surroundings
    try:
        chosen = await around.store.read(pick_programme, around.partnership_id, str(getattr(interaction.namespace, "programme", "")))
    except Refusal:
        return []
    if not await is_organiser(interaction, around, chosen.id):
        return []
    found = [day_words(day) for day in await around.store.read(days_left, around.partnership_id, chosen.id, now=around.clock())]
    words = typed.casefold().split()
    return [app_commands.Choice(name=day, value=day) for day in found if all(word in day.casefold() for word in words)][:CHOICES]
