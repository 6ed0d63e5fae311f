"""A stand-in for a mail server's IMAP (RFC 3501, 6851 left out), as strict as one: a mailbox on 127.0.0.1 whose mails nobody loses.

It knows the commands that reading needs, answers BAD to any other, and can fail as real servers do: refuse a login, cut the line in the
middle of a mail, fall silent. What was asked of it is on record, without secrets.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Self

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COMMAND = re.compile(r"([A-Z0-9]+) ((?:UID )?[A-Z]+)(?: (.*))?", re.DOTALL)
_FETCH = re.compile(r"(\d+) \(BODY\.PEEK\[\]<(\d+)\.(\d+)>\)")
_STORE = re.compile(r"([\d,]+) \+FLAGS\.SILENT \(\\Seen\)")
_SEARCH = re.compile(r"UNSEEN SINCE (\d{1,2})-([A-Z][a-z]{2})-(\d{4})")


@dataclass
class Kept:
    """A mail in the mailbox."""

    uid: int
    content: bytes = field(repr=False)
    came: date
    seen: bool = False


class ImapStandIn:
    """The server. `async with ImapStandIn(...) as box:` listens on `box.port`."""

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        logins: Mapping[str, str] | None = None,
        tokens: Mapping[str, str] | None = None,
        folder: str = "INBOX",
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        self.logins, self.tokens, self.folder = dict(logins or {}), dict(tokens or {}), folder
        self.mails: list[Kept] = []
        self.asked: list[str] = []  #: commands, without what follows a login
        self.validity = 1
        self.read_only = False
        self.refuses: dict[str, str] = {}  #: by command: what it answers instead
        self.cuts_in: str | None = None  #: the command in the middle of whose answer the line is cut
        self.silent_at: str | None = None
        self.port = 0
        self._starttls = None if tls_at_once else tls
        self._tls = tls if tls_at_once else None
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    def bring(self, content: bytes, at: datetime) -> int:
        """A mail arrives; its number."""
        self.mails.append(Kept(len(self.mails) + 1, content, at.date()))
        return len(self.mails)

    @property
    def unread(self) -> list[int]:
        """The numbers of the mails that nobody has read."""
        return [mail.uid for mail in self.mails if not mail.seen]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for line in list(self._lines):
            line.transport.abort()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            await _Talk(self, reader, writer, encrypted=self._tls is not None).run(self._starttls)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the caller has gone
        finally:
            self._lines.discard(writer)
            writer.close()


class _Talk:
    """One connection."""

    def __init__(self, box: ImapStandIn, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, encrypted: bool) -> None:
        self._box, self._reader, self._writer = box, reader, writer
        self._encrypted = encrypted
        self._in = self._open = False

    async def run(self, starttls: ssl.SSLContext | None) -> None:
        self._say("* OK ready")
        while line := (await self._reader.readline()).decode().rstrip("\r\n"):
            asked = _COMMAND.fullmatch(line)
            if asked is None:
                self._say("* BAD no command")
                continue
            tag, command, rest = asked[1], asked[2], asked[3] or ""
            self._box.asked.append(command if command in ("LOGIN", "AUTHENTICATE") else f"{command} {rest}".strip())
            if self._box.silent_at == command:
                await asyncio.Event().wait()
            if command == "STARTTLS" and starttls is not None and not self._encrypted:
                self._say(f"{tag} OK now")
                await self._writer.start_tls(starttls)
                self._encrypted = True
                continue
            said = self._box.refuses.get(command) or await self._answer(command, rest)
            self._say(f"{tag} {said}")
            await self._writer.drain()
            if command == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")

    async def _answer(self, command: str, rest: str) -> str:
        match command:
            case "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1 STARTTLS AUTH=XOAUTH2")
                return "OK done"
            case "LOGIN":
                name, secret = (word.strip('"') for word in rest.split(" ", 1))
                return self._admit(self._box.logins.get(name) == secret)
            case "AUTHENTICATE" if rest == "XOAUTH2":
                return await self._by_token()
            case "SELECT" if self._in:
                return self._select(rest)
            case "UID SEARCH" | "UID FETCH" | "UID STORE" if self._open:
                return await {"UID SEARCH": self._search, "UID FETCH": self._fetch, "UID STORE": self._store}[command](rest)
            case "LOGOUT":
                self._say("* BYE")
                return "OK done"
        return "BAD not now, or not known"

    def _admit(self, known: bool) -> str:
        self._in = known
        return "OK done" if known else "NO [AUTHENTICATIONFAILED] Authentication failed."

    async def _by_token(self) -> str:
        self._say("+ ")
        said = b64decode((await self._reader.readline()).strip()).decode()
        name, token = said.removeprefix("user=").rstrip("\x01").split("\x01auth=Bearer ")
        return self._admit(self._box.tokens.get(name) == token)

    def _select(self, rest: str) -> str:
        if rest != f'"{self._box.folder}"':
            return "NO [NONEXISTENT] Unknown Mailbox"
        self._open = True
        self._say(f"* {len(self._box.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self._box.validity}] valid")
        return "OK [READ-WRITE] done"

    async def _search(self, rest: str) -> str:
        wanted = _SEARCH.fullmatch(rest)
        if wanted is None:
            return "BAD search"
        since = date(int(wanted[3]), _MONTHS.index(wanted[2]) + 1, int(wanted[1]))
        found = [str(mail.uid) for mail in self._box.mails if not mail.seen and mail.came >= since]
        self._say(" ".join(["* SEARCH", *found]))
        return "OK done"

    async def _fetch(self, rest: str) -> str:
        wanted = _FETCH.fullmatch(rest)
        if wanted is None:
            return "BAD fetch: without PEEK it would count as read"
        mail = next((mail for mail in self._box.mails if mail.uid == int(wanted[1])), None)
        if mail is None:
            return "OK nothing"
        content = mail.content[int(wanted[2]) :][: int(wanted[3])]
        head = f"* {mail.uid} FETCH (UID {mail.uid} BODY[]<{wanted[2]}> {{{len(content)}}}\r\n".encode()
        if self._box.cuts_in == "UID FETCH":
            self._writer.write(head + content[: len(content) // 2])
            await self._writer.drain()
            self._writer.transport.abort()
            raise ConnectionAbortedError
        self._writer.write(head + content + b")\r\n")
        return "OK done"

    async def _store(self, rest: str) -> str:
        wanted = _STORE.fullmatch(rest)
        if wanted is None:
            return "BAD store"
        if self._box.read_only:
            return "NO [NOPERM] read only"
        numbers = {int(number) for number in wanted[1].split(",")}
        for mail in self._box.mails:
            mail.seen |= mail.uid in numbers
        return "OK done"
