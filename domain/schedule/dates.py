"""Dates as British people write them: "Mon 15th March", "3/4/27" (3 April), "21.6.27", a spreadsheet's day number.

Reading has two steps. `find_date` sees what is written, which may lack a year; `Hints.settle` makes it a date with
what the rest of the file says (a year in its title, "week commencing 15 March 2027"), and refuses what contradicts itself.
"""

from __future__ import annotations

import re
from calendar import day_name, monthrange
from calendar import month_name as _month_names
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Final

from domain.errors import BadInput
from domain.schedule.wording import words

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)(?![a-z])\.?"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY: Final = r"\b(?P<weekday>mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b\.?"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH: Final = r"(?:\s?(?:st|nd|rd|th)\b)?"
_YEAR: Final = r"(?P<year>\d{4}|['’]\d{2}|(?:2[5-9]|[3-9]\d)(?![\d:.]\d))(?!\d)"
#: the days that a spreadsheet's serial number may mean: 2009 to 2064
_SERIALS: Final = range(40000, 60001)
_SERIAL_START: Final = date(1899, 12, 30)

_WRITTEN: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d.:/-])(?P<year>\d{4})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<day>\d{1,2})(?!\d)",
        r"(?<![\d.:/-])(?P<day>\d{1,2})\s?(?P<s>[-/.])\s?(?P<month>\d{1,2})\s?(?P=s)\s?(?P<year>\d{4}|\d{2})(?![\d/])(?!(?P=s)\d)",
        rf"(?<![\d.:/])(?P<day>\d{{1,2}}){_NTH}\s*(?:of\s+)?[-/.]?\s*(?P<name>{_MONTH})(?:[-/,.\s]*{_YEAR})?",
        rf"\b(?P<name>{_MONTH})\s+(?:the\s+)?(?P<day>\d{{1,2}})(?![\d:.]){_NTH}(?:,?\s+(?P<year>\d{{4}}))?",
        r"(?<![\d.:/-])(?P<day>\d{1,2})/(?P<month>\d{1,2})(?![\d/])",
    )
)
_WEEKDAY_ALONE: Final = re.compile(_WEEKDAY, re.IGNORECASE)
_DAY_AFTER_WEEKDAY: Final = re.compile(_WEEKDAY + r",?\s+(?:the\s+)?(?P<day>\d{1,2})\s?(?:st|nd|rd|th)\b", re.IGNORECASE)
#: no number of a day or week stands here, as in "Day 1 - Monday 15 March"
_COUNTED: Final = r"(?<!\bday )(?<!\bweek )(?<!\bsession )(?<!\bworkshop )(?<!\bpart )"
_SEVERAL: Final = re.compile(
    rf"{_COUNTED}\b\d{{1,2}}{_NTH}\s*(?:-|–|—|to|and|&|/)\s*(?:{_WEEKDAY}\s*)?\d{{1,2}}{_NTH}\s*(?:of\s+)?{_MONTH}", re.IGNORECASE
)
_RANGE_START: Final = re.compile(
    rf"{_COUNTED}\b(?P<day>\d{{1,2}}){_NTH}\s*(?:-|–|—|to)\s*(?:{_WEEKDAY}\s*)?\d{{1,2}}{_NTH}\s*(?:of\s+)?(?P<name>{_MONTH})(?:[-/,.\s]*{_YEAR})?",
    re.IGNORECASE,
)
_DAY_AND_WORD: Final = re.compile(rf"\b(?P<day>\d{{1,2}}){_NTH}\s*(?:of\s+)?[-/.]?\s*(?P<word>[a-z]{{4,}})", re.IGNORECASE)
_ANY_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?:\s?[/-]\s?(?:20)?(\d\d)(?![\d/-]))?(?!\d)")


@dataclass(frozen=True)
class DateWords:
    """A date as written: any part may be missing. `weekday` counts from Monday, 0."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None

    def exact(self) -> date | None:
        """The date, where day, month and year are written and there is such a day."""
        try:
            return date(self.year or 0, self.month or 0, self.day or 0)
        except ValueError:
            return None


def _number(text: str | None) -> int | None:
    return int(text.strip("'’")) if text else None


def _weekday(text: str) -> int:
    return _DAYS.index(text[:3].casefold())


def _values(match: re.Match[str]) -> DateWords:
    parts = match.groupdict()
    name = parts.get("name")
    month = _MONTHS.index(name[:3].casefold()) + 1 if name else _number(parts.get("month"))
    year = _number(parts.get("year"))
    if year is not None and len((parts["year"] or "").strip("'’")) == 2:
        year += 2000
    return DateWords(_number(parts["day"]), month, year, None)


def find_date(text: str) -> tuple[DateWords, str] | None:
    """The first date written in the text, with the text around it; None where there is none.

    A weekday counts as part of the date wherever it stands, and a weekday alone is a date too.
    """
    if (serial := re.fullmatch(r"\d{5}", text)) and int(text) in _SERIALS:
        return _parts(_SERIAL_START + timedelta(days=int(serial[0]))), ""
    if (basic := re.fullmatch(r"(20\d\d)(\d\d)(\d\d)", text)) is not None:
        return DateWords(int(basic[3]), int(basic[2]), int(basic[1])), ""
    if _SEVERAL.search(text):
        raise BadInput(f"“{text}” is more than one day. Give each session its own row and its own date.")
    found = next((match for pattern in _WRITTEN if (match := pattern.search(text))), None)
    if found is None:
        _refuse_misspelt_month(text)
        return _weekday_words(text)
    rest = text[: found.start()] + " " + text[found.end() :].lstrip(" -–—")
    if any(pattern.search(rest) for pattern in _WRITTEN[:4]):
        raise BadInput(f"“{text}” holds two dates. Give each session its own row and its own date.")
    weekday = _WEEKDAY_ALONE.search(rest)
    if weekday:
        rest = rest[: weekday.start()] + " " + rest[weekday.end() :]
    seen = _values(found)
    return DateWords(seen.day, seen.month, seen.year, _weekday(weekday["weekday"]) if weekday else None), _tidy(rest)


def _refuse_misspelt_month(text: str) -> None:
    """Say which month a word such as "Marhc" is likely to be, rather than read on without it."""
    for match in _DAY_AND_WORD.finditer(text):
        if near := get_close_matches(match["word"].casefold(), [name.casefold() for name in _month_names if name], 1, 0.75):
            raise BadInput(f"“{match['word']}” is not the name of a month. If {near[0].title()} is meant, please correct it.")


def _weekday_words(text: str) -> tuple[DateWords, str] | None:
    match = _DAY_AFTER_WEEKDAY.search(text) or _WEEKDAY_ALONE.search(text)
    if match is None:
        return None
    day = match.groupdict().get("day")
    rest = text[: match.start()] + " " + text[match.end() :]
    return DateWords(day=_number(day), weekday=_weekday(match["weekday"])), _tidy(rest)


def _tidy(rest: str) -> str:
    return re.sub(r"\(\s*\)", " ", rest).strip(" ,;:-–—|@\t")


def _parts(day: date) -> DateWords:
    return DateWords(day.day, day.month, day.year)


def cell_date(cell: object) -> tuple[DateWords, str] | None:
    """The date that a cell holds, with the words beside it. None for a cell without a date."""
    if isinstance(cell, date):  # a datetime is one too; its hours are read from the cell itself
        return _parts(cell), ""
    if isinstance(cell, float) and int(cell) in _SERIALS:
        return _parts(_SERIAL_START + timedelta(days=int(cell))), ""
    return find_date(words(cell))


def cell_clock(cell: object) -> object:
    """The hours that a date cell carries beside its date: a time, or None."""
    if isinstance(cell, datetime):
        return cell.time() if (cell.hour, cell.minute) != (0, 0) else None
    if isinstance(cell, float) and int(cell) in _SERIALS:
        return cell % 1 or None
    return None


def looks_like_day(cell: object) -> bool:
    """Whether a cell is nothing but a day: a date, or a weekday."""
    try:
        found = None if isinstance(cell, float) else cell_date(cell)
    except BadInput:
        return False
    return found is not None and not found[1]


@dataclass(frozen=True)
class Hints:
    """What a file says about its dates as a whole: the years it names, and the day from which its week counts."""

    today: date
    years: frozenset[int] = frozenset()
    months: frozenset[tuple[int, int]] = frozenset()  #: year and month, where just one is named
    weeks: frozenset[date] = field(default=frozenset())  #: first days of the weeks that the file names
    guessed: int | None = None  #: the year, where the file names none and its weekdays tell it

    def first_of_week(self, text: str) -> date | None:
        """The day from which a week counts that is named in the text; None where none is."""
        return next(iter(_week_starts(text, set(self.years))), None)

    def settle(self, seen: DateWords) -> date:
        """The date that is meant. Raises `BadInput` where there is no such day, or more than one could be meant."""
        if seen.day is None:
            return self._day_of_week(seen.weekday or 0)
        if seen.month is None:
            if len(self.months) != 1:
                raise BadInput(f"“{seen.day}” has no month. Write it in full, such as 15 March 2027.")
            ((year, month),) = self.months
            return _real(DateWords(seen.day, month, year, seen.weekday))
        return _real(seen if seen.year is not None else self._with_year(seen))

    def _day_of_week(self, weekday: int) -> date:
        if len(self.weeks) != 1:
            raise BadInput(f"“{day_name[weekday]}” has no date. Write the date too, such as {day_name[weekday]} {15 + weekday} March 2027.")
        (first,) = self.weeks
        return first + timedelta(days=(weekday - first.weekday()) % 7)

    def _with_year(self, seen: DateWords) -> DateWords:
        years = sorted(self.years)
        options = [DateWords(seen.day, seen.month, year, seen.weekday) for year in years]
        if len(options) > 1:
            possible = [
                option for option in options if (day := option.exact()) and seen.weekday is not None and day.weekday() == seen.weekday
            ]
            options = possible
        if len(options) != 1:
            raise BadInput(f"“{_without_year(seen)}” has no year. Write it in full, such as 15 March 2027.")
        return options[0]


def _without_year(seen: DateWords) -> str:
    """`15 March`; of a month that there is not `15/13`."""
    month = seen.month or 0
    return f"{seen.day} {_month_names[month]}" if 1 <= month <= 12 else f"{seen.day}/{month}"


def _real(seen: DateWords) -> date:
    """The date, if there is such a day and it falls on the weekday that is written with it."""
    day, month, year = seen.day or 0, seen.month or 0, seen.year or 0
    if not 2000 <= year <= 2100:
        raise BadInput(f"The year {year} cannot be right. Write the date in full, such as 15 March 2027.")
    if not 1 <= month <= 12:
        raise BadInput(f"There is no month {month}. Write the day first and then the month, such as 15/03/2027.")
    longest = monthrange(year, month)[1]
    if not 1 <= day <= longest:
        raise BadInput(f"There is no {day} {_month_names[month]} {year}: that month has {longest} days.")
    real = date(year, month, day)
    if seen.weekday is not None and real.weekday() != seen.weekday:
        raise BadInput(
            f"{day} {_month_names[month]} {year} is a {day_name[real.weekday()]}, not a {day_name[seen.weekday]}."
            " Please check the day and the date."
        )
    return real


def gather_hints(titles: list[str], cells: list[object], today: date, *, name: str = "") -> Hints:
    """What the words above the table and its own full dates say about year, month and week.

    The file's name serves last: it may hold the day on which it was saved.
    """
    seen = [found for cell in cells if (found := _maybe_date(cell))]
    exact = [day for found in seen if (day := found.exact())]
    years = {day.year for day in exact} or {year for text in titles for year in _years_named(text)}
    guessed = None if years else _year_of_weekdays(seen, today)
    years = {guessed} if guessed else years or {year for year in _years_named(name) if year >= today.year}
    weeks = {start for text in titles for start in _week_starts(text, years)}
    months = {(day.year, day.month) for day in exact} or {(day.year, day.month) for day in weeks} or _months_named(titles)
    return Hints(today, frozenset(years), frozenset(months), frozenset(weeks), guessed)


def _years_named(text: str) -> set[int]:
    """The years in a title; "2026/27" names two."""
    found = _ANY_YEAR.finditer(text)
    return {year for match in found for year in (int(match[1]), 2000 + int(match[2]) if match[2] else int(match[1]))}


def _maybe_date(cell: object) -> DateWords | None:
    try:
        found = cell_date(cell)
    except BadInput:
        return None
    return found[0] if found else None


def _year_of_weekdays(seen: list[DateWords], today: date) -> int | None:
    """This year or the next: the one in which more of the weekdays fit their dates. None where they do not tell."""

    def fitting(year: int) -> int:
        days = [(one.weekday, replace(one, year=year).exact()) for one in seen if one.weekday is not None and one.year is None]
        return sum(day is not None and day >= today and day.weekday() == weekday for weekday, day in days)

    this, following = fitting(today.year), fitting(today.year + 1)
    return None if this == following else today.year if this > following else today.year + 1


def _week_starts(text: str, years: set[int]) -> list[date]:
    match = _RANGE_START.search(text) or next((match for pattern in _WRITTEN[:4] if (match := pattern.search(text))), None)
    if match is None:
        return []
    seen = _values(match)
    options = [seen.year] if seen.year else sorted(years)
    days = [DateWords(seen.day, seen.month, year).exact() for year in options]
    return [day for day in days if day] if len(days) == 1 else []


def _months_named(titles: list[str]) -> set[tuple[int, int]]:
    found = [re.search(rf"\b({_MONTH})\s+(20\d\d)\b", text, re.IGNORECASE) for text in titles]
    return {(int(match[2]), _MONTHS.index(match[1][:3].casefold()) + 1) for match in found if match}
