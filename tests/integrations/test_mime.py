"""Messages as they go over the wire, taken apart again by the standard library."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.policy import compat32
from email.utils import parseaddr

import pytest
from icalendar import Calendar

from domain.errors import BadInput, NaiveInstant
from domain.kinds import Kind, Mode
from domain.ports.letters import Letter, Recipient
from integrations.letters import word
from integrations.mime import Packed, Sender, pack
from integrations.plain import one_line
from tests.mail_building import NOW, SENDER, STAMP, VOICE, calendars, letter, opened, request, session, verification


def packed(one: Letter, sender: Sender = SENDER, now: datetime = NOW) -> Packed:
    calendar = None
    if one.calendar and one.session:
        calendar = calendars().invitation(one.session, one.calendar, one.recipient, one.mode or Mode.ONLINE)
    return pack(one, word(one, VOICE), calendar, sender, now=now)


def tree(message: MIMEPart) -> object:
    parts = [tree(part) for part in message.iter_parts()]
    return (message.get_content_type(), parts) if parts else message.get_content_type()


def leaves(message: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}


def entry_in(part: EmailMessage) -> Calendar:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return Calendar.from_ical(content)


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION])
def test_calendar_mail_has_the_structure_that_outlook_knows(kind: Kind) -> None:
    message = opened(packed(letter(kind)).content)
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert tree(message) == ("multipart/mixed", [alternative, "application/ics"])
    calendar, attached = leaves(message)["text/calendar"], leaves(message)["application/ics"]
    method = "CANCEL" if kind is Kind.CANCELLATION else "REQUEST"
    assert str(calendar["Content-Type"].params["method"]) == str(entry_in(calendar)["METHOD"]) == method
    assert str(calendar["Content-Type"].params["charset"]).upper() == "UTF-8"
    assert calendar["Content-Disposition"] is None
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "invite.ics")
    assert attached.get_payload(decode=True) == calendar.get_payload(decode=True)


@pytest.mark.parametrize("one", [letter(Kind.REMINDER, lead_minutes=60), letter(Kind.FEEDBACK), verification()])
def test_other_mail_is_two_alternatives(one: Letter) -> None:
    assert tree(opened(packed(one).content)) == ("multipart/alternative", ["text/plain", "text/html"])


def test_a_cancellation_that_was_never_in_a_calendar_carries_none() -> None:
    content = packed(letter(Kind.CANCELLATION, calendar=None, by_organiser=True)).content
    assert tree(opened(content)) == ("multipart/alternative", ["text/plain", "text/html"])


def test_the_headers_of_an_invitation() -> None:
    sent = packed(letter())
    message = opened(sent.content)
    assert [(name, str(value)) for name, value in message.items() if name != "Content-Type"] == [
        ("From", "Northfield Teaching Partnership <practiceweek@northfield.example>"),
        ("To", "Ann Other <ann@council.example>"),
        ("Subject", "Your place: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("Date", "Mon, 01 Mar 2027 08:59:30 +0000"),
        ("Message-ID", sent.message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("Content-Language", "en-GB"),
        ("MIME-Version", "1.0"),
    ]
    assert (sent.sender, sent.recipient) == ("practiceweek@northfield.example", "ann@council.example")
    assert re.fullmatch(r"<[0-9a-f]{40}@northfield\.example>", sent.message_id)


def test_from_is_the_organiser_and_to_is_the_attendee() -> None:
    message = opened(packed(letter()).content)
    entry = entry_in(leaves(message)["text/calendar"]).walk("VEVENT")[0]
    [sender], [recipient] = message["From"].addresses, message["To"].addresses
    assert (f"mailto:{sender.addr_spec}", sender.display_name) == (str(entry["ORGANIZER"]), str(entry["ORGANIZER"].params["CN"]))
    assert (f"mailto:{recipient.addr_spec}", recipient.display_name) == (str(entry["ATTENDEE"]), str(entry["ATTENDEE"].params["CN"]))


def test_the_texts_arrive_as_they_were_written() -> None:
    one = letter(session=session(title="Café ☕ naïveté", notes=".\nFrom here\n" + "long " * 300))
    parts = leaves(opened(packed(one).content))
    worded = word(one, VOICE)
    arrived = {
        kind: part.get_content().replace("\r\n", "\n").strip() for kind, part in parts.items() if kind in ("text/plain", "text/html")
    }
    assert arrived == {"text/plain": worded.text.strip(), "text/html": worded.html.strip()}


@pytest.mark.parametrize(
    ("title", "name"),
    [("Café ☕ " * 20, "Zoë " * 40), ("Plain words, " * 20, "Ann, " * 40), ("x" * 200, "y" * 200)],
)
def test_the_wire_sees_short_seven_bit_lines_that_end_in_crlf(title: str, name: str) -> None:
    one = letter(session=session(title=title), recipient=Recipient(name, "zoe@council.example", None))
    content = packed(one).content
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    assert opened(content)["Subject"] == word(one, VOICE).subject


def test_the_same_calendar_letter_is_the_same_bytes_an_hour_later() -> None:
    assert packed(letter(), now=NOW + timedelta(hours=1)) == packed(letter())


def test_other_mail_is_dated_when_it_goes() -> None:
    later = opened(packed(letter(Kind.FEEDBACK), now=NOW + timedelta(hours=1)).content)
    assert str(later["Date"]) == "Mon, 01 Mar 2027 10:00:00 +0000"


def test_different_letters_have_different_names() -> None:
    letters = [
        letter(),
        letter(key="invitation:3:2"),
        letter(calendar=request(stamp=STAMP + timedelta(seconds=1))),
        letter(session=session(uid="another@practiceweek")),  # the same key in a new database
        letter(recipient=Recipient("Ann", "ann@new.example", 7)),
    ]
    assert len({packed(one).message_id for one in letters}) == len(letters)


def shown_name(content: bytes) -> str:
    """The recipient's name as RFC 2047 has it: by the older parser, since the newer one puts spaces between encoded words."""
    raw = message_from_bytes(content, policy=compat32)["To"]
    return str(make_header(decode_header(parseaddr(raw.replace("\r\n", ""))[0])))


@pytest.mark.parametrize(
    "name",
    [
        "O'Neill, Ann",
        'Ann "Annie" Other',
        "Ann <ann@evil.example>",
        "Zoë Müller, Jörg; x@evil.example",
        "A, " * 40,
        "漢字 " * 30,
        "(comment) \\ back",
        "Ann\r\nBcc: x@evil.example",
        "Ann\x00\x0b\x1c\u2028Bcc: x@evil.example",
        "=?utf-8?q?x=40evil=2Eexample=2C?=",
    ],
)
def test_no_name_can_add_an_address_or_a_header(name: str) -> None:
    content = packed(letter(recipient=Recipient(name, "ann@council.example", None)), Sender(name, SENDER.address)).content
    message = opened(content)
    assert [address.addr_spec for address in message["To"].addresses] == ["ann@council.example"]
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER.address]
    assert shown_name(content) == one_line(name)
    assert message["Bcc"] is None
    assert message.keys().count("To") == 1


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "ann",
        "a,b@c.example",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "Ann <a@b.example>",
        "a@b.example\r\nBcc: c@d.example",
        "a\x00@b.example",
        "a b@c.example",
        "a@b.example>",
        f"{'x' * 65}@b.example",
        "zoë@b.example",
        "a@b..example",
    ],
)
def test_an_address_that_is_not_one_plain_address_is_refused(address: str | None) -> None:
    with pytest.raises(BadInput):
        packed(letter(Kind.FEEDBACK, recipient=Recipient("Ann", address, None)))


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (f"{'x' * 64}@b.example", f"{'x' * 64}@b.example"),
        ("ann.o'neill+pw@council.gov.uk", "ann.o'neill+pw@council.gov.uk"),
        ("ann@büro.example", "ann@xn--bro-hoa.example"),
    ],
)
def test_an_address_of_an_unusual_kind_is_sent_as_servers_take_it(address: str, sent: str) -> None:
    result = packed(letter(recipient=Recipient("Ann", address, None)))
    assert result.recipient == sent
    assert [each.addr_spec for each in opened(result.content)["To"].addresses] == [sent]


def test_a_code_goes_to_an_address_without_a_name() -> None:
    assert str(opened(packed(verification()).content)["To"]) == "ann@council.example"


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2027, 3, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(NaiveInstant):
        packed(letter(), now=naive)


def test_nobody_else_is_addressed() -> None:
    message = opened(packed(letter()).content)
    assert [message[name] for name in ("Cc", "Bcc", "Reply-To", "List-Unsubscribe")] == [None] * 4
