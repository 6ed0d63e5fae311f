"""People's words and times, made fit to show in chat.

Whatever somebody typed is shown as they typed it, and does nothing: it makes no heading, no hidden link, no
mention, and no character that cannot be seen turns the line round.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from bot.limits import cut, size
from domain.times import LONDON, clock_words, hours_words, to_wall, when_words

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#!$&'+,;=%-]+")
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_MEANT = set("\\*_~`|[]()<>#")  # what Discord's markdown could make something of
_KEPT_CONTROLS = {"\n"}


def bare(text: str, limit: int | None = None) -> str:
    """One line without invisible characters, for places that show no markdown: menus, buttons, choices. Cut to `limit`."""
    line = " ".join(_visible(text).split())
    return line if limit is None else cut(line, limit)


def plain(text: str, limit: int | None = None) -> str:
    """One line of somebody's text, for a message. Cut to `limit` characters of what is written, never within an escape."""
    return _escaped(bare(text), limit)


def plain_lines(text: str, limit: int | None = None) -> str:
    """As `plain`, keeping paragraphs."""
    lines = [" ".join(line.split()) for line in _visible(text).splitlines()]
    return _escaped(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), limit)


def _visible(text: str) -> str:
    kept = []
    for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "):
        category = unicodedata.category(char)
        if char in _KEPT_CONTROLS or category not in ("Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"):
            kept.append(char)
        elif category in ("Zl", "Zp"):
            kept.append("\n")
    return "".join(kept)


def _escaped(text: str, limit: int | None) -> str:
    parts: list[str] = []
    room = limit if limit is not None else size(text) * 3
    at = 0
    for found in _ADDRESS.finditer(text):
        parts += _escape_each(text[at : found.start()], line_start=at == 0 or text[at - 1] == "\n")
        parts.append(found.group())
        at = found.end()
    parts += _escape_each(text[at:], line_start=at == 0)
    if sum(map(size, parts)) <= room:
        return "".join(parts)
    return _fill(parts, room - 1).rstrip() + "…"


def _fill(parts: list[str], room: int) -> str:
    kept = []
    for part in parts:
        if size(part) > room:
            break
        kept.append(part)
        room -= size(part)
    return "".join(kept)


def _escape_each(text: str, *, line_start: bool) -> list[str]:
    """One part for each character, so that a cut never falls inside an escape."""
    parts = []
    everyone = {found.start() for found in _EVERYONE.finditer(text)}
    for index, char in enumerate(text):
        if index in everyone:
            parts.append("@\N{ZERO WIDTH SPACE}")
        elif char in _MEANT or (line_start and char in "-+"):
            parts.append("\\" + char)
        else:
            parts.append(char)
        line_start = char == "\n"
    return parts


# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────


def stamp(instant: datetime, style: str = "F") -> str:
    """An instant that every reader's Discord shows in the reader's own zone. `t`: the hour, `F`: day and hour, `R`: how long until."""
    return f"<t:{int(instant.timestamp())}:{style}>"


def when(starts_at: datetime, ends_at: datetime, zone: str = LONDON) -> str:
    """`Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)`, and the same on the reader's own clock below."""
    return f"{when_words(starts_at, ends_at, zone)}\n-# On your clock: {stamp(starts_at)}"


def when_short(starts_at: datetime, ends_at: datetime, zone: str = LONDON) -> str:
    """`Mon 15 Mar, 9.30am to 10.15am`: for menus and lists. Wall time of `zone`, without a stamp."""
    return f"{day_short(starts_at, zone)}, {hours_words(starts_at, ends_at, zone)}"


def day_short(instant: datetime, zone: str = LONDON) -> str:
    """`Mon 15 Mar`."""
    wall = to_wall(instant, zone)
    return f"{wall:%a} {wall.day} {wall:%b}"


def clock(instant: datetime, zone: str = LONDON) -> str:
    """`9.30am` in the wall time of `zone`, with a stamp beside it."""
    return f"{clock_words(to_wall(instant, zone))} ({stamp(instant, 't')})"
