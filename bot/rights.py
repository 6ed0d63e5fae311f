"""What we keep about somebody, in chat: a copy of all of it as a file, and being forgotten. Only that person sees any of it."""

from __future__ import annotations

import asyncio

import discord
from discord import ui

from bot import ids
from bot.cards import GOOD, OPEN, WAIT, button, card, row, simple_card
from bot.files import attach
from bot.forms import forget_form
from bot.pressing import Press, on_form, on_press
from domain.errors import BadInput, Refusal
from domain.ports.letters import Attachment
from domain.rights.copying import copy_for
from domain.rights.leaving import leave_for

#: what has to be typed before somebody is forgotten
SURE = "forget me"


async def show_data(press: Press) -> None:
    """Their copy, and the button to be forgotten."""
    around = press.surroundings
    if around.person_files is None:
        raise Refusal("We cannot make a copy here today. Please ask an organiser.")
    made = await around.store.write(copy_for, around.partnership_id, press.who, now=around.clock())
    content = await asyncio.to_thread(around.person_files.write, made)
    shown = data_card()
    files = attach(shown, [Attachment("what-we-keep.zip", "application/zip", content)])
    await press.show(shown, files=tuple(files))


def data_card() -> ui.LayoutView:
    """What the file is, and what else can be asked for."""
    return card(
        (
            "## What we keep about you",
            "The file below holds all of it. It has a page that you can read. Keep it somewhere safe.",
            "You can also ask us to forget you. We give back your places and take out all that leads to you.",
            row(button("Forget me", ids.FORGET, discord.ButtonStyle.danger)),
        ),
        OPEN,
    )


@on_press(ids.FORGET)
async def pressed_forget(press: Press) -> None:
    """Forget me: open the form that asks whether you are sure."""
    await press.ask(forget_form())


@on_form(ids.FORGET_FORM)
async def forget_came(press: Press) -> None:
    """The form came back: with the right words it begins."""
    await press.defer()
    if press.text("sure").strip().casefold() != SURE:
        raise BadInput(f"Nothing was changed. To go on, press the button again and type: {SURE}")
    around = press.surroundings
    begun = await around.store.write(leave_for, around.partnership_id, press.who, around.rules, now=around.clock())
    around.wake()
    if begun.done_at is not None:
        await press.show(simple_card("### You have been forgotten\nNothing here leads to you any more.", colour=GOOD))
        return
    said = (
        "### We are forgetting you\nYour places are given back, and your calendar is told. "
        "After that we take out your name and address, and delete our messages to you here."
    )
    await press.show(simple_card(said, colour=WAIT))
