"""Files that travel with a card: below it, under names that Discord keeps."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable

import discord
from discord import ui

from bot.limits import FILE_BYTES, FILES
from domain.ports.letters import Attachment

MOST_BYTES = FILE_BYTES - 1_000_000  # the rest is for what Discord wraps around them


def attach(card: ui.LayoutView, attachments: Iterable[Attachment]) -> list[discord.File]:
    """Put a letter's files below its card: a card of the second generation shows no file that it does not name.

    Discord takes ten files and ten million bytes a message. What is over that stays with the e-mail, which has them all.
    """
    files: list[discord.File] = []
    room = MOST_BYTES
    for one in attachments:
        if len(files) < FILES and len(one.content) <= room:
            room -= len(one.content)
            files.append(discord.File(io.BytesIO(one.content), file_name(one.name, len(files))))
            card.add_item(ui.File(files[-1]))
    return files


def file_name(name: str, number: int = 0) -> str:
    """A name that Discord keeps as it is, so that a card can point at it: the plain letters, and a number where two could be alike."""
    stem, dot, ending = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").rpartition(".")
    stem, ending = (re.sub(r"[^A-Za-z0-9_-]+", "-", part).strip("-") for part in ((stem, ending) if dot else (ending, "")))
    stem = f"{stem[:60] or 'file'}{f'-{number + 1}' if number else ''}"
    return f"{stem}.{ending[:10]}" if ending else stem
