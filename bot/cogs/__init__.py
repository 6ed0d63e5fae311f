"""The commands, one small file for each group: parse, call one use case, render.

`COGS` lists what the client adds at start for each partnership: functions `add(tree, surroundings)`, whose commands are added with
`guild=surroundings.guild`. `EVERYWHERE` lists what also makes sense in direct messages: functions `add(tree)`, added once, without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot.cogs import (
    attendance_ways,
    browse,
    feedback,
    invitation,
    invited,
    my,
    my_transfers,
    presenting,
    private,
    programme,
    programme_daily,
    programme_form,
    programme_import,
    programme_running,
    report,
    report_export,
    series,
    session,
    session_materials,
    session_presenters,
)
from bot.surroundings import Surroundings

Add = Callable[[app_commands.CommandTree[Any], Surroundings], None]

#: what may be typed in direct messages too: added once; whose it is shows when it is typed
EVERYWHERE: list[Callable[[app_commands.CommandTree[Any]], None]] = [
    my.add,
    my_transfers.add,
    series.add_mine,
    feedback.add,
    invited.add,
    presenting.add,
]

COGS: list[Add] = [
    browse.add,
    series.add,
    programme.add,
    programme_import.add,
    programme_running.add,
    session.add,
    private.add,
    invitation.add,
    session_materials.add,
    report.add,
    attendance_ways.add,
    programme_daily.add,
    programme_form.add,
    report_export.add,
    session_presenters.add,
]
