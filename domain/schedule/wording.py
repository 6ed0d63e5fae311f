"""The words of a cell: any cell value as clean text, safe to show and to compare.

Control characters, line breaks (except in descriptions), bidirectional marks and zero-width characters
never reach a title: they can hide or turn round what a reader sees.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

from domain.schedule.values import FormulaWithoutValue

# letters that draw nothing, though Unicode does not count them as format characters
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\n\r\v\f":
        return " "
    if category in ("Cc", "Cf", "Cs", "Co", "Cn") or character in _UNSEEN:
        return ""
    return character


def clean(text: str) -> str:
    """The text on one line, without anything that cannot be seen."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(shown.split())


def clean_lines(text: str) -> str:
    """The text with its paragraphs, without anything else that cannot be seen."""
    lines = [clean(line) for line in re.split(r"\r\n|[\r\n\v\f\u2028\u2029]", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def raw(cell: object) -> str:
    """A cell's value as a person would write it, not yet cleaned."""
    match cell:
        case None | FormulaWithoutValue():
            return ""
        case bool():
            return "Yes" if cell else "No"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case time():
            return f"{cell:%H:%M}"
        case _:
            return str(cell)


def words(cell: object) -> str:
    """A cell's value as clean text on one line; empty for an empty cell."""
    return clean(raw(cell))


def listed(cell: object) -> str:
    """The words of a cell whose own lines are items: names one under the other, the lines of an address."""
    return clean(re.sub(r"(?<![,;:&/(–-])\n+(?![,;:&/(–-]|and\b|or\b)", ", ", clean_lines(raw(cell))))


def blank(cell: object) -> bool:
    """Whether nothing can be seen in the cell. A formula without its result is not blank."""
    return not isinstance(cell, FormulaWithoutValue) and not words(cell)


def same(text: str | None) -> str:
    """The text for comparing: without case, punctuation at the ends and differences of spacing or quotes."""
    plain = clean(text or "").casefold().replace("’", "'").replace("‘", "'").replace("–", "-").replace("—", "-").replace("&", "and")
    return plain.strip(" .,;:")
