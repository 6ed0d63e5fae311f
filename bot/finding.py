"""Finding a session: programmes, days, a day's page, one card; and the list of one's own bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil

from discord import ui

from bot import ids
from bot.booking import show_session
from bot.cards import OPEN, OVER, button, card, line, menu, row, simple_card
from bot.day_cards import day_page, days_card, programmes_card
from bot.limits import CARD_TEXT, MENU_OPTIONS
from bot.pressing import Press, on_press
from bot.text import plain, stamp, when_short
from domain.browsing import SessionPage, Standing, my_bookings, open_programme, open_programmes
from domain.errors import BadInput
from domain.models import BookingState, Hold
from domain.programmes import ProgrammeView
from domain.queries import day_view, programme_days
from domain.times import clock_words, day_of, to_wall

NOTHING_ON = "There is nothing to book at the moment. Look again when the organisers have published a programme."


async def show_programmes(press: Press) -> None:
    """The programmes to choose from; with only one, its days at once."""
    around = press.surroundings
    programmes = await around.store.read(open_programmes, around.partnership_id, now=around.clock())
    if len(programmes) == 1:
        await show_days(press, programmes[0])
    else:
        await press.show(programmes_card(programmes) if programmes else simple_card(f"### {NOTHING_ON}", colour=OVER))


async def show_days(press: Press, programme: ProgrammeView, start: int = 0) -> None:
    """The days of a programme that are not past."""
    around = press.surroundings
    days = await around.store.read(programme_days, around.partnership_id, programme.id)
    today = day_of(around.clock(), programme.zone)
    await press.show(days_card(programme, [d for d in days if d.day >= today], start))


@on_press(ids.PROGRAMME)
async def pressed_programme(press: Press) -> None:
    """A programme was chosen."""
    await press.defer()
    await show_days(press, await _programme(press, _number(press.values)))


@on_press(ids.DAYS)
async def pressed_days(press: Press) -> None:
    """Back to the days."""
    await press.defer()
    await show_days(press, await _programme(press, press.number("programme")))


@on_press(ids.DAY)
async def pressed_day(press: Press) -> None:
    """A day was chosen, or more days."""
    await press.defer()
    chosen = next(iter(press.values), "")
    if chosen.startswith("from:"):
        await show_days(press, await _programme(press, press.number("programme")), _number((chosen.removeprefix("from:"),)))
        return
    await _show_day(press, press.number("programme"), _day(chosen), 0)


@on_press(ids.PAGE)
async def pressed_page(press: Press) -> None:
    """Earlier or later that day."""
    await press.defer()
    await _show_day(press, press.number("programme"), _day(press.parts["day"] or ""), press.number("page"))


async def _show_day(press: Press, programme_id: int, day: date, page: int) -> None:
    around = press.surroundings
    await _programme(press, programme_id)  # a draft is not even named
    shown = await around.store.read(day_view, around.partnership_id, programme_id, day)
    await press.show(day_page(shown, page, turning=True))


@on_press(ids.OPEN)
async def pressed_open(press: Press) -> None:
    """A session was chosen in a menu: its card."""
    await press.defer()
    await show_session(press, _number(press.values))


@on_press(ids.SHOW)
async def pressed_show(press: Press) -> None:
    """Show a session's card."""
    await press.defer()
    await show_session(press, press.number("session"))


@on_press(ids.MINE)
async def pressed_mine(press: Press) -> None:
    """Another page of one's own bookings."""
    await press.defer()
    await show_mine(press, press.number("page"))


async def show_mine(press: Press, page: int = 0) -> None:
    """One's own bookings."""
    around = press.surroundings
    mine = await around.store.read(my_bookings, around.partnership_id, press.who, now=around.clock())
    await press.show(bookings_card(mine, page))


def bookings_card(mine: Sequence[SessionPage], page: int = 0) -> ui.LayoutView:
    """What somebody has booked, holds or waits for; up to 25 on a page, with a menu to open each."""
    if not mine:
        return simple_card("## Your bookings\nYou have no bookings at the moment. Use /browse to see what is on.", colour=OVER)
    pages = ceil(len(mine) / MENU_OPTIONS)
    page = min(page, pages - 1)
    shown = mine[page * MENU_OPTIONS : (page + 1) * MENU_OPTIONS]
    options = [(str(m.session.id), m.session.title, when_short(m.session.starts_at, m.session.ends_at, m.session.zone)) for m in shown]
    return card(
        (
            "## Your bookings" + (f"\n-# Part {page + 1} of {pages}" if pages > 1 else ""),
            line(),
            "\n".join(_line(m, (CARD_TEXT - 700) // len(shown)) for m in shown),
            line(),
            menu("pw:open", "Choose one to see it or to cancel", options),
            row(
                button("Earlier", ids.mine(page - 1)) if page > 0 else None,
                button("Later", ids.mine(page + 1)) if page + 1 < pages else None,
            ),
        ),
        OPEN,
    )


def _line(page: SessionPage, room: int) -> str:
    session = page.session
    hours = f"**{when_short(session.starts_at, session.ends_at, session.zone)}** "
    stands = f"\n-# {stamp(session.starts_at, 't')} · {short_words(page.mine, session.zone)}" if page.mine else ""
    return f"{hours}{plain(session.title, max(room - len(hours) - len(stands) - 1, 20))}{stands}"


def short_words(mine: Standing, zone: str) -> str:
    """`Booked`, `Waiting: number 3`, `Kept until 10.30am`, `Yours to take until 10.30am`."""
    if mine.state is BookingState.CONFIRMED:
        return "Booked"
    if mine.state is BookingState.WAITLISTED:
        return f"Waiting: number {mine.position}"
    until = clock_words(to_wall(mine.held_until, zone)) if mine.held_until else "later"
    return f"{'Yours to take' if mine.hold is Hold.OFFER else 'Kept'} until {until}"


async def _programme(press: Press, programme_id: int) -> ProgrammeView:
    return await press.surroundings.store.read(open_programme, press.surroundings.partnership_id, programme_id)


def _number(values: Sequence[str]) -> int:
    """A number that was chosen. Raises `BadInput` for anything else: what is sent need not be what was offered."""
    text = values[0] if values else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadInput("Please choose one from the list.")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("Please choose a day from the list.") from None
