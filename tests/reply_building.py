"""Replies as calendar programs send them, for the tests of what becomes of them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

PASSED = (
    "mx.northfield.example; spf=pass smtp.mailfrom=council.gov.uk; dkim=pass header.d=council.gov.uk; dmarc=pass header.from=council.gov.uk"
)
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:GMT Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\n"
)
ZONE += "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"


def calendar(
    uid: str,
    *,
    address: str = "person1@council.gov.uk",
    answer: str = "DECLINED",
    sequence: int | None = 1,
    stamp: str = "20270301T093000Z",
    method: str = "REPLY",
    zone: str = ZONE,
    more: str = "",
) -> str:
    """The calendar part, as Outlook writes it: a Windows zone, and `MAILTO:` in capitals."""
    lines = [f"ATTENDEE;PARTSTAT={answer};CN=Person 1:MAILTO:{address}", f"UID:{uid}", f"DTSTAMP:{stamp}"]
    lines += ["DTSTART;TZID=GMT Standard Time:20270315T093000", "SUMMARY;LANGUAGE=en-GB:Declined: Strengths"]
    lines += [] if sequence is None else [f"SEQUENCE:{sequence}"]
    entry = "".join(f"{line}\r\n" for line in ["BEGIN:VEVENT", *lines, *([more] if more else []), "END:VEVENT"])
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n{zone}{entry}END:VCALENDAR\r\n"


def mail(
    part: str,
    *,
    sender: str = "Person 1 <person1@council.gov.uk>",
    name: str = "<one@council.gov.uk>",
    results: str | None = PASSED,
    at: datetime | None = None,
    after: bytes = b"",
    **headers: str,
) -> bytes:
    """The whole mail. `after`: a file that stands behind the answer."""
    message = EmailMessage(policy=SMTP)
    if results is not None:
        message["Authentication-Results"] = results
    message["From"], message["To"], message["Message-ID"] = sender, "practice-week@northfield.example", name
    message["Subject"] = "Declined: Strengths"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content("I cannot come.")
    message.add_alternative(part.encode(), maintype="text", subtype="calendar", params={"method": "REPLY", "charset": "utf-8"})
    if after:
        message.add_attachment(after, maintype="image", subtype="png", filename="logo.png")
    return message.as_bytes()
