"""What organisers do with a session's materials: add a link or a file, take one away, see them. The right is asked at every step."""

from __future__ import annotations

import discord
from discord import ui

from bot import ids
from bot.cards import GOOD, button, card, row, simple_card
from bot.organisers.session_cards import heading, people
from bot.permissions import actor_of
from bot.pressing import Press
from bot.text import plain
from domain.errors import BadInput
from domain.materials import MOST_BYTES, TOO_BIG, MaterialChanged, MaterialView, add_file, add_link, materials_of, remove
from domain.organising import SessionDesk


async def add_material(press: Press, desk: SessionDesk, link: str | None, file: discord.Attachment | None, name: str) -> None:
    """A link or a file, as it was typed with the command. Too big a file is not even fetched."""
    if (link is None) == (file is None):
        raise BadInput("Please give a link or a file: one of them.")
    if file is not None and file.size > MOST_BYTES:
        raise BadInput(TOO_BIG)
    await press.defer()
    around = press.surroundings
    here, actor, now = (around.partnership_id, desk.session_id), actor_of(press.interaction), around.clock()
    if file is not None:
        content = await file.read()
        done = await around.store.write(add_file, *here, file.filename, content, name, around.rules, actor=actor, now=now)
    else:
        done = await around.store.write(add_link, *here, link or "", name, around.rules, actor=actor, now=now)
    around.wake()
    await _show(press, desk, f"Added: {plain(done.label, 150)}", done)


async def remove_material(press: Press, desk: SessionDesk, typed: str) -> None:
    """Take one away: chosen from the list, or named as it stands there."""
    await press.defer()
    around = press.surroundings
    kept = await around.store.read(materials_of, around.partnership_id, desk.session_id)
    wanted = next((one.id for one in kept if str(one.id) == typed or one.label.casefold() == typed.strip().casefold()), 0)
    if not wanted:
        raise BadInput("Please choose one from the list.")
    done = await around.store.write(
        remove, around.partnership_id, desk.session_id, wanted, around.rules, actor=actor_of(press.interaction), now=around.clock()
    )
    around.wake()
    await _show(press, desk, f"Removed: {plain(done.label, 150)}", done)


async def _show(press: Press, desk: SessionDesk, said: str, done: MaterialChanged) -> None:
    told = f"{people(done.told)} will be told." if done.told else "Nobody needs to be told."
    kept = await press.surroundings.store.read(materials_of, press.surroundings.partnership_id, desk.session_id)
    await press.show(list_card(desk, kept, said=f"### {said}\n{told}"))


async def list_materials(press: Press, desk: SessionDesk) -> None:
    """What there is, with a button to open it."""
    await press.defer()
    kept = await press.surroundings.store.read(materials_of, press.surroundings.partnership_id, desk.session_id)
    if kept:
        await press.show(list_card(desk, kept))
        return
    await press.show(simple_card(f"### Nothing to read yet\n{heading(desk)}\nUse /session materials add to add a link or a file."))


def list_card(desk: SessionDesk, kept: tuple[MaterialView, ...], *, said: str = "") -> ui.LayoutView:
    """A session's materials for its organisers."""
    lines = "\n".join(f"- {plain(one.label, 120)}" + (f" ({plain(one.file_name, 100)})" if one.file_name else "") for one in kept)
    about = "These go to everyone with a place. Others see only the names."
    return card(
        (
            said or None,
            f"{heading(desk)}\n**To read:**\n{lines}" if kept else heading(desk),
            about if kept else None,
            row(button("Materials", ids.materials(desk.session_id))) if kept else None,
        ),
        GOOD,
    )
