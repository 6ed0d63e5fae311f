"""Hours as British people write them: "9.30am - 4.30pm", "12-1pm", "12.55 to 14.00", "0930-1030", "10am (1 hour)".

What is written with a leading 0, or is 13 and later, is read by the 24-hour clock. Which half of the day other hours
mean is settled in `spans`, where start and end are known together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from domain.errors import BadInput
from domain.schedule.wording import words

DAY: Final = 24 * 60
NOON: Final = 12 * 60
_SAME_LENGTH: Final = str.maketrans("–—−‒‑→·’‘", "------.''")
_HALF: Final = r"(?:\s?\.?(?P<half>[ap])\.?\s?m\b\.?)"
_POINT: Final = re.compile(
    rf"""\s*(?:
      (?P<noon>12(?:[.:]00)?\s*(?:noon|midday)\b|noon\b|midday\b)
    | (?P<midnight>12(?:[.:]00)?\s*midnight\b|midnight\b)
    | T?(?P<hour>\d{{1,2}})(?:\s?[.:]\s?|;)(?P<minute>\d\d)(?:[.:]\d\d)?(?!\d)(?:{_HALF}|\s?(?:hrs?|hours)\b|h\b)?
    | (?P<tenths>\d{{1,2}}\.[1-5])(?!\d|\s?(?:hours?|hrs?|h)\b)
    | (?P<clock>\d{{3,4}})(?!\d)(?:{_HALF.replace("half", "half2")}|\s?(?:hrs?|hours)\b|h\b)?
    | (?P<bare>\d{{1,2}})(?![\d/%]|[.:]\d|\s?(?:st|nd|rd|th|hours?|hrs?|mins?|minutes?)\b)(?:\s?o'?clock)?{_HALF.replace("half", "half3")}?
    )(?:\s*\(?(?P<letters>BST|GMT|UTC)\b\)?|\s*\(?UK(?:\s+time)?\b\)?)?""",
    re.IGNORECASE | re.VERBOSE,
)
_JOIN: Final = re.compile(
    r"\s*(?:start\b)?[\s,;]*(?:-+|>|to\b|'?till?\b|untill?\b|finish(?:ing|es)?(?: at)?\b|ends?(?: at)?\b)\s*", re.IGNORECASE
)
_AND: Final = re.compile(r"\s*(?:and|&)\s*", re.IGNORECASE)
_OPENING: Final = re.compile(
    r"\s*(?:(?:(?:all|full|half|whole)[\s-]day|morning|afternoon|evening|lunch\s?time)\s*(?:session\b)?[\s:,–—-]*)?"
    r"[(\[]?\s*(?:from|between|starts?(?: at)?|starting(?: at)?|at|time:?|times:?|@)?\s*",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile(r"\s*[(\[]")
_FOR: Final = re.compile(r"\s+for\s+(?:an?\s+)?(?=\d|noon|midday)", re.IGNORECASE)
_LENGTH: Final = re.compile(
    r"""[\s,;(-]*(?:for\s+|lasting\s+)?(?:
      (?P<half>half\s+an\s+hour|half\s+hour)
    | (?P<hours>\d+(?:\.\d+)?|one|an|two|three|four)(?P<and_half>\s*(?:½|1/2|and\s+a\s+half))?\s*(?:-\s*)?(?:hours?|hrs?|h)(?![a-z])\.?
        (?:\s*(?:and\s+)?(?P<more>\d{1,2})\s*(?:minutes?|mins?|m)?\b)?
    | (?P<minutes>\d{1,4})\s*(?:-\s*)?(?:minutes?|mins?|m)\b
    )\s*\)?""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERS: Final = {"one": 1.0, "an": 1.0, "two": 2.0, "three": 3.0, "four": 4.0}


@dataclass(frozen=True)
class Point:
    """A time of day as written. `exact` means the 24-hour clock; else `half` is "a", "p" or unknown, and `hour` is 1 to 12."""

    hour: int
    minute: int
    half: str | None = None
    exact: bool = False
    letters: str | None = None  #: BST or GMT, where written
    bare: bool = False  #: nothing but a number of one or two digits was written

    def options(self) -> tuple[int, ...]:
        """The minutes of the day that this may mean."""
        if self.exact:
            return (self.hour * 60 + self.minute,)
        twelve = self.hour % 12 * 60 + self.minute
        if self.half:
            return (twelve + (NOON if self.half == "p" else 0),)
        return (NOON + self.minute,) if self.hour == 12 else (twelve, twelve + NOON)


@dataclass(frozen=True)
class Written:
    """What was found: a start, and an end or a length in minutes where they are written."""

    start: Point
    end: Point | None = None
    length: int | None = None
    arrival: str | None = None  #: "9.30am" of "9.30am for 10am"
    after: str = ""  #: words that follow the hours, such as "lunch provided"


def _checked(hour: int, minute: int, half: str | None, exact: bool, letters: str | None, text: str) -> Point:
    if hour > 23 or minute > 59 or (hour == 0 and half == "p") or (hour > 12 and half == "a"):
        raise BadInput(f"“{text.strip()}” is not a time of day.")
    return Point(hour, minute, None if exact or hour > 12 else half, exact or hour > 12 or hour == 0, letters)


def _point(text: str, at: int) -> tuple[Point, int] | None:
    match = _POINT.match(text, at)
    if match is None:
        return None
    half = (match["half"] or match["half2"] or match["half3"] or "").casefold() or None
    letters = {"UTC": "GMT"}.get((match["letters"] or "").upper(), (match["letters"] or "").upper()) or None
    if match["noon"]:
        return Point(12, 0, exact=True, letters=letters), match.end()
    if match["midnight"]:
        return Point(0, 0, exact=True, letters=letters), match.end()
    if match["tenths"]:  # a spreadsheet's number cell shows 9.30 as 9.3
        hour, tenth = match["tenths"].split(".")
        digits, minute = hour, int(tenth) * 10
    elif match["clock"]:
        digits, minute = match["clock"][:-2], int(match["clock"][-2:])
    else:
        digits, minute = match["hour"] or match["bare"], int(match["minute"] or 0)
    exact = half is None and (digits.startswith("0") or (bool(match["clock"]) and len(digits) == 2))
    point = _checked(int(digits), minute, half, exact, letters, match[0])
    return replace(point, bare=bool(match["bare"]) and half is None), match.end()


def _length(text: str, at: int) -> tuple[int, int] | None:
    match = _LENGTH.match(text, at)
    if match is None:
        return None
    if match["half"]:
        return 30, match.end()
    if match["minutes"]:
        return int(match["minutes"]), match.end()
    number = match["hours"].casefold()
    hours = _NUMBERS.get(number) or float(number)
    return round(hours * 60) + (30 if match["and_half"] else 0) + int(match["more"] or 0), match.end()


def scan(text: str, at: int = 0) -> tuple[Written, int] | None:
    """The hours that begin at a place in the text, and where they end; None when no time stands there."""
    plain = text.translate(_SAME_LENGTH)
    opening = _OPENING.match(plain, at)
    begin = opening.end() if opening else at
    first = _point(plain, begin)
    if first is None:
        return None
    start, end_at = first
    arrival = None
    waits = _FOR.match(plain, end_at)
    if waits and (later := _point(plain, waits.end())):
        arrival = text[begin:end_at].strip()
        if start.half and not later[0].half and not later[0].exact:
            later = replace(later[0], half=start.half), later[1]
        start, end_at = later
    between = opening is not None and "between" in opening[0].casefold()
    joined = (_AND if between else _JOIN).match(plain, end_at)
    if joined and (last := _point(plain, joined.end())):
        said_too = _length(plain, last[1]) if _BRACKET.match(plain, last[1]) else None  # "9.30-4.30 (6 hours)", without the breaks
        return Written(start, last[0], None, arrival), said_too[1] if said_too else _closing(plain, last[1])
    if lasting := _length(plain, end_at):
        return Written(start, None, lasting[0], arrival), lasting[1]
    return Written(start, None, None, arrival), end_at


def _closing(text: str, at: int) -> int:
    match = re.compile(r"\s*[)\]]").match(text, at)
    return match.end() if match else at


def read_hours(text: str) -> Written:
    """The hours in a cell that holds nothing else but words. Raises `BadInput` with a sentence for the organiser."""
    found = scan(text)
    if found is None:
        raise BadInput(f"No time could be read in “{text}”. A session needs a start and an end, such as 9.30am to 10.30am.")
    written, at = found
    rest = text[at:]
    if scan(re.sub(r"^\D*", "", rest)) or re.search(r"\d", rest):
        raise BadInput(f"“{text}” holds more than one time. Give each session its own row, with one start and one end.")
    return replace(written, after=rest.strip(" ,;:.-–—()[]|")) if rest else written


def cell_point(cell: object) -> Written | None:
    """The hours in a time cell: a real time, a number as spreadsheets keep them, or words. None for an empty cell."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return Written(Point(cell.hour, cell.minute, exact=True))
    if isinstance(cell, float):
        return Written(_number_point(cell))
    text = words(cell)
    if not text:
        return None
    if re.fullmatch(r"0?\.\d{3,}", text):
        return Written(_number_point(float(text)))
    return read_hours(text)


def _number_point(value: float) -> Point:
    """0.395833 is a part of a day; 9.3 was typed as 9.30; 930 as 0930."""
    if 0 <= value < 1:
        minutes = round(value * DAY) % DAY
        return Point(minutes // 60, minutes % 60, exact=True)
    if value >= 100 and value.is_integer():
        hour, minute = divmod(int(value), 100)
    else:
        hour, minute = int(value), round((value - int(value)) * 100)
    return _checked(hour, minute, None, False, None, f"{value:g}")


def cell_length(cell: object) -> int | None:
    """Minutes in a Duration cell: "1 hour", "1h30", "90 mins", "1:30", 90 (minutes), 1.5 (hours) or a real time. None for an empty cell."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    text = words(cell)
    if isinstance(cell, float) and 0 < cell < 1:  # part of a day, unless it is half or three quarters of an hour
        return round(cell * 60) if cell in (0.25, 0.5, 0.75) else round(cell * DAY)
    if re.fullmatch(r"\d{1,4}(?:\.\d+)?", text):
        return round(float(text) * 60) if float(text) <= 8 else round(float(text))
    if match := re.fullmatch(r"(\d{1,2}):(\d\d)(?::00)?", text):
        return int(match[1]) * 60 + int(match[2])
    if not text:
        return None
    found = _length(text, 0)
    if found is None or re.search(r"\d", text[found[1] :]):
        raise BadInput(f"“{text}” is not a length of time. Write it in hours or minutes, such as 1 hour or 90 minutes.")
    return found[0]


def _is_evident(written: Written) -> bool:
    points = [written.start, *([written.end] if written.end else [])]
    return any(not point.bare for point in points) and (written.end is not None or written.length is not None)


def split_head(text: str) -> tuple[Written, str] | None:
    """Hours at the head of a text ("11.00 to 12.00 How to …"), and the text after them.

    Numbers alone are no hours here ("5-11 year olds"): minutes, am or pm must stand with them, or a colon after them.
    """
    found = scan(text)
    if found is None:
        return None
    written, at = found
    rest = text[at:]
    colon = written.end is not None and rest.lstrip().startswith((":", "|"))
    if not rest or not (_is_evident(written) or colon) or not re.match(r"[\s:,;|–—)\]-]", rest + " "):
        return None
    remainder = rest.lstrip(" :,;|–—-)]\t").rstrip()
    return (written, remainder) if remainder else None


def split_tail(text: str) -> tuple[Written, str] | None:
    """Hours at the end of a text, in brackets or after a comma or dash ("Welcome (9.30am - 10.15am)"), and the text before them."""
    for match in re.finditer(r"\s*(?:[(\[,;|]|\s[-–—]|:)\s*(?=\d|noon|midday)", text):
        found = scan(text, match.end())
        if (
            found
            and found[0].end is not None
            and _is_evident(found[0])
            and not text[found[1] :].strip(" .)]")
            and text[: match.start()].strip()
        ):
            return found[0], text[: match.start()].strip()
    return None
