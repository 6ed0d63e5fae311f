"""The day before: all of a person's sessions of a day in one message, each with its hour, its place and its link. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.cards import OPEN, card
from bot.limits import CARD_TEXT, COMPONENTS, cut
from bot.text import day_short, plain, stamp
from domain.kinds import Mode, Provider
from domain.modes import joins_by_link
from domain.ports.letters import Letter, SessionFacts
from domain.times import hours_words

LONGEST_ADDRESS = 512  # of a button that opens a page
_ROOM = CARD_TEXT - 500  # for all sessions together
_AROUND = 55  # characters of a session's hours, and around them
_MOST = 20  # sessions on one card
_BESIDE = 4  # parts of the card that are no session: the frame, and the lines above and below


def day_card(letter: Letter) -> ui.LayoutView:
    """The letter's session and those that come after it."""
    assert letter.session is not None
    first = letter.session
    items = [(first, letter.mode), *((one.session, one.mode) for one in letter.also)]
    shown = items[:_MOST]
    room = max(_ROOM // len(shown) - _AROUND, _AROUND)
    more = f"-# And {len(items) - _MOST} more: type /my bookings to see them all." if len(items) > _MOST else None
    return card(
        (
            f"### Reminder\nYou have {len(items)} sessions on {day_short(first.starts_at, first.zone)}. The first starts "
            f"{stamp(first.starts_at, 'R')}.",
            *_parts(shown, room),
            more,
            "-# If you cannot come, please cancel: type /my bookings.",
        ),
        OPEN,
    )


def _parts(items: Sequence[tuple[SessionFacts, Mode | None]], room: int) -> list[ui.Item[Any] | str]:
    buttons = (COMPONENTS - _BESIDE - len(items)) // 2  # a button beside a text takes two places more than the text alone
    return [_part(session, mode, room, button=at < buttons) for at, (session, mode) in enumerate(items)]


def _part(session: SessionFacts, mode: Mode | None, room: int, *, button: bool) -> ui.Item[Any] | str:
    """One session; its link is a button beside it where Discord takes it as one, and where the card has room for a `button`."""
    online = joins_by_link(session.format, mode)
    link = session.join_url if online and session.join_url and session.join_url.startswith("https://") else None
    hours = f"{hours_words(session.starts_at, session.ends_at, session.zone)} · {stamp(session.starts_at, 't')}"
    where = _where(session, online=online, link=link) if button or not link else "Online. The link is in your calendar."
    said = f"**{plain(session.title, min(150, room // 2))}**\n{hours}\n{cut(where, room // 2)}"
    if link is None or not button or len(link) > LONGEST_ADDRESS:
        return said
    on = {Provider.TEAMS: " on Teams", Provider.ZOOM: " on Zoom"}.get(session.provider or Provider.GIVEN, "")
    return ui.Section(ui.TextDisplay(said), accessory=ui.Button(style=discord.ButtonStyle.link, label=f"Join{on}", url=link))


def _where(session: SessionFacts, *, online: bool, link: str | None) -> str:
    if not online:
        return f"In person, at {plain(session.venue, 150)}" if session.venue else "In person. We will tell you the place soon."
    if link is None:
        return "Online. The link is on its way: we send it by e-mail."
    return "Online" if len(link) <= LONGEST_ADDRESS else f"Online. Join here: {link}"
