"""Whether a row's words suggest that parents, carers or families come: which words, in which of its columns. The organiser is asked.

It is careful, because a parent's name must never get out. A team's name alone ("Children and families team") asks nothing.
A title that may only be about families ("Working with fathers") still asks: nobody but the organiser can know who comes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from domain.schedule.columns import Columns
from domain.schedule.planned import Fate, PlannedRow
from domain.schedule.values import Problem, Schedule

_FAMILIES: Final = re.compile(
    r"\bparents?\b|\bmothers\b|\bfathers\b|\bmums\b|\bdads\b|\bcarers?\b|\bfamilies\b|\bgrandparents\b|"
    r"\blived[\s-]experience\b|\bcare[\s-]leavers?\b|\bexperts? by experience\b",
    re.IGNORECASE,
)
#: a team or a service of a council that has families in its name. "Families service users" are people who come
_TEAM: Final = re.compile(
    r"\bfamilies\s+(?:social\s+work\s+)?(?:teams?|services?|directorate|department)\b(?!['’\s]+(?:up|users?)\b)", re.IGNORECASE
)
#: the fields that are looked at, in the order in which they are named, each with whose heading to say
_LOOKED_AT: Final = {"audience": ("audience",), "title": ("title",), "description": ("description", "theme"), "presenter": ("presenter",)}
#: as `proposals.differences` calls what an answer was given to
_ANSWERED_FOR: Final = frozenset({"Title", "Audience", "Description", "Presenter"})


def families_named(text: str | None) -> tuple[str, ...]:
    """The words that name them, as written, each once. "Family" alone is a subject of work, and is none."""
    found = _FAMILIES.findall(_TEAM.sub(" ", text or ""))
    return tuple({word.casefold(): word for word in reversed(found)}.values())[::-1]


def families_asked(row: int, texts: Mapping[str, str | None], columns: Columns) -> Problem | None:
    """The question whether a row's session is private, under the first column that gives cause, with the words; None without any."""
    named = {field: words for field in _LOOKED_AT if (words := families_named(texts[field]))}
    if not named:
        return None
    headings = {field: columns.heading(*_LOOKED_AT[field]) for field in named}
    first = next(iter(named))
    causes = [", ".join(f"“{word}”" for word in words) + _where(headings[field], field != first) for field, words in named.items()]
    message = f"It looks as if families take part: it says {' and '.join(causes)}. Please say whether this session is private."
    return Problem(row, headings[first], message, asks_private=True)


def _where(heading: str | None, said: bool) -> str:
    return f" under {heading}" if heading and said else ""


def still_asked(schedule: Schedule, rows: Collection[PlannedRow]) -> Iterator[Problem]:
    """The warnings of a file, without the question that was answered before for a session whose words are still the same."""
    answered = {one.row for one in rows if _is_answered(one)}
    return (one for one in schedule.warnings if not (one.asks_private and one.row in answered))


def _is_answered(one: PlannedRow) -> bool:
    """Whether this row is a session that nobody waits for an answer on. An answer stands until what it was given to changes."""
    if one.session_id is None or one.fate is Fate.AMBIGUOUS or one.session.privacy_asked:
        return False
    return not any(difference.field in _ANSWERED_FOR for difference in one.differences)
