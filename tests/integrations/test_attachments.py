"""Files that travel with a letter by e-mail, taken apart again by the standard library."""

from __future__ import annotations

import re
from email.message import EmailMessage, MIMEPart

import pytest

from domain.kinds import Kind
from domain.ports.letters import Attachment, Letter
from integrations.letters import word
from integrations.mime import pack
from tests.mail_building import NOW, SENDER, VOICE, calendars, letter, opened

PDF = Attachment("certificate.pdf", "application/pdf", bytes(range(256)) * 40)
NOTES = Attachment("Zoë's notes, part 2.txt", "text/plain", b"Bring a case.\nThank you.\n.\n")


def sent(one: Letter) -> bytes:
    calendar = None
    if one.calendar and one.session and one.mode:
        calendar = calendars().invitation(one.session, one.calendar, one.recipient, one.mode)
    return pack(one, word(one, VOICE), calendar, SENDER, now=NOW).content


def files(message: EmailMessage) -> list[tuple[str | None, str, object]]:
    return [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in message.iter_attachments()]


def tree(message: MIMEPart) -> object:
    parts = [tree(part) for part in message.iter_parts()]
    return (message.get_content_type(), parts) if parts else message.get_content_type()


def test_a_letter_without_a_calendar_carries_its_files_around_the_two_alternatives() -> None:
    message = opened(sent(letter(Kind.FEEDBACK, attachments=(PDF, NOTES))))
    assert tree(message) == ("multipart/mixed", [("multipart/alternative", ["text/plain", "text/html"]), "application/pdf", "text/plain"])
    assert files(message) == [(one.name, one.media_type, one.content) for one in (PDF, NOTES)]


def test_the_invitation_stays_where_outlook_looks_for_it() -> None:
    bare, message = opened(sent(letter())), opened(sent(letter(attachments=(PDF,))))
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert tree(message) == ("multipart/mixed", [alternative, "application/ics", "application/pdf"])
    first, [ics, pdf] = next(iter(message.iter_parts())), list(message.iter_attachments())
    assert first.as_bytes() == next(iter(bare.iter_parts())).as_bytes()
    assert (ics.get_filename(), pdf.get_filename(), pdf.get_payload(decode=True)) == ("invite.ics", "certificate.pdf", PDF.content)


def test_the_same_letter_with_files_is_the_same_bytes() -> None:
    assert sent(letter(attachments=(PDF, NOTES))) == sent(letter(attachments=(PDF, NOTES)))


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("Reading list.docx", "Reading list.docx"),
        ("Łukasz & Zoë — plan.pdf", "Łukasz & Zoë — plan.pdf"),
        ('a"; filename="evil.exe', 'a"; filename="evil.exe'),
        ("one\r\nBcc: x@evil.example\r\n\r\n.pdf", "one Bcc: x@evil.example .pdf"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("", "file"),
        ("x" * 300, "x" * 100),
    ],
)
def test_no_name_of_a_file_breaks_the_message(name: str, arrives: str) -> None:
    content = sent(letter(Kind.FEEDBACK, attachments=(Attachment(name, "application/pdf", b"%PDF"),)))
    message = opened(content)
    assert files(message) == [(arrives, "application/pdf", b"%PDF")]
    assert message["Bcc"] is None
    assert [part.defects for part in message.walk()] == [[]] * 4 + [[]]
    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "text/calendar; method=CANCEL", "nonsense", "a/b\r\nX: y", ""])
def test_a_type_that_a_mail_program_would_open_up_is_told_as_a_plain_file(kind: str) -> None:
    message = opened(sent(letter(attachments=(Attachment("a.bin", kind, b"From: x\r\n\r\nhello"),))))
    assert files(message)[1] == ("a.bin", "application/octet-stream", b"From: x\r\n\r\nhello")
    assert [part.get_content_type() for part in message.walk()].count("text/calendar") == 1
