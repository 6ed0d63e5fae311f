"""A session's materials in chat: links and files, to who has a place and to its organisers only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from discord import ui

from bot import ids
from bot.cards import card
from bot.files import MOST_BYTES, attach
from bot.organisers.private_people import in_sight
from bot.permissions import is_organiser
from bot.pressing import Press, defer, on_press, show
from bot.text import plain
from domain.materials import MaterialView, open_materials
from domain.organising import session_desk
from domain.ports.letters import Attachment

LINKS_ROOM = 2800  # characters; the names of files and the title have the rest


@on_press(ids.MATERIALS)
async def pressed_materials(press: Press) -> None:
    """Materials: a new private message, so that the session's card stays where it is."""
    await defer(press.interaction, anew=True)
    await send_materials(press, press.number("session"))


async def send_materials(press: Press, session_id: int) -> None:
    """Links and files. Who may have them is asked here, whoever pressed. What is too much for one message comes in several."""
    around = press.surroundings
    desk = await around.store.read(session_desk, around.partnership_id, session_id)
    organiser = await is_organiser(press.interaction, around, desk.programme_id) and await in_sight(press, desk)
    opened = await around.store.read(open_materials, around.partnership_id, session_id, press.who, organiser=organiser)
    first, *others = batches(opened.files) or [()]
    shown = materials_card(opened.title, opened.materials)
    files = attach(shown, first)
    await show(press.interaction, shown, files=tuple(files))
    for batch in others:
        further: ui.LayoutView = ui.LayoutView(timeout=None)
        files = attach(further, batch)
        further.stop()
        await press.interaction.followup.send(view=further, files=files, ephemeral=True)


def batches(files: Iterable[Attachment]) -> list[tuple[Attachment, ...]]:
    """The files in the order in which they were added, as few messages as Discord's limit allows."""
    found: list[tuple[Attachment, ...]] = []
    room = 0
    for one in files:
        if not found or len(one.content) > room:
            found.append(())
            room = MOST_BYTES
        found[-1] = (*found[-1], one)
        room -= len(one.content)
    return found


def materials_card(title: str, materials: Sequence[MaterialView]) -> ui.LayoutView:
    """The links to press, and the names of the files below."""
    links = _links([one for one in materials if one.link])
    files = [f"- {plain(one.label, 120)}" for one in materials if one.link is None]
    return card(
        (
            f"## To read: {plain(title, 250)}",
            links,
            "Files, below:\n" + "\n".join(files) if files else None,
            None if links or files else "There is nothing to read for this session.",
        )
    )


def _links(links: Sequence[MaterialView]) -> str | None:
    """A line each. An address that the card has no room for is told by its name: the e-mail has it."""
    lines, room = [], LINKS_ROOM
    for one in links:
        name = plain(one.label, 120)
        line = f"- [{name}](<{one.link}>)"
        if len(line) > room:
            line = f"- {name}: its address is too long to show here. You find it in your e-mail from us."
        room -= len(line)
        lines.append(line)
    return "\n".join(lines) or None
