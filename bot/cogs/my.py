"""`/my bookings`, `/my calendar`, `/my details`: one's own affairs, in the server and in direct messages."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.details import details_of, show_details, somebody, take_details, which_organisation
from bot.errors import say
from bot.finding import show_mine
from bot.limits import CHOICE_NAME, CHOICES
from bot.matching import offered
from bot.pressing import Press
from bot.rights import show_data
from bot.surroundings import Surroundings
from bot.text import bare
from bot.whose import around_of, offered_to
from domain.browsing import my_calendar
from domain.organisations import known_organisations

CALENDAR_WORDS = (
    "{here}. Open the file to add {them} to a calendar. It shows how things are now; "
    "the invitations in your e-mail change by themselves when a session moves."
)


def add(tree: app_commands.CommandTree[Any]) -> None:
    """Add the group, for direct messages too."""
    my = app_commands.Group(
        name="my",
        description="Your bookings and your details",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @my.command(name="bookings", description="What you have booked, and where you stand on waiting lists")
    async def bookings(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_mine(press)

    @my.command(name="calendar", description="Your sessions as a file for Outlook and other calendars")
    async def calendar(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await _send_calendar(interaction, press.surroundings)

    @my.command(name="details", description="See or change your name, e-mail, organisation and reminders")
    @app_commands.describe(organisation="Type to find your organisation, if you want to change it")
    async def details(interaction: discord.Interaction[Any], organisation: str | None = None) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        person = await somebody(press)
        if organisation is None:
            await show_details(press, person)
            return
        person, near = await take_details(press, replace(details_of(person), organisation=organisation))
        await show_details(press, person, said="Your details are saved.", more=which_organisation(person, near, 0))

    @details.autocomplete("organisation")
    async def organisations(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        surroundings = await offered_to(interaction)
        if surroundings is None:
            return []
        names = await surroundings.store.read(known_organisations, surroundings.partnership_id, surroundings.rules)
        return [app_commands.Choice(name=bare(name, CHOICE_NAME), value=bare(name, CHOICE_NAME)) for name in offered(typed, names, CHOICES)]

    @my.command(name="data", description="A copy of all that we keep about you, and how to be forgotten")
    async def data(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_data(press)

    tree.add_command(my)


async def _send_calendar(interaction: discord.Interaction[Any], surroundings: Surroundings) -> None:
    mine = await surroundings.store.read(my_calendar, surroundings.partnership_id, interaction.user.id, now=surroundings.clock())
    if not mine:
        await say(interaction, "You have no sessions to put in a calendar yet. Use /browse to see what is on.")
        return
    feed = surroundings.calendar.feed(f"{surroundings.partnership_name}: my sessions", mine)
    one = len(mine) == 1
    words = CALENDAR_WORDS.format(
        here="Here is your session" if one else f"Here are your {len(mine)} sessions", them="it" if one else "them"
    )
    await interaction.followup.send(words, file=discord.File(io.BytesIO(feed), "my-sessions.ics"), ephemeral=True)
