"""What an organiser should look at before confirming a schedule that can be read: warnings, never errors.

Sessions clash on purpose in a practice week; what is asked about is one presenter or one room at two places at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

from domain.schedule.values import Problem, ScheduledRow
from domain.schedule.wording import same
from domain.times import LONDON, clock_words, day_of, day_words, hours_words, to_wall

#: sessions that overlap by no more than this do not clash
TOLERANCE: Final = timedelta(minutes=5)
#: of one presenter, room or host; more would only bury the rest
_MOST_CLASHES: Final = 100
_EARLIEST: Final = time(6, 0)
_NOBODY: Final = re.compile(
    r"(?:tbc|tba|tbd|n/?a|none|various|all|to be (?:confirmed|announced)|guests?|guest speakers?|speakers?|presenters?|multiple"
    r"|staff|team|external|\?+|-)*",
    re.IGNORECASE,
)


def check_rows(rows: Sequence[ScheduledRow], *, now: datetime, zone: str = LONDON, holidays: Mapping[date, str]) -> tuple[Problem, ...]:
    """Warnings by row: weekends, bank holidays, what has passed, nights, clashes of a presenter or a room, rows that stand there twice.

    `holidays` maps dates to names. Days and hours are those of `zone`.
    """
    problems = [problem for row in rows for problem in _dates(row, now, zone, holidays)]
    doubles = dict(_doubles(rows))
    problems += [
        Problem(row, "Title", f"This is the same as row {first}: the same title at the same time. Is one of them too many?")
        for row, first in doubles.items()
    ]
    once = [row for row in rows if row.row not in doubles]
    problems += _clashes(once, zone)
    return tuple(sorted(problems, key=lambda problem: problem.row))


def _dates(row: ScheduledRow, now: datetime, zone: str, holidays: Mapping[date, str]) -> Iterator[Problem]:
    wall = to_wall(row.starts_at, zone)
    day = wall.date()
    today = day_of(now, zone)
    if day == today and row.starts_at <= now:
        yield Problem(row.row, "Time", f"{clock_words(wall)} on {day_words(day)} has passed already.")
    if day < today:
        yield Problem(row.row, "Date", f"{day_words(day)} is in the past.")
    if day.weekday() >= 5:
        yield Problem(row.row, "Date", f"{day_words(day)} is at a weekend.")
    if day in holidays:
        yield Problem(row.row, "Date", f"{day_words(day)} is a bank holiday in England ({holidays[day]}).")
    if wall.time() < _EARLIEST:
        yield Problem(row.row, "Time", f"This starts at {clock_words(wall)}, in the night. Is that meant?")


def _doubles(rows: Sequence[ScheduledRow]) -> Iterator[tuple[int, int]]:
    """Rows that repeat an earlier one, each with that row's number."""
    first: dict[Hashable, int] = {}
    for row in rows:
        key = (same(row.title), row.starts_at, row.ends_at, same(row.organisation))
        if first.setdefault(key, row.row) != row.row:
            yield row.row, first[key]


def presenters_of(presenter: str | None) -> set[str]:
    """The presenters that a label names, each for comparing: the whole label, and full names within it. None for "TBC" and its like."""
    label = same(presenter)
    if not label or _NOBODY.fullmatch(label):
        return set()
    names = [name.strip() for name in re.split(r"[;,/\n]|\band\b", label)]
    return {label, *(name for name in names if len(name.split()) >= 2 and not _NOBODY.fullmatch(name))}


def _clashes(rows: Sequence[ScheduledRow], zone: str) -> list[Problem]:
    """One warning for each pair of rows that needs the same presenter, room or, where neither is named, host at once."""
    found: dict[tuple[int, int], Problem] = {}  # a pair is said once
    for column, groups in (("Presenter", _by_presenter(rows)), ("Venue", _by_venue(rows)), ("Organisation", _by_host(rows))):
        for group in groups:
            for earlier, later in islice(_overlaps(group), _MOST_CLASHES):
                low, high = sorted((earlier, later), key=lambda row: row.row)
                found.setdefault((low.row, high.row), Problem(high.row, column, _sentence(column, low, high, zone)))
    return list(found.values())


def _sentence(column: str, low: ScheduledRow, high: ScheduledRow, zone: str) -> str:
    minutes = round((min(low.ends_at, high.ends_at) - max(low.starts_at, high.starts_at)) / timedelta(minutes=1))
    other = f"row {low.row} (“{low.title}”, {hours_words(low.starts_at, low.ends_at, zone)})"
    match column:
        case "Presenter":
            return f"{high.presenter} has two sessions at once: this one and {other} overlap by {minutes} minutes."
        case "Venue":
            return f"{high.venue} is used twice at once: this one and {other} overlap by {minutes} minutes."
        case _:
            return f"{high.organisation} has two sessions at once: this one and {other} overlap by {minutes} minutes. Is that meant?"


def _grouped(pairs: Iterator[tuple[Hashable, ScheduledRow]]) -> list[list[ScheduledRow]]:
    groups: dict[Hashable, list[ScheduledRow]] = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _by_presenter(rows: Sequence[ScheduledRow]) -> list[list[ScheduledRow]]:
    return _grouped(((name, same(row.organisation)), row) for row in rows for name in sorted(presenters_of(row.presenter)))


def _by_venue(rows: Sequence[ScheduledRow]) -> list[list[ScheduledRow]]:
    return _grouped((same(row.venue), row) for row in rows if row.venue and row.format in ("in_person", "hybrid", "unknown"))


def _by_host(rows: Sequence[ScheduledRow]) -> list[list[ScheduledRow]]:
    return _grouped(
        (same(row.organisation), row) for row in rows if row.organisation and not presenters_of(row.presenter) and not row.venue
    )


def _overlaps(group: Sequence[ScheduledRow]) -> Iterator[tuple[ScheduledRow, ScheduledRow]]:
    """Pairs that overlap by more than the tolerance, the earlier start first."""
    ordered = sorted(group, key=lambda row: (row.starts_at, row.row))
    for index, earlier in enumerate(ordered):
        for later in ordered[index + 1 :]:
            if later.starts_at >= earlier.ends_at - TOLERANCE:
                break
            if min(earlier.ends_at, later.ends_at) - later.starts_at > TOLERANCE:
                yield earlier, later


def first_and_last_day(rows: Sequence[ScheduledRow], zone: str = LONDON) -> tuple[date, date] | None:
    """The days on which a schedule begins and ends; None without rows."""
    days = [day_of(row.starts_at, zone) for row in rows]
    return (min(days), max(days)) if days else None
