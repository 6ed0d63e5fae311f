"""Certificates, read back by another library."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from domain.records import AttendanceFacts, Attended, CompletionFacts
from integrations.certificates import CertificateFiles

DAYS = (datetime(2027, 9, 22, 9, tzinfo=UTC), datetime(2027, 10, 20, 9, tzinfo=UTC), datetime(2028, 1, 19, 10, tzinfo=UTC))
TITLES = ("The role and what to expect", "Developing, planning and delivering a teaching session", "Anti-oppressive practice")


def attended(number: int, title: str, day: datetime, hours: int = 6, organisation: str | None = None) -> Attended:
    return Attended(number, 1, title, organisation, day, day + timedelta(hours=hours), "Europe/London", number)


SESSIONS = tuple(attended(number, title, day) for number, (title, day) in enumerate(zip(TITLES, DAYS, strict=True), start=1))


def completion(person: str = "Zoë Łukasz", course: str = "Practitioner teacher programme") -> PdfReader:
    facts = CompletionFacts("Kent and Medway Teaching Partnership", person, course, SESSIONS, date(2028, 1, 19), "K7Q2M-9XWTB")
    return PdfReader(io.BytesIO(CertificateFiles().completion(facts)), strict=True)


def lines(pdf: PdfReader) -> list[str]:
    return [" ".join(line.split()) for page in pdf.pages for line in page.extract_text().splitlines() if line.strip()]


def test_a_certificate_of_completion_says_who_did_what_and_when() -> None:
    assert sorted(lines(completion())) == sorted(
        [
            "Kent and Medway Teaching Partnership",
            "Certificate of completion",
            "This is to say that",
            "Zoë Łukasz",
            "has completed",
            "Practitioner teacher programme",
            "18 hours of learning, completed on Wednesday 19 January 2028",
            "What was attended",
            "Wednesday 22 September 2027 The role and what to expect 6 hours",
            "Wednesday 20 October 2027 Developing, planning and delivering a teaching session 6 hours",
            "Wednesday 19 January 2028 Anti-oppressive practice 6 hours",
            "Certificate number K7Q2M-9XWTB",
        ]
    )


def test_it_is_one_a4_sheet_that_tells_its_title_and_its_language() -> None:
    pdf = completion()
    [sheet] = pdf.pages
    assert (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) == (842, 595)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Certificate of completion: Practitioner teacher programme"
    root: Any = pdf.root_object
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"].value) == ("en-GB", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_headings_and_lines_are_marked_in_the_order_in_which_they_are_read() -> None:
    pdf = completion()
    root: Any = pdf.root_object
    document = root["/StructTreeRoot"]["/K"][0].get_object()
    kinds = [one.get_object()["/S"] for one in document["/K"]]
    assert kinds == ["/P", "/H1", "/P", "/P", "/P", "/P", "/P", "/H2", "/P", "/P", "/P", "/P"]
    content = pdf.pages[0].get_contents()
    assert content is not None
    shown = content.get_data()
    assert shown.count(b"/H1 <</MCID") == 1
    assert shown.count(b"BDC") + shown.count(b"BMC") == shown.count(b"EMC")


@pytest.mark.parametrize(
    "name", ["Zoë Łukasz", "Siân Ó Súilleabháin", "Dvořák Ștefania", "Γιώργος Ωμέγα", "Ольга Ж", "A" * 100, "Ann (X) \\ Y"]
)
def test_a_name_stands_as_it_is_written(name: str) -> None:
    assert name.replace(" ", "") in "".join(lines(completion(name))).replace(" ", "")


@pytest.mark.parametrize("name", ["山田 太郎", "Ann\x00 Other", "Ann 😀", "x\ny", "\u202eevil", "**bold**"])
def test_no_name_stops_a_certificate(name: str) -> None:
    assert "Certificate number K7Q2M-9XWTB" in lines(completion(name))


def test_a_certificate_of_attendance_lists_every_session_on_as_many_sheets_as_it_takes() -> None:
    many = tuple(attended(n, f"Session {n}", DAYS[0] + timedelta(days=n), hours=1, organisation="Coventry") for n in range(1, 61))
    facts = AttendanceFacts("Midlands Teaching Partnership", "Ann Other", "Regional Practice Week 2027", many, date(2028, 1, 19))
    pdf = PdfReader(io.BytesIO(CertificateFiles().attendance(facts)), strict=True)
    said = lines(pdf)
    assert [line for n in range(1, 61) for line in said if f" Session {n} (Coventry) 1 hour" in line] == [
        line for line in said if "(Coventry)" in line
    ]
    assert sum("(Coventry)" in line for line in said) == 60
    assert {"Certificate of attendance", "took part in", "60 sessions attended: 60 hours of learning"} <= set(said)
    assert len(pdf.pages) == said.count("Made on Wednesday 19 January 2028") == 4
