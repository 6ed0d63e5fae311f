"""One connection to a mail server, and what each of its answers means.

A letter goes over in four steps: `MAIL`, `RCPT`, `DATA`, and the content itself. Until the content has been written
nothing has happened, so whatever breaks is `Temporary`. Once it has been written only a clear answer tells; no
answer is `Unknown`. An answer is judged by its number, never by its words: 4xx may pass, 5xx will not. A refused
login, access token, sender or certificate says nothing about the letter but about our settings: it is tried again and reported.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from domain.errors import Busy, OutsideError, Permanent, Temporary, Unknown
from domain.limits import A_MINUTE
from integrations.mime import Packed
from integrations.outcomes import AccountRefused

_OUR_FAULT = frozenset({530, 534, 535, 538})  #: log in first; that login is not good enough
_TOO_BIG = 552
_CLOSING = 421
_ABOUT_US = ("connect", "mail")
_ABOUT_A_MAILBOX = ("4.1.", "4.2.")
#: the system takes nothing just now; too many recipients; too fast for Google, for Exchange (RFC 3463, and their own)
_SLOW_DOWN = re.compile(r"^4\.(3\.2|5\.3|7\.28|7\.5\d\d)$")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Password:
    """A login by name and password."""

    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class XOAuth2:
    """A login by name and access token (Exchange, Google). `token` gives one that is valid now, or raises an `OutsideError`."""

    name: str
    token: Callable[[], Awaitable[str]] = field(repr=False)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `none` sends everything in the open, so it is only for a server on this machine."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    login: Password | XOAuth2 | None = None
    timeout: float = 30.0  #: seconds for each answer
    trust: ssl.SSLContext | None = field(default=None, repr=False)  #: which certificates are good; None: those that the system trusts

    def __post_init__(self) -> None:
        if self.security not in ("starttls", "tls", "none"):
            raise ValueError("mail security is starttls, tls or none")
        if self.security == "none" and not _is_loopback(self.host):
            raise ValueError("mail without TLS is only sent to a server on this machine: use starttls or tls")


class SettingProblem(Temporary):
    """The server will not work with us as we are set up. The letter is not to blame and is tried again."""


class LineLost(Temporary):
    """The connection went before the letter was handed over."""


class Line:
    """One connection. Used by one sender at a time."""

    def __init__(self, server: MailServer, hello: str) -> None:
        login = server.login
        self._server = server
        self._clean = False  # between two letters, with nothing half said
        self._until: float | None = None  # when an answer has to be there (by the loop's clock)
        self._watch: asyncio.TimerHandle | None = None
        self._silent = False  # closed, because no answer came
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=login.name if login else None,
            password=login.secret if isinstance(login, Password) else None,
            oauth_token_generator=login.token if isinstance(login, XOAuth2) else None,
            local_hostname=hello,
            timeout=server.timeout,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.trust,
        )

    @property
    def ready(self) -> bool:
        """Whether another letter can go over this connection."""
        return self._clean and self._smtp.is_connected

    async def open(self) -> None:
        """Connect, encrypt, log in. Raises `Temporary`, of which `SettingProblem` is one."""
        try:
            await self._smtp.connect()
            if self._smtp.is_ehlo_or_helo_needed:
                await self._smtp.ehlo()
        except (SMTPException, OSError) as error:
            self.close()
            raise _not_open(error) from error
        except OutsideError as error:  # no access token to log in with
            self.close()
            if isinstance(error, Permanent | AccountRefused):
                raise SettingProblem(error.reason) from error
            raise
        self._clean = True

    async def send(self, packed: Packed) -> None:
        """Hand one message over. Raises `LineLost`, `Temporary`, `Permanent` or `Unknown`."""
        self._clean = False
        size = (f"SIZE={len(packed.content)}".encode("ascii"),) if self._smtp.supports_extension("size") else ()
        try:
            await self._say("mail", b"MAIL", f"FROM:<{packed.sender}>".encode("ascii"), *size)
            await self._say("rcpt", b"RCPT", f"TO:<{packed.recipient}>".encode("ascii"))
            await self._say("data", b"DATA", wanted=3)
        except LineLost:
            raise
        except OutsideError:
            await self._start_afresh()
            raise
        await self._hand_over(packed.content)

    async def _say(self, step: str, *words: bytes, wanted: int = 2) -> None:
        protocol = self._smtp.protocol
        if protocol is None:
            raise LineLost(f"connection lost at {step}")
        try:
            self._await_answer()
            answer = await protocol.execute_command(*words)
            self._until = None
        except (SMTPException, OSError) as error:
            self.close()
            raise LineLost(f"connection lost at {step}") from error
        if answer.code // 100 != wanted:
            raise refusal(step, answer.code, answer.message)

    async def _hand_over(self, content: bytes) -> None:
        protocol = self._smtp.protocol
        if protocol is None:
            raise LineLost("connection lost at data")
        try:
            protocol.write((_LEADING_DOT.sub(b"..", content) if b"\n." in content or content[:1] == b"." else content) + b".\r\n")
        except SMTPServerDisconnected as error:
            self.close()
            raise LineLost("connection lost at data") from error
        try:
            self._await_answer()
            answer = await protocol.read_response()
            self._until = None
        except (SMTPException, OSError) as error:
            self.close()
            raise Unknown("no answer after data" if self._silent else "connection lost after data") from error
        if answer.code == _CLOSING:
            self.close()
        self._clean = True
        if answer.code // 100 != 2:
            raise refusal("content", answer.code, answer.message)

    def _await_answer(self) -> None:
        """From now on the server has `timeout` seconds. One timer looks after all answers: to set one for each costs more than to send."""
        loop = asyncio.get_running_loop()
        self._until = loop.time() + self._server.timeout
        if self._watch is None:
            self._watch = loop.call_at(self._until, self._look)

    def _look(self) -> None:
        self._watch = None
        if self._until is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._until:
            self._watch = loop.call_at(self._until, self._look)
            return
        self._silent = True
        if isinstance(self._smtp.transport, asyncio.WriteTransport):
            self._smtp.transport.abort()  # at once, whatever it has not taken yet; who waits for the answer hears of it

    async def _start_afresh(self) -> None:
        """Take back a half-said letter, so that the connection serves the next one."""
        try:
            await self._say("rset", b"RSET")
        except OutsideError:
            self.close()
        self._clean = True

    async def quit(self) -> None:
        """Say goodbye and close."""
        try:
            await self._smtp.quit()
        except (SMTPException, OSError):
            self.close()
        finally:
            self._watch_no_more()

    def close(self) -> None:
        """Close without a word."""
        self._watch_no_more()
        self._smtp.close()

    def _watch_no_more(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None


def refusal(step: str, code: int, text: str = "") -> OutsideError:
    """What an answer other than the wanted one means. The reason holds numbers only: a server's words may repeat the address."""
    enhanced = _ENHANCED.match(text)
    reason = f"smtp {code}{' ' + enhanced.group() if enhanced else ''} at {step}"
    if code in _OUR_FAULT or (step == "mail" and 500 <= code < 600 and code != _TOO_BIG):
        return SettingProblem(reason)
    if 500 <= code < 600:
        return Permanent(reason)
    if code == _CLOSING and step == "mail":
        return LineLost(reason)  # tired of waiting, or too busy: a new connection tells
    if _asks_to_wait(step, code, enhanced.group() if enhanced else ""):
        return Busy(reason, retry_after=A_MINUTE)
    if 400 <= code < 500 or step != "content":
        return Temporary(reason)
    return Unknown(reason)


def _asks_to_wait(step: str, code: int, enhanced: str) -> bool:
    """Whether a refusal is about all that we send, and not about one recipient: a server has no other way to say "slow down".

    421 closes the door on us; before a recipient is named nobody else can be meant; and some say it in the enhanced code.
    """
    about_us = step in _ABOUT_US and not enhanced.startswith(_ABOUT_A_MAILBOX)
    return code == _CLOSING or (400 <= code < 500 and (about_us or bool(_SLOW_DOWN.match(enhanced))))


def too_big(refused: Permanent) -> bool:
    """Whether the server refused a message for its size (RFC 1870; 3.4 of RFC 3463)."""
    return refused.reason.startswith(f"smtp {_TOO_BIG}") or " 5.3.4 " in refused.reason


def _not_open(error: SMTPException | OSError) -> Temporary:
    """Why there is no connection."""
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return SettingProblem("the mail server's certificate is not trusted")
    if isinstance(error, SMTPResponseException):
        step = "auth" if isinstance(error, SMTPAuthenticationError) else "connect"
        if _asks_to_wait(step, error.code, ""):
            return Busy(f"smtp {error.code} at {step}", retry_after=A_MINUTE)
        return (SettingProblem if error.code >= 500 else Temporary)(f"smtp {error.code} at {step}")
    if isinstance(error, OSError):  # refused, lost, timed out: aiosmtplib's own are kinds of OSError too
        return Temporary("no connection to the mail server")
    return SettingProblem("the mail server does not offer the security or login that is set")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
