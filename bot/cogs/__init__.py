"""The commands, one small file for each group: parse, call one use case, render.

`COGS` lists what the client adds at start: functions `add(tree, surroundings)`. Commands of a server's own are added with
`guild=surroundings.guild`; a command that also makes sense in direct messages is added without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot.cogs import attendance, browse, feedback, my, programme, programme_import, report, session
from bot.surroundings import Surroundings

Add = Callable[[app_commands.CommandTree[Any], Surroundings], None]

COGS: list[Add] = [
    browse.add,
    my.add,
    feedback.add,
    programme.add,
    programme_import.add,
    session.add,
    attendance.add,
    report.add,
]
