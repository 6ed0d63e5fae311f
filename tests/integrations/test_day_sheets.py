"""A workbook with a sheet for each day is one schedule, and every message names the sheet and its own row."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from openpyxl import Workbook

from domain.ports.files import Sheet
from domain.schedule.reading import read_schedule
from domain.schedule.telling import problem_words
from integrations.sheets import CalamineSheetReader

TODAY = date(2027, 3, 1)
HEAD: list[object] = ["Time", "Title", "Places"]


def read(**sheets: list[list[object]]) -> Sheet:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        made = book.create_sheet(name.replace("_", " "))
        for row in rows:
            made.append(row)
    content = BytesIO()
    book.save(content)
    return CalamineSheetReader().read("week.xlsx", content.getvalue())


def when(sheet: Sheet) -> list[tuple[str, str, int | None]]:
    return [(row.title, f"{row.starts_at:%d/%m %H}", row.places) for row in read_schedule(sheet, today=TODAY).sessions]


def test_every_day_is_read_from_the_names_of_the_sheets_and_the_week_above_the_first() -> None:
    sheet = read(
        Mon=[["Practice week, week commencing 15 March 2027"], [], HEAD, ["9-10am", "Welcome", 5], ["11am-12pm", "Law", 6]],
        Tue=[HEAD, ["9-10am", "Kinship", 7]],
        Contacts=[["Who", "Telephone"], ["Ann", "01234"]],
    )
    assert when(sheet) == [("Welcome", "15/03 09", 5), ("Law", "15/03 11", 6), ("Kinship", "16/03 09", 7)]
    assert sheet.warnings == ("The sheets “Mon”, “Tue” are read together, each as one day.", "Not read: “Contacts”.")
    assert sheet.name == "week.xlsx (Mon, Tue)"


def test_a_date_as_the_name_or_above_the_headings_is_the_day() -> None:
    named = read(**{"15_March_2027": [HEAD, ["9-10am", "Welcome", 5]], "16_March_2027": [HEAD, ["9-10am", "Law", 6]]})
    assert when(named) == [("Welcome", "15/03 09", 5), ("Law", "16/03 09", 6)]
    above = read(Monday=[["Monday 15 March 2027"], HEAD, ["9-10am", "Welcome", 5]], Tuesday=[["16/03/2027"], HEAD, ["9-10am", "Law", 6]])
    assert when(above) == [("Welcome", "15/03 09", 5), ("Law", "16/03 09", 6)]


def test_rows_with_dates_of_their_own_keep_them_and_columns_may_stand_in_another_order() -> None:
    sheet = read(
        Mon=[["Date", *HEAD], ["15/03/2027", "9-10am", "Welcome", 5]],
        Tue=[["Title", "Date", "Notes", "Time"], ["Law", "16/03/2027", "Bring a pen", "2-3pm"]],
    )
    assert when(sheet) == [("Welcome", "15/03 09", 5), ("Law", "16/03 14", None)]
    assert [row.notes for row in read_schedule(sheet, today=TODAY).sessions] == [None, "Bring a pen"]


def test_a_message_names_the_sheet_and_the_number_that_the_row_has_there() -> None:
    week: list[object] = ["Week commencing 15 March 2027"]
    sheet = read(Mon=[week, HEAD, ["9-10am", "Welcome", 5]], Tue=[HEAD, ["9-10am", "Law", 6], ["late", "Kinship", 7]])
    found = read_schedule(sheet, today=TODAY)
    assert [problem_words(one) for one in found.errors] == [
        "Row 3 of the sheet “Tue” (Time): No time could be read in “late”. A session needs a start and an end, such as 9.30am to 10.30am."
    ]
    assert [str(row.row) for row in found.sessions] == ["3 of the sheet “Mon”", "2 of the sheet “Tue”"]
    rows = [row.row for row in found.sessions]
    assert rows == sorted(set(rows))  # one order, no number twice, whatever sheet


def test_where_the_first_table_is_no_day_it_alone_is_read() -> None:
    every = [["Date", *HEAD], ["15/03/2027", "9-10am", "Welcome", 5]]
    sheet = read(All=every, Mon=[HEAD, ["9-10am", "Welcome", 5]], Tue=[HEAD])
    assert (sheet.name, sheet.warnings, sheet.places) == (
        "week.xlsx (All)",
        ("Only the sheet “All” is read. Not read: “Mon”, “Tue”.",),
        (),
    )
