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
    """The id with its end. Raises `ValueError` for one that has no room for it, or has another's: two would look alike."""
    if "@" in custom_id:
        if meant_by(custom_id[custom_id.index("@") :]) != partnership_id:
            raise ValueError(f"{custom_id} has another's mark")
        return custom_id
    made = f"{custom_id}@{partnership_id}"
    if len(made) > LONGEST:
        raise ValueError(f"{custom_id} has no room for a mark")
    return made


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
