"""`/report export`: a programme as a spreadsheet, for its organisers."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import organisers_group
from bot.organisers.access import organised_programme, programme_choices
from bot.organisers.private_people import sees_private_people
from bot.permissions import actor_of
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import plain
from domain.errors import Closed
from domain.exports import export
from domain.kinds import Export

WHAT = {
    Export.SESSIONS: "Sessions. You can change the file and import it again",
    Export.BOOKINGS: "Bookings, with names",
    Export.ATTENDANCE: "Who came, with names",
    Export.FEEDBACK: "Feedback, as far as reports show it",
}
SAID = {
    Export.SESSIONS: "To change sessions, change the file and send it with /programme import. Leave the Reference column as it is.",
    Export.BOOKINGS: "It holds people’s names. Please keep it safe, and delete it when you need it no more.",
    Export.ATTENDANCE: "It holds people’s names. You can fill in Yes or No and send it back with /attendance upload.",
    Export.FEEDBACK: "It shows only what a report shows: no names, and nothing from only a few people.",
}


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to its group."""
    report = organisers_group(tree, surroundings, "report", "For organisers: take a programme away as a spreadsheet")

    @report.command(name="export", description="A programme as a spreadsheet: its sessions, bookings, who came, or feedback.")
    @app_commands.describe(programme="Type part of its title", what="What the spreadsheet holds")
    @app_commands.choices(what=[app_commands.Choice(name=words, value=one.value) for one, words in WHAT.items()])
    async def export_(interaction: discord.Interaction[Any], programme: str, what: app_commands.Choice[str]) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        await _send(press, chosen.id, Export(what.value))

    @export_.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)


async def _send(press: Press, programme_id: int, what: Export) -> None:
    around = press.surroundings
    if around.sheet_writer is None:
        raise Closed("Spreadsheets are not set up here.")
    made = await around.store.write(
        export,
        around.partnership_id,
        programme_id,
        what,
        around.rules,
        sees_private=await sees_private_people(press, programme_id),
        actor=actor_of(press.interaction),
        now=around.clock(),
    )
    content = await asyncio.to_thread(around.sheet_writer.write, made.title, made.pages)
    words = f"Here is the spreadsheet **{plain(made.title, 300)}**. {SAID[what]}"
    file = discord.File(io.BytesIO(content), f"{made.file_name}.xlsx")
    await press.interaction.followup.send(words, file=file, ephemeral=True)
