"""Spreadsheets that organisers upload: CSV, XLSX and XLS as rows of cells. Plain values out, or one plain sentence why not.

What a file is, is decided by what is in it, not by its name. Nothing in it is run: formulas give the result that was
saved with them, and text that looks like a formula stays text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from io import BytesIO, StringIO
from math import isfinite
from typing import TYPE_CHECKING, Final

from domain.errors import BadInput
from domain.ports.files import Sheet
from domain.schedule.columns import fields_of, find_columns
from integrations.day_sheets import join_days
from integrations.workbooks import CheckedWorkbook, check_workbook

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MOST_BYTES: Final = 5_000_000
#: rows that hold something, with the headings
MOST_ROWS: Final = 10_001
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 4_000_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_SHEETS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"PK\x05\x06", b"PK\x07\x08")
_WRONG_KIND: Final = "This is not a spreadsheet that can be read. Please save it as .xlsx or .csv and send that."
_DAMAGED: Final = "This spreadsheet is damaged and could not be opened. Please save it again and send the new file."
_NO_WORKBOOK: Final = "This file is damaged, or it is not a spreadsheet. Open it where it was made, save it again as .xlsx, and send that."
_LOCKED: Final = "This spreadsheet is locked with a password. Please save a copy without the password and send that."
_MACROS: Final = "This spreadsheet holds macros, which are not accepted. Please save it as .xlsx, without macros."
#: letters that British text in each old encoding holds; in the wrong one the same bytes are other letters
_EXPECTED: Final = frozenset("–—‘’“”…£€•·°½¼¾®©™éèêëáàâäãåçíìîïñóòôöõúùûüÉÈÁÀÖÜŵŷ§×ßø\u00a0")


class CalamineSheetReader:
    """Reads uploaded schedules. Pure computation, up to a second or two for the largest file: call it off the loop."""

    def read(self, name: str, content: bytes) -> Sheet:
        """The first sheet with a table in it, or the sheets of all days as one. Raises `BadInput` for a file that cannot be used."""
        if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise BadInput("This file is empty.")
        if len(content) > MOST_BYTES:
            raise BadInput(f"This file is too large: the most is {MOST_BYTES // 1_000_000} MB. Remove pictures, or save it as .csv.")
        if name.casefold().endswith((".xlsm", ".xltm", ".xlam")):
            raise BadInput(_MACROS)
        if content.startswith(_ZIP):
            return _of_workbook(name, check_workbook(content))
        if content.startswith(_OLE):
            return _of_workbook(name, _old_workbook(content))
        if content.startswith(_NOT_SHEETS):
            raise BadInput(_WRONG_KIND)
        return _of_text(name, content)


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────────────────


def _old_workbook(content: bytes) -> CheckedWorkbook:
    """An XLS of before 2007, or an encrypted newer one, which is packed the same way."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise BadInput(_LOCKED)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise BadInput(_MACROS)
    return CheckedWorkbook(content, {})


def _of_workbook(name: str, checked: CheckedWorkbook) -> Sheet:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum  # when a file comes

    try:
        workbook = CalamineWorkbook.from_object(BytesIO(checked.content))
        seen = [meta.name for meta in workbook.sheets_metadata if meta.visible == SheetVisibleEnum.Visible]
        candidates = seen or workbook.sheet_names
        found = [(sheet, rows) for sheet in candidates if (rows := _rows(workbook.get_sheet_by_name(sheet), checked.markers(sheet)))]
    except PasswordError as fault:
        raise BadInput(_LOCKED) from fault
    except CalamineError as fault:
        raise BadInput(_DAMAGED) from fault
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # the reader's own crash on a damaged file, which is not an Exception
            raise
        raise BadInput(_DAMAGED) from fault
    if not found:
        raise BadInput("This spreadsheet is empty.")
    if (days := join_days(name, found)) is not None:
        return replace(days, rows=_capped(days.rows))
    chosen, rows = next(((sheet, rows) for sheet, rows in found if find_columns(rows)), found[0])
    others = ", ".join(f"“{sheet}”" for sheet, _ in found if sheet != chosen)
    warnings = (f"Only the sheet “{chosen}” is read. Not read: {others}.",) if others else ()
    return Sheet(f"{name} ({chosen})", rows, warnings)


def _rows(sheet: CalamineSheet, markers: dict[tuple[int, int], object]) -> tuple[tuple[object, ...], ...]:
    """The sheet from its first row and column, merged columns filled down, cells that lack their result marked."""
    height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    if width > MOST_COLUMNS or height * width > MOST_CELLS:
        raise BadInput(f"This sheet is too large: the most is {MOST_ROWS - 1:,} rows and {MOST_COLUMNS} columns.")
    rows: list[list[object]] = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (at, column), marker in markers.items():
        rows += [[] for _ in range(at + 1 - len(rows))]
        rows[at] += [None] * (column + 1 - len(rows[at]))
        rows[at][column] = marker
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                if left < len(row):
                    row[left] = rows[top][left]
    return _capped(rows)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, timedelta):
        seconds = round(value / timedelta(seconds=1))
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60) if 0 <= seconds < 86_400 else value / timedelta(days=1)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, bool | date | time):
        return value
    return float(value) if isinstance(value, int) else None


def _capped(rows: Iterable[Sequence[object]]) -> tuple[tuple[object, ...], ...]:
    """The rows without the empty ones at the end, if they are not too many."""
    kept = [tuple(row) for row in rows]
    while kept and all(cell is None for cell in kept[-1]):
        kept.pop()
    filled = sum(any(cell is not None for cell in row) for row in kept)
    if filled > MOST_ROWS:
        raise BadInput(f"This file has {filled:,} rows. The most is {MOST_ROWS - 1:,} besides the headings. Please split it.")
    return tuple(kept)


# ── comma-separated values ──────────────────────────────────────────────────────────────────────────────────


def _of_text(name: str, content: bytes) -> Sheet:
    a_workbook = name.casefold().endswith((".xlsx", ".xls"))  # by its name, and not by what is in it
    try:
        text = _decoded(content)
    except BadInput as fault:
        raise BadInput(_NO_WORKBOOK if a_workbook else str(fault)) from fault
    unprintable = sum(ord(letter) < 32 and letter not in "\t\r\n\v\f" for letter in text)
    if unprintable > 3 and a_workbook:
        raise BadInput(_NO_WORKBOOK)
    if unprintable > 3 or text.lstrip()[:200].casefold().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise BadInput(_WRONG_KIND)
    first, _, rest = text.partition("\n")
    delimiter = None
    marked = first.rstrip("\r")
    if marked.casefold().startswith("sep=") and len(marked) == 5:  # a line for Excel, which does not show it
        delimiter, text = marked[4], rest
    rows = _capped([cell if cell.strip() else None for cell in row] for row in _records(text, delimiter or _delimiter(text)))
    if not any(rows):
        raise BadInput("This file is empty.")
    if max(len(row) for row in rows) > MOST_COLUMNS:
        raise BadInput(f"This sheet is too wide: the most is {MOST_COLUMNS} columns.")
    return Sheet(name, rows)


def _decoded(content: bytes) -> str:
    """The text, in whichever of the encodings that spreadsheets save. The old ones are told apart by which gives British letters."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strictly(content, encoding)
    half = content[:2000]
    if len(content) % 2 == 0 and half.count(0) > len(half) // 4:
        return _strictly(content, "utf-16-le" if half[1::2].count(0) > half[::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        guesses = [text for encoding in ("cp1252", "mac_roman", "cp850") if (text := _maybe(content, encoding)) is not None]
    best = max(guesses, key=_expected)  # of equals the first
    if _expected(best) < 0.8:
        raise BadInput("The letters in this file could not be read. Please save it as .xlsx, or as “CSV UTF-8”, and send that.")
    return best


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        raise BadInput(_DAMAGED) from fault


def _maybe(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _expected(text: str) -> float:
    """The share of a text's special letters that British text would hold."""
    special = [letter for letter in text if ord(letter) > 126]
    return sum(letter in _EXPECTED for letter in special) / len(special) if special else 1.0


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        if "unexpected end" in str(fault):
            raise BadInput("A quotation mark in this file is opened but never closed. Please save the file again from Excel.") from fault
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as fault:
        raise BadInput("This file has a cell that is too long to read. Please check the quotation marks, or save it as .xlsx.") from fault


def _delimiter(text: str) -> str:
    """The delimiter that gives the most headings; a comma where none does."""
    opening = "\n".join(text.splitlines()[:40])

    def headings(delimiter: str) -> int:
        rows = csv.reader(StringIO(opening, newline=""), delimiter=delimiter)
        return max((sum(bool(fields_of(cell)) for cell in row) for row in rows), default=0)

    return max((",", ";", "\t", "|"), key=headings)
