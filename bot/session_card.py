"""The card of one session, for one reader: what it is, how they stand with it, and what they can press. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot import ids, private_ids
from bot.cards import (
    GOOD,
    OPEN,
    OVER,
    PRIMARY,
    WAIT,
    Part,
    all_places_words,
    button,
    card,
    closed_words,
    gap,
    headlined,
    how_words,
    line,
    row,
    standing_words,
)
from bot.text import clock, day_short, plain, plain_lines, when
from domain.browsing import SessionPage, Standing
from domain.kinds import Mode
from domain.models import BookingState, Hold, SessionState
from domain.needs.own import questions_for
from domain.rules import Rules
from domain.series.views import NOT_FOR_ALL, PartOf
from domain.views import Places, SessionView


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
    if not (part.for_all or part.owned):
        return f"This session is part of a series.\n{NOT_FOR_ALL}"
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
    """For who has a place: what they need in order to take part."""
    asked = questions_for(private=page.session.private, format_=page.session.format)
    return button("Tell us what you need", private_ids.needs(page.session.id)) if asked else None


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
    if not (part.for_all or part.owned):
        return None
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
