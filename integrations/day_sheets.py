"""Day sheets: a workbook that has a sheet for each day of the week, as one schedule. Every row keeps the sheet and number that it had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from domain.errors import BadInput
from domain.ports.files import Sheet
from domain.schedule.columns import Columns, find_columns, heading_key
from domain.schedule.dates import DateWords, cell_date, looks_like_day
from domain.schedule.wording import blank

Rows = tuple[tuple[object, ...], ...]
_Key = tuple[str, int]  #: a heading, and which of its kind: two columns may have the same


def join_days(name: str, tables: Sequence[tuple[str, Rows]]) -> Sheet | None:
    """The sheets named after days as one sheet, under the headings of them all; None unless the first table is one of at least two."""
    found = [(sheet, rows, columns) for sheet, rows in tables if (columns := find_columns(rows)) is not None]
    days = [one for one in found if _day(one[0]) is not None]
    if len(days) < 2 or _day(found[0][0]) is None:
        return None
    heads = [_keyed(columns.headings) for _, _, columns in days]
    order = list(dict.fromkeys(key for head in heads for key in head))
    said = {key: heading for head in heads for key, heading in head.items()}
    first, rows, columns = days[0]
    lines: list[tuple[tuple[object, ...], str, int]] = [
        (row, first, at) for at, row in enumerate(rows[: columns.row - 1], 1) if sum(not blank(cell) for cell in row) == 1
    ]
    lines.append((tuple(said[key] or None for key in order), first, columns.row))
    for sheet, rows, columns in days:
        lines += _of_day(sheet, rows, columns, order)
    names = ", ".join(f"“{sheet}”" for sheet, _, _ in days)
    left = ", ".join(f"“{sheet}”" for sheet, _ in tables if sheet not in {day for day, _, _ in days})
    warnings = (f"The sheets {names} are read together, each as one day.", *((f"Not read: {left}.",) if left else ()))
    joined = ", ".join(sheet for sheet, _, _ in days)
    return Sheet(f"{name} ({joined})", tuple(row for row, _, _ in lines), warnings, tuple((sheet, at) for _, sheet, at in lines))


def _day(text: object) -> DateWords | None:
    """The day that a sheet's name, or a line above its headings, names; a weekday alone is one too."""
    try:
        seen = cell_date(text)
    except BadInput:
        return None
    return seen[0] if seen else None


def _keyed(headings: Sequence[str]) -> dict[_Key, str]:
    counted: Counter[str] = Counter()
    keyed: dict[_Key, str] = {}
    for heading in headings:
        key = heading_key(heading)
        keyed[key, counted[key]] = heading
        counted[key] += 1
    return keyed


def _of_day(sheet: str, rows: Rows, columns: Columns, order: Sequence[_Key]) -> Iterator[tuple[tuple[object, ...], str, int]]:
    """The rows of one day in the order of the joint headings; above them its date, where its rows have none of their own."""
    own = list(_keyed(columns.headings))
    body = [(at, row) for at, row in enumerate(rows, 1) if at > columns.row]
    if all(blank(columns.cell(row, "date")) for _, row in body):
        yield (_heading(sheet, rows[: columns.row - 1]),), sheet, 1
    for at, row in body:
        cells = dict(zip(own, row, strict=False))
        yield tuple(cells.get(key) for key in order), sheet, at


def _heading(sheet: str, above: Sequence[Sequence[object]]) -> object:
    """The sheet's name; where that is a weekday alone, the date of that weekday above its headings."""
    named = _day(sheet)
    if named is None or named.day is not None:
        return sheet
    for cell in (cell for row in above for cell in row if not blank(cell)):
        seen = _day(cell)
        if seen is not None and seen.day is not None and (seen.weekday == named.weekday or (seen.weekday is None and looks_like_day(cell))):
            return cell
    return sheet
