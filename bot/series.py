"""A series in chat: its parts on one card, booked and cancelled as one. The buttons are those of its parts, which lead here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot import ids
from bot.cards import GOOD, OPEN, OVER, PRIMARY, WAIT, Part, button, card, headlined, line, menu, row, simple_card
from bot.pressing import Press, on_press
from bot.proving import code_words, send_code_if_none, standing_of
from bot.session_card import code_buttons
from bot.text import clock, plain, stamp, when_short
from domain.browsing import SessionPage
from domain.capacity import Accepts, mark_of
from domain.errors import BadInput
from domain.kinds import Mode
from domain.models import BookingState, Hold, SessionState
from domain.people import PersonView
from domain.rules import Rules
from domain.series.booking import SeriesBooked, book_series, cancel_series
from domain.series.views import PartOf, SeriesPage, SeriesStanding, my_series, open_series, series_page
from domain.views import SessionView

NOTHING = "There is no series to book at the moment. A series is a course in parts, such as three workshops."


# ── what is done ────────────────────────────────────────────────────────────────────────────────────────────


async def book_whole(
    press: Press,
    person: PersonView,
    series_id: int,
    mode: Mode | None,
    page: SessionPage,
    *,
    accept_clash: Accepts = False,
    more: Sequence[Part | None] = (),
) -> None:
    """Ask for a place on every part and show what came of it. Nobody is told before it is committed."""
    around = press.surroundings
    shown = await _page(press, series_id)
    if mode is None and shown.mine is None and (choice := _ways(shown)):
        said = "Choose how you will take part\nSome parts are in a room and online. Your choice counts for all of them."
        await press.show(series_card(shown, around.rules, now=around.clock(), said=said, more=(choice,)))
        return
    outcome = await around.store.write(
        book_series, around.partnership_id, series_id, person.id, around.rules, now=around.clock(), mode=mode, accept_clash=accept_clash
    )
    around.wake()
    if outcome.state is None:
        await press.show(series_clash_card(outcome, page.session.id, mode))
        return
    code = ""
    if not person.proven:
        await send_code_if_none(press)
        code = code_words(await standing_of(press), person.proof_address or person.email or "your e-mail")
    await show_series(press, series_id, said=booked_words(outcome, code), more=more)


def booked_words(outcome: SeriesBooked, code: str) -> str:
    """What came of asking: a headline, and what it means."""
    if outcome.state is BookingState.CONFIRMED:
        if outcome.already:
            return "You already have a place on all parts"
        return "You are booked on all parts\nThe invitations are on their way to your e-mail, one for each part."
    if outcome.state is BookingState.WAITLISTED:
        return f"You are number {outcome.position} on the waiting list\nWe tell you when there is a place on all parts. {code}".rstrip()
    until = clock(outcome.held_until) if outcome.held_until else "later"
    return f"We are keeping a place on all parts for you until {until}\n{code}"


async def cancel_whole(press: Press, person: PersonView, series_id: int) -> None:
    """Give every part back that has not started."""
    around = press.surroundings
    done = await around.store.write(cancel_series, around.partnership_id, series_id, person.id, around.rules, now=around.clock())
    around.wake()
    said = {
        BookingState.CONFIRMED: "Your place on all parts to come is cancelled",
        BookingState.HELD: "We no longer keep a place for you",
        BookingState.WAITLISTED: "You have left the waiting list",
        BookingState.CANCELLED: "You have no place in this series now",
    }[done.was]
    gone = "\nThe parts will go from your calendar too." if done.invited else ""
    await show_series(press, series_id, said=said + gone)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────


@on_press(ids.SERIES)
async def pressed_series(press: Press) -> None:
    """See all parts."""
    await press.defer()
    await show_series(press, press.number("series"))


@on_press(ids.SERIES_OPEN)
async def pressed_series_open(press: Press) -> None:
    """A series was chosen in a menu."""
    await press.defer()
    chosen = next(iter(press.values), "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) <= 12):
        raise BadInput("Please choose one from the list.")
    await show_series(press, int(chosen))


async def show_series(press: Press, series_id: int, *, said: str = "", more: Sequence[Part | None] = ()) -> None:
    """One series, for who looks."""
    around = press.surroundings
    await press.show(series_card(await _page(press, series_id), around.rules, now=around.clock(), said=said, more=more))


async def show_open_series(press: Press) -> None:
    """The series to choose from; with only one, that one."""
    around = press.surroundings
    found = await around.store.read(open_series, around.partnership_id, now=around.clock())
    if len(found) == 1:
        await show_series(press, found[0][0])
        return
    options = [(str(series_id), title, "") for series_id, title in found]
    choose = menu("pw:seriesopen", "Choose a series", options) if options else None
    await press.show(
        simple_card("## Which series would you like to see?", choose) if choose else simple_card(f"### {NOTHING}", colour=OVER)
    )


async def show_my_series(press: Press) -> None:
    """One's own series."""
    around = press.surroundings
    mine = await around.store.read(my_series, around.partnership_id, press.who)
    if not mine:
        await press.show(simple_card("## Your series\nYou have not booked a series. Use /series browse to see what there is.", colour=OVER))
        return
    lines = [f"**{plain(title, 200)}**\n-# {short_words(standing)}" for _, title, standing in mine[:10]]
    options = [(str(series_id), title, short_words(standing)) for series_id, title, standing in mine]
    await press.show(
        card(("## Your series", line(), "\n".join(lines), line(), menu("pw:seriesopen", "Choose one to see its parts", options)))
    )


async def _page(press: Press, series_id: int) -> SeriesPage:
    around = press.surroundings
    return await around.store.read(series_page, around.partnership_id, series_id, press.who, now=around.clock())


def short_words(mine: SeriesStanding) -> str:
    """`Booked`, `Completed`, `Waiting: number 3`, `Kept for a while`."""
    if mine.completed:
        return "Completed"
    if mine.state is BookingState.CONFIRMED:
        return "Booked"
    if mine.state is BookingState.WAITLISTED:
        return f"Waiting: number {mine.position}"
    return "Yours to take" if mine.hold is Hold.OFFER else "Kept for you until you enter the code"


def series_card(page: SeriesPage, rules: Rules, *, now: datetime, said: str = "", more: Sequence[Part | None] = ()) -> ui.LayoutView:
    """A series for one person, with what this person can do."""
    said = said or _stands(page.mine)
    moves = page.line_moves(rules, now)
    count = len({part.number for part, _ in page.parts})
    about = f"A course in {count} parts. You book them all at once." if count > 1 else "A course in one part."
    return card(
        (
            headlined(said) if said else None,
            line() if said else None,
            f"## {plain(page.title, 320)}\n{about}",
            "\n".join(_line(part, view, 2600 // max(len(page.parts), 1)) for part, view in page.parts),
            None if page.mine else _places(page, moves),
            _buttons(page, moves),
            _others(page),
            *more,
        ),
        _colour(page),
    )


def _others(page: SeriesPage) -> ui.ActionRow[Any] | None:
    options = [(str(run), title, "") for run, title in page.others]
    return menu("pw:seriesopen", "Other dates for this course", options) if options else None


def _stands(mine: SeriesStanding | None) -> str:
    if mine is None:
        return ""
    if mine.completed:
        return "You have completed this course\nUse /my certificate to get your certificate."
    if mine.state is BookingState.CONFIRMED:
        return "You have a place on all parts"
    if mine.state is BookingState.WAITLISTED:
        return f"You are number {mine.position} on the waiting list"
    until = clock(mine.held_until) if mine.held_until else "later"
    if mine.hold is Hold.OFFER:
        return f"A place on all parts is yours if you want it\nPlease answer by {until}."
    return f"We are keeping a place on all parts for you until {until}\nEnter the six digits from your e-mail to confirm it."


def _line(part: PartOf, session: SessionView, room: int) -> str:
    hours = when_short(session.starts_at, session.ends_at, session.zone)
    head = f"**Part {part.number}: {hours}** "
    note = (
        "Called off"
        if session.state is SessionState.CANCELLED
        else "You have done this part"
        if part.done
        else stamp(session.starts_at, "F")
    )
    return f"{head}{plain(session.title, min(max(room - len(head) - len(note) - 6, 20), 240))}\n-# {note}"


def _places(page: SeriesPage, moves: bool) -> str:
    if not page.ahead:
        return "**Every part has started, so it can no longer be booked.**"
    if not page.open:
        return "**Booking for this series is closed.**"
    if page.free is None:
        return "**Places:** No limit"
    if page.free:
        return f"**Places on all parts:** {page.free:,} left"
    return "**Places:** Full. You can join the waiting list." if moves else "**Places:** Full."


def _buttons(page: SeriesPage, moves: bool) -> ui.ActionRow[Any] | None:
    """The buttons of the first part still to come: each counts for all parts. `moves`: who waits may still be given a place."""
    if not page.ahead:
        return None
    first, mine = page.ahead[0], page.mine
    if mine is None:
        if not page.open:
            return None
        if page.free == 0 and not moves:
            return row(button("Full", ids.book(first), disabled=True))
        return row(button("Join the waiting list" if page.free == 0 else "Book all parts", ids.book(first), PRIMARY))
    if mine.state is BookingState.CONFIRMED:
        return row(button("Cancel all parts", ids.cancel(first)))
    if mine.state is BookingState.WAITLISTED:
        return row(button("Leave the waiting list", ids.cancel(first)))
    if mine.hold is Hold.OFFER:
        return row(button("Take all parts", ids.take(first), PRIMARY), button("No, thank you", ids.cancel(first)))
    return row(*code_buttons(), button("Cancel all parts", ids.cancel(first)))


def _ways(page: SeriesPage) -> ui.ActionRow[Any] | None:
    """In the room or online, where a part still to come has both."""
    both = any(len(view.places) > 1 for _, view in page.parts if view.id in page.ahead)
    if not both or not page.ahead:
        return None
    first = page.ahead[0]
    return row(
        button("Book in the room", ids.book(first, Mode.ROOM), PRIMARY), button("Book online", ids.book(first, Mode.ONLINE), PRIMARY)
    )


def _colour(page: SeriesPage) -> discord.Colour:
    if page.mine is not None:
        return GOOD if page.mine.state is BookingState.CONFIRMED else WAIT
    return OPEN if page.ahead and page.open else OVER


def series_clash_card(wanted: SeriesBooked, session_id: int, mode: Mode | None) -> ui.LayoutView:
    """The other places, and the choice for all parts."""
    others = "\n".join(f"**{plain(c.title, 200)}**\n{when_short(c.starts_at, c.ends_at, c.zone)}" for c in wanted.clashes[:6])
    return card(
        (
            "### You already have a place at the time of one part",
            f"You asked for all parts of **{plain(wanted.title, 240)}**.",
            f"At the same time you have:\n{others}",
            "You can have both, for example if you will leave one early. Nothing has been booked yet.",
            row(
                button("Book all anyway", ids.book(session_id, mode, clash=mark_of(wanted.clashes)), PRIMARY),
                button("Leave it", ids.leave(session_id)),
            ),
        ),
        WAIT,
    )
