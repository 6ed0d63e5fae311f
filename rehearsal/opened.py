"""A letter opened to be read on a page: its texts, its files, and its invitation in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses

from domain.times import span_words, zone_words
from rehearsal.browser import Link, read_page
from rehearsal.clock import moment_words
from rehearsal.mailbox import Arrived, Invitation, read_invitation

#: what the METHOD of a calendar message asks a calendar to do (RFC 5546)
_ASKS = {"REQUEST": "Put this in your calendar, or move it there.", "CANCEL": "Take this out of your calendar."}


@dataclass(frozen=True)
class Line:
    """A letter as a list of letters shows it. `number` counts from 1, in the order in which they came."""

    number: int
    when: str
    to: str
    address: str
    subject: str
    calendar: bool


@dataclass(frozen=True)
class Attached:
    """A file that came with a letter."""

    number: int
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class InWords:
    """An invitation as a person reads it."""

    asks: str
    title: str
    when: str
    where: str
    link: str | None
    organiser: str
    attendee: str
    version: int


@dataclass(frozen=True)
class Opened:
    """One letter, whole."""

    line: Line
    sender: str
    text: str
    html: str
    files: tuple[Attached, ...]
    invitation: InWords | None
    calendar: str  #: the calendar part as it was sent
    links: tuple[Link, ...]  #: that lead to our own pages


def line_of(number: int, arrived: Arrived) -> Line:
    """A letter in a list."""
    to = getaddresses([str(arrived.headers["To"] or "")])
    name = to[0][0] if to else ""
    subject = str(arrived.headers["Subject"] or "(no subject)")
    return Line(number, moment_words(arrived.at), name or arrived.recipient, arrived.recipient, subject, arrived.has_calendar)


def open_letter(number: int, arrived: Arrived, pages: str) -> Opened:
    """A letter with everything that is in it. `pages`: the address of our pages."""
    message = arrived.message
    html = _body(message, "html")
    invitation = read_invitation(message)
    return Opened(
        line=line_of(number, arrived),
        sender=str(message["From"] or arrived.sender),
        text=_body(message, "plain"),
        html=html,
        files=tuple(_files(message)),
        invitation=None if invitation is None else _in_words(invitation),
        calendar=next((str(part.get_content()) for part in message.walk() if part.get_content_type() == "text/calendar"), ""),
        links=tuple(dict.fromkeys(link for link in read_page(html).links if link.path.startswith(f"{pages}/"))),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _files(message: EmailMessage) -> Iterator[Attached]:
    for number, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        yield Attached(
            number, part.get_filename() or f"file-{number}", part.get_content_type(), content if isinstance(content, bytes) else b""
        )


def _in_words(invitation: Invitation) -> InWords:
    return InWords(
        asks=_ASKS.get(invitation.method, invitation.method),
        title=invitation.summary,
        when=f"{span_words(invitation.starts_at, invitation.ends_at)}, {zone_words(invitation.starts_at)}",
        where=invitation.location,
        link=invitation.conference,
        organiser=invitation.organiser,
        attendee=invitation.attendee,
        version=invitation.sequence,
    )
