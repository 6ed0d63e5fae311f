"""A programme in chat: its days, and the sessions of a day in one message with a menu, paged where Discord's limits ask it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil

from discord import ui

from bot import ids
from bot.cards import OPEN, OVER, all_places_words, button, card, line, menu, row, simple_card
from bot.limits import CARD_TEXT, MENU_OPTIONS
from bot.text import bare, plain, stamp
from domain.models import SessionState
from domain.programmes import ProgrammeView
from domain.queries import DayCount
from domain.times import day_words, hours_words, zone_words
from domain.views import DayView, SessionView

LIST_TEXT = CARD_TEXT - 600  # what a heading and a foot leave for a day's lines
LONGEST_LINE = 320


def pages_of(day: DayView) -> int:
    """How many messages a day needs; at least one. Depends on the number of its sessions alone, so that counts move nothing."""
    return max(ceil(len(day.sessions) / MENU_OPTIONS), 1)


def day_page(day: DayView, page: int, *, turning: bool = False) -> ui.LayoutView:
    """One page of a day, from 0. `turning`: with buttons to the other pages and back to the days, for one reader."""
    pages = pages_of(day)
    shown = _on_page(day.sessions, page, pages)
    back = button("All days", ids.days(day.programme_id)) if turning else None
    if not shown:
        return simple_card(f"## {day_words(day.day)}\n{plain(day.programme, 300)}\nThere are no sessions here now.", row(back), colour=OVER)
    room = min(LIST_TEXT // len(shown), LONGEST_LINE)
    part = f" · part {page + 1} of {pages}" if pages > 1 else ""
    return card(
        (
            f"## {day_words(day.day)}\n**{plain(day.programme, 300)}** · {zone_words(shown[0].starts_at, day.zone)}\n"
            f"-# In grey below each: the start on your own clock{part}",
            None if any(session.booking_open for session in day.sessions) else "**Booking for this programme is closed.**",
            line(),
            "\n".join(_line(session, day.zone, room) for session in shown),
            line(),
            menu("pw:open", "Choose a session to see more or to book", [_option(session, day.zone) for session in shown]),
            row(
                button("Earlier that day", ids.page(day.programme_id, day.day, page - 1)) if turning and page > 0 else None,
                button("Later that day", ids.page(day.programme_id, day.day, page + 1)) if turning and page + 1 < pages else None,
                back,
            ),
        ),
        OPEN,
    )


def _on_page(sessions: Sequence[SessionView], page: int, pages: int) -> Sequence[SessionView]:
    """The page's share: pages differ by at most one session."""
    each, over = divmod(len(sessions), pages)
    start = page * each + min(page, over)
    return sessions[start : start + each + (1 if page < over else 0)]


def _line(session: SessionView, zone: str, room: int) -> str:
    """Hour and title, and in grey below the reader's own hour, who delivers it and the places, within `room` characters."""
    hours = f"**{hours_words(session.starts_at, session.ends_at, zone)}** "
    own = f"\n-# {stamp(session.starts_at, 't')} · "
    if session.state is SessionState.CANCELLED:
        return f"{hours}~~{plain(session.title, room - len(hours) - len(own) - 14)}~~{own}Called off"
    places = all_places_words(session)
    left = room - len(hours) - len(own) - len(places) - 1
    title = plain(session.title, left)
    by = session.organisation if session.organisation and left - len(title) > 16 else None
    return f"{hours}{title}{own}{f'{plain(by, left - len(title) - 3)} · ' if by else ''}{places}"


def _option(session: SessionView, zone: str) -> tuple[str, str, str]:
    hours = hours_words(session.starts_at, session.ends_at, zone)
    about = "Cancelled" if session.state is SessionState.CANCELLED else all_places_words(session)
    by = f" · {bare(session.organisation, 40)}" if session.organisation else ""
    return str(session.id), session.title, f"{hours} · {about}{by}"


# ── programmes and days, to choose from ─────────────────────────────────────────────────────────────────────


def programmes_card(programmes: Sequence[ProgrammeView]) -> ui.LayoutView:
    """The programmes that can be booked."""
    options = [(str(p.id), p.title, dates_words(p.starts_on, p.ends_on)) for p in programmes]
    return simple_card("## What would you like to look at?", menu("pw:programme", "Choose a programme", options))


def days_card(programme: ProgrammeView, days: Sequence[DayCount], start: int = 0) -> ui.LayoutView:
    """The days of a programme. A long one has more behind the last choice."""
    heading = f"## {plain(programme.title, 300)}\n{dates_words(programme.starts_on, programme.ends_on)}"
    if not days:
        return simple_card(f"{heading}\nThere are no sessions to book now.", colour=OVER)
    some = days[start : start + MENU_OPTIONS]
    if len(days) > start + MENU_OPTIONS or start:
        some = days[start : start + MENU_OPTIONS - 2]
    options = [(d.day.isoformat(), day_words(d.day), f"{d.sessions} session{'' if d.sessions == 1 else 's'}") for d in some]
    if start:
        options.insert(0, ("from:0", "Earlier days", "Back to the first days"))
    if start + len(some) < len(days):
        options.append((f"from:{start + len(some)}", "Later days", f"{len(days) - start - len(some)} more"))
    return simple_card(heading, menu(ids.day(programme.id), "Choose a day", options))


def dates_words(first: date, last: date) -> str:
    """`Monday 15 March 2027 to Friday 19 March 2027`."""
    return day_words(first) if first == last else f"{day_words(first)} to {day_words(last)}"
