"""Sign-in sheets, read back as a reader of PDF would: what they say, their pages, their title and language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from domain.ports.drawing import SignInLine, SignInSheet
from integrations.sign_in import PrintedSignInSheets

MADE = datetime(2027, 3, 1, 9, tzinfo=UTC)
SHEET = SignInSheet(
    title="Working with fathers",
    programme="Regional Practice Week",
    partnership="Midlands Teaching Partnership",
    when="Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)",
    venue="Town Hall, room 2",
    people=(SignInLine("Siân Llŷr", "Northfield Council"), SignInLine("Łukasz Żółw", "NHS")),
    waiting=(SignInLine("Wendy Waits", "Midlands University"),),
    made="Monday 1 March 2027, 9am",
    made_at=MADE,
)


def read(sheet: SignInSheet, *, landscape: bool = False) -> PdfReader:
    return PdfReader(BytesIO(PrintedSignInSheets().pdf(sheet, landscape=landscape)))


def words(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def test_a_sheet_says_what_where_and_who_with_a_line_to_sign() -> None:
    pdf = read(SHEET)
    text = words(pdf)
    assert len(pdf.pages) == 1
    for said in (
        "Working with fathers",
        "Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)",
        "Town Hall, room 2",
        "Regional Practice Week",
        "2 people have a place.",
        "Name Organisation Arrived at Signature",
        "1 Siân Llŷr Northfield Council 2 Łukasz Żółw NHS",
        "Page 1 of 1",
    ):
        assert said in text
    assert text.index("Łukasz Żółw") < text.index("Waiting list, in order") < text.index("1 Wendy Waits Midlands University")


def test_a_sheet_says_its_title_and_language() -> None:
    pdf = read(SHEET)
    assert pdf.metadata is not None
    assert (pdf.metadata.title, pdf.metadata.author) == ("Sign-in sheet: Working with fathers", "Midlands Teaching Partnership")
    assert str(pdf.root_object["/Lang"]) == "en-GB"


@pytest.mark.parametrize(("landscape", "size"), [(False, (595, 842)), (True, (842, 595))])
def test_the_pages_are_a4_either_way(landscape: bool, size: tuple[int, int]) -> None:
    box = read(SHEET, landscape=landscape).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_every_page_of_a_long_list_has_the_head_of_the_table_and_nobody_is_lost() -> None:
    people = tuple(SignInLine(f"Person {number:03}", "Council") for number in range(120))
    pdf = read(replace(SHEET, people=people))
    assert len(pdf.pages) > 3
    assert [f"Person {number:03}" in words(pdf) for number in range(120)] == [True] * 120
    assert ["Arrived at" in page.extract_text() for page in pdf.pages] == [True] * len(pdf.pages)


def test_a_private_session_has_no_column_for_organisations_and_asks_for_care() -> None:
    private = replace(SHEET, private=True, people=(SignInLine("Sky", ""),), waiting=())
    text = words(read(private))
    assert "1 Sky" in text
    assert "Organisation" not in text
    assert "This session is private: please do not leave this sheet lying about, and shred it afterwards." in text


def test_hidden_letters_in_a_name_do_not_reach_the_paper() -> None:
    text = words(read(replace(SHEET, people=(SignInLine("Ann\u202eson\x00 Ade\n", "A\u2066B"),))))
    assert "1 Annson Ade AB" in text
