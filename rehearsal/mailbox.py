"""A local mailbox: a real SMTP server on 127.0.0.1 that keeps every message and can fail as real ones do.

It runs in the caller's own event loop, so that what happens first is first. A message is kept once its content has
arrived, also where the sender is then left without an answer: that is the case which nobody outside can tell apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import Envelope
from icalendar import Calendar

from rehearsal.mail_desk import Break, Desk, Door, Step

__all__ = ["Arrived", "Break", "Invitation", "Mailbox", "Step", "Written", "content_of", "read_invitation"]


@dataclass(frozen=True)
class Arrived:
    """A message as it came: when, from whom and for whom (the envelope's words), and its bytes."""

    at: datetime
    sender: str
    recipient: str
    content: bytes = field(repr=False)
    answered: bool = True  #: False where the sender was never told that it had arrived

    @cached_property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.content, policy=SMTP_POLICY)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @cached_property
    def headers(self) -> Message:
        """Only its headers: far quicker than the whole."""
        return BytesParser(policy=SMTP_POLICY).parsebytes(self.content, headersonly=True)

    @cached_property
    def parts(self) -> Message:
        """All its parts, with headers as they were sent: quicker than the whole, too."""
        return message_from_bytes(self.content)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every text in it with its kind, such as `plain`, in order; files that are attached are among them."""
        found = (part for part in self.parts.walk() if part.get_content_maintype() == "text")
        return tuple((part.get_content_subtype(), _decoded(part)) for part in found)

    @cached_property
    def plain(self) -> str:
        """The words of its plain part."""
        return next((text for kind, text in self.texts if kind == "plain"), "")

    @property
    def message_id(self) -> str:
        """The Message-ID with its brackets."""
        return str(self.headers["Message-ID"] or "")

    @property
    def has_calendar(self) -> bool:
        """Whether a calendar message may be in it."""
        return b"text/calendar" in self.content


@dataclass(frozen=True)
class Invitation:
    """A calendar message as a calendar program reads it. Instants are UTC; addresses are without `mailto:`."""

    method: str
    uid: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    conference: str | None
    organiser: str
    attendee: str
    status: str


@dataclass(frozen=True)
class Written:
    """What `write_to` left: the files, and the Message-IDs that had come twice with different bytes."""

    files: tuple[Path, ...]
    altered: tuple[str, ...]


class Mailbox:
    """The server. `async with Mailbox(clock) as box:` listens on `box.host` and `box.port`."""

    host = "127.0.0.1"

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        logins: Mapping[str, str] | None = None,
        tokens: Mapping[str, str] | None = None,
    ) -> None:
        """`tls` offers, and asks for, STARTTLS; with `tls_at_once` there is no other way to speak to it at all.

        `logins` (name: password) and `tokens` (name: access token) ask for a login after STARTTLS.
        """
        if (logins or tokens) and (tls is None or tls_at_once):
            raise ValueError("a login is only asked for after STARTTLS: give tls too")
        self.clock = clock
        self.messages: list[Arrived] = []
        self._by_address: dict[str, list[Arrived]] = defaultdict(list)
        self.connections = 0  #: how many have ever been opened
        self.port = 0
        self._starttls = None if tls_at_once else tls
        self._tls = tls if tls_at_once else None
        self._desk = Desk(self._keep, logins or {}, tokens or {})
        self._waiting: list[asyncio.Future[Arrived]] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        # aiosmtpd tells its log every address, and warns at each login
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        await self.listen()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.refuse_connections()

    @property
    def open_connections(self) -> int:
        """How many are open now."""
        return len(self._desk.doors)

    async def listen(self) -> None:
        """Take connections, on the same port as before."""
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(self._open_door, self.host, self.port, ssl=self._tls)
            self.port = self._server.sockets[0].getsockname()[1]

    async def refuse_connections(self) -> None:
        """Cut every connection and take no new one, until `listen`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    async def cut(self) -> None:
        """Cut every open connection, as a server does that has waited too long."""
        served = [task for door in tuple(self._desk.doors) if (task := door.cut()) is not None]
        await self.all_closed()
        await asyncio.gather(*served, return_exceptions=True)

    async def all_closed(self) -> None:
        """Wait until no connection is open."""
        if self._desk.doors:
            await self._desk.empty.wait()

    async def arrival(self) -> Arrived:
        """Wait for the next message to arrive."""
        self._waiting.append(asyncio.get_running_loop().create_future())
        return await self._waiting[-1]

    def answer_next(self, step: Step, reply: str, times: int = 1) -> None:
        """Answer the next letters at this step with `reply`, such as `450 4.2.0 try later`."""
        self._desk.replies[step].extend([reply] * times)

    def answer_address(self, address: str, reply: str) -> None:
        """Answer every letter for this address with `reply`."""
        self._desk.addresses[address.casefold()] = reply

    def break_next(self, how: Break, times: int = 1) -> None:
        """Let the connection of the next letters go wrong."""
        self._desk.breaks.extend([how] * times)

    def release(self) -> None:
        """Answer those that were left hanging."""
        self._desk.release.set()
        self._desk.release = asyncio.Event()

    def newest_to(self, address: str) -> Iterator[Arrived]:
        """What came for an address, the newest first."""
        return reversed(self._by_address.get(address.casefold(), ()))

    def write_to(self, folder: Path) -> Written:
        """Write each message once, by Message-ID, as `0001-<subject>.eml` into `folder`; the same messages, the same files."""
        folder.mkdir(parents=True, exist_ok=True)
        first: dict[str, Arrived] = {}
        altered: dict[str, None] = {}
        for arrived in sorted(self.messages, key=lambda each: (each.at, each.recipient, each.message_id)):
            name = arrived.message_id or hashlib.sha256(arrived.content).hexdigest()
            if first.setdefault(name, arrived).content != arrived.content:
                altered[name] = None
        files = []
        for number, arrived in enumerate(first.values(), 1):
            path = folder / f"{number:04d}-{_slug(str(arrived.headers['Subject'] or ''))}.eml"
            path.write_bytes(arrived.content)
            files.append(path)
        return Written(tuple(files), tuple(altered))

    def receive(self, sender: str, recipient: str, content: bytes) -> None:
        """Keep a message that came another way than over SMTP."""
        envelope = Envelope()
        envelope.mail_from, envelope.rcpt_tos, envelope.original_content = sender, [recipient], content
        self._keep(envelope, True)

    def _open_door(self) -> Door:
        self.connections += 1
        return Door(self._desk, self._starttls)

    def _keep(self, envelope: Envelope, answered: bool) -> None:
        content = envelope.original_content or b""
        arrived = Arrived(self.clock(), envelope.mail_from or "", envelope.rcpt_tos[0], content, answered)
        self.messages.append(arrived)
        self._by_address[arrived.recipient.casefold()].append(arrived)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(arrived)


def content_of(part: Message) -> bytes:
    """What is in a part of a message, as it was before it was sent."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Message) -> str:
    return content_of(part).decode(part.get_content_charset("utf-8"), "replace")


def read_invitation(message: Message) -> Invitation | None:
    """The calendar part of a message (the alternative, not the attached copy), or None. Raises `ValueError` for a broken one."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _invitation(Calendar.from_ical(content_of(part)))
    return None


def _invitation(file: Any) -> Invitation:
    entries = file.walk("VEVENT")
    if len(entries) != 1 or isinstance(entries[0].get("ATTENDEE"), list):
        raise ValueError("an invitation holds one entry for one attendee")
    entry = entries[0]
    return Invitation(
        method=str(file["METHOD"]),
        uid=str(entry["UID"]),
        sequence=int(entry["SEQUENCE"]),
        dtstamp=_utc(entry["DTSTAMP"].dt),
        starts_at=_utc(entry["DTSTART"].dt),
        ends_at=_utc(entry["DTEND"].dt),
        summary=str(entry["SUMMARY"]),
        location=str(entry.get("LOCATION", "")),
        description=str(entry.get("DESCRIPTION", "")),
        conference=str(entry["CONFERENCE"]) if "CONFERENCE" in entry else None,
        organiser=_bare(entry["ORGANIZER"]),
        attendee=_bare(entry["ATTENDEE"]),
        status=str(entry["STATUS"]),
    )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an invitation's times need a zone")
    return moment.astimezone(UTC)


def _bare(address: str) -> str:
    return re.sub("(?i)^mailto:", "", str(address))


def _slug(subject: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", subject.casefold()).strip("-")[:60].strip("-") or "message"
