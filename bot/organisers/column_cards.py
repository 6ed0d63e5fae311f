"""Cards about columns: what an unknown heading means, what is remembered, how far a long file is, and files to go on with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.cards import OVER, PRIMARY, WAIT, button, card, headlined, line, menu, row, simple_card
from bot.limits import BUTTON_LABEL, MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.organisers.paging import fitting
from bot.text import bare, clock, day_short, plain
from domain.drafts import Unfinished
from domain.schedule.columns import heading_key
from domain.schedule.remembering import MEANINGS, Remembered

ASKED_AT_ONCE = 4
_N = r"[0-9]{1,12}"
MEAN = rf"pw:import-mean:(?P<draft>{_N}):(?P<heading>[0-9a-f]{{8}})"  # a menu: the value is a field, or `nothing`
REST = rf"pw:import-rest:(?P<draft>{_N})"
STOP = rf"pw:import-stop:(?P<draft>{_N})"
GO_ON = rf"pw:import-go:(?P<draft>{_N})"
FORGET = r"pw:columns-forget"  # a menu: the values are remembered columns
FORGET_ALL = r"pw:columns-forget-all"


def sign_of(heading: str) -> str:
    """A heading in an id: eight letters, whatever it holds."""
    return hashlib.sha256(heading_key(heading).encode()).hexdigest()[:8]


def ask_card(unknown: Sequence[str], draft_id: int, file_name: str) -> ui.LayoutView:
    """A menu for each heading that we do not know, a few at a time."""
    shown = unknown[:ASKED_AT_ONCE]
    options = [(field, words, "") for field, words in MEANINGS.items()]
    more = f"-# {len(unknown) - len(shown)} more to answer after these." if len(unknown) > len(shown) else None
    one = len(unknown) == 1
    asks = "One column is new to us. What does it mean?" if one else f"{len(unknown)} columns are new to us. What do they mean?"
    return card(
        (
            f"## {plain(file_name, 120)}\n{asks} We remember it for your next file.",
            line(),
            *(
                menu(f"pw:import-mean:{draft_id}:{sign_of(heading)}", bare(f"Column “{heading}” means …", 140), options)
                for heading in shown
            ),
            more,
            row(
                button("It means nothing" if one else "The others mean nothing", f"pw:import-rest:{draft_id}", PRIMARY),
                button("Not now", f"pw:import-stop:{draft_id}"),
            ),
        ),
        WAIT,
    )


def reading_card(file_name: str, draft_id: int, done: int, total: int) -> ui.LayoutView:
    """How far a long file is."""
    return card(
        (
            f"## {plain(file_name, 120)}\nReading row {done:,} of {total:,} …",
            row(button("Stop", f"pw:import-stop:{draft_id}")),
        ),
        WAIT,
    )


def left_card(file_name: str, draft_id: int) -> ui.LayoutView:
    """The file was left; everything is as it was."""
    said = headlined("Nothing was changed.") + f"\nWe keep {plain(file_name, 120)} for a week. To go on with it, use /programme import."
    return simple_card(said, row(button("Go on now", f"pw:import-go:{draft_id}")), colour=OVER)


def unfinished_card(found: Sequence[Unfinished], title: str, zone: str) -> ui.LayoutView:
    """Files that were sent and not confirmed."""
    if not found:
        return simple_card("### Please send a file\nAdd your schedule under “file”, as .xlsx or .csv.", colour=OVER)
    lines = "\n".join(f"- {plain(one.file_name, 120)}, sent {day_short(one.sent_at, zone)}, {clock(one.sent_at, zone)}" for one in found)
    buttons = [button(bare(f"Go on with {one.file_name}", BUTTON_LABEL), f"pw:import-go:{one.id}") for one in found]
    return card((f"## Go on with a file?\n{plain(title, 300)}", line(), lines, *(row(one) for one in buttons)))


def remembered_card(found: Sequence[Remembered], *, news: str = "") -> ui.LayoutView:
    """What an organiser has said of columns, and a menu to forget it."""
    head = f"### {news}\n" if news else ""
    if not found:
        return simple_card(f"{head}We remember nothing about your columns. We ask when a column is new to us.", colour=OVER)
    lines = fitting([f"- “{plain(one.heading, 100)}”: {MEANINGS[one.means][:1].lower() + MEANINGS[one.means][1:]}" for one in found])
    shown = found[:MENU_OPTIONS]
    options = [
        discord.SelectOption(
            value=str(one.id), label=bare(one.heading, OPTION_LABEL) or "…", description=bare(MEANINGS[one.means], OPTION_DESCRIPTION)
        )
        for one in shown
    ]
    choosing = ui.Select[Any](
        custom_id="pw:columns-forget", placeholder="Choose what to forget", options=options, min_values=1, max_values=len(options)
    )
    return card(
        (
            f"{head}## What your columns mean",
            line(),
            lines,
            ui.ActionRow(choosing),
            row(button("Forget all of it", "pw:columns-forget-all")),
        )
    )
