"""What an organiser says about columns, and leaving a file and going on with it."""

from __future__ import annotations

from bot.organisers.access import require_any_organiser
from bot.organisers.column_cards import (
    FORGET,
    FORGET_ALL,
    GO_ON,
    MEAN,
    REST,
    STOP,
    left_card,
    remembered_card,
    sign_of,
    unfinished_card,
)
from bot.organisers.imports import begin, own_draft, place_of, read_again
from bot.pressing import Press, on_press
from domain.database import Db
from domain.drafts import go_on, stop_reading, unfinished
from domain.programmes import ProgrammeView
from domain.schedule.columns import NOTHING
from domain.schedule.remembering import forget, remember, remembered

# ── what columns mean ───────────────────────────────────────────────────────────────────────────────────────


@on_press(MEAN)
async def pressed_mean(press: Press) -> None:
    """A heading was explained: remembered, and the next one asked."""
    await press.defer()
    draft, schedule = await read_again(press, press.number("draft"))
    asked = next((heading for heading in schedule.unknown if sign_of(heading) == press.parts["heading"]), None)
    if asked is not None and press.values:
        around = press.surroundings
        await around.store.write(remember, around.partnership_id, press.who, asked, press.values[0], now=around.clock())
    await begin(press, place_of(draft))


@on_press(REST)
async def pressed_rest(press: Press) -> None:
    """The headings that are left mean nothing."""
    await press.defer()
    draft, schedule = await read_again(press, press.number("draft"))
    around = press.surroundings

    def nothing(db: Db) -> None:
        for heading in schedule.unknown:
            remember(db, around.partnership_id, press.who, heading, NOTHING, now=around.clock())

    await around.store.write(nothing)
    await begin(press, place_of(draft))


async def show_remembered(press: Press, *, news: str = "") -> None:
    """What this organiser has said of their columns."""
    around = press.surroundings
    found = await around.store.read(remembered, around.partnership_id, press.who)
    await press.show(remembered_card(found, news=news))


@on_press(FORGET)
async def pressed_forget(press: Press) -> None:
    """Some of it is to be forgotten. Only one's own can be."""
    await require_any_organiser(press)
    await press.defer()
    around = press.surroundings
    chosen = frozenset(int(value) for value in press.values if value.isdecimal() and len(value) <= 12)
    await around.store.write(forget, around.partnership_id, press.who, chosen, now=around.clock())
    await show_remembered(press, news="Forgotten")


@on_press(FORGET_ALL)
async def pressed_forget_all(press: Press) -> None:
    """All of it is to be forgotten."""
    await require_any_organiser(press)
    await press.defer()
    around = press.surroundings
    await around.store.write(forget, around.partnership_id, press.who, now=around.clock())
    await show_remembered(press, news="Forgotten")


# ── leaving, and going on ───────────────────────────────────────────────────────────────────────────────────


@on_press(STOP)
async def pressed_stop(press: Press) -> None:
    """Leave a file as it is: whoever reads it stops within a second or two."""
    await press.defer()
    draft = await own_draft(press, press.number("draft"))
    around = press.surroundings
    await around.store.write(stop_reading, around.partnership_id, draft.id, now=around.clock())
    await press.show(left_card(draft.file_name, draft.id))


@on_press(GO_ON)
async def pressed_go_on(press: Press) -> None:
    """Take a file up again, where it was left."""
    await press.defer()
    draft = await own_draft(press, press.number("draft"))
    await press.surroundings.store.write(go_on, press.surroundings.partnership_id, draft.id)
    await begin(press, place_of(draft))


async def show_unfinished(press: Press, programme: ProgrammeView) -> None:
    """The files that this organiser may go on with."""
    around = press.surroundings
    found = await around.store.read(unfinished, around.partnership_id, programme.id, press.who)
    await press.show(unfinished_card(found, programme.title, programme.zone))
