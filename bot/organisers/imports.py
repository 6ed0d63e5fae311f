"""An import in chat: the file comes, is kept and shown; menus and buttons carry their state; Confirm asks the domain once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.cards import OVER, simple_card
from bot.organisers.access import require_any_organiser
from bot.organisers.column_cards import ask_card, reading_card
from bot.organisers.import_cards import imported_card, preview_card, preview_pages
from bot.organisers.import_state import ANSWER, CONFIRM, TICK, TURN, ImportState
from bot.organisers.private_people import sees_private_people
from bot.organisers.sends import owed_words
from bot.organisers.watching import Progress, watched
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_press
from domain.drafts import MOST_BYTES, TOO_LARGE, is_stopped, note_place
from domain.errors import BadInput, Refusal
from domain.organising import pick_programme
from domain.ports.files import Sheet
from domain.programmes import ProgrammeView
from domain.schedule.importing import Draft, Fate, ImportPreview, PlannedRow, apply, bare_preview, keep_draft, kept_draft, preview
from domain.schedule.remembering import means_of
from domain.schedule.values import Schedule
from domain.times import LONDON

LONG = 100  # sessions; more take a few seconds


async def take_file(press: Press, programme: ProgrammeView, file: discord.Attachment) -> None:
    """Keep an organiser's file and show what it would do. Too large a file is not even fetched."""
    if file.size > MOST_BYTES:
        raise BadInput(TOO_LARGE)
    await press.defer()
    around = press.surroundings
    content = await file.read()
    if len(content) > MOST_BYTES:
        raise BadInput(TOO_LARGE)
    await around.store.compute(around.sheets.read, file.filename, content)  # refuse what is no spreadsheet before it is kept
    draft_id = await around.store.write(
        keep_draft, around.partnership_id, programme.id, file.filename, content, asked_by=press.who, now=around.clock()
    )
    await begin(press, ImportState(draft_id))


async def begin(press: Press, state: ImportState) -> None:
    """Read a file in sight of its organiser, ask once about columns that are new to us, then show what it would do."""
    draft, sheet = await _draft(press, state.draft_id)
    around = press.surroundings
    read = await _reading(press, draft, sheet)

    async def show(done: int, total: int) -> None:
        await press.show(reading_card(draft.file_name, draft.id, done, total))

    async def left() -> bool:
        return await around.store.read(is_stopped, around.partnership_id, draft.id)

    schedule = await watched(lambda progress: _read(press, read, progress), show=show, left=left)
    if schedule is None:
        return  # whoever pressed Stop was answered there
    if schedule.unknown:
        await press.show(ask_card(schedule.unknown, draft.id, draft.file_name))
        return
    await _show(press, state, schedule=schedule)


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
    if len(shown.rows) > LONG:
        await press.show(simple_card(f"### Importing {len(shown.rows):,} sessions …\nThis takes a few seconds.", colour=OVER))
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
            schedule=shown.schedule,
            sees_private=await sees_private_people(press, draft.programme_id),
        )
    except Refusal as refused:
        await _show(press, replace(state, ticks=0, answers="", page=0), news=str(refused))
        return
    around.wake()
    zone = shown.rows[0].session.zone if shown.rows else LONDON
    await press.show(imported_card(done, shown, await owed_words(press, zone) if done.told else ""))


@on_press(r"pw:drop")
async def pressed_drop(press: Press) -> None:
    """The organiser thought better of it."""
    await press.defer()
    await press.show(simple_card("### Nothing was changed.", colour=OVER))


async def _show(press: Press, state: ImportState, *, news: str = "", schedule: Schedule | None = None) -> None:
    draft, sheet = await _draft(press, state.draft_id)
    if draft.applied_at is not None and not news:
        raise Refusal("This file has been imported already. To import another, use /programme import.")
    asked, shown = await _previews(press, draft, sheet, state, schedule)
    pages = await asyncio.to_thread(preview_pages, shown)
    await _note(press, draft, state)
    await press.show(preview_card(shown, pages, asked, state, file_name=draft.file_name, news=news))


async def _note(press: Press, draft: Draft, state: ImportState) -> None:
    """Where the organiser is, for `/programme import` to go on from."""
    place = state.id("turn")
    if place not in (draft.place or ImportState(draft.id).id("turn"), draft.place):
        await press.surroundings.store.write(note_place, press.surroundings.partnership_id, draft.id, place)


def place_of(draft: Draft) -> ImportState:
    """Where an organiser had come with a file."""
    found = re.fullmatch(TURN, draft.place)
    return ImportState.of(found.groupdict()) if found else ImportState(draft.id)


async def _draft(press: Press, draft_id: int) -> tuple[Draft, Sheet]:
    """The kept file, for who organises its programme."""
    draft = await own_draft(press, draft_id)
    return draft, await press.surroundings.store.compute(press.surroundings.sheets.read, draft.file_name, draft.content)


async def own_draft(press: Press, draft_id: int) -> Draft:
    """The same, unread."""
    around = press.surroundings
    await require_any_organiser(press)
    draft = await around.store.read(kept_draft, around.partnership_id, draft_id)
    await require_organiser(press.interaction, around, draft.programme_id)
    return draft


async def _reading(press: Press, draft: Draft, sheet: Sheet) -> Callable[..., Schedule]:
    """How this organiser's file is read: in the programme's zone, with what they have said of their columns. For a thread."""
    around = press.surroundings
    programme = await around.store.read(pick_programme, around.partnership_id, str(draft.programme_id))
    means = await around.store.read(means_of, around.partnership_id, press.who)
    return partial(bare_preview, sheet, now=around.clock(), holidays=around.holidays, zone=programme.zone, means=means)


async def _read(press: Press, read: Callable[..., Schedule], progress: Progress | None = None) -> Schedule:
    """In a thread, giving way to those who wait for less."""
    return await press.surroundings.store.compute(read, progress=progress)


async def read_again(press: Press, draft_id: int) -> tuple[Draft, Schedule]:
    """A draft with its file as it is read now."""
    draft, sheet = await _draft(press, draft_id)
    return draft, await _read(press, await _reading(press, draft, sheet))


async def _previews(
    press: Press, draft: Draft, sheet: Sheet, state: ImportState, schedule: Schedule | None = None
) -> tuple[Sequence[PlannedRow], ImportPreview]:
    """The rows that are ambiguous before any answer, and the preview with the answers."""
    around = press.surroundings
    schedule = schedule or await _read(press, await _reading(press, draft, sheet))
    where = around.partnership_id, draft.programme_id, sheet, around.rules
    given: dict[str, Any] = {"now": around.clock(), "holidays": around.holidays, "schedule": schedule}
    given["sees_private"] = await sees_private_people(press, draft.programme_id)
    first = await around.store.read(preview, *where, **given)
    asked = first.of(Fate.AMBIGUOUS)
    answers = state.answered(asked)
    if not answers:
        return asked, first
    return asked, await around.store.read(preview, *where, **given, answers=answers)
