"""Cards: what a session looks like in chat, as components. Pure: a view goes in, a layout comes out; counts, never people.

A card is a message of the second generation in one frame. Everything of people's is escaped here, and every text
has its length, so that no card outgrows Discord's limits however many sign up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot import ids
from bot.limits import BUTTON_LABEL, MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.text import bare, clock, plain, when_short
from domain.bookings import Booked
from domain.browsing import Standing
from domain.capacity import mark_of
from domain.kinds import Format, Mode, Provider
from domain.models import BookingState, Hold, SessionState
from domain.views import Places, SessionView

OPEN, GOOD, WAIT, OVER = (
    discord.Colour(0x1D70B8),
    discord.Colour(0x00703C),
    discord.Colour(0xB58105),
    discord.Colour(0x6F777B),
)
PRIMARY, PLAIN, STOP = discord.ButtonStyle.primary, discord.ButtonStyle.secondary, discord.ButtonStyle.danger

Part = ui.Item[Any]


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def card(parts: Iterable[Part | str | None], colour: discord.Colour = OPEN) -> ui.LayoutView:
    """One frame with these parts; a text is given as it is written. None is left out."""
    layout = ui.LayoutView(timeout=None)
    frame: ui.Container[Any] = ui.Container(accent_colour=colour)
    for part in parts:
        if part is not None and part != "":
            frame.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
    layout.add_item(frame)
    return layout


def line() -> ui.Separator[Any]:
    """A rule between two parts."""
    return ui.Separator()


def gap() -> ui.Separator[Any]:
    """Some room between two parts."""
    return ui.Separator(visible=False)


def headlined(said: str) -> str:
    """A text whose first line is its headline."""
    return f"### {said}"


def button(label: str, custom_id: str, style: discord.ButtonStyle = PLAIN, *, disabled: bool = False) -> ui.Button[Any]:
    """A button with its state in its id."""
    return ui.Button(label=bare(label, BUTTON_LABEL), custom_id=custom_id, style=style, disabled=disabled)


def row(*buttons: ui.Button[Any] | None) -> ui.ActionRow[Any] | None:
    """At most five buttons beside each other; None where there is none."""
    kept = [b for b in buttons if b is not None]
    return ui.ActionRow(*kept) if kept else None


def menu(custom_id: str, placeholder: str, options: Sequence[tuple[str, str, str]]) -> ui.ActionRow[Any]:
    """A menu to choose one from; options are (value, label, description), at most 25."""
    shown = [
        discord.SelectOption(value=value, label=bare(label, OPTION_LABEL) or "…", description=bare(about, OPTION_DESCRIPTION) or None)
        for value, label, about in options[:MENU_OPTIONS]
    ]
    return ui.ActionRow(ui.Select(custom_id=custom_id, placeholder=bare(placeholder, 150), options=shown))


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


def places_words(places: Places) -> str:
    """`12 of 30 places left`, `Full: 4 waiting`, `No limit`."""
    if places.places is None or places.free is None:
        return "No limit"
    if places.free:
        return f"{places.free:,} of {places.places:,} {'place' if places.places == 1 else 'places'} left"
    return f"Full: {places.waiting:,} waiting" if places.waiting else "Full"


def all_places_words(session: SessionView) -> str:
    """The places of every way of taking part, in one line."""
    if len(session.places) == 1:
        return places_words(session.places[0])
    names = {Mode.ROOM: "Room", Mode.ONLINE: "Online"}
    return " · ".join(f"{names[p.mode]}: {places_words(p)}" for p in session.places)


def how_words(session: SessionView) -> str:
    """How it is held: `Online, on Teams`, `In person, at …`."""
    online = {Provider.TEAMS: "online, on Teams", Provider.ZOOM: "online, on Zoom"}.get(session.provider or Provider.GIVEN, "online")
    room = "in person" + (f", at {plain(session.venue, 300)}" if session.venue else "")
    words = {Format.ONLINE: online, Format.IN_PERSON: room, Format.HYBRID: f"{room}; or {online}"}[session.format]
    return words[0].upper() + words[1:]


def closed_words(session: SessionView, now: datetime) -> str | None:
    """Why nobody can book it now, or None."""
    if session.state is SessionState.CANCELLED:
        return "This session has been called off."
    if session.ends_at <= now:
        return "This session is over."
    if session.starts_at <= now:
        return "This session has started, so booking is closed."
    return None if session.booking_open else "Booking for this programme is closed."


def standing_words(mine: Standing, zone: str) -> str:
    """How one stands: a headline, and perhaps what to do."""
    way = {Mode.ROOM: " in the room", Mode.ONLINE: " online"}[mine.mode]
    if mine.state is BookingState.CONFIRMED:
        return f"You have a place{way}"
    if mine.state is BookingState.WAITLISTED:
        return f"You are number {mine.position} on the waiting list{way}"
    until = clock(mine.held_until, zone) if mine.held_until else "later"
    if mine.hold is Hold.OFFER:
        return f"A place{way} is yours if you want it\nPlease answer by {until}."
    return f"We are keeping a place{way} for you until {until}\nEnter the six digits from your e-mail to confirm it."


# ── what came of pressing ───────────────────────────────────────────────────────────────────────────────────


def clash_card(wanted: Booked, mode: Mode | None) -> ui.LayoutView:
    """Both sessions and their times, and the choice."""
    others = "\n".join(_at(c.title, c.starts_at, c.ends_at, c.zone) for c in wanted.clashes[:6])
    return card(
        (
            "### You already have a place at this time",
            f"You asked for:\n{_at(wanted.title, wanted.starts_at, wanted.ends_at, wanted.zone)}",
            f"At the same time you have:\n{others}",
            "You can have both, for example if you will leave one early. Nothing has been booked yet.",
            row(
                button("Book anyway", ids.book(wanted.session_id, mode, clash=mark_of(wanted.clashes)), PRIMARY),
                button("Leave it", ids.leave(wanted.session_id)),
            ),
        ),
        WAIT,
    )


def _at(title: str, starts_at: datetime, ends_at: datetime, zone: str) -> str:
    return f"**{plain(title, 200)}**\n{when_short(starts_at, ends_at, zone)}"


def simple_card(said: str, *more: Part | None, colour: discord.Colour = OPEN) -> ui.LayoutView:
    """A sentence or two, and perhaps buttons."""
    return card((said, *more), colour)
