"""Spreadsheets that organisers take away: XLSX, with nothing in it that runs.

A text that begins with `=`, `+`, `-`, `@` or a tab is written as a text and marked as one, so that a spreadsheet program
keeps it a text even when somebody edits the cell. Dates are dates, hours are hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from domain.ports.files import Page
from integrations.plain import tidy

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT: Final = 32_767  # of an XLSX cell
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDEST, _NARROWEST = 60, 9
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\]")


class XlsxWriter:
    """Writes workbooks. Pure computation, about a second for ten thousand rows: call it off the loop."""

    def write(self, title: str, pages: Sequence[Page]) -> bytes:
        """An XLSX file with a sheet for each page: a head that stays in sight, and columns as wide as they need."""
        from xlsxwriter import Workbook  # loaded when a spreadsheet is wanted

        held = BytesIO()
        book = Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
        book.set_properties({"title": tidy(title)[:200]})
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8ECF1", "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "held": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
            "date": book.add_format({"num_format": "dd/mm/yyyy", "valign": "top", "align": "left"}),
            "time": book.add_format({"num_format": "hh:mm", "valign": "top", "align": "left"}),
            "both": book.add_format({"num_format": "dd/mm/yyyy hh:mm", "valign": "top", "align": "left"}),
            "number": book.add_format({"valign": "top"}),
        }
        for page in pages:
            _write_page(book.add_worksheet(_NOT_IN_A_NAME.sub(" ", page.name)[:31]), page, formats)
        book.close()
        return held.getvalue()


def _write_page(sheet: Worksheet, page: Page, formats: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for at, heading in enumerate(page.head):
        sheet.write_string(0, at, heading, formats["head"])
        sheet.set_column(at, at, _width(page, at))
    for number, row in enumerate(page.rows, 1):
        for at, cell in enumerate(row):
            _write_cell(sheet, number, at, cell, formats)
    if page.rows:
        sheet.autofilter(0, 0, len(page.rows), len(page.head) - 1)


def _write_cell(sheet: Worksheet, row: int, at: int, cell: object, formats: dict[str, Any]) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_string(row, at, "Yes" if cell else "No", formats["text"])
        case int() | float():
            sheet.write_number(row, at, cell, formats["number"])
        case datetime():
            sheet.write_datetime(row, at, cell, formats["both"])
        case date():
            sheet.write_datetime(row, at, cell, formats["date"])
        case time():
            sheet.write_datetime(row, at, cell.replace(tzinfo=None), formats["time"])
        case _:
            text = _plain(str(cell))
            sheet.write_string(row, at, text, formats["held" if str(cell).startswith(_RUNS) or text.startswith(_RUNS) else "text"])


def _plain(text: str) -> str:
    """Tabs and line breaks stay as far as they can be seen; what cannot be seen goes."""
    return tidy(text)[:LONGEST_TEXT]


def _width(page: Page, at: int) -> int:
    """As wide as its longest line, within reason."""
    longest = max((len(line) for row in page.rows for line in _shown(row[at]).split("\n")), default=0)
    return min(max(longest + 2, len(page.head[at]) + 4, _NARROWEST), _WIDEST)


def _shown(cell: object) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return "01/01/2027 09:00"
        case date():
            return "01/01/2027"
        case time():
            return "09:00"
        case _:
            return str(cell)
