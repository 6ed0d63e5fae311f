"""Uploaded files: what is read from them, and what is refused."""

from __future__ import annotations

import struct
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import BadInput
from domain.schedule.reading import read_schedule
from domain.schedule.values import FormulaWithoutValue, Problem
from integrations.sheets import CalamineSheetReader

PROGRAMMES = Path(__file__).parents[2] / "rehearsal" / "programmes"
TODAY = date(2026, 11, 21)
READER = CalamineSheetReader()
WEEK = "Date,Time,Title\n15/03/2027,9 – 10am,“Café” – part 1\n"
ROWS = (("Date", "Time", "Title"), ("15/03/2027", "9 – 10am", "“Café” – part 1"))


def workbook(*sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for index, rows in enumerate(sheets):
        sheet = book.active if index == 0 else book.create_sheet()
        assert isinstance(sheet, Worksheet)
        for row in rows:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with parts replaced or added."""
    packed = BytesIO()
    wanted = dict(parts)
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, wanted.pop(name, old.read(name)))
        for name, part in wanted.items():
            new.writestr(name, part)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        READER.read(name, content)
    return str(refused.value)


SIMPLE: list[list[object]] = [["Date", "Time", "Title"], ["15/03/2027", "9-10am", "A"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_a_csv_is_read_in_any_encoding_that_spreadsheets_save(encoding: str) -> None:
    assert READER.read("week.csv", WEEK.encode(encoding)).rows == ROWS


def test_letters_in_an_unknown_encoding_are_a_plain_refusal() -> None:
    assert refusal("week.csv", "Date,Time,Title\n15/03/2027,9-10am,Привет мир".encode("koi8-r")).startswith(
        "The letters in this file could not be read."
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_headings(delimiter: str) -> None:
    assert READER.read("week.csv", WEEK.replace(",", delimiter).encode()).rows == ROWS
    assert READER.read("week.csv", f"sep={delimiter}\r\n{WEEK.replace(',', delimiter)}".encode()).rows == ROWS


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    content = 'Title row,,\n\nDate,Time,Title\n15/03/2027,9-10am,"two\nlines"\n15/03/2027,10am,B\n'
    schedule = read_schedule(READER.read("week.csv", content.encode()), today=TODAY)
    assert [row.row for row in schedule.sessions] == [4]
    assert schedule.errors == (Problem(5, "Time", "There is a start but no end. Write both, such as 9.30am to 10.30am."),)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    content = 'Date,Time,Title\n15/03/2027,9-10am,"=HYPERLINK(""http://x.example"",""Join"")"\n15/03/2027,9-10am,+1\n15/03/2027,9-10am,@x\n15/03/2027,9-10am,\t-y\n'
    schedule = read_schedule(READER.read("week.csv", content.encode()), today=TODAY)
    assert [row.title for row in schedule.sessions] == ['=HYPERLINK("http://x.example","Join")', "+1", "@x", "-y"]


def week_in_excel() -> bytes:
    """A week as a workforce team keeps it: a title over the table, dates merged over their rows, real dates and times, a note beside."""
    book = workbook(
        [
            ["Practice week 2027", None, None, None, None, None],
            [None, None, None, None, None, None],
            ["Date", "Start", "Finish", "Workshop", "Where", "Max numbers"],
            [date(2027, 3, 15), time(9, 30), time(10, 15), "Welcome", "MS Teams", 500],
            [None, time(10, 30), time(12, 0), "Neglect", "Zoom", None],
            [datetime(2027, 6, 15), time(13, 0), time(15, 0), "Panel", "Hybrid - Old Library, Digbeth", 45],  # noqa: DTZ001 - a cell has no zone
            [None, time(16, 0), time(15, 0), "Backwards", "Teams", "max 30"],
        ]
    )
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for cells in ("A1:F1", "A4:A5", "A6:A7"):
        sheet.merge_cells(cells)
    return saved(book)


def test_a_workbook_with_merged_dates_and_real_times_is_read() -> None:
    sheet = READER.read("week.xlsx", week_in_excel())
    assert sheet.name == "week.xlsx (Sheet)"
    schedule = read_schedule(sheet, today=TODAY)
    assert [
        (row.row, f"{row.starts_at:%d %b %H:%M}-{row.ends_at:%H:%M}", row.format, row.title, row.venue, row.places)
        for row in schedule.sessions
    ] == [
        (4, "15 Mar 09:30-10:15", "teams", "Welcome", None, 500),
        (5, "15 Mar 10:30-12:00", "zoom", "Neglect", None, None),
        (6, "15 Jun 12:00-14:00", "hybrid", "Panel", "Old Library, Digbeth", 45),
    ]
    assert schedule.errors == (Problem(7, "Finish", "This ends before it starts. Please check the times."),)
    assert schedule.warnings == ()


def test_a_formula_without_its_result_is_marked_and_one_with_it_is_read() -> None:
    content = saved(
        workbook(
            [
                ["Date", "Time", "Title", "Places"],
                ["15/03/2027", "9-10am", "A", "=20+10"],
                ["15/03/2027", "9-10am", '=HYPERLINK("http://x.example")', 5],
            ]
        )
    )
    rows = READER.read("week.xlsx", content).rows
    assert (rows[1][3], rows[2][2]) == (FormulaWithoutValue(), FormulaWithoutValue())
    schedule = read_schedule(READER.read("week.xlsx", content), today=TODAY)
    assert [(problem.row, problem.column) for problem in schedule.errors] == [(2, "Places"), (3, "Title")]
    part = part_of(content, SHEET).replace(b"<v></v>", b"<v />")  # as openpyxl writes it with one library or the other
    calculated = repacked(content, {SHEET: part.replace(b"<f>20+10</f><v />", b"<f>20+10</f><v>30</v>")})
    assert READER.read("week.xlsx", calculated).rows[1][3] == 30.0
    emptied = repacked(content, {SHEET: part.replace(b'"><f>20+10</f><v />', b'" t="str"><f>20+10</f><v></v>')})
    assert READER.read("week.xlsx", emptied).rows[1][3:] == (None,)
    broken = repacked(content, {SHEET: part.replace(b'"><f>20+10</f><v />', b'" t="e"><f>20+10</f><v>#REF!</v>')})
    assert READER.read("week.xlsx", broken).rows[1][3] == FormulaWithoutValue("#REF!")


def test_the_sheet_with_a_table_is_chosen_and_the_others_named() -> None:
    book = workbook([["How to fill this in"]], [["Old"]], SIMPLE, [["Contacts"]])
    book.worksheets[1].sheet_state = "hidden"
    sheet = READER.read("week.xlsx", saved(book))
    assert (sheet.name, sheet.rows[0], sheet.warnings) == (
        "week.xlsx (Sheet2)",
        ("Date", "Time", "Title"),
        ("Only the sheet “Sheet2” is read. Not read: “Sheet”, “Sheet3”.",),
    )


def test_a_workbook_named_csv_is_read_for_what_it_is() -> None:
    assert READER.read("week.csv", saved(workbook(SIMPLE))).rows[1] == ("15/03/2027", "9-10am", "A")


def test_a_length_of_time_is_a_time() -> None:
    rows = READER.read(
        "week.xlsx", saved(workbook([["Date", "Duration", "Title"], [date(2027, 3, 15), timedelta(hours=1, minutes=30), 2027]]))
    ).rows
    assert rows[1] == (date(2027, 3, 15), time(1, 30), 2027.0)


# ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_over_five_megabytes_is_refused() -> None:
    assert refusal("week.csv", b"x" * 5_000_001) == "This file is too large: the most is 5 MB. Remove pictures, or save it as .csv."


BOMB = "This file unpacks to far more than a schedule needs, so it was not opened. Please save the sheet as .csv and send that."


def test_a_zip_bomb_is_refused_by_what_it_says() -> None:
    assert refusal("week.xlsx", repacked(saved(workbook(SIMPLE)), {"xl/media/image1.png": bytes(70_000_000)})) == BOMB


def test_a_zip_bomb_that_lies_about_its_size_is_refused_and_never_unpacked_whole() -> None:
    content = bytearray(repacked(saved(workbook(SIMPLE)), {"xl/sharedStrings.xml": b" " * 70_000_000}))
    real = struct.pack("<I", 70_000_000)
    assert content.count(real) >= 1
    lying = bytes(content).replace(real, struct.pack("<I", 1000))
    assert refusal("week.xlsx", lying) == "This spreadsheet is damaged and could not be opened. Please save it again and send the new file."


def test_a_cell_at_the_far_end_of_the_sheet_is_refused_before_memory_is_taken() -> None:
    book = workbook(SIMPLE)
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.cell(row=1_048_576, column=16_384, value="far")
    assert refusal("week.xlsx", saved(book)) == (
        "This sheet has a cell far away from its table, in row 1,048,576. Please delete what does not belong to it."
    )


MACROS = "This spreadsheet holds macros, which are not accepted. Please save it as .xlsx, without macros."


def test_macros_are_refused_by_name_by_content_and_by_type() -> None:
    plain = saved(workbook(SIMPLE))
    types = part_of(plain, "[Content_Types].xml")
    enabled = types.replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
    assert refusal("week.xlsm", plain) == MACROS
    assert refusal("week.xlsx", repacked(plain, {"xl/vbaProject.bin": b"x"})) == MACROS
    assert refusal("week.xlsx", repacked(plain, {"[Content_Types].xml": enabled})) == MACROS
    assert refusal("week.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "_VBA_PROJECT".encode("utf-16-le")) == MACROS


def test_a_password_is_said() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert refusal("week.xlsx", ole) == "This spreadsheet is locked with a password. Please save a copy without the password and send that."


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\x89PNG\r\n", b"<html><table></table></html>", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_spreadsheet_is_refused(content: bytes) -> None:
    assert refusal("week.xlsx", content) == "This is not a spreadsheet that can be read. Please save it as .xlsx or .csv and send that."


@pytest.mark.parametrize("content", [bytes(range(32)) * 20, bytes(range(128, 256)) * 20])
def test_a_damaged_workbook_is_called_that_and_not_a_text(content: bytes) -> None:
    said = "This file is damaged, or it is not a spreadsheet. Open it where it was made, save it again as .xlsx, and send that."
    assert refusal("week.xlsx", content) == said
    assert refusal("week.csv", content) != said


def test_a_word_document_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    assert (
        refusal("week.docx", packed.getvalue())
        == "This is not a spreadsheet that can be read. Please save it as .xlsx or .csv and send that."
    )


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal("week.csv", content) == "This file is empty."


def test_an_empty_workbook_is_refused() -> None:
    assert refusal("week.xlsx", saved(openpyxl.Workbook())) == "This spreadsheet is empty."


@pytest.mark.parametrize("cut", [30, 1000, 3000])
def test_a_damaged_workbook_is_refused(cut: int) -> None:
    assert (
        refusal("week.xlsx", saved(workbook(SIMPLE))[:cut])
        == "This spreadsheet is damaged and could not be opened. Please save it again and send the new file."
    )


def test_a_part_that_names_entities_is_refused() -> None:
    plain = saved(workbook(SIMPLE))
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]>' + part_of(plain, SHEET)
    assert (
        refusal("week.xlsx", repacked(plain, {SHEET: laughs}))
        == "This spreadsheet is damaged and could not be opened. Please save it again and send the new file."
    )


def test_a_quotation_mark_that_is_never_closed_is_said() -> None:
    assert refusal("week.csv", b'Date,Time,Title\n15/03/2027,9-10am,"A\n15/03/2027,9-10am,B\n').startswith(
        "A quotation mark in this file is opened but never closed."
    )


def test_ten_thousand_rows_are_read_and_one_more_is_refused() -> None:
    line = "15/03/2027,9-10am,Session {}\n"
    full = "Date,Time,Title\n" + "".join(line.format(number) for number in range(10_000))
    schedule = read_schedule(READER.read("week.csv", full.encode()), today=TODAY)
    assert (len(schedule.sessions), schedule.errors) == (10_000, ())
    assert refusal("week.csv", (full + line.format("more")).encode()) == (
        "This file has 10,002 rows. The most is 10,000 besides the headings. Please split it."
    )


@pytest.mark.parametrize("name", [path.name for path in sorted(PROGRAMMES.glob("*.csv"))])
def test_a_published_programme_is_the_same_in_a_workbook(name: str) -> None:
    plain = READER.read(name, (PROGRAMMES / name).read_bytes())
    packed = READER.read(name + ".xlsx", saved(workbook([list(row) for row in plain.rows])))
    assert read_schedule(packed, today=TODAY) == read_schedule(plain, today=TODAY)
