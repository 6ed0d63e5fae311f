"""The mail server of a trial prints letters as they are read: no link is cut."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from aiosmtpd.handlers import Message as MessageHandler

from rehearsal.printed_mail import PrintedMail, words_of

LINK = f"http://127.0.0.1:8080/prove/{'m5No0ZX0' * 10}"


def letter() -> EmailMessage:
    made = EmailMessage()
    made["To"], made["Subject"] = "jo@council.example.org", "Your place: Café"
    made.set_content(f"Open the page – and press the button: {LINK}\n", cte="quoted-printable")
    made.add_alternative("<p>Open the page</p>", subtype="html")
    made.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="place.ics")
    return made


def test_a_letter_is_printed_in_plain_words_with_its_links_whole() -> None:
    assert LINK.encode() not in letter().as_bytes()
    assert words_of(letter().as_bytes()).splitlines()[1:] == [
        "To: jo@council.example.org",
        "Subject: Your place: Café",
        "",
        f"Open the page – and press the button: {LINK}",
        "",
        "Attached: place.ics",
    ]


def test_a_letter_without_a_plain_text_is_printed_too() -> None:
    assert words_of(b"To: jo@council.example.org\r\nSubject: Hello\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>").endswith(
        "Subject: Hello\n\n\n"
    )


def test_it_is_what_the_mail_server_hands_its_messages_to(capsys: pytest.CaptureFixture[str]) -> None:
    server = PrintedMail()
    assert isinstance(server, MessageHandler)
    server.handle_message(letter())
    assert LINK in capsys.readouterr().out
