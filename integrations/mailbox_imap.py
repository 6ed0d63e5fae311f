"""The mailbox of replies over IMAP (RFC 3501), by Python's own imaplib, in a thread of its own.

    connect ─► encrypt ─► log in ─► SELECT ─► UID SEARCH UNSEEN SINCE … ─► UID FETCH … BODY.PEEK[]<0.262144> ─► LOGOUT

Each look is a connection, once a minute at most: nothing is kept open, so nothing goes stale. Reading leaves a mail unread (PEEK), and of
a large one only the beginning is read. Only what was seen to is flagged \\Seen; nothing is moved, and nothing is ever deleted.
"""

from __future__ import annotations

import asyncio
import imaplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from domain.errors import OutsideError, Temporary
from domain.ports.replies import Found
from domain.replies import KEPT
from integrations.mail_line import Password, XOAuth2
from integrations.outcomes import AccountRefused
from integrations.replies import MOST_BYTES, read_reply
from integrations.vouching import Voucher

T = TypeVar("T")

#: mails that a look reads at most; the rest are for the next
MOST_AT_ONCE = 50
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_SERVER = "the mailbox for replies"


@dataclass(frozen=True)
class ImapServer:
    """Where the mailbox is. `none` sends everything in the open, so it is only for a server on this machine."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    login: Password | XOAuth2
    folder: str = "INBOX"
    timeout: float = 30.0  #: seconds for each answer
    trust: ssl.SSLContext | None = field(default=None, repr=False)  #: which certificates are good; None: those that the system trusts

    def __post_init__(self) -> None:
        if self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("replies without TLS are only read from a server on this machine: use tls or starttls")
        if not self.folder.isascii() or not self.folder.isprintable() or set('"\\') & set(self.folder):
            raise ValueError("the folder's name may hold plain letters, digits and signs only, and no quotation marks")


class ImapReplies:
    """Reads one folder. `now` tells how far back (`KEPT`): what is older is of no use to anybody."""

    def __init__(self, server: ImapServer, voucher: Voucher, *, now: Callable[[], datetime]) -> None:
        self._server = server
        self._voucher = voucher
        self._now = now
        self._left: set[str] = set()
        self._open: imaplib.IMAP4 | None = None
        self._turn = asyncio.Lock()

    async def unread(self) -> Sequence[Found]:
        """Replies that nobody has read. Raises `Temporary`, of which `AccountRefused` is one."""
        return await self._connected(self._read)

    async def mark_read(self, handles: Sequence[str]) -> None:
        """Flag these \\Seen. Raises `Temporary`."""
        if handles:
            await self._connected(lambda line: self._mark(line, handles))

    def leave(self, handles: Sequence[str]) -> None:
        """These are for people."""
        self._left.update(handles)

    async def check(self) -> None:
        """Connect, log in, open the folder, say goodbye. Raises `Temporary`."""
        await self._connected(self._select)

    async def aclose(self) -> None:
        """Let go of the connection, whatever it is doing."""
        self._cut()

    # ── one connection ──────────────────────────────────────────────────────────────────────────────────

    async def _connected(self, use: Callable[[imaplib.IMAP4], T]) -> T:
        async with self._turn:
            login = self._server.login
            secret = login.secret if isinstance(login, Password) else await login.token()
            try:
                async with asyncio.timeout(6 * self._server.timeout):  # a server may drip, and never be late
                    return await asyncio.to_thread(self._in_thread, secret, use)
            except TimeoutError:
                failure = Temporary(f"{_SERVER} took too long")
            finally:
                self._cut()  # the thread, if it is still there, hears of it
        raise failure

    def _in_thread(self, secret: str, use: Callable[[imaplib.IMAP4], T]) -> T:
        """Raises `Temporary`; what the server wrote does not travel along."""
        try:
            line = self._open = self._new_line()
            try:
                self._log_in(line, secret)
                return use(line)
            finally:
                _say_goodbye(line)
        except OutsideError:
            raise
        except (imaplib.IMAP4.error, OSError, ValueError) as error:  # ValueError: an answer that cannot be read
            failure = _meaning(error)
        raise failure

    def _new_line(self) -> imaplib.IMAP4:
        server = self._server
        trust = server.trust or ssl.create_default_context()
        if server.security == "tls":
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=trust, timeout=server.timeout)
        line = imaplib.IMAP4(server.host, server.port, timeout=server.timeout)
        if server.security == "starttls":
            try:
                line.starttls(ssl_context=trust)
            except BaseException:
                _drop(line)
                raise
        return line

    def _log_in(self, line: imaplib.IMAP4, secret: str) -> None:
        login = self._server.login
        try:
            if isinstance(login, Password):
                line.login(login.name, secret)
            else:
                said = f"user={login.name}\x01auth=Bearer {secret}\x01\x01"
                line.authenticate("XOAUTH2", lambda challenge: b"" if challenge else said.encode())
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
            if "[UNAVAILABLE]" in str(error) or "[INUSE]" in str(error):
                failure: Temporary = Temporary(f"{_SERVER} cannot check logins just now")
            else:
                failure = AccountRefused(f"{_SERVER} does not take our login")
        else:
            return
        raise failure

    def _select(self, line: imaplib.IMAP4) -> str:
        """Open the folder; its UIDVALIDITY, without which the numbers of mails mean nothing."""
        status, _ = line.select(f'"{self._server.folder}"')
        if status != "OK":
            raise AccountRefused(f"{_SERVER} has no folder of the name that is set")
        _, validity = line.response("UIDVALIDITY")
        return (validity[0] or b"0").decode("ascii") if validity else "0"

    def _read(self, line: imaplib.IMAP4) -> list[Found]:
        validity = self._select(line)
        since = self._now() - KEPT
        there = _fine(line.uid("SEARCH", "UNSEEN", "SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"))
        handles = {f"{validity}:{number}": number for number in b" ".join(one for one in there if one).decode("ascii").split()}
        self._left &= handles.keys()
        found = []
        for handle in [handle for handle in handles if handle not in self._left][:MOST_AT_ONCE]:
            reply = read_reply(_fetched(line, handles[handle]), self._voucher)
            if reply is None:
                self._left.add(handle)
            else:
                found.append(Found(handle, reply))
        return found

    def _mark(self, line: imaplib.IMAP4, handles: Sequence[str]) -> None:
        validity = self._select(line)
        numbers = [number for seen, _, number in (handle.partition(":") for handle in handles) if seen == validity]
        if numbers:
            status, _ = line.uid("STORE", ",".join(numbers), "+FLAGS.SILENT", r"(\Seen)")
            if status != "OK":
                raise AccountRefused(f"{_SERVER} does not let us mark mails as read")

    def _cut(self) -> None:
        line, self._open = self._open, None
        if line is not None:
            try:
                socket.socket.shutdown(line.sock, socket.SHUT_RDWR)  # not `line.shutdown()`, which waits for whoever is reading
            except OSError:
                return  # it was closed before


def _say_goodbye(line: imaplib.IMAP4) -> None:
    try:
        line.logout()
    except (imaplib.IMAP4.error, OSError):
        _drop(line)


def _drop(line: imaplib.IMAP4) -> None:
    with suppress(OSError):  # what went wrong before is what matters
        line.shutdown()


def _fine(answer: tuple[str, list[Any]]) -> list[Any]:
    status, parts = answer
    if status != "OK":
        raise Temporary(f"{_SERVER} did not do what we asked")
    return parts


def _fetched(line: imaplib.IMAP4, number: str) -> bytes:
    """The beginning of a mail; empty where it has gone meanwhile."""
    for part in _fine(line.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")):
        if isinstance(part, tuple) and b"BODY[]" in part[0]:
            return bytes(part[1])
    return b""


def _meaning(error: Exception) -> Temporary:
    if isinstance(error, ssl.SSLError):
        return AccountRefused(f"the certificate or encryption of {_SERVER} is not good")
    if isinstance(error, imaplib.IMAP4.abort | OSError):
        return Temporary(f"the connection to {_SERVER} could not be made, or was cut")
    return Temporary(f"{_SERVER} gave an answer that could not be read")
