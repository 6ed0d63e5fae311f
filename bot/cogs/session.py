"""`/session add`, `edit`, `held`, `reschedule`, `cancel`, `provider`, `places`: one session in its organisers' hands."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import session_group
from bot.organisers.access import chosen_session, organised_programme, programme_choices, session_choices
from bot.organisers.holding import start_holding
from bot.organisers.sessions import (
    add_session,
    change_places,
    start_calling_off,
    start_changing_provider,
    start_editing,
    start_moving,
)
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.errors import BadInput
from domain.kinds import Mode, Provider
from domain.schedule.places import read_places

HELD = [app_commands.Choice(name=name, value=name) for name in ("Online", "Teams", "Zoom", "In person", "Hybrid")]
SERVICES = [
    app_commands.Choice(name="Teams", value="teams"),
    app_commands.Choice(name="Zoom", value="zoom"),
    app_commands.Choice(name="A link of your own", value="given"),
]
WAYS = [app_commands.Choice(name="In the room", value="room"), app_commands.Choice(name="Online", value="online")]
FORMATS = [
    app_commands.Choice(name="Online", value="online"),
    app_commands.Choice(name="In a room", value="room"),
    app_commands.Choice(name="In a room and online", value="both"),
]
WHICH = "Type part of its title, who runs it, its day or its reference"

Short = app_commands.Range[str, 1, 60]
Text = app_commands.Range[str, 1, 200]


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the group."""
    session = session_group(tree, surroundings)
    _add_add(session, surroundings)
    _add_edit(session, surroundings)
    _add_held(session, surroundings)
    _add_reschedule(session, surroundings)
    _add_cancel(session, surroundings)
    _add_provider(session, surroundings)
    _add_places(session, surroundings)


def _add_add(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="add", description="Add one session to a programme.")
    @app_commands.describe(
        programme="Type part of its title",
        title="What people will see",
        date="Such as 15 March 2027",
        start="Such as 9.30am",
        end="Such as 10.30am",
        held="How it is held. As the programme says, unless you choose",
        venue="The room and building, if people come there",
        places="A number, or: no limit. As the programme says, unless you type it",
        organisation="Who delivers it",
        presenter="Who leads it",
        audience="Who it is for",
        link="A link of your own, if you have one",
    )
    @app_commands.choices(held=HELD)
    async def add_(
        interaction: discord.Interaction[Any],
        programme: str,
        title: Text,
        date: Short,
        start: Short,
        end: Short,
        held: app_commands.Choice[str] | None = None,
        venue: app_commands.Range[str, 1, 300] | None = None,
        places: Short | None = None,
        organisation: Text | None = None,
        presenter: Text | None = None,
        audience: Text | None = None,
        link: app_commands.Range[str, 1, 1000] | None = None,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        cells: dict[str, str | None] = {"Title": title, "Date": date, "Start": start, "End": end, "Venue": venue, "Places": places}
        cells |= {"Platform": held.value if held else None, "Organisation": organisation, "Presenter": presenter}
        cells |= {"Audience": audience, "Link": link}
        await add_session(press, chosen, cells)

    @add_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)


def _add_edit(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="edit", description="Change a session's words. A form opens with what there is.")
    @app_commands.describe(session=WHICH, organisation="Change only who delivers it", audience="Change only who it is for")
    async def edit_(
        interaction: discord.Interaction[Any], session: str, organisation: Text | None = None, audience: Text | None = None
    ) -> None:
        press = Press(interaction, surroundings, {})
        await start_editing(press, await chosen_session(press, session), organisation=organisation, audience=audience)

    _offer_sessions(edit_, surroundings)


def _add_held(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="held", description="Hold a session online, in a room, or both. You see first what it would mean.")
    @app_commands.describe(session=WHICH, held="How it is to be held", on="Where people meet online. As now, unless you choose")
    @app_commands.choices(held=FORMATS, on=SERVICES)
    async def held_(
        interaction: discord.Interaction[Any], session: str, held: app_commands.Choice[str], on: app_commands.Choice[str] | None = None
    ) -> None:
        press = Press(interaction, surroundings, {})
        await start_holding(press, await chosen_session(press, session), held.value, Provider(on.value) if on else None)

    _offer_sessions(held_, surroundings)


def _add_reschedule(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="reschedule", description="Move a session. You see first who would clash, and whether the link stays.")
    @app_commands.describe(
        session=WHICH,
        date="Such as 15 March 2027. The same day, unless you type one",
        start="Such as 9.30am. The same hour, unless you type one",
        end="Such as 10.30am. As long as before, unless you type one",
    )
    async def reschedule_(
        interaction: discord.Interaction[Any], session: str, date: Short | None = None, start: Short | None = None, end: Short | None = None
    ) -> None:
        press = Press(interaction, surroundings, {})
        await start_moving(press, await chosen_session(press, session), date, start, end)

    _offer_sessions(reschedule_, surroundings)


def _add_cancel(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="cancel", description="Cancel a session. You see first how many people would be told.")
    @app_commands.describe(session=WHICH)
    async def cancel_(interaction: discord.Interaction[Any], session: str) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        desk = await chosen_session(press, session)
        await start_calling_off(press, desk)

    _offer_sessions(cancel_, surroundings)


def _add_provider(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="provider", description="Hold a session on Teams, on Zoom, or with a link of your own.")
    @app_commands.describe(session=WHICH, on="Where it is to be held")
    @app_commands.choices(on=SERVICES)
    async def provider_(interaction: discord.Interaction[Any], session: str, on: app_commands.Choice[str]) -> None:
        press = Press(interaction, surroundings, {})
        await start_changing_provider(press, await chosen_session(press, session), Provider(on.value))

    _offer_sessions(provider_, surroundings)


def _add_places(session: app_commands.Group, surroundings: Surroundings) -> None:
    @session.command(name="places", description="Change how many places there are. Nobody loses a place.")
    @app_commands.describe(session=WHICH, places="A number, or: no limit", where="For a session in a room and online: which places")
    @app_commands.choices(where=WAYS)
    async def places_(
        interaction: discord.Interaction[Any], session: str, places: Short, where: app_commands.Choice[str] | None = None
    ) -> None:
        press = Press(interaction, surroundings, {})
        desk = await chosen_session(press, session)
        read = read_places(places)
        if not read.given:
            raise BadInput("Please type a number of places, such as 30, or: no limit.")
        await change_places(press, desk, read.number, Mode(where.value) if where else Mode.ROOM)

    _offer_sessions(places_, surroundings)


def _offer_sessions(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("session")
    async def sessions(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(interaction, surroundings, typed)
