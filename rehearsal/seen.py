"""What a person sees in the acted-out Discord, as plain values: a message with its texts, buttons and menus, or a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import simcord
from simcord.backend.models import EPHEMERAL_FLAG
from simcord.results import ResponseMessage


@dataclass(frozen=True)
class Button:
    """A button as it is seen. `address` for one that opens a page."""

    label: str
    custom_id: str | None
    disabled: bool
    address: str | None = None


@dataclass(frozen=True)
class Menu:
    """A menu as it is seen; options are (value, label, description)."""

    custom_id: str
    options: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Seen:
    """What a person sees after doing something, or finds in a channel: a message, or a form to fill in.

    `text` is every text of the message, line by line, as it was written; `private`: only this person sees it.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    menus: tuple[Menu, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    private: bool = False
    message_id: int | None = None
    channel_id: int | None = None
    form: dict[str, Any] | None = None  #: Discord's own description of the form
    choices: tuple[tuple[str, str], ...] = ()
    handle: Any = field(default=None, repr=False, compare=False)  #: SimCord's handle, to press it
    result: Any = field(default=None, repr=False, compare=False)  #: SimCord's record of what was done

    @property
    def labels(self) -> tuple[str, ...]:
        """The words on the buttons."""
        return tuple(button.label for button in self.buttons)


def read(components: Sequence[dict[str, Any]]) -> tuple[list[Button], list[Menu], list[str]]:
    """The buttons, menus and texts of a message, from Discord's own description, in order."""
    buttons: list[Button] = []
    menus: list[Menu] = []
    texts: list[str] = []
    for part in components:
        kind = part.get("type")
        if kind == 2:
            buttons.append(Button(part.get("label") or "", part.get("custom_id"), bool(part.get("disabled")), part.get("url")))
        elif kind == 3:
            options = tuple((o["value"], o["label"], o.get("description") or "") for o in part.get("options", ()))
            menus.append(Menu(part["custom_id"], options))
        elif kind == 10:
            texts.append(part["content"])
        below = [*part.get("components", ()), *([part["accessory"]] if part.get("accessory") else [])]
        more = read(below)
        buttons += more[0]
        menus += more[1]
        texts += more[2]
    return buttons, menus, texts


def seen_of(env: simcord.Env, stored: Any) -> Seen:
    """A message that SimCord keeps, as it is seen."""
    buttons, menus, texts = read(stored.components)
    return Seen(
        text="\n".join(filter(None, (stored.content, *texts))),
        buttons=tuple(buttons),
        menus=tuple(menus),
        files=tuple((a["filename"], env.backend.cdn.get(a["url"]) or b"") for a in stored.attachments),
        private=bool(stored.flags & EPHEMERAL_FLAG),
        message_id=stored.id,
        channel_id=stored.channel_id,
        handle=ResponseMessage(env, stored),
    )


def brought_by(env: simcord.Env, result: Any) -> Seen:
    """What an interaction brought: a form, the last message sent, or the message that was changed in place."""
    if result.modal is not None:
        return Seen(form=result.modal, channel_id=result._interaction.channel_id, handle=result, result=result)
    responses = [*([result.response] if result.response else []), *result.followups]
    return replace(seen_of(env, responses[-1]._message), result=result) if responses else Seen(result=result)


def has(seen: Seen, label: str) -> bool:
    """Whether a button with these words can be pressed."""
    return any(button.label == label and not button.disabled for button in seen.buttons)


def label_of(message: Seen, value: str) -> str:
    """The words by which a menu shows a value."""
    return next((label for menu in message.menus for known, label, _ in menu.options if known == value), value)


def words_on(message: Seen, custom_id: str | None) -> str:
    """The words on the button with this id; the id where the message has no such button."""
    return next((button.label for button in message.buttons if button.custom_id == custom_id and button.label), custom_id or "")


def lines_of(seen: Seen) -> list[str]:
    """A message as it stands in a transcript."""
    lines = [f"    {line}" for line in seen.text.splitlines()]
    if seen.buttons:
        lines.append("    " + " ".join(f"[{button.label}]" for button in seen.buttons))
    lines += [f"    (menu: {len(menu.options)} choices)" for menu in seen.menus]
    lines += [f"    (file: {name})" for name, _ in seen.files]
    return lines
