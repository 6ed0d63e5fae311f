"""The preview of a file as a card: problems first, then what changes, then what is new; paged, with its menus and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, OVER, PRIMARY, WAIT, Part, button, card, line, menu, row, simple_card
from bot.limits import MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.organisers.import_state import MOST_ANSWERS, MOST_CANDIDATES, MOST_TICKS, ImportState
from bot.organisers.paging import paged
from bot.text import bare, plain, when_short
from domain.schedule.importing import Fate, Imported, ImportPreview, PlannedRow
from domain.schedule.standing import Standing
from domain.schedule.telling import bookings_words, counted, done_words, gone_words, headline, problem_words, row_words, what_happens

ASKED_AT_ONCE = 3  # menus for ambiguous rows in one message


def preview_pages(shown: ImportPreview) -> list[str]:
    """The lines of a preview in pages. A second or so for the largest file: call it off the loop."""
    return paged(_lines(shown))


def preview_card(
    shown: ImportPreview, pages: Sequence[str], asked: Sequence[PlannedRow], state: ImportState, *, file_name: str, news: str = ""
) -> ui.LayoutView:
    """What a file would do. `asked` are the rows that were ambiguous before any answer; `news` comes first."""
    state = replace(state, seen=shown.fingerprint, page=min(state.page, len(pages) - 1))
    part = f"\n-# Part {state.page + 1} of {len(pages)}" if len(pages) > 1 else ""
    return card(
        (
            f"### {plain(news, 300)}" if news else None,
            f"## {plain(file_name, 120)} for {plain(shown.programme, 200)}\n**{headline(shown)}** {what_happens(shown)}{part}",
            line(),
            pages[state.page],
            *_questions(asked, state),
            *_gone_menus(shown, state),
            line(),
            _turning(state, len(pages)),
            _deciding(shown, asked, state),
        ),
        WAIT if shown.errors or shown.warnings else GOOD,
    )


# ── what it says ────────────────────────────────────────────────────────────────────────────────────────────


def _lines(shown: ImportPreview) -> Iterator[str]:
    """Every line of the preview: what needs the organiser first."""
    problems = [problem_words(problem) for problem in shown.errors]
    yield from _section("Rows that cannot be used", problems)
    yield from _section("Please look at these", [problem_words(problem) for problem in shown.warnings])
    yield from _section("Rows to ask you about", [row_words(one) for one in shown.of(Fate.AMBIGUOUS)])
    yield from _section("Changed", [row_words(one) for one in shown.of(Fate.CHANGED)])
    yield from _section("No longer in the file", [gone_words(one) for one in shown.gone])
    stay = (*shown.of(Fate.CANCELLED), *shown.of(Fate.OVER))
    yield from _section("Left alone", [row_words(one) for one in stay])
    yield from _section("New", [row_words(one) for one in shown.of(Fate.NEW)])
    if shown.columns_read:
        yield f"-# Columns that were read: {plain(shown.columns_read, 600)}"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"**{title}**\n{_item(lines[0])}"
    yield from map(_item, lines[1:])


def _item(text: str) -> str:
    return f"- {plain(text, 800)}"


# ── what it asks ────────────────────────────────────────────────────────────────────────────────────────────


def open_questions(asked: Sequence[PlannedRow], state: ImportState) -> list[int]:
    """The places in `asked` of rows that are not answered yet."""
    return [index for index, _ in enumerate(asked[:MOST_ANSWERS]) if not state.letter(index)]


def _questions(asked: Sequence[PlannedRow], state: ImportState) -> Iterator[Part | str]:
    still = open_questions(asked, state)
    for index in still[:ASKED_AT_ONCE]:
        one = asked[index]
        options = [("1", "A new session", "It is not one of those that exist")]
        options += [
            (str(place + 2), candidate.session.title, _candidate(candidate))
            for place, candidate in enumerate(one.candidates[:MOST_CANDIDATES])
        ]
        yield menu(state.id(f"row{index}"), f"Row {one.row}, {one.session.title}: which session is it?", options)
    if len(still) > ASKED_AT_ONCE:
        yield f"-# {len(still) - ASKED_AT_ONCE} more to answer after these."
    if len(asked) > MOST_ANSWERS:
        yield f"-# At most {MOST_ANSWERS} rows can be asked about. The others are left out: add a Reference column to tell them apart."


def _candidate(one: Standing) -> str:
    session = one.session
    return f"{when_short(session.starts_at, session.ends_at, session.zone)} · {session.reference} · {bookings_words(one)}"


def _gone_menus(shown: ImportPreview, state: ImportState) -> Iterator[Part | str]:
    """Menus to tick sessions that are to be cancelled, 25 each."""
    if not shown.gone:
        return
    ticked = state.ticked(shown.gone)
    people = sum(one.bookings for one in ticked)
    yield (
        f"**{counted(len(ticked), 'session')} to cancel.** {counted(people, 'person', 'people')} would be told."
        if ticked
        else "Sessions that are no longer in the file stay as they are, unless you choose them here to be cancelled."
    )
    for number, start in enumerate(range(0, min(len(shown.gone), MOST_TICKS), MENU_OPTIONS)):
        window = shown.gone[start : min(start + MENU_OPTIONS, MOST_TICKS)]
        yield _ticks(state, number, start, window)
    if len(shown.gone) > MOST_TICKS:
        yield f"-# {len(shown.gone) - MOST_TICKS} more are gone. To cancel one of those, use /session cancel."


def _ticks(state: ImportState, number: int, start: int, window: Sequence[Standing]) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(
            value=str(place),
            label=bare(f"Cancel: {one.session.title}", OPTION_LABEL),
            description=bare(
                f"{when_short(one.session.starts_at, one.session.ends_at, one.session.zone)} · {bookings_words(one)}", OPTION_DESCRIPTION
            ),
            default=bool(state.ticks >> place & 1),
        )
        for place, one in enumerate(window, start)
    ]
    choosing = ui.Select[Any](
        custom_id=state.id(f"tick{number}"), placeholder="Choose sessions to cancel", options=options, min_values=0, max_values=len(options)
    )
    return ui.ActionRow(choosing)


# ── what it offers ──────────────────────────────────────────────────────────────────────────────────────────


def _turning(state: ImportState, pages: int) -> ui.ActionRow[Any] | None:
    return row(
        button("Back", replace(state, page=state.page - 1).id("back")) if state.page else None,
        button("More", replace(state, page=state.page + 1).id("turn"), PRIMARY) if state.page + 1 < pages else None,
    )


def _deciding(shown: ImportPreview, asked: Sequence[PlannedRow], state: ImportState) -> ui.ActionRow[Any] | None:
    anything = shown.changes_something or bool(state.ticked(shown.gone))
    in_doubt = bool(shown.errors or shown.of(Fate.AMBIGUOUS))
    return row(
        button("Import all", state.id("all"), PRIMARY, disabled=in_doubt) if anything or in_doubt else None,
        button("Import the good rows", state.id("good")) if in_doubt and anything else None,
        button("Answer again", state.id("reset")) if any(state.letter(index) for index, _ in enumerate(asked)) else None,
        button("Do not import", "pw:drop"),
    )


def imported_card(done: Imported, shown: ImportPreview, through: str = "") -> ui.LayoutView:
    """What was done, and what comes next."""
    further = "" if shown.published or done.already else "\nNobody can see the sessions yet. When you are ready, use /programme publish."
    asked = sum(row.session.privacy_asked for row in shown.rows if row.fate is Fate.NEW) if not done.already else 0
    if asked:
        further += (
            f"\n**{counted(asked, 'session')} may be for families.** Nobody can see or book {'it' if asked == 1 else 'them'} until you say "
            "whether it is private: use /programme publish."
        )
    return simple_card(
        f"### {done_words(done)}\n{plain(shown.programme, 300)}{further}" + (f"\n{through}" if through else ""),
        colour=OVER if done.already else GOOD,
    )
