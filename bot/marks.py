"""Whose a button is, where nothing else says so: in direct messages, which come from no server.

Where the bot serves several partnerships, the ids of what is sent there end in `@` and the partnership's number. Every template
takes such an end (`bot.pressing`). It says which partnership is meant, never who may.
"""

from __future__ import annotations

from typing import Any

from discord import ui

LONGEST = 100  # of an id
#: what a template takes at the end of an id
END = r"(?P<whose>@[0-9]{1,9})?"


def marked(custom_id: str, partnership_id: int) -> str:
    """The id with its end. One that is too long, or has an end, stays as it is."""
    made = f"{custom_id}@{partnership_id}"
    return custom_id if len(made) > LONGEST or "@" in custom_id else made


def mark(card: ui.LayoutView, partnership_id: int) -> None:
    """Mark every button and menu of a card."""
    for item in card.walk_children():
        if isinstance(item, ui.Select) or (isinstance(item, ui.Button) and item.custom_id):
            item.custom_id = marked(item.custom_id or "", partnership_id)


def mark_form(form: ui.Modal, partnership_id: int) -> None:
    """Mark a form."""
    form.custom_id = marked(form.custom_id, partnership_id)


def meant_by(end: str | None) -> int | None:
    """The partnership that the end of an id names."""
    return int(end.removeprefix("@")) if end else None


def without_end(custom_id: Any) -> str:
    """The id without its end."""
    return str(custom_id).partition("@")[0]
