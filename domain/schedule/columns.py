"""The columns of a schedule: which heading of an organiser's own sheet means what.

A heading is looked up as it stands, then without filler words ("Date of session" is "date"), then part by part
("Speaker/Facilitator", "Venue or platform"), then by what it asks ("Who will be facilitating?", "Max students") or the ways of
meeting that it names ("MS Teams/Face to face"). Every heading offers one field or more; when the first is taken, the next serves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from domain.schedule.dates import looks_like_day
from domain.schedule.formats import names_ways_of_meeting
from domain.schedule.values import FormulaWithoutValue
from domain.schedule.wording import blank, words

#: field → the headings that mean it, in the order in which they are preferred; "|" separates them
_SYNONYMS: Final = {
    "reference": "reference|ref|ref no|reference no|reference number|session ref|session reference|session id|session code|code|id|ref id",
    "series": "series|programme series|course|module|strand|pathway|part of",
    "date": "date|dates|when|date and time|date time|datetime|day and date|day and time|session date|start date|day date|date day|on",
    "day": "day|weekday|day of week|day of the week",
    "end_date": "end date|finish date|date to",
    "time": "time|times|session time|session times|timing|timings|time slot|timeslot|slot|slots|hours|what time|when|"
    "time from to|start and end|start and end time|start and finish",
    "start": "start|start time|starts|starts at|start at|from|begin|begins|time from|time start|start date and time|start date time",
    "end": "end|end time|ends|ends at|end at|to|until|till|finish|finish time|finishes|time to|time end|end date and time|end date time",
    "duration": "duration|length|how long|duration mins|duration minutes|duration in minutes|length mins|length minutes",
    "title": "title|session title|event title|workshop title|title of session|session name|event name|name of session|"
    "name of event|session|sessions|event|events|workshop|workshops"
    "|course title|seminar title|webinar title|training title|talk title|session topic"
    "|webinar|topic|subject|activity|information and events|event information|programme item|item|what|name|"
    "training|what is on|whats on|learning event|talk|agenda",
    "description": "description|summary|details|detail|about|abstract|outline|overview|content|contents|information|info|blurb|"
    "session description|further information|more information|session details|workshop details|event details|details of session"
    "|what it is about|what its about|synopsis|aims|learning outcomes|objectives",
    "presenter": "presenter|presenters|presented by|speaker|speakers|session lead|session leads|lead|leads|led by|facilitator|"
    "facilitators|facilitated by|trainer|trainers|tutor|tutors|chair"
    "|leader|session leader|workshop leader|guest speaker|guest speakers"
    "|lead presenter|presenter name|who is leading|with|host name|delivered by|run by|co presenter|co facilitator|lecturer|panel|who",
    "organisation": "organisation|organization|host organisation|hosting organisation|host|hosts|hosted by|host authority|"
    "host agency|local authority|authority|la|council|agency|employer|lead agency"
    "|org|host la|hosting la|host council|hosting council|host trust"
    "|lead organisation|delivered by|delivering organisation|partner|partner agency|trust|organiser|organised by|"
    "university|provider|training provider|owner",
    "theme": "theme|area|locality|borough|district|day theme|theme of the day|themes",
    "audience": "audience|who its aimed at|who it is aimed at|aimed at|target audience|intended audience|target group|for|"
    "who for|who its for|who it is for|who is it for|whos it for|who is this for"
    "|who should attend|who can attend|suitable for|attendees|open to|participants|staff group|for whom|who is it aimed at|job role|role",
    "format": "platform|format|delivery|delivery method|delivery mode|method|method of delivery|mode|mode of delivery|how|"
    "medium|online or in person|in person or online|in person online|online in person"
    "|virtual or in person|virtual or face to face|face to face or virtual|type|session type|event type|"
    "type of session|delivery type|delivery format|teams or zoom|teams zoom|attendance",
    "venue": "location|venue|room|place|where|venue address|address|building|location address|site|campus|base|"
    "venue details|location details",
    "link": "link|meeting link|joining link|join link|url|teams link|zoom link|joining details|meeting url|join url|"
    "link to join|how to join|ms teams link|microsoft teams link|joining instructions|online link|web link",
    "places": "places|capacity|spaces|number of places|no of places|max places|maximum places|places available|"
    "spaces available|number of spaces|max|maximum|max numbers|max number|maximum number|max no"
    "|max attendees|maximum attendees|max participants|maximum participants|max delegates|maximum capacity|"
    "max capacity|limit|cap|seats|numbers|group size|max group size|delegates|delegate numbers"
    "|attendee limit|participant limit|size|available places",
    "private": "private|privacy|confidential|private session|closed session|closed|restricted|visibility|is private|"
    "private or open|open or private|keep private",
    "status": "status|session status|confirmed|cancelled",
}

#: fields that several columns may fill together
_JOINED: Final = frozenset({"presenter", "venue", "description"})
#: what can be the title when no column says so
_INSTEAD_OF_TITLE: Final = ("description", "theme", "series")
_FILLERS: Final = frozenset(
    [
        "session",
        "sessions",
        "event",
        "events",
        "workshop",
        "the",
        "a",
        "of",
        "name",
        "names",
        "details",
        "your",
        "our",
        "please",
        "if",
        "any",
        "known",
        "full",
        "s",
        "uk",
        "bst",
        "gmt",
        "proposed",
        "confirmed",
        "brief",
        "short",
    ]
)
#: what a heading asks, where its words are in no list; the first that fits
_ASKS: Final = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("presenter", r"who (?:is|are|will|s)\b.*\b(?:deliver|facilitat|lead|present|runn?|speak|teach)\w*"),
        ("audience", r"who\w*\b.*\b(?:for|aimed at|attend|come|invited)"),
        ("places", r"(?:max|maximum|how many|no of|number of) (?:\w+ )*(?:places|spaces|seats)(?: available| offered| in total| max)?"),
        ("places", r"(?:max|maximum|how many|no of|number of) (?:\w+ )*(?:people|attendees|participants|delegates)"),
        ("places", r"(?:max|maximum) (?:no of |number of |number )?(?:students|staff|practitioners|learners|people|in room)"),
        ("places", r"(?:attendance|attendee|numbers|places|room) (?:limit|capacity|cap)|limit on (?:numbers|places|attendance)"),
    )
)
#: the heading that only the answers of an online form have. What a form adds by itself is not about the session
_FORM_MARK: Final = "completion time"
_FORM_OWN: Final = frozenset({"id", "start time", "completion time", "email", "name", "last modified time", "language"})
_PARTS: Final = re.compile(r"\s*(?:/|&|\+|,|\||\band\b|\bor\b)\s*")
_FIRST_ROWS: Final = 40
_WIDEST: Final = 40


def heading_words(cell: object) -> str:
    """A heading for looking up: lower case, letters only, '&' as 'and', without what stands in brackets."""
    text = words(cell).casefold().replace("&", " and ").replace("’", "'").replace("'", "")
    text = re.sub(r"\([^)]*\)|\[[^]]*\]|[*:?!#]", " ", text)
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def _fields_of(plain: str) -> tuple[str, ...]:
    return tuple(name for name, synonyms in _SYNONYMS.items() if plain in synonyms.split("|"))


def fields_of(cell: object) -> tuple[str, ...]:
    """The fields that a heading may mean, best first; none for text that is no heading we know."""
    plain = heading_words(cell)
    if not plain or len(plain) > 60 or isinstance(cell, FormulaWithoutValue):
        return ()
    numberless = re.sub(r"\s*\d+$", "", plain)
    without = " ".join(word for word in plain.split() if word not in _FILLERS)
    for candidate in (_whole(cell), plain, numberless, without):
        if candidate and (found := _fields_of(candidate)):
            return found
    text = re.sub(r"\([^)]*\)", " ", words(cell))
    for part in _PARTS.split(text):
        plain_part = " ".join(word for word in heading_words(part).split() if word not in _FILLERS) or heading_words(part)
        if plain_part != plain and (found := _fields_of(plain_part)):
            return found
    asked = next((field for field, pattern in _ASKS if pattern.fullmatch(plain)), None)
    return (asked,) if asked else ("format",) if names_ways_of_meeting(text) else ()


def _whole(cell: object) -> str:
    """A heading for looking up with what stands in brackets: "Time (from)" and "Time (to)" are two."""
    return heading_words(re.sub(r"[()\[\]]", " ", words(cell)))


def _rank(field: str, cell: object) -> int:
    synonyms = _SYNONYMS[field].split("|")
    return next((synonyms.index(text) for text in (_whole(cell), heading_words(cell)) if text in synonyms), len(synonyms))


@dataclass(frozen=True)
class Columns:
    """Where each field stands. `row` is the spreadsheet's number of the last heading row."""

    row: int
    positions: Mapping[str, tuple[int, ...]]
    headings: tuple[str, ...]
    duplicates: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

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


def _settle(headings: Sequence[object], row: int) -> Columns:
    """Give each heading a field: exact and preferred headings choose first."""
    own = _FORM_OWN if _FORM_MARK in {heading_words(cell) for cell in headings} else frozenset[str]()
    offers = [(position, () if heading_words(cell) in own else fields_of(cell)) for position, cell in enumerate(headings)]
    claims = sorted(
        (turn, _rank(field, headings[position]), position, field) for position, offered in offers for turn, field in enumerate(offered)
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
    duplicates = tuple(dict.fromkeys(written[i] for i, text in enumerate(plain) if text and text in plain[:i] and fields_of(headings[i])))
    unused = tuple(text for i, text in enumerate(written) if text and i not in placed and text not in duplicates)
    return Columns(row, _dates_and_days(positions), written, duplicates, unused)


def _dates_and_days(positions: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """With no Date column, the Day column holds the date."""
    if "date" not in positions and "day" in positions:
        positions["date"] = positions.pop("day")
    return positions


def _worth(columns: Columns) -> int:
    has_when = any(columns.has(field) for field in ("date", "time", "start"))
    return len(columns.positions) if columns.has("title") and has_when else 0


def find_columns(rows: Sequence[Sequence[object]]) -> Columns | None:
    """The heading row: the one among the first rows with the most headings that we know; two rows where headings stand in two rows."""
    best: tuple[int, Columns] | None = None
    for index, row in enumerate(rows[:_FIRST_ROWS]):
        if sum(bool(fields_of(cell)) for cell in row) < 2:
            continue
        columns = _settle(row, index + 1)
        below = rows[index + 1] if index + 1 < len(rows) else ()
        under = [cell for cell in below if not blank(cell)]
        if len(under) >= 2 and all(fields_of(cell) for cell in under):
            together = [upper if blank(lower) else lower for upper, lower in zip_longest(row, below)]
            columns = max(columns, _settle(together, index + 2), key=_worth)
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
