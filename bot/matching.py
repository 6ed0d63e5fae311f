"""Which organisation did they mean? Pure: what was typed, and the names that are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.limits import CHOICES, MENU_OPTIONS

NEAR = 0.72
SMALL_WORDS = frozenset(("the", "of", "and", "for", "in"))
COMMON_WORDS = frozenset(
    ("borough", "childrens", "city", "council", "county", "foundation", "metropolitan", "nhs", "partnership", "services", "trust")
) | {"university"}
MOST = MENU_OPTIONS - 1  # one is "none of these"


@dataclass(frozen=True)
class Match:
    """What was typed, as it is best written, and the known names that it may have meant instead."""

    name: str
    near: tuple[str, ...] = ()


def match(typed: str, known: Sequence[str]) -> Match:
    """The known name where only capitals, dots or small words differ; else what was typed and up to 24 names near it, the nearest first."""
    typed = " ".join(typed.split())
    words = _words(typed)
    for name in known:
        if _words(name) == words or name.casefold() == typed.casefold():
            return Match(name)
    scored = sorted(((-_likeness(words, name), name.casefold(), name) for name in known), key=lambda s: s[:2])
    return Match(typed, tuple(name for score, _, name in scored if -score >= NEAR)[:MOST])


def _words(text: str) -> tuple[str, ...]:
    parts = re.findall(r"\w+", text.casefold().replace("&", " and ").replace("'", "").replace("’", ""))
    return tuple(part for part in parts if part not in SMALL_WORDS)


def _likeness(words: tuple[str, ...], name: str) -> float:
    """1: every typed word begins a word of the name, or they are its initials; else how alike the letters are."""
    theirs = _words(name)
    if words and all(any(w.startswith(word) for w in theirs) for word in words if len(word) > 1):
        return 1.0
    if len(words) == 1 and len(words[0]) > 1 and words[0] == "".join(w[0] for w in theirs):
        return 1.0
    return SequenceMatcher(None, _own(words), _own(theirs)).ratio()


def _own(words: tuple[str, ...]) -> str:
    """What is a name's own, without what many have."""
    return " ".join([word for word in words if word not in COMMON_WORDS] or words)


def offered(typed: str, known: Sequence[str], most: int = CHOICES) -> tuple[str, ...]:
    """Names to offer while somebody types, the nearest first; all of them as long as nothing is typed."""
    words = _words(typed)
    if not words:
        return tuple(known[:most])
    likely = [(score, name) for name in known if (score := _likeness(words, name)) >= NEAR]
    return tuple(name for _, name in sorted(likely, key=lambda s: -s[0])[:most])
