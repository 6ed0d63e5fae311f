"""Buttons, menus and forms that keep their state in their id, so that they work after a restart and hold no memory.

A handler is a function of one `Press`. `@on_press(template)` makes a `DynamicItem` of it: the template is a regular
expression over the whole custom id, and its named groups are the press's `parts`. `@on_form(template)` does the
same for a form that is sent back. Every handler is checked and its errors are answered here, in one place:

    @on_press(r"pw:book:(?P<session>\\d{1,12})")
    async def book(press: Press) -> None:
        await press.defer()
        ...
        await press.show(card)

Cards draw plain buttons with the same ids (`bot.ids`); a card is *stopped* before it is sent, so that discord.py
keeps nothing of it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import discord
from discord import ui

from bot.errors import reply_error
from bot.marks import END, mark, mark_form
from bot.surroundings import Surroundings
from bot.whose import around_of, code_in, is_welcome

T = TypeVar("T")

#: how long an answer may take before it is acknowledged, of the three seconds that Discord waits: a loop that is busy is late with that too
MOMENT_S = 0.5


@dataclass(frozen=True)
class Press:
    """Something that a person pressed, chose or sent back, and how to answer it."""

    interaction: discord.Interaction[Any]
    surroundings: Surroundings
    parts: Mapping[str, str | None]  #: the named groups of the id
    values: tuple[str, ...] = ()  #: what was chosen in a menu
    answers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)  #: what was filled in: text, or what was chosen

    @property
    def who(self) -> int:
        """The Discord id of who pressed."""
        return self.interaction.user.id

    @property
    def typist(self) -> tuple[int, int]:
        """Who pressed, within the partnership: what is kept of them for a moment is kept by it."""
        return self.surroundings.partnership_id, self.who

    def number(self, part: str) -> int:
        """A named group that is a number."""
        return int(self.parts[part] or 0)

    def text(self, name: str) -> str:
        """A text of the form; empty where nothing was typed."""
        answer = self.answers.get(name, "")
        return answer if isinstance(answer, str) else ",".join(answer)

    def chosen(self, name: str) -> tuple[str, ...]:
        """What was chosen in a menu of the form."""
        answer = self.answers.get(name, ())
        return (answer,) if isinstance(answer, str) else answer

    async def defer(self) -> None:
        """Acknowledge at once, before anything that could take long."""
        await defer(self.interaction)

    async def meanwhile(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of some work. Where that takes more than a moment, it is acknowledged meanwhile; else one answer is enough."""
        begun = asyncio.create_task(work)
        await asyncio.wait({begun}, timeout=MOMENT_S)
        if not begun.done():
            await self.defer()
        return await begun

    async def show(self, card: ui.LayoutView, **more: Any) -> None:
        """Show a card to this person only: in place of the private card that was pressed, else as a new one."""
        if self._is_direct_to_several:
            mark(card, self.surroundings.partnership_id)
        await show(self.interaction, card, **more)

    async def ask(self, form: ui.Modal) -> None:
        """Open a form. Must be the first answer."""
        if self._is_direct_to_several:
            mark_form(form, self.surroundings.partnership_id)
        form.stop()
        await self.interaction.response.send_modal(form)

    @property
    def _is_direct_to_several(self) -> bool:
        """Whether nothing but a mark will say whose the next press is."""
        return self.interaction.guild_id is None and self.interaction.client.served.several


async def defer(interaction: discord.Interaction[Any], *, anew: bool = False) -> None:
    """Acknowledge within Discord's three seconds. A private card will be changed in place, unless `anew`; else a new one is to come.

    Once is enough: what was acknowledged before stays as it is.
    """
    if interaction.response.is_done():
        return
    if _is_private_card(interaction) and not anew:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def show(interaction: discord.Interaction[Any], card: ui.LayoutView, *, files: tuple[discord.File, ...] = ()) -> None:
    """Send or change a card as the answer, whether or not it was deferred."""
    card.stop()
    if interaction.response.is_done():
        await interaction.edit_original_response(view=card, attachments=files)
    elif _is_private_card(interaction):
        await interaction.response.edit_message(view=card, attachments=files)
    elif files:
        await interaction.response.send_message(view=card, files=list(files), ephemeral=True)
    else:
        await interaction.response.send_message(view=card, ephemeral=True)


def _is_private_card(interaction: discord.Interaction[Any]) -> bool:
    message = interaction.message
    return message is not None and message.flags.ephemeral and message.flags.components_v2


# ── handlers ────────────────────────────────────────────────────────────────────────────────────────────────

Handler = Callable[[Press], Awaitable[None]]
Pressed = type[ui.DynamicItem[ui.Item[Any]]]


@dataclass(frozen=True)
class Form:
    """A form that can come back: which custom ids are its, and what is done with it."""

    template: re.Pattern[str]
    handler: Handler


def on_press(template: str) -> Callable[[Handler], Pressed]:
    """Make a button or a menu of a function."""

    def wrap(handler: Handler) -> Pressed:
        class Item(ui.DynamicItem[ui.Item[Any]], template=template + END):
            @classmethod
            async def from_custom_id(cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Any:
                made = cls(item)
                made.parts = match.groupdict()
                return made

            parts: Mapping[str, str | None] = {}

            async def callback(self, interaction: discord.Interaction[Any]) -> None:
                await run(handler, interaction, self.parts, values=tuple(sent(interaction).get("values", ())))

        Item.__name__ = Item.__qualname__ = handler.__name__
        Item.__doc__ = handler.__doc__
        return Item

    return wrap


def on_form(template: str) -> Callable[[Handler], Form]:
    """Handle a form by the template of its custom id."""
    return lambda handler: Form(re.compile(template + END), handler)


async def run(
    handler: Handler,
    interaction: discord.Interaction[Any],
    parts: Mapping[str, str | None],
    *,
    values: tuple[str, ...] = (),
    answers: Mapping[str, str | tuple[str, ...]] | None = None,
) -> None:
    """Call a handler for somebody who is welcome, and answer what goes wrong."""
    answers = answers or {}
    try:
        if is_welcome(interaction):
            surroundings = await around_of(interaction, end=parts.get("whose"), code=code_in(interaction, parts, answers))
            await handler(Press(interaction, surroundings, parts, values, answers))
    except Exception as error:
        await reply_error(interaction, error)


def sent(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """What Discord says was pressed, chosen or filled in."""
    return dict(interaction.data or {})


def answers_of(interaction: discord.Interaction[Any]) -> dict[str, str | tuple[str, ...]]:
    """What was filled into a form: by the id of each field, a text or what was chosen."""
    found: dict[str, str | tuple[str, ...]] = {}
    rows: list[Any] = list(sent(interaction).get("components", ()))
    while rows:
        row = rows.pop()
        rows += row.get("components", ())
        if "component" in row:
            rows.append(row["component"])
        if "custom_id" in row:
            value = row.get("value")
            found[row["custom_id"]] = tuple(row["values"]) if "values" in row else ("" if value is None else str(value))
    return found
