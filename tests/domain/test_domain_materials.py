"""Materials: what may be added, who has them, and that those with a place hear of a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import materials
from domain.browsing import session_page
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import Kind
from domain.materials import MOST_BYTES, MaterialChanged, checked_link, clean_name
from domain.models import NoticeState
from domain.ports.letters import Attachment, MaterialFacts
from tests.building import ACTOR, START, Building

LINK = "https://northfield.example/reading"
PDF = b"%PDF-1.7 reading"


def add_link(building: Building, session_id: int, link: str = LINK, label: str = "Reading") -> MaterialChanged:
    return building.write(
        materials.add_link, building.partnership_id, session_id, link, label, building.rules, actor=ACTOR, now=building.now
    )


def add_file(building: Building, session_id: int, name: str = "Plan.pdf", content: bytes = PDF, label: str = "") -> MaterialChanged:
    return building.write(
        materials.add_file, building.partnership_id, session_id, name, content, label, building.rules, actor=ACTOR, now=building.now
    )


def remove(building: Building, session_id: int, number: int) -> MaterialChanged:
    return building.write(materials.remove, building.partnership_id, session_id, number, building.rules, actor=ACTOR, now=building.now)


def test_links_and_files_travel_with_the_invitation(building: Building) -> None:
    session_id = building.session()
    add_link(building, session_id)
    add_file(building, session_id, label="The plan")
    building.book(session_id, building.person(1))
    (letter,) = building.deliver()
    assert letter.kind is Kind.INVITATION
    assert letter.attachments == (Attachment("Plan.pdf", "application/pdf", PDF),)
    assert letter.session is not None
    assert letter.session.materials == (MaterialFacts("Reading", LINK), MaterialFacts("The plan", None, "Plan.pdf"))


def test_a_change_is_told_once_to_those_with_a_place_when_it_has_settled(building: Building) -> None:
    session_id = building.session(places=1)
    building.book(session_id, building.person(1))
    building.book(session_id, building.person(2))  # waits
    building.deliver()
    assert add_file(building, session_id) == MaterialChanged(session_id, "Plan.pdf", 1)
    add_link(building, session_id)
    assert building.deliver() == []
    building.later(minutes=2)
    (letter,) = building.deliver()
    assert (letter.kind, letter.recipient.address, letter.changes) == (Kind.UPDATE, "person1@council.gov.uk", ("materials",))
    assert [file.name for file in letter.attachments] == ["Plan.pdf"]


def test_another_change_does_not_send_the_files_again(building: Building) -> None:
    session_id = building.session()
    add_file(building, session_id)
    building.book(session_id, building.person(1))
    building.deliver()
    building.move(session_id, START + timedelta(hours=1))
    building.later(minutes=2)
    (letter,) = building.deliver()
    assert (letter.changes, letter.attachments) == (("time",), ())


def test_a_mail_carries_seven_million_bytes_and_the_rest_is_only_named(building: Building) -> None:
    session_id = building.session()
    for name in ("a.txt", "b.txt", "c.txt"):
        add_file(building, session_id, name, b"x" * 3_400_000)
    building.book(session_id, building.person(1))
    (letter,) = building.deliver()
    assert [file.name for file in letter.attachments] == ["a.txt", "b.txt"]
    assert letter.session is not None
    assert [one.file_name for one in letter.session.materials] == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize(
    "link",
    [
        "http://northfield.example/",
        "javascript:alert(1)",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://10.0.0.1/",
        "https://intranet/x",
        "https://files.council.local/",
        "https://2130706433/",
        "https://user:secret@northfield.example/",
        "https://northfield.example/a b",
        'https://northfield.example/"x',
        "https://northfield.example:port/",
        "https://",
        "ftp://northfield.example/",
        "https://northfield.example/" + "x" * 1000,
    ],
)
def test_a_link_that_not_everyone_can_open_safely_is_refused(link: str) -> None:
    with pytest.raises(BadInput):
        checked_link(link)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Plan.PDF", ("Plan.pdf", "pdf")),
        ("../../etc/My plan (final).docx", ("My plan (final).docx", "docx")),
        ("C:\\temp\\photo.JPEG", ("photo.jpg", "jpg")),
        ("evil\u202efdp.txt", ("evilfdp.txt", "txt")),
        ("<>|.png", ("file.png", "png")),
        ("x" * 200 + ".odt", ("x" * 87 + ".odt", "odt")),
    ],
)
def test_a_file_s_name_is_made_harmless(typed: str, clean: tuple[str, str]) -> None:
    assert clean_name(typed) == clean


@pytest.mark.parametrize("name", ["run.exe", "page.html", "noending", "macro.docm", ".pdf.exe", "picture.svg"])
def test_other_kinds_of_files_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="That kind of file"):
        clean_name(name)


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"MZ"), ("a.png", PDF), ("a.docx", PDF), ("a.txt", b"\xff\xfe\0"), ("a.txt", b"")])
def test_a_file_that_is_not_what_its_name_says_is_refused(building: Building, name: str, content: bytes) -> None:
    session_id = building.session()
    with pytest.raises(BadInput, match="does not look like"):
        add_file(building, session_id, name, content)


def test_three_files_and_five_links_are_the_most(building: Building) -> None:
    session_id = building.session()
    with pytest.raises(BadInput, match="5 MB"):
        add_file(building, session_id, "a.txt", b"x" * (MOST_BYTES + 1))
    for number in range(3):
        add_file(building, session_id, f"{number}.pdf")
    with pytest.raises(Refusal, match="at most 3 files"):
        add_file(building, session_id, "4.pdf")
    for number in range(5):
        add_link(building, session_id, f"{LINK}/{number}")
    with pytest.raises(Refusal, match="at most 5 links"):
        add_link(building, session_id)
    assert remove(building, session_id, 1) == MaterialChanged(session_id, "0.pdf", 0)
    with pytest.raises(Refusal, match="file of that name"):
        add_file(building, session_id, "1.pdf")
    remove(building, session_id, 4)
    with pytest.raises(Refusal, match="has that link already"):
        add_link(building, session_id, f"{LINK}/1")


def test_what_belongs_to_another_session_or_is_over_is_not_touched(building: Building) -> None:
    session_id, other = building.session(), building.session(title="Other")
    add_link(building, session_id)
    with pytest.raises(NotFound):
        remove(building, other, 1)
    building.call_off(other)
    with pytest.raises(Closed):
        add_link(building, other)


def test_only_who_has_a_place_and_organisers_open_them_and_others_see_names(building: Building) -> None:
    session_id = building.session(places=1)
    add_link(building, session_id)
    add_file(building, session_id)
    for number in (1, 2):
        building.book(session_id, building.person(number))

    def opened(discord_id: int, **other: Any) -> materials.Opened:
        return building.read(materials.open_materials, building.partnership_id, session_id, discord_id, **other)

    assert [file.content for file in opened(1, organiser=False).files] == [PDF]
    assert opened(99, organiser=True) == opened(1, organiser=False)
    for stranger in (2, 99):  # one waits
        with pytest.raises(Refusal, match="people who have a place"):
            opened(stranger, organiser=False)
    assert building.read(session_page, building.partnership_id, session_id, 99).session.materials == ("Reading", "Plan.pdf")
    assert building.notices(NoticeState.QUEUED) != []
