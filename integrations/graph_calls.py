"""Calls to Microsoft Graph, whatever they are for: the line is opened in a thread, and a call is sent once.

Signing in is a step of its own before each call: a sign-in that fails means that nothing happened. A refused token is
replaced once. What an answer means is the caller's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

from domain.errors import OutsideError, Permanent, Temporary
from integrations.entra import AzureCredential, Credential, PlainCredential, SignInRefused

if TYPE_CHECKING:
    from integrations.graph import Line

T = TypeVar("T")

#: what an answer meant, from its status and headers; with None what it meant that none came, from the error
Meaning = Callable[[tuple[int, httpx.Headers] | None, Exception], OutsideError]

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Application:
    """An application of a tenant, and where its Graph is. National clouds differ only in the two addresses."""

    base_url: str  #: such as https://graph.microsoft.com/v1.0
    authority: str  #: such as https://login.microsoftonline.com
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)


class GraphCalls:
    """An application's calls. `service` names it in reasons; `seconds` is how long one call may take, and the sign-in again."""

    def __init__(self, application: Application, service: str, *, credential: Credential | None = None, seconds: float) -> None:
        self._application = application
        self._service = service
        self._given = credential
        self._seconds = seconds
        self._opening = asyncio.Lock()
        self._line: Line | None = None

    async def open(self) -> Line:
        """The line. The first time the SDK is loaded and parses once, off the loop, which takes one to two seconds."""
        if not _usable(self._application.base_url):
            raise Permanent(f"the address set for {self._service} cannot be used")
        async with self._opening:
            if self._line is None:
                self._line = await asyncio.to_thread(self._load)
            return self._line

    async def close(self) -> None:
        """Close every connection."""
        if self._line is not None:
            await self._line.close()
            self._line = None

    async def call(self, send: Callable[[Line], Awaitable[T]], meaning: Meaning) -> T:
        """One call, and once more with a fresh token when the token was refused, which means that nothing happened."""
        line = await self.open()
        try:
            return await self._once(line, send, meaning)
        except SignInRefused as first:
            if not first.token:
                raise
            line.credential.forget(first.token)
        return await self._once(line, send, meaning)

    async def _once(self, line: Line, send: Callable[[Line], Awaitable[T]], meaning: Meaning) -> T:
        token = await self._signed_in(line)
        try:
            async with asyncio.timeout(self._seconds):
                return await send(line)
        except OutsideError:
            raise
        except Exception as error:  # the SDK raises bare exceptions for an answer that it cannot read
            failure = _failure(error, token, meaning)
        # outside the handler, so that what the service wrote does not travel along as the context
        raise failure

    async def _signed_in(self, line: Line) -> str:
        try:
            async with asyncio.timeout(self._seconds):
                return await line.token()
        except TimeoutError:
            failure = Temporary("the Microsoft sign-in did not answer in time")
        raise failure

    def _load(self) -> Line:
        from integrations import graph  # half a second and 80 MB, only where Graph is used

        graph.parse_once()
        return graph.Line(self._application.base_url, self._given or _credential(self._application, self._seconds), self._seconds)


def _failure(error: Exception, token: str, meaning: Meaning) -> OutsideError:
    """What the SDK's exception meant."""
    from integrations.graph import answer_of  # loaded by now

    answer = answer_of(error)
    if answer is not None and answer[0] == httpx.codes.UNAUTHORIZED:
        return SignInRefused(token)
    return meaning(answer, error)


def _usable(address: str) -> bool:
    """The SDK speaks https, and plain http only with this machine; anywhere else it would fail after the fact."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE))


def _credential(application: Application, seconds: float) -> Credential:
    who = (application.authority, application.tenant_id, application.client_id, application.client_secret)
    if application.authority.startswith("http://"):
        return PlainCredential(*who, seconds=seconds)
    return AzureCredential(*who)
