"""Undoing an edit by the button on its answer."""

from __future__ import annotations

from discord import ui

from bot.cards import GOOD, card
from bot.organisers import ids
from bot.organisers.access import organised_session, require_any_organiser
from bot.organisers.session_cards import heading, people
from bot.permissions import actor_of
from bot.pressing import Press, on_press
from domain.organising import SessionDesk, session_desk
from domain.undoing import Undone, session_of_undo, undo


@on_press(ids.UNDO)
async def pressed_undo(press: Press) -> None:
    """Put the session back as it was."""
    await press.defer()
    around, undo_id = press.surroundings, press.number("undo")
    await require_any_organiser(press)
    session_id = await around.store.read(session_of_undo, around.partnership_id, undo_id)
    await organised_session(press, session_id)
    done = await around.store.write(
        undo, around.partnership_id, undo_id, around.rules, actor=actor_of(press.interaction), now=around.clock()
    )
    around.wake()
    await press.show(undone_card(await around.store.read(session_desk, around.partnership_id, session_id), done))


def undone_card(desk: SessionDesk, done: Undone) -> ui.LayoutView:
    """The session is as before, and who hears of it all the same."""
    if done.already:
        return card((f"### This was undone already\n{heading(desk)}",), GOOD)
    said = ["Nobody hears anything of it."]
    if done.told:
        knew = "had heard of it, or needs a new link" if done.told == 1 else "had heard of it, or need a new link"
        said = [f"{people(done.told)} {knew}, and will be told how it is now. Nobody else hears anything."]
    if done.promoted:
        got, keep = ("has", "keeps") if done.promoted == 1 else ("have", "keep")
        said.append(f"{people(done.promoted)} {got} got a place in between, and {keep} it.")
    return card((f"### Undone\n{heading(desk)}\nIt is as it was before.", "\n".join(f"- {words}" for words in said)), GOOD)
