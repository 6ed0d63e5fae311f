"""A letter as an e-mail message (RFC 5322, 2045, 6047), the same bytes for the same letter.

    with a calendar                                        without
    multipart/mixed                                        multipart/alternative
    ├── multipart/alternative                              ├── text/plain
    │   ├── text/plain                                     └── text/html
    │   ├── text/html
    │   └── text/calendar; method=REQUEST; charset=UTF-8
    └── application/ics, attached as invite.ics

A letter's files (`Letter.attachments`: a session's materials, a certificate) stand last in a multipart/mixed, beside
invite.ics or, without a calendar, around the two alternatives. The invitation itself stays where Outlook looks for it.

Message-ID, boundaries and, with a calendar, the date come from the letter itself: a repeat after a lost answer is the
same message to every mail program. Everything is 7-bit, so no server has a reason to change it on its way.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from quopri import encodestring
from urllib.parse import quote

from markupsafe import escape

from domain.errors import NaiveInstant
from domain.kinds import Kind
from domain.ports.letters import Letter
from integrations.letters import Worded, own_words
from integrations.plain import one_line, plain_address

_FOLD = 76
_NEXT_LINE = "\r\n "
#: a name that needs no quotes in any reading of RFC 5322
_PLAIN_NAME = re.compile(r"[A-Za-z0-9' -]{1,50}")
_LONGEST_NAME = 100
_ODD_IN_NAME = re.compile(r"[^A-Za-z0-9 ()._-]")
_FILE_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,99}")
_OPENED_UP = ("message/", "multipart/", "text/calendar")


@dataclass(frozen=True)
class Sender:
    """Who a partnership's e-mail is from: the same name and address as the ORGANIZER of its invitations."""

    name: str
    address: str


@dataclass(frozen=True)
class Packed:
    """A message as it goes over the wire: CRLF, 7-bit, the same bytes at every repeat. Both addresses are ASCII."""

    message_id: str
    sender: str
    recipient: str
    content: bytes = field(repr=False)


def pack(letter: Letter, worded: Worded, calendar: bytes | None, sender: Sender, *, now: datetime) -> Packed:
    """The letter ready for the wire. Raises `BadInput` for an address that cannot be used.

    `now` dates a letter without a calendar; with one, DTSTAMP does.
    """
    if now.tzinfo is None:
        raise NaiveInstant(now)
    seed = _digest(letter)
    origin, recipient = _origin(sender.address), plain_address(letter.recipient.address)
    name = f"<{seed}@{origin.rpartition('@')[2]}>"
    texts = _texts(letter, worded)
    if calendar is None or letter.calendar is None:
        files, shown = [], _alternatives(texts, seed, None)
    else:
        encoded = encodebytes(calendar)
        invitation = _invitation(encoded, letter.calendar.method.value)
        files, shown = [_file("invite.ics", "application/ics", encoded)], _alternatives(texts, seed, invitation)
    files += [_file(one.name, one.media_type, encodebytes(one.content)) for one in letter.attachments]
    content_type, body = _with_files(*shown, files, seed)
    # an unproven address may be anybody's: the name that a stranger typed is not sent to it
    called = "" if letter.kind is Kind.VERIFICATION else letter.recipient.name
    people = _people(origin, sender.name, recipient, called, worded.subject)
    date = letter.calendar.dtstamp if letter.calendar else now
    constant = _constant_head(date, name)
    return Packed(name, origin, recipient, people + constant + content_type + b"\r\n\r\n" + body)


def _people(sender: str, sender_name: str, recipient: str, recipient_name: str, subject: str) -> bytes:
    """The headers that carry what people typed."""
    lines = (
        _from(sender_name, sender),
        _mailbox("To", recipient_name, recipient),
        f"Subject: {_encoded('Subject', one_line(subject))}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


@lru_cache(maxsize=64)
def _origin(address: str) -> str:
    return plain_address(address)


@lru_cache(maxsize=64)
def _from(name: str, address: str) -> str:
    return _mailbox("From", name, address)


def _mailbox(header: str, name: str, address: str) -> str:
    """`Name <address>`. Not by `email.policy.SMTP`: folding a long name, it loses the quotes, and each comma makes an address."""
    name = one_line(name)
    if not name:
        return f"{header}: {address}"
    if _PLAIN_NAME.fullmatch(name):
        shown = name
    elif name.isascii() and len(name) < _FOLD - len(header) and "=?" not in name:
        shown = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    else:
        shown = Header(name, "utf-8", maxlinelen=_FOLD, header_name=header).encode(linesep="\r\n")
    fits = "\r\n" not in shown and len(header) + len(shown) + len(address) < _FOLD
    return f"{header}: {shown}{' ' if fits else _NEXT_LINE}<{address}>"


@lru_cache(maxsize=256)
def _encoded(header: str, text: str) -> str:
    """Folded at spaces; as encoded words (RFC 2047) where it is not plain ASCII. The newer policy would drop spaces between them."""
    plain = text.isascii() and "=?" not in text and all(len(word) < _FOLD // 2 for word in text.split())
    return Header(text, "us-ascii" if plain else "utf-8", maxlinelen=_FOLD, header_name=header).encode(linesep="\r\n")


def _constant_head(date: datetime, name: str) -> bytes:
    lines = (
        f"Date: {format_datetime(date.astimezone(UTC))}",
        f"Message-ID: {name}",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",  # Exchange's own word for the line above
        "Content-Language: en-GB",
        "MIME-Version: 1.0",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _digest(letter: Letter) -> str:
    """Names this letter among all letters. Keys count from 1 again in a new database, hence the session's UID and the hour with it."""
    stamp = letter.calendar.dtstamp.astimezone(UTC).isoformat() if letter.calendar else ""
    uid = letter.session.uid if letter.session else ""
    told = "\n".join((letter.key, uid, stamp, letter.recipient.address or ""))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _texts(letter: Letter, worded: Worded) -> tuple[bytes, bytes]:
    """The text and the page in quoted-printable.

    Of a letter to many, only the lines with the name and the links differ: the rest is encoded once. A letter with a code, or
    with more to say than its session, is nobody else's, and nothing of it is kept.
    """
    if letter.code is not None or letter.matter is not None or letter.kind in (Kind.VERIFICATION, Kind.SIGN_IN):
        return _printable(worded.text, ()), _printable(worded.html, ())
    own = own_words(letter)
    return _printable(worded.text, own), _printable(worded.html, [str(escape(one)) for one in own])


def _printable(text: str, own: Sequence[str]) -> bytes:
    """`own`: what is one person's. The lines in which it stands are never kept."""
    spots = sorted(at for one in own for at in _all_of(text, one))
    if not spots:
        return encodestring(text.encode("utf-8", "replace"))
    whole, done = [], 0
    for at in spots:
        if at < done:
            continue
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
        whole += [_printable_once(text[done:start]), encodestring(text[start:end].encode("utf-8", "replace"))]
        done = end
    return b"".join((*whole, _printable_once(text[done:])))


def _all_of(text: str, word: str) -> Iterator[int]:
    """Every place where a word stands."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


@lru_cache(maxsize=512)
def _printable_once(lines: str) -> bytes:
    """Whole lines, each of which is encoded for itself."""
    return encodestring(lines.encode("utf-8", "replace"))


def _alternatives(texts: tuple[bytes, bytes], seed: str, invitation: bytes | None) -> tuple[bytes, bytes]:
    """Content-Type and body. The last alternative is the one that a mail program should prefer: the invitation."""
    parts = [
        _part(f"text/{subtype}; charset=utf-8", "quoted-printable", text) for text, subtype in zip(texts, ("plain", "html"), strict=True)
    ]
    return _joined("alternative", seed, parts if invitation is None else [*parts, invitation])


def _invitation(encoded: bytes, method: str) -> bytes:
    """Never `attachment`: Outlook would show a file instead of an invitation."""
    return _part(f"text/calendar; method={method}; charset=UTF-8", "base64", encoded)


def _with_files(kind: bytes, body: bytes, files: list[bytes], seed: str) -> tuple[bytes, bytes]:
    return _joined("mixed", seed, [kind + b"\r\n\r\n" + body, *files]) if files else (kind, body)


def _file(name: str, media_type: str, encoded: bytes) -> bytes:
    """A file to save. An organiser may have typed its name; a type that a mail program would open up as mail is not told."""
    name = one_line(name).replace("/", "_").replace("\\", "_")[:_LONGEST_NAME].strip() or "file"
    plain = _ODD_IN_NAME.sub("_", name)
    told = media_type if _FILE_TYPE.fullmatch(media_type) and not media_type.startswith(_OPENED_UP) else "application/octet-stream"
    # the whole name as RFC 2231 has it, and in `name=` for older programs what ASCII can say of it
    shown = f'filename="{plain}"' if plain == name else f"filename*=utf-8''{quote(name, safe='')}"
    head = f'{told};{_NEXT_LINE}name="{plain}"\r\nContent-Disposition: attachment;{_NEXT_LINE}{shown}'
    return _part(head, "base64", encoded)


def _joined(subtype: str, seed: str, parts: list[bytes]) -> tuple[bytes, bytes]:
    boundary = f"=_{subtype}_{seed}"  # "=_" cannot stand in quoted-printable or base64
    line = f"--{boundary}".encode("ascii")
    body = b"".join(line + b"\r\n" + part.rstrip(b"\r\n") + b"\r\n" for part in parts) + line + b"--\r\n"
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'.encode("ascii"), body


def _part(content_type: str, encoding: str, encoded: bytes) -> bytes:
    """A part whose headers are constants of ours, joined by hand: the library takes three times as long for the same bytes."""
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + encoded.replace(b"\n", b"\r\n")
