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

from bot import ids, private_ids
from bot.limits import BUTTON_LABEL, MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.text import bare, clock, day_short, plain, plain_lines, when, when_short
from domain.bookings import Booked
from domain.browsing import SessionPage, Standing
from domain.kinds import Format, Mode, Provider
from domain.models import BookingState, Hold, SessionState
from domain.needs import questions_for
from domain.rules import Rules
from domain.series_views import PartOf
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
        return "This session has been cancelled."
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


# ── the session's card ──────────────────────────────────────────────────────────────────────────────────────


def session_card(page: SessionPage, rules: Rules, *, now: datetime, news: str = "", more: Sequence[Part | None] = ()) -> ui.LayoutView:
    """A session for one person, with what this person can do. `news` is what has just happened; `more` comes last."""
    session, mine = page.session, page.mine
    closed = closed_words(session, now)
    standing = standing_words(mine, session.zone) if mine else ""
    said = news or standing
    return card(
        (
            headlined(said) if said else None,
            line() if said else None,
            _heading(session),
            _part_words(page),
            _facts(session),
            *(_description(session) if not news else ()),
            _to_read(session),
            _handing(mine, session.zone) if not closed else None,
            f"**{closed}**" if closed else None,
            _buttons(page, rules, now) if not closed or _still_theirs(page, now) else None,
            _materials_button(page),
            *more,
        ),
        _colour(mine, closed),
    )


def _still_theirs(page: SessionPage, now: datetime) -> bool:
    """Whether nobody new can book, but who has a place or waits can still take it or give it back."""
    session = page.session
    return page.mine is not None and session.state is not SessionState.CANCELLED and session.starts_at > now


def _heading(session: SessionView) -> str:
    return f"## {plain(session.title, 320)}\n{when(session.starts_at, session.ends_at, session.zone)}"


def _part_words(page: SessionPage) -> str | None:
    """Which part it is, and how one books it."""
    part = page.part
    if part is None:
        return None
    which = f"**Part {part.number} of {part.of}** of {plain(part.title, 240)}"
    if part.done:
        return f"{which}\nYou have done this part."
    if part.alone:
        return f"{which}\nYou missed this part, so you can make it up here."
    return f"{which}\nThe parts belong together: you book or cancel them all at once."


def _facts(session: SessionView) -> str:
    people = " · ".join(plain(text, 240) for text in (session.presenter, session.organisation) if text)
    lines = (
        ("With", people),
        ("For", plain(session.audience, 240)),
        ("How", how_words(session)),
        ("Places", all_places_words(session)),
    )
    return "\n".join(f"**{what}:** {words}" for what, words in lines if words)


def _description(session: SessionView) -> tuple[Part | str, ...]:
    return (gap(), plain_lines(session.description, 1200), gap()) if session.description else ()


def _to_read(session: SessionView) -> str | None:
    """The names of the materials; the things themselves are for those with a place."""
    return f"**To read:** {', '.join(plain(name, 120) for name in session.materials[:8])}" if session.materials else None


def _handing(mine: Standing | None, zone: str) -> str | None:
    """That a colleague is asked to take the place."""
    if mine is None or mine.handing is None:
        return None
    until = f"{day_short(mine.handing.until, zone)}, {clock(mine.handing.until, zone)}"
    return f"You have asked **{plain(mine.handing.to_name, 200)}** to take your place. It stays yours until they agree, by {until}."


def _needs_button(page: SessionPage) -> ui.Button[Any] | None:
    """For who has a place: what they need in order to come. Who joins an open session online is not asked."""
    session, mine = page.session, page.mine
    online = mine is not None and mine.mode is Mode.ONLINE and not session.private
    asked = questions_for(private=session.private, format_=session.format)
    return button("Tell us what you need", private_ids.needs(session.id)) if asked and not online else None


def _handing_button(session_id: int, mine: Standing) -> ui.Button[Any] | None:
    if mine.handing is not None:
        return button("Keep my place", ids.keep(session_id))
    return button("Hand my place to a colleague", ids.hand_over(session_id)) if mine.can_hand_over else None


def _materials_button(page: SessionPage) -> ui.ActionRow[Any] | None:
    """For who has a place, during the session and after it too."""
    session, mine = page.session, page.mine
    there = session.materials and session.state is not SessionState.CANCELLED
    has_place = mine is not None and mine.state is BookingState.CONFIRMED
    return row(button("Materials", ids.materials(session.id))) if there and has_place else None


def _colour(mine: Standing | None, closed: str | None) -> discord.Colour:
    if closed:
        return OVER
    if mine is None:
        return OPEN
    return GOOD if mine.state is BookingState.CONFIRMED else WAIT


def _buttons(page: SessionPage, rules: Rules, now: datetime) -> ui.ActionRow[Any] | None:
    session, mine = page.session, page.mine
    if page.part is not None and not page.part.alone:
        return _part_buttons(page, page.part)
    if mine is None:
        return row(*(_book_button(session, places, rules, now) for places in session.places))
    if mine.state is BookingState.CONFIRMED:
        return row(button("Cancel my place", ids.cancel(session.id)), _handing_button(session.id, mine), _needs_button(page))
    if mine.state is BookingState.WAITLISTED:
        again = next((p for p in session.places if p.mode is mine.mode and p.free != 0), None)
        return row(
            _book_button(session, again, rules, now) if again and session.booking_open else None,
            button("Leave the waiting list", ids.cancel(session.id)),
        )
    if mine.hold is Hold.OFFER:
        return row(button("Take the place", ids.take(session.id), PRIMARY), button("No, thank you", ids.cancel(session.id)))
    return row(*code_buttons(), button("Cancel my place", ids.cancel(session.id)))


def _part_buttons(page: SessionPage, part: PartOf) -> ui.ActionRow[Any] | None:
    """A part is booked and cancelled with the others."""
    session, mine = page.session, page.mine
    all_parts = button("See all parts", ids.series(part.series_id))
    if mine is None or not part.owned:
        return row(button("Book all parts", ids.book(session.id), PRIMARY) if session.booking_open else None, all_parts)
    if mine.hold is Hold.OFFER:
        return row(button("Take all parts", ids.take(session.id), PRIMARY), button("No, thank you", ids.cancel(session.id)), all_parts)
    code = code_buttons() if mine.hold is Hold.PROOF else ()
    leave = "Leave the waiting list" if mine.state is BookingState.WAITLISTED else "Cancel all parts"
    return row(
        *code, button(leave, ids.cancel(session.id)), all_parts, _needs_button(page) if mine.state is BookingState.CONFIRMED else None
    )


def code_buttons() -> tuple[ui.Button[Any], ui.Button[Any]]:
    """For somebody whose address waits for its six digits."""
    return button("Enter code", "pw:code", PRIMARY), button("Send again", "pw:again")


def _book_button(session: SessionView, places: Places, rules: Rules, now: datetime) -> ui.Button[Any]:
    way = {Mode.ROOM: " in the room", Mode.ONLINE: " online"}[places.mode] if len(session.places) > 1 else ""
    custom_id = ids.book(session.id, places.mode if way else None)
    if places.free != 0:
        return button(f"Book{way}", custom_id, PRIMARY)
    if session.starts_at - now > rules.cutoff:
        return button(f"Join the waiting list{way}", custom_id)
    return button(f"Full{way}", custom_id, disabled=True)


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
                button("Book anyway", ids.book(wanted.session_id, mode, clash=True), PRIMARY),
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
