"""From a start and an end as written to minutes of one day.

Where no half of the day is written, a working day is meant: 8 to 11 are mornings, 12 is noon, 1 to 6 are afternoons.
7 could be either and is asked about, unless the other end of the session leaves one reading.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import BadInput
from domain.schedule.hours import DAY, NOON, Point, Written


@dataclass(frozen=True)
class Hours:
    """From when to when, in minutes of the day. `letters` tell which of two equal hours is meant."""

    start: int
    end: int
    start_letters: str | None = None
    end_letters: str | None = None


def settle(written: Written) -> Hours:
    """Choose morning or afternoon. Raises `BadInput` where it cannot be known, or the end is not after the start."""
    if written.end is None:
        if written.length is None:
            raise BadInput("There is a start but no end. Write both, such as 9.30am to 10.30am.", field="end")
        start = _alone(written.start)
        end = start + written.length
        _check_span(start, end)
        return Hours(start, end, written.start.letters, written.start.letters)
    start, end = _pair(written.start, written.end)
    letters = written.end.letters
    return Hours(start, end, written.start.letters or letters, letters or written.start.letters)


def _alone(point: Point) -> int:
    options = point.options()
    return options[0] if len(options) == 1 else _working_day(point, options)


def _working_day(point: Point, options: tuple[int, ...]) -> int:
    if point.hour == 7:
        raise BadInput("7 could be the morning or the evening. Please write am or pm.", field="start")
    return options[0] if point.hour >= 8 else options[-1]


def _pair(start: Point, end: Point) -> tuple[int, int]:
    back = 60 if (start.letters, end.letters) == ("BST", "GMT") else 0  # the clocks go back in between
    if (start.hour, start.minute) == (end.hour, end.minute) and end.half in (None, start.half) and not back:
        _check_span(0, 0)
    starts, ends = start.options(), end.options()
    pairs = [(first, last) for first in starts for last in ends if first < last + back]
    if not pairs:
        _check_span(starts[0], ends[-1])
    if end.half and len(starts) > 1:  # "2-4pm": the same half of the day where that works, else the other
        return next((pair for pair in pairs if (pair[0] >= NOON) == (end.half == "p")), pairs[0])
    if len({first for first, _ in pairs}) > 1:
        chosen = _working_day(start, starts)
        pairs = [pair for pair in pairs if pair[0] == chosen] or pairs
    first, last = min(pairs)
    guessed = len(ends) > 1 and last >= NOON  # "10.30 - 9.30" ends before it starts; it does not last until the evening
    if guessed and first < NOON and (end.hour >= 8 or last - first > 10 * 60):
        _check_span(first, last - NOON)
    return first, last


def _check_span(start: int, end: int) -> None:
    """Refuse what does not end later on the same day. Minutes of the day; `end` may lie beyond it."""
    if end - start > DAY:
        raise BadInput("This is longer than a day. A session starts and ends on one day.", field="end")
    if start == end:
        raise BadInput("This starts and ends at the same time, so it lasts 0 minutes. Please check the end.", field="end")
    if end >= DAY or (end < start and start >= 18 * 60 and end <= 6 * 60):
        raise BadInput("This goes over midnight. A session starts and ends on one day, so split it or check the end.", field="end")
    if end < start:
        raise BadInput("This ends before it starts. Please check the times.", field="end")
