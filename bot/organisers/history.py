"""`/programme history`: who did what about a programme, and when, a page at a time."""

from __future__ import annotations

from discord import ui

from bot.cards import OVER, button, card, line, row
from bot.organisers import ids
from bot.organisers.access import organised_programme
from bot.permissions import actor_of
from bot.pressing import Press, on_press
from bot.text import plain
from domain.history import Happened, History, history
from domain.programmes import ProgrammeView
from domain.times import clock_words, to_wall

NOTHING_YET = "Nothing has been done yet."


def history_card(programme: ProgrammeView, found: History) -> ui.LayoutView:
    """One page; a mention names somebody and calls nobody."""
    told = "\n".join(f"- {_line(one, found.zone)}" for one in found.happened)
    buttons = (
        button("Newest", ids.history(programme.id)),
        button("Older", ids.history(programme.id, found.older)) if found.older is not None else None,
    )
    return card((f"## What was done\n{plain(programme.title, 300)}", line(), told or NOTHING_YET, row(*buttons)), OVER)


def _line(one: Happened, zone: str) -> str:
    """`Tue 2 Mar 2027, 9.15am: @Olga cancelled “Lunch”.`"""
    wall = to_wall(one.at, zone)
    who = f"<@{one.discord_id}>" if one.discord_id is not None else one.who.value
    return f"{wall:%a} {wall.day} {wall:%b %Y}, {clock_words(wall)}: {who} {plain(one.said, 220)}."


async def show_history(press: Press, programme: ProgrammeView, before: int | None = None) -> None:
    """A page of the history of a programme."""
    around = press.surroundings
    actor, now = actor_of(press.interaction), around.clock()
    found = await around.store.write(history, around.partnership_id, programme.id, before, actor=actor, now=now)
    await press.show(history_card(programme, found))


@on_press(ids.HISTORY)
async def pressed_history(press: Press) -> None:
    """Another page of what was done."""
    await press.defer()
    chosen = await organised_programme(press, str(press.number("programme")))
    await show_history(press, chosen, press.number("before") or None)
