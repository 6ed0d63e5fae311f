"""The sessions whose wording asks whether they are private: listed on the card that publishes, with a menu for each answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.cards import Part, button, row
from bot.limits import MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.organisers import private_ids
from bot.text import bare, plain, when_short
from domain.organising import MayBePrivate
from domain.schedule.telling import counted

LISTED = 10


def waiting_for_others(count: int) -> str:
    """That sessions wait for the answer of a programme's own organisers: to who may not see what is private there."""
    waits, they_are, them = ("1 session waits", "it is", "it") if count == 1 else (f"{count:,} sessions wait", "they are", "them")
    return f"**{waits} for this programme's own organisers** to say whether {they_are} private. Until then nobody can see or book {them}."


def asking(asked: Sequence[MayBePrivate], programme_id: int, channel_id: int, *, sees_private: bool) -> tuple[Part | str, ...]:
    """The part of a card that lists what waits for an answer, with a menu for each answer; nothing where nothing does.

    Who may not see what is private is told how many, and may say that all are private.
    """
    if not asked:
        return ()
    all_private = row(button("All of them are private", private_ids.all_private(programme_id, channel_id))) or ""
    if not sees_private:
        return (waiting_for_others(len(asked)), all_private)
    lines = "\n".join(f"- {plain(one.title, 120)}, {when_short(one.starts_at, one.ends_at, one.zone)}" for one in asked[:LISTED])
    more = f"\n- and {len(asked) - LISTED} more" if len(asked) > LISTED else ""
    waits = f"{counted(len(asked), 'session')} {'waits' if len(asked) == 1 else 'wait'} for your answer"
    return (
        f"**{waits}.** It looks as if families take part. Is it private? Until you say, nobody can see or book it.\n{lines}{more}",
        _menu("private", "These are private", asked, programme_id, channel_id),
        _menu("open", "These are open to everyone", asked, programme_id, channel_id),
        all_private,
    )


def _menu(privacy: str, words: str, asked: Sequence[MayBePrivate], programme_id: int, channel_id: int) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(
            value=str(one.session_id),
            label=bare(one.title, OPTION_LABEL) or "…",
            description=bare(when_short(one.starts_at, one.ends_at, one.zone), OPTION_DESCRIPTION),
        )
        for one in asked[:MENU_OPTIONS]
    ]
    choosing = ui.Select[Any](
        custom_id=private_ids.answer(privacy, programme_id, channel_id), placeholder=words, options=options, max_values=len(options)
    )
    return ui.ActionRow(choosing)
