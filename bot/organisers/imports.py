"""An import in chat: the file comes, is kept and shown; menus and buttons carry their state; Confirm asks the domain once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import discord

from bot.cards import OVER, simple_card
from bot.organisers.import_cards import imported_card, preview_card, preview_pages
from bot.organisers.import_state import ANSWER, CONFIRM, TICK, TURN, ImportState
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_press
from domain.errors import BadInput, Refusal
from domain.ports import Sheet
from domain.programmes import ProgrammeView
from domain.schedule.importing import Draft, Fate, ImportPreview, PlannedRow, apply, keep_draft, kept_draft, preview

MOST_BYTES = 5_000_000
TOO_LARGE = "This file is too large: the most is 5 MB. Remove pictures from it, or save it as .csv."


async def take_file(press: Press, programme: ProgrammeView, file: discord.Attachment) -> None:
    """Keep an organiser's file and show what it would do. Too large a file is not even fetched."""
    if file.size > MOST_BYTES:
        raise BadInput(TOO_LARGE)
    await press.defer()
    around = press.surroundings
    content = await file.read()
    if len(content) > MOST_BYTES:
        raise BadInput(TOO_LARGE)
    await asyncio.to_thread(around.sheets.read, file.filename, content)  # refuse what is no spreadsheet before it is kept
    draft_id = await around.store.write(
        keep_draft, around.partnership_id, programme.id, file.filename, content, asked_by=press.who, now=around.clock()
    )
    await _show(press, ImportState(draft_id))


@on_press(TURN)
async def pressed_turn(press: Press) -> None:
    """Another page, or every answer taken back."""
    state = ImportState.of(press.parts)
    await press.defer()
    await _show(press, replace(state, answers="", ticks=0, page=0) if press.parts["verb"] == "reset" else state)


@on_press(TICK)
async def pressed_tick(press: Press) -> None:
    """Sessions that are gone were chosen to be cancelled, or let be."""
    await press.defer()
    await _show(press, ImportState.of(press.parts).with_ticks(press.number("menu"), press.values))


@on_press(ANSWER)
async def pressed_answer(press: Press) -> None:
    """An ambiguous row was answered."""
    await press.defer()
    letter = int(next((value for value in press.values if value.isdigit()), "0"))
    await _show(press, ImportState.of(press.parts).with_answer(press.number("index"), min(letter, 35)))


@on_press(CONFIRM)
async def pressed_confirm(press: Press) -> None:
    """Import all, or the good rows."""
    state = ImportState.of(press.parts)
    await press.defer()
    draft, sheet = await _draft(press, state.draft_id)
    asked, shown = await _previews(press, draft, sheet, state)
    around = press.surroundings
    try:
        done = await around.store.write(
            apply,
            around.partnership_id,
            draft.programme_id,
            sheet,
            around.rules,
            good_rows_only=press.parts["verb"] == "good",
            actor=actor_of(press.interaction),
            now=around.clock(),
            holidays=around.holidays,
            cancel_gone=frozenset(one.session_id for one in state.ticked(shown.gone)),
            answers=state.answered(asked),
            draft_id=draft.id,
            seen=state.seen,
        )
    except Refusal as refused:
        await _show(press, replace(state, ticks=0, answers="", page=0), news=str(refused))
        return
    around.wake()
    await press.show(imported_card(done, shown))


@on_press(r"pw:drop")
async def pressed_drop(press: Press) -> None:
    """The organiser thought better of it."""
    await press.defer()
    await press.show(simple_card("### Nothing was changed.", colour=OVER))


async def _show(press: Press, state: ImportState, *, news: str = "") -> None:
    draft, sheet = await _draft(press, state.draft_id)
    if draft.applied_at is not None and not news:
        raise Refusal("This file has been imported already. To import another, use /programme import.")
    asked, shown = await _previews(press, draft, sheet, state)
    pages = await asyncio.to_thread(preview_pages, shown)
    await press.show(preview_card(shown, pages, asked, state, file_name=draft.file_name, news=news))


async def _draft(press: Press, draft_id: int) -> tuple[Draft, Sheet]:
    """The kept file, for who organises its programme."""
    around = press.surroundings
    draft = await around.store.read(kept_draft, around.partnership_id, draft_id)
    await require_organiser(press.interaction, around, draft.programme_id)
    return draft, await asyncio.to_thread(around.sheets.read, draft.file_name, draft.content)


async def _previews(press: Press, draft: Draft, sheet: Sheet, state: ImportState) -> tuple[Sequence[PlannedRow], ImportPreview]:
    """The rows that are ambiguous before any answer, and the preview with the answers."""
    around = press.surroundings
    where = around.partnership_id, draft.programme_id, sheet, around.rules
    first = await around.store.read(preview, *where, now=around.clock(), holidays=around.holidays)
    asked = first.of(Fate.AMBIGUOUS)
    answers = state.answered(asked)
    if not answers:
        return asked, first
    return asked, await around.store.read(preview, *where, now=around.clock(), holidays=around.holidays, answers=answers)
