"""Which partnership do you mean? Asked in direct messages of who is known in several, with a button for each.

A button says again what was pressed or typed, this time for one partnership. It is asked each time, and kept nowhere.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.cards import WAIT, button, row, simple_card
from bot.marks import LONGEST, marked, without_end
from bot.whose import DO_IT_THERE, GONE, WHICH, SeveralMeant
from domain.errors import NotAllowed, NotFound

SAY_AGAIN = r"pw:say:(?P<command>[a-z -]{1,40}):(?P<typed>[^@]*)"
IN_A_ROW = 5
ROOM = len("@123456789")


def which_card(interaction: discord.Interaction[Any], asked: SeveralMeant) -> ui.LayoutView:
    """A button for each. Raises `NotFound` for what cannot be said again: a choice from an old list, or a form.

    Raises `NotAllowed` for what is too long for a button: half of it would be something else.
    """
    again = _again(interaction)
    buttons = [button(one.partnership_name, marked(again, one.partnership_id)) for one in asked.partnerships]
    rows = (row(*buttons[start : start + IN_A_ROW]) for start in range(0, len(buttons), IN_A_ROW))
    return simple_card(f"### {WHICH}\nChoose one to go on.", *rows, colour=WAIT)


def _again(interaction: discord.Interaction[Any]) -> str:
    """The id of a button that does the same."""
    command, told = interaction.command, dict(interaction.data or {})
    if isinstance(command, discord.app_commands.Command):
        typed = next((str(value) for name, value in interaction.namespace if value is not None), "")
        again = f"pw:say:{command.qualified_name}:{typed.replace('@', '')}"
        if len(again) > LONGEST - ROOM:
            raise NotAllowed(DO_IT_THERE)
        return again
    if told.get("component_type") == discord.ComponentType.button.value:
        return without_end(told["custom_id"])
    raise NotFound(GONE)
