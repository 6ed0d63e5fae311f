"""Which partnership do you mean? Asked in direct messages of who is known in several, with a button for each.

A button says again what was pressed or typed, this time for one partnership. It is asked each time, and kept nowhere.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.cards import WAIT, button, row, simple_card
from bot.marks import LONGEST, marked
from bot.whose import GONE, WHICH, SeveralMeant
from domain.errors import NotFound

SAY_AGAIN = r"pw:say:(?P<command>[a-z -]{1,40}):(?P<typed>[^@]*)"
IN_A_ROW = 5
ROOM = len("@123456789")


def which_card(interaction: discord.Interaction[Any], asked: SeveralMeant) -> ui.LayoutView:
    """A button for each. Raises `NotFound` for what cannot be said again: a choice from an old list, or a form."""
    again = _again(interaction)
    buttons = [button(one.partnership_name, marked(again, one.partnership_id)) for one in asked.partnerships]
    rows = (row(*buttons[start : start + IN_A_ROW]) for start in range(0, len(buttons), IN_A_ROW))
    return simple_card(f"### {WHICH}\nChoose one to go on.", *rows, colour=WAIT)


def _again(interaction: discord.Interaction[Any]) -> str:
    """The id of a button that does the same."""
    command, told = interaction.command, dict(interaction.data or {})
    if isinstance(command, discord.app_commands.Command):
        typed = next((str(value) for name, value in interaction.namespace if value is not None), "")
        return f"pw:say:{command.qualified_name}:{typed.replace('@', '')}"[: LONGEST - ROOM]
    if told.get("component_type") == discord.ComponentType.button.value:
        return str(told["custom_id"])
    raise NotFound(GONE)
