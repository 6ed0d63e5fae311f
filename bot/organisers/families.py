"""Who comes to a private session, and what people need: lists for that programme's organisers, shown to them alone.

Every view is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, OVER, card, line, simple_card
from bot.limits import MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.needs import WORDS
from bot.organisers import private_ids
from bot.organisers.access import organised_session
from bot.organisers.paging import fitting
from bot.permissions import actor_of
from bot.pressing import Press, on_press
from bot.text import bare, plain
from domain.models import BookingState
from domain.needs.lists import NeedsLine, NeedsList, mark_seen_to, needs_list
from domain.organising import SessionDesk
from domain.private_sessions import BookedList, booked_list
from domain.schedule.telling import counted
from domain.times import span_words

STATES = {BookingState.CONFIRMED: "has a place", BookingState.HELD: "has a place kept", BookingState.WAITLISTED: "waits"}
RECORDED = "-# Please keep this to yourself. It is recorded that you looked."


async def show_booked(press: Press, desk: SessionDesk) -> None:
    """Who is booked on a private session."""
    around = press.surroundings
    listed = await around.store.write(
        booked_list, around.partnership_id, desk.session_id, actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(booked_card(listed))


def booked_card(listed: BookedList) -> ui.LayoutView:
    """Names of people's own choice, in the order in which they asked."""
    head = f"## Who is booked\n**{plain(listed.title, 300)}**\n{span_words(listed.starts_at, listed.ends_at, listed.zone)}"
    if not listed.people:
        return simple_card(f"{head}\nNobody has booked it yet.", ui.TextDisplay(RECORDED), colour=OVER)
    lines = [f"- **{plain(one.name, 200)}** {STATES[one.state]}" for one in listed.people]
    return card((f"{head}\n{counted(len(listed.people), 'person', 'people')}.", line(), fitting(lines), RECORDED), GOOD)


async def show_needs(press: Press, desk: SessionDesk, *, news: str = "") -> None:
    """What people need on a session."""
    around = press.surroundings
    listed = await around.store.write(
        needs_list, around.partnership_id, desk.session_id, actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(needs_list_card(listed, news=news))


def needs_list_card(listed: NeedsList, *, news: str = "") -> ui.LayoutView:
    """Everyone's needs with their name, and a menu to say what was seen to."""
    head = f"## What people need\n**{plain(listed.title, 300)}**\n{span_words(listed.starts_at, listed.ends_at, listed.zone)}"
    if not listed.lines:
        return simple_card(f"{head}\nNobody has told us about anything that they need.", colour=OVER)
    waiting = [one for one in listed.lines if not one.seen_to]
    return card(
        (
            f"### {news}" if news else None,
            head,
            line(),
            fitting([_line(one) for one in listed.lines]),
            _seen_menu(listed.session_id, waiting) if waiting else "Everything here has been seen to.",
            RECORDED,
        ),
        OVER if waiting else GOOD,
    )


def _line(one: NeedsLine) -> str:
    told = "; ".join(f"{WORDS[question][0]}: {plain(text, 400)}" for question, text in one.told)
    return f"- **{plain(one.name, 200)}**{' (seen to)' if one.seen_to else ''}: {told}"


def _seen_menu(session_id: int, waiting: Sequence[NeedsLine]) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(
            value=str(one.booking_id),
            label=bare(one.name, OPTION_LABEL) or "…",
            description=bare(", ".join(WORDS[question][0] for question, _ in one.told), OPTION_DESCRIPTION),
        )
        for one in waiting[:MENU_OPTIONS]
    ]
    choosing = ui.Select[Any](
        custom_id=private_ids.seen_to(session_id), placeholder="Choose whose needs are seen to", options=options, max_values=len(options)
    )
    return ui.ActionRow(choosing)


@on_press(private_ids.SEEN_TO)
async def pressed_seen_to(press: Press) -> None:
    """These needs were seen to."""
    await press.defer()
    around = press.surroundings
    desk = await organised_session(press, press.number("session"))
    chosen = [int(value) for value in press.values if value.isascii() and value.isdigit() and len(value) <= 12]
    await around.store.write(
        mark_seen_to, around.partnership_id, desk.session_id, chosen, actor=actor_of(press.interaction), now=around.clock()
    )
    await show_needs(press, desk, news="Saved. They see on their card that you have seen it.")
