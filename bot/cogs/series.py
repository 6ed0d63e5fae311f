"""`/series`: courses in parts. Everybody may browse; the other commands are organisers', and ask who types them."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.certificates import show_attended, show_certificates
from bot.limits import CHOICE_NAME, CHOICES
from bot.organisers.access import chosen_session, session_choices
from bot.organisers.series import (
    add_to_series,
    make_series,
    offered_cancelled,
    offered_series,
    organised_series,
    part_session,
    replace_in_series,
    show_desk,
    take_from_series,
)
from bot.pressing import Press
from bot.series import show_my_series, show_open_series, show_series
from bot.surroundings import Surroundings
from bot.text import bare
from bot.whose import around_of
from domain.series.views import open_series, pick_series

Text = app_commands.Range[str, 1, 200]
WHICH = "Type part of its title, who runs it, its day or its reference"


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the group."""
    series = app_commands.Group(name="series", description="Courses in parts, booked as a whole")
    _add_browse(series, surroundings)
    _add_new(series, surroundings)
    _add_add(series, surroundings)
    _add_replace(series, surroundings)
    _add_remove(series, surroundings)
    _add_show(series, surroundings)
    tree.add_command(series, guild=surroundings.guild)


def add_mine(tree: app_commands.CommandTree[Any]) -> None:
    """Add what of one's own affairs goes with courses to `/my`, which is there already."""
    my = tree.get_command("my")
    assert isinstance(my, app_commands.Group)

    @my.command(name="series", description="The courses that you have booked, and their parts")
    async def mine(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_my_series(press)

    @my.command(name="certificate", description="Certificates for courses you completed and sessions you attended")
    async def certificate(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_certificates(press)

    @my.command(name="attended", description="What you attended, as a list to keep")
    async def attended(interaction: discord.Interaction[Any]) -> None:
        press = Press(interaction, await around_of(interaction), {})
        await press.defer()
        await show_attended(press)


def _add_browse(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="browse", description="See the parts of a course, and book them all")
    @app_commands.describe(series="Type part of its title. Not needed when there is only one")
    async def browse(interaction: discord.Interaction[Any], series: Text | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        if series is None:
            await show_open_series(press)
            return
        await show_series(press, await surroundings.store.read(pick_series, surroundings.partnership_id, series))

    @browse.autocomplete("series")
    async def titles(_interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        found = await surroundings.store.read(open_series, surroundings.partnership_id, typed, now=surroundings.clock(), limit=CHOICES)
        return [app_commands.Choice(name=bare(title, CHOICE_NAME), value=str(series_id)) for series_id, title in found]


def _add_new(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="new", description="For organisers: make a run of a course")
    @app_commands.describe(
        title="Such as: Practitioner teachers 2027",
        course="Its course: a part missed in one run can be made up in another. As the title, unless you type it",
    )
    async def new(interaction: discord.Interaction[Any], title: Text, course: Text | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await make_series(press, title, course)


def _add_add(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="add", description="For organisers: put a session in a series")
    @app_commands.describe(series="Type part of its title", session=WHICH)
    async def add_(interaction: discord.Interaction[Any], series: Text, session: Text) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        series_id = await organised_series(press, series)
        await add_to_series(press, series_id, await chosen_session(press, session))

    _offer_series(add_, surroundings)
    _offer_sessions(add_, surroundings, "session")


def _add_replace(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="replace", description="For organisers: another day for a part that was cancelled")
    @app_commands.describe(
        cancelled="A part that was cancelled: type part of its title, its day or its reference", session="The session that stands for it"
    )
    async def replace(interaction: discord.Interaction[Any], cancelled: Text, session: Text) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        gone = await part_session(press, cancelled)
        await replace_in_series(press, gone, await chosen_session(press, session))

    _offer_sessions(replace, surroundings, "session")

    @replace.autocomplete("cancelled")
    async def called_off(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await offered_cancelled(interaction, surroundings, typed)


def _add_remove(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="remove", description="For organisers: take a session out of its series")
    @app_commands.describe(session="The reference of the session, such as PW-2K4QX. It may be a cancelled one")
    async def remove(interaction: discord.Interaction[Any], session: Text) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await take_from_series(press, await part_session(press, session))

    _offer_sessions(remove, surroundings, "session")


def _add_show(group: app_commands.Group, surroundings: Surroundings) -> None:
    @group.command(name="show", description="For organisers: who has done which part, and who has completed it")
    @app_commands.describe(series="Type part of its title")
    async def show(interaction: discord.Interaction[Any], series: Text) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await show_desk(press, await organised_series(press, series))

    _offer_series(show, surroundings)


def _offer_series(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("series")
    async def series(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await offered_series(interaction, surroundings, typed)


def _offer_sessions(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings, name: str) -> None:
    @command.autocomplete(name)
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)
