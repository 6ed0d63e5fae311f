"""What a mail server says to one letter after another, and how it goes wrong when it is told to (aiosmtpd underneath).

A `Door` is one connection; the `Desk` behind all of them answers each command.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, auth_mechanism


class Step(StrEnum):
    """Where in a letter's way over the server it is refused."""

    MAIL = "mail"
    RCPT = "rcpt"
    CONTENT = "content"


class Break(StrEnum):
    """How a connection goes wrong. Before: the message is not kept. After: it is kept, the sender is not told."""

    DROP_BEFORE = "drop before"
    DROP_AFTER = "drop after"
    HANG_AFTER = "hang after"


class Desk:
    """Answers every command. `keep` is called with each message that has arrived, and whether its sender is told so."""

    def __init__(self, keep: Callable[[Envelope, bool], None], logins: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        self.replies: dict[Step, deque[str]] = {step: deque() for step in Step}
        self.addresses: dict[str, str] = {}
        self.breaks: deque[Break] = deque()
        self.doors: set[Door] = set()
        self.empty = asyncio.Event()
        self.release = asyncio.Event()
        self.ways_in = {"PLAIN", "LOGIN"} if logins else set()
        if tokens:
            self.ways_in.add("XOAUTH2")
        self._keep = keep
        self._logins = {name.encode(): secret.encode() for name, secret in logins.items()}
        self._tokens = dict(tokens)

    # the names in capitals are aiosmtpd's

    async def handle_MAIL(self, door: Door, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """The sender's address."""
        if self.replies[Step.MAIL]:
            return self.replies[Step.MAIL].popleft()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, door: Door, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """The recipient's address."""
        if self.breaks and self.breaks[0] is Break.DROP_BEFORE:
            self.breaks.popleft()
            await door.vanish()
        if reply := self.addresses.get(address.casefold()):
            return reply
        if self.replies[Step.RCPT]:
            return self.replies[Step.RCPT].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, door: Door, session: Session, envelope: Envelope) -> str:
        """The whole content has come."""
        if self.replies[Step.CONTENT]:
            return self.replies[Step.CONTENT].popleft()
        how = self.breaks.popleft() if self.breaks and self.breaks[0] is not Break.DROP_BEFORE else None
        self._keep(envelope, how is None)
        if how is Break.DROP_AFTER:
            await door.vanish()
        if how is Break.HANG_AFTER:
            await self.release.wait()
        return "250 2.0.0 kept"

    def authenticate(self, door: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
        """Whether name and password are right."""
        return AuthResult(success=self._logins.get(given.login) == given.password, handled=False, auth_data=given)

    @auth_mechanism("XOAUTH2")
    async def auth_XOAUTH2(self, door: Door, words: list[str]) -> AuthResult:
        """Whether name and token are right."""
        found = re.fullmatch("user=(.*)\x01auth=Bearer (.*)\x01\x01", b64decode(words[1]).decode())
        if found and self._tokens.get(found[1]) == found[2]:
            return AuthResult(success=True, auth_data=LoginPassword(found[1].encode(), b""))
        await door.challenge_auth('{"status":"401"}')  # as Exchange and Google do: the refusal follows an empty answer
        return AuthResult(success=False, handled=False)


class Door(SMTP):
    """One connection."""

    def __init__(self, desk: Desk, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            desk,
            hostname="mailbox.test",
            ident="rehearsal",
            loop=asyncio.get_running_loop(),
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=bool(desk.ways_in),
            authenticator=desk.authenticate,
            auth_exclude_mechanism={"PLAIN", "LOGIN", "XOAUTH2"} - desk.ways_in,
        )
        self._desk = desk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection has come, or has become encrypted."""
        super().connection_made(transport)
        self._desk.doors.add(self)
        self._desk.empty.clear()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection has gone."""
        super().connection_lost(error)
        self._leave()

    def cut(self) -> asyncio.Task[Any] | None:
        """Drop the connection. Gives the task that served it, which then ends."""
        upgraded = self._original_transport is not None
        for transport in (self.transport, self._original_transport):
            # an encrypted one that was closed twice cannot be aborted before Python 3.11.4; the one beneath it can
            closed = upgraded and transport is self.transport and transport is not None and transport.is_closing()
            if isinstance(transport, asyncio.WriteTransport) and not closed:
                transport.abort()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        self._leave()  # nobody calls connection_lost for a connection that dies while it is being encrypted
        return self._handler_coroutine

    def _leave(self) -> None:
        self._desk.doors.discard(self)
        if not self._desk.doors:
            self._desk.empty.set()

    async def vanish(self) -> None:
        """Drop the connection in the middle of a command, and never come back to it."""
        self.cut()
        await asyncio.Event().wait()
