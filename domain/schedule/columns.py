"""The columns of a schedule: which heading of an organiser's own sheet means what.

A heading is looked up as it stands, then without filler words ("Date of session" is "date"), then part by part
("Speaker/Facilitator", "Venue or platform"), then by what it asks ("Who will be facilitating?", "Max students") or the ways of
meeting that it names ("MS Teams/Face to face"). Every heading offers one field or more; when the first is taken, the next serves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest
from types import MappingProxyType
from typing import Final

from domain.courtesy import politely
from domain.schedule.dates import looks_like_day
from domain.schedule.formats import names_ways_of_meeting
from domain.schedule.headings import ASKS, FILLERS, SYNONYMS
from domain.schedule.values import FormulaWithoutValue
from domain.schedule.wording import blank, words

#: fields that several columns may fill together
_JOINED: Final = frozenset({"presenter", "venue", "description", "notes"})
#: what can be the title when no column says so
_INSTEAD_OF_TITLE: Final = ("description", "theme", "series")
#: the heading that only the answers of an online form have. What a form adds by itself is not about the session
_FORM_MARK: Final = "completion time"
_FORM_OWN: Final = frozenset({"id", "start time", "completion time", "email", "name", "last modified time", "language"})
_PARTS: Final = re.compile(r"\s*(?:/|&|\+|,|\||\band\b|\bor\b)\s*")
_FIRST_ROWS: Final = 40
#: the ways to say each field, the preferred one first
_SAID: Final = {field: tuple(synonyms.split("|")) for field, synonyms in SYNONYMS.items()}
#: the other way round: the fields that a heading may mean
_MEANT: Final = {said: tuple(field for field, others in _SAID.items() if said in others) for each in _SAID.values() for said in each}
_WIDEST: Final = 40


#: what an organiser may say that a column means
FIELDS: Final = tuple(SYNONYMS)
NOTHING: Final = "nothing"
#: from a heading's key to the field that an organiser said it means, or `nothing`
Means = Mapping[str, str]
_UNSAID: Final[Means] = MappingProxyType({})


def heading_key(cell: object) -> str:
    """How a heading is remembered, however it is spelled."""
    return _whole(cell)[:200]


def heading_words(cell: object) -> str:
    """A heading for looking up: lower case, letters only, '&' as 'and', without what stands in brackets."""
    text = words(cell).casefold().replace("&", " and ").replace("’", "'").replace("'", "")
    text = re.sub(r"\([^)]*\)|\[[^]]*\]|[*:?!#]", " ", text)
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def fields_of(cell: object, means: Means = _UNSAID) -> tuple[str, ...]:
    """The fields that a heading may mean, best first; none for text that is no heading we know. What was said of it in `means` is all."""
    if means and (said := means.get(heading_key(cell))):
        return () if said == NOTHING else (said,)
    plain = heading_words(cell)
    if not plain or len(plain) > 60 or isinstance(cell, FormulaWithoutValue):
        return ()
    numberless = re.sub(r"\s*\d+$", "", plain)
    without = " ".join(word for word in plain.split() if word not in FILLERS)
    for candidate in (_whole(cell), plain, numberless, without):
        if candidate and (found := _MEANT.get(candidate)):
            return found
    text = re.sub(r"\([^)]*\)", " ", words(cell))
    for part in _PARTS.split(text):
        plain_part = " ".join(word for word in heading_words(part).split() if word not in FILLERS) or heading_words(part)
        if plain_part != plain and (found := _MEANT.get(plain_part)):
            return found
    asked = next((field for field, pattern in ASKS if pattern.fullmatch(plain)), None)
    return (asked,) if asked else ("format",) if names_ways_of_meeting(text) else ()


def _whole(cell: object) -> str:
    """A heading for looking up with what stands in brackets: "Time (from)" and "Time (to)" are two."""
    return heading_words(re.sub(r"[()\[\]]", " ", words(cell)))


def _rank(field: str, cell: object) -> int:
    synonyms = _SAID[field]
    return next((synonyms.index(text) for text in (_whole(cell), heading_words(cell)) if text in synonyms), len(synonyms))


@dataclass(frozen=True)
class Columns:
    """Where each field stands. `row` is the spreadsheet's number of the last heading row."""

    row: int
    positions: Mapping[str, tuple[int, ...]]
    headings: tuple[str, ...]
    duplicates: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  #: of the unused ones, those that nobody has said anything about

    def has(self, field: str) -> bool:
        """Whether the sheet has a column for the field."""
        return field in self.positions

    def heading(self, *fields: str) -> str | None:
        """The heading, as written, of the first of these fields that the sheet has."""
        return next((self.headings[self.positions[field][0]] for field in fields if field in self.positions), None)

    def cell(self, row: Sequence[object], field: str) -> object:
        """The cell of a field in a row: the first that is not blank where several columns fill it."""
        cells = [row[position] for position in self.positions.get(field, ()) if position < len(row)]
        return next((cell for cell in cells if not blank(cell)), None)

    def cells(self, row: Sequence[object], field: str) -> tuple[object, ...]:
        """Every cell of a field in a row that is not blank."""
        return tuple(row[position] for position in self.positions.get(field, ()) if position < len(row) and not blank(row[position]))

    def known(self) -> Iterator[tuple[str, int]]:
        """Each field with each of its columns."""
        return ((field, position) for field, positions in self.positions.items() for position in positions)


def _settle(headings: Sequence[object], row: int, means: Means) -> Columns:
    """Give each heading a field: what was said of it first, then exact and preferred headings."""
    own = _FORM_OWN if _FORM_MARK in {heading_words(cell) for cell in headings} else frozenset[str]()
    offers = [(position, () if heading_words(cell) in own else fields_of(cell, means)) for position, cell in enumerate(headings)]
    claims = sorted(
        (turn, -1 if heading_key(headings[position]) in means else _rank(field, headings[position]), position, field)
        for position, offered in offers
        for turn, field in enumerate(offered)
    )
    positions: dict[str, tuple[int, ...]] = {}
    placed: set[int] = set()
    for _, _, position, field in claims:
        if position in placed or (field in positions and field not in _JOINED):
            continue
        positions[field] = tuple(sorted((*positions.get(field, ()), position)))
        placed.add(position)
    if "title" not in positions and (instead := next((field for field in _INSTEAD_OF_TITLE if field in positions), None)):
        positions["title"] = positions.pop(instead)[:1]
    written = tuple(words(cell) for cell in headings)
    plain = [_whole(cell) for cell in headings]
    duplicates = tuple(
        dict.fromkeys(written[i] for i, text in enumerate(plain) if text and text in plain[:i] and fields_of(headings[i], means))
    )
    left = [i for i, text in enumerate(written) if text and i not in placed and text not in duplicates]
    unused = tuple(written[i] for i in left if means.get(heading_key(headings[i])) != NOTHING)
    unknown = tuple(written[i] for i in left if heading_key(headings[i]) not in means and not _known(headings[i], own))
    return Columns(row, _dates_and_days(positions), written, duplicates, unused, tuple(dict.fromkeys(unknown)))


def likely(heading: object) -> str | None:
    """The heading of ours that one we do not know is nearly: `Platfrom` is nearly `platform`."""
    ours = [word for synonyms in SYNONYMS.values() for word in synonyms.split("|")]
    return next(iter(get_close_matches(heading_words(heading), ours, 1, 0.8)), None)


def _known(heading: object, own: frozenset[str]) -> bool:
    """Whether there is nothing to ask about a heading: it is one of ours, a form's own, or a number of no meaning."""
    return bool(fields_of(heading)) or heading_words(heading) in own or not any(map(str.isalpha, words(heading)))


def _dates_and_days(positions: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """With no Date column, the Day column holds the date."""
    if "date" not in positions and "day" in positions:
        positions["date"] = positions.pop("day")
    return positions


def _worth(columns: Columns) -> int:
    has_when = any(columns.has(field) for field in ("date", "time", "start"))
    return len(columns.positions) if columns.has("title") and has_when else 0


def find_columns(rows: Sequence[Sequence[object]], means: Means = _UNSAID) -> Columns | None:
    """The heading row: the one among the first rows with the most headings that we know; two rows where headings stand in two rows."""
    best: tuple[int, Columns] | None = None
    for index, row in enumerate(politely(rows[:_FIRST_ROWS])):
        if sum(bool(fields_of(cell, means)) for cell in row) < 2:
            continue
        columns = _settle(row, index + 1, means)
        below = rows[index + 1] if index + 1 < len(rows) else ()
        under = [cell for cell in below if not blank(cell)]
        if len(under) >= 2 and all(fields_of(cell, means) for cell in under):
            together = [upper if blank(lower) else lower for upper, lower in zip_longest(row, below)]
            columns = max(columns, _settle(together, index + 2, means), key=_worth)
        if _worth(columns) and (best is None or _worth(columns) > best[0]):
            best = (_worth(columns), columns)
    return best[1] if best else None


def is_heading_again(row: Sequence[object], columns: Columns) -> bool:
    """Whether a row repeats the headings, as sheets with a block for each day do."""
    seen = [(words(cell), columns.headings[i] if i < len(columns.headings) else "") for i, cell in enumerate(row) if not blank(cell)]
    return len(seen) >= 2 and all(text.casefold() == heading.casefold() for text, heading in seen)


def looks_like_grid(rows: Sequence[Sequence[object]]) -> bool:
    """Whether days stand side by side: a timetable with a column for each day, which we do not read."""
    return any(sum(looks_like_day(cell) for cell in row[1:_WIDEST]) >= 2 for row in rows[:_FIRST_ROWS])


def best_guess(rows: Sequence[Sequence[object]]) -> tuple[int, tuple[str, ...]] | None:
    """The row that comes nearest to headings, with the fields it has: for saying what is missing."""
    scored = [(sum(bool(fields_of(cell)) for cell in row), -index) for index, row in enumerate(rows[:_FIRST_ROWS])]
    score, index = max(scored, default=(0, 0))
    if not score:
        return None
    return -index + 1, tuple(field for cell in rows[-index] for field in fields_of(cell)[:1])


def unknown_headings(rows: Sequence[Sequence[object]], means: Means = _UNSAID) -> tuple[str, ...]:
    """Where no headings were found: those of the row that comes nearest to it that nobody has said anything about."""
    guess = best_guess(rows)
    if guess is None or not guess[1]:
        return ()
    row = rows[guess[0] - 1]
    asked = (words(cell) for cell in row if not blank(cell) and heading_key(cell) not in means and not _known(cell, frozenset()))
    return tuple(dict.fromkeys(asked))


def explained_headings(rows: Sequence[Sequence[object]], means: Means) -> dict[str, str]:
    """By key, the headings of a sheet that `means` says something about, as they are written there."""
    cells = (cell for row in rows[:_FIRST_ROWS] for cell in row if not blank(cell))
    found: dict[str, str] = {}
    for cell in cells:
        if (key := heading_key(cell)) in means:
            found.setdefault(key, words(cell))
    return found
