"""Lines of any number as pages of a card: Discord takes 4,000 characters a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.limits import cut, size

ROOM = 2800  #: characters of a page's lines: the rest is for what stands above and below
LONGEST = 900  #: of one line


def paged(lines: Iterable[str], room: int = ROOM) -> list[str]:
    """The lines, joined, in as many pages as they need; one empty page where there are none. A line is never torn apart."""
    pages: list[str] = []
    for long in lines:
        line = cut(long, LONGEST)
        if pages and size(pages[-1]) + 1 + size(line) <= room:
            pages[-1] += "\n" + line
        else:
            pages.append(line)
    return pages or [""]


def fitting(lines: Sequence[str], room: int = ROOM, *, rest: str = "more") -> str:
    """As many lines as a card has room for, and how many more there are."""
    kept: list[str] = []
    for one in lines:
        if size(one) + 1 > room:
            break
        kept.append(one)
        room -= size(one) + 1
    more = len(lines) - len(kept)
    return "\n".join([*kept, f"- and {more:,} {rest}"] if more else kept)
