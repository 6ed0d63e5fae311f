"""Replies as they come by e-mail: a message with METHOD:REPLY (RFC 5546, 3.2.3; RFC 6047) read into what was answered.

`read_reply` is pure: the bytes of a mail in, a value or None out. Programs differ in how they write a reply, and a stranger may write
anything: what cannot be read as exactly one answer of one person is None, and its mail stays as it is, for people. Only the first bytes
of a mail are needed (`MOST_BYTES`): the answer stands before signatures and pictures.

Times with a zone are not looked at, so neither Windows zone names nor a broken VTIMEZONE matter: they are taken out before reading.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from hashlib import sha256
from typing import Any

from icalendar import Calendar

from domain.errors import BadInput
from domain.ports.replies import Answer, Reply
from integrations.plain import plain_address
from integrations.vouching import Voucher

#: of a mail that is larger, no more is read
MOST_BYTES = 256 * 1024
_ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED, "DELEGATED": Answer.OTHER}
_ZONES = re.compile(rb"^BEGIN:VTIMEZONE\r?$.*?^END:VTIMEZONE\r?\n?", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_LONGEST_UID, _MOST_SEQUENCE = 200, 2**31 - 1
_BY_A_MACHINE = ("bulk", "junk", "list", "auto_reply")


def read_reply(content: bytes, voucher: Voucher) -> Reply | None:
    """The answer that a mail carries; None: it carries none, or not plainly one."""
    try:
        message = message_from_bytes(content[:MOST_BYTES], policy=default)
        calendar = _calendar_of(message) if isinstance(message, EmailMessage) else None
        return _read(message, calendar, voucher) if calendar and isinstance(message, EmailMessage) else None
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, BadInput):
        return None  # the parsers raise these, and others by them, for what a stranger may write


def _calendar_of(message: EmailMessage) -> bytes | None:
    """The one calendar part, whole. Two that differ are not plain; the same once more as a file is."""
    if message.get_content_type() == "multipart/report":
        return None
    found: set[bytes] = set()
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.add(_in_utf8(content, part.get_content_charset() or "utf-8").strip())
    (only,) = found if len(found) == 1 else (b"",)
    return only if only.upper().endswith(b"END:VCALENDAR") else None


def _in_utf8(content: bytes, charset: str) -> bytes:
    try:
        return content.decode(charset).encode()
    except (LookupError, UnicodeDecodeError):
        return content


def _read(message: EmailMessage, content: bytes, voucher: Voucher) -> Reply | None:
    calendar: Any = Calendar.from_ical(_ZONES.sub(b"", content))
    method = str(calendar.get("METHOD", "")).upper()
    entries = calendar.walk("VEVENT")
    if method not in ("REPLY", "COUNTER") or len(entries) != 1 or "RECURRENCE-ID" in entries[0]:
        return None
    entry = entries[0]
    attendees = entry.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    uid, sender = str(entry.get("UID", "")).strip(), _sender(message)
    if len(attendees) != 1 or not 0 < len(uid) <= _LONGEST_UID or sender is None:
        return None
    (attendee,) = attendees
    answer = Answer.OTHER if method == "COUNTER" else _ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper())
    sequence = int(entry.get("SEQUENCE", 0))
    if answer is None or not 0 <= sequence <= _MOST_SEQUENCE:
        return None
    return Reply(
        key=_key(message, content),
        uid=uid,
        answer=answer,
        sequence=sequence,
        dtstamp=_instant(entry["DTSTAMP"].dt),
        attendee=_without_scheme(str(attendee)),
        sender=sender,
        proven=voucher.vouches(message, sender),
        automatic=_is_automatic(message),
    )


def _sender(message: EmailMessage) -> str | None:
    """The one address that the mail is from, if it is one."""
    named = getaddresses([str(value) for value in message.get_all("From", [])])
    return plain_address(named[0][1]) if len(named) == 1 else None


def _without_scheme(address: str) -> str:
    """`MAILTO:Ann@x` and `mailto:Ann@x` are `Ann@x`. Raises `BadInput` for what is no address."""
    scheme, _, rest = address.partition(":")
    return plain_address((rest if scheme.casefold() == "mailto" else address).strip())


def _instant(stamp: datetime) -> datetime:
    """DTSTAMP is in UTC, and is taken so where a program forgot to say it."""
    if not isinstance(stamp, datetime):
        raise ValueError("a day is no instant")
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def _is_automatic(message: EmailMessage) -> bool:
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().casefold()
    return said != "no" or str(message.get("Precedence", "")).strip().casefold() in _BY_A_MACHINE


def _key(message: EmailMessage, content: bytes) -> str:
    """Names this mail among all; without a Message-ID, by what it answers."""
    name = str(message.get("Message-ID", "")).strip().encode("utf-8", "replace")
    return sha256(name or content).hexdigest()
