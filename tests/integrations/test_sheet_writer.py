"""Spreadsheets that are taken away: what looks like a formula is a text, dates are dates, the head stays in sight."""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from domain.ports.files import Page
from integrations.sheet_writer import LONGEST_TEXT, XlsxWriter


def opened(*rows: tuple[object, ...], head: tuple[str, ...] = ("A", "B")) -> Any:
    content = XlsxWriter().write("A title", [Page("Things", head, rows)])
    return openpyxl.load_workbook(BytesIO(content)).active


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("https://evil.example")', "+44 20", "-1", "@sum", "\t=1", "{=1}", "https://a.example", "12"]
)
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    cell = opened((text, None))["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text.strip(), "s", None)
    assert cell.style.startswith("Normal")
    assert bool(cell.quotePrefix) is text.startswith(("=", "+", "-", "@", "\t"))


def test_dates_and_hours_and_numbers_are_what_they_are() -> None:
    day, hour = date(2027, 3, 15), time(9, 30)
    cells = opened((day, hour, datetime.combine(day, hour), 7, 3.5, None, True), head=tuple("ABCDEFG"))[2]
    values = [datetime.combine(day, time()), hour, datetime.combine(day, hour), 7, 3.5, None, "Yes"]
    assert [cell.value for cell in cells] == values
    assert [cell.number_format for cell in cells[:3]] == ["dd/mm/yyyy", "hh:mm", "dd/mm/yyyy hh:mm"]


def test_the_head_stays_in_sight_and_columns_are_as_wide_as_they_need() -> None:
    sheet = opened(("x" * 30, "y" * 500))
    assert (sheet.title, sheet.freeze_panes, sheet["A1"].font.bold) == ("Things", "A2", True)
    assert (round(sheet.column_dimensions["A"].width), round(sheet.column_dimensions["B"].width)) == (33, 61)


def test_what_cannot_be_seen_and_what_is_too_long_for_a_cell_is_left_out() -> None:
    row = opened(("a\x00b\u202ec", "z" * 40_000))[2]
    assert (row[0].value, len(row[1].value)) == ("abc", LONGEST_TEXT)
