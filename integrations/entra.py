"""Signing in to Microsoft as an application: a token from the tenant's authority, kept until it ends or is refused.

azure-identity does it, except where the authority speaks plain http (a rehearsal, a test), which it refuses; there a small
client of our own sends the same request.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from domain.errors import OutsideError, Temporary
from integrations.outcomes import AccountRefused, broken, refused, waiting_time

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.identity.aio import ClientSecretCredential

_SERVICE = "the Microsoft sign-in"
_REFUSED = "Microsoft refused our sign-in: check the tenant, the client id and the client secret"

#: a token is not used in its last seconds
_MARGIN = 60.0


class SignInRefused(AccountRefused):
    """Microsoft refused our sign-in."""

    def __init__(self, token: str = "") -> None:
        self.token = token
        super().__init__(_REFUSED)


class Credential(Protocol):
    """What a call is signed with: the SDK asks it for a token, we tell it when one was refused."""

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> AccessToken: ...

    def forget(self, token: str) -> None: ...

    async def close(self) -> None: ...


class PlainCredential:
    """The client-credentials grant against an authority on plain http."""

    def __init__(self, authority: str, tenant_id: str, client_id: str, client_secret: str, *, seconds: float) -> None:
        self._url = f"{authority.rstrip('/')}/{tenant_id}/oauth2/v2.0/token"
        self._who = {"client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials"}
        self._http = httpx.AsyncClient(timeout=seconds)
        self._fetching = asyncio.Lock()
        self._token: AccessToken | None = None

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> AccessToken:
        """The token in hand, or a new one. Raises `Temporary`, of which `SignInRefused` is one."""
        async with self._fetching:
            # measured on the machine's running clock, not the calendar's: the SDK reads only the token itself
            if claims or self._token is None or self._token.expires_on - _MARGIN <= time.monotonic():
                self._token = await self._fetch(scopes)
            return self._token

    async def _fetch(self, scopes: tuple[str, ...]) -> AccessToken:
        from azure.core.credentials import AccessToken  # only where Teams is used

        try:
            answer = await self._http.post(self._url, data={**self._who, "scope": " ".join(scopes)})
            if answer.status_code in (400, 401, 403, 404):
                raise SignInRefused
            if not answer.is_success:
                raise refused(_SERVICE, answer.status_code, effect_possible=False, wait=waiting_time(answer.headers))
            told = answer.json()
            return AccessToken(told["access_token"], int(time.monotonic() + float(told["expires_in"])))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            failure = broken(_SERVICE, error, effect_possible=False)
        raise failure

    def forget(self, token: str) -> None:
        """This token was refused: fetch a new one the next time. Calls refused together throw it away once."""
        if self._token is not None and self._token.token == token:
            self._token = None

    async def close(self) -> None:
        await self._http.aclose()


class AzureCredential:
    """azure-identity's client-secret credential. Its memory of tokens cannot be emptied, so a refused token starts a new one."""

    def __init__(self, authority: str, tenant_id: str, client_id: str, client_secret: str, *, ca_file: str | None = None) -> None:
        """`ca_file`: the certificates to trust, where the authority's own is not known to everyone."""
        # the authority is a setting of ours, so nobody else needs to be asked whether it is one
        self._what: dict[str, Any] = {
            "tenant_id": tenant_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "authority": authority,
            "disable_instance_discovery": True,
            "connection_verify": ca_file or True,
        }
        self._inner: list[ClientSecretCredential] = []
        self._stale = True
        self._refused = ""

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> AccessToken:
        """A token that azure-identity keeps and renews. Raises `Temporary`, of which `SignInRefused` is one."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError  # only where Teams is used
        from azure.identity.aio import ClientSecretCredential

        failure: OutsideError
        try:
            if self._stale:
                self._inner.append(ClientSecretCredential(**self._what))
                self._stale = False
            return await self._inner[-1].get_token(*scopes, claims=claims, enable_cae=enable_cae)
        except ClientAuthenticationError as error:
            busy = error.status_code is not None and (error.status_code == 429 or error.status_code >= 500)
            failure = Temporary(f"{_SERVICE} is too busy just now") if busy else SignInRefused()
        except ValueError:
            failure = SignInRefused()
        except AzureError:
            failure = Temporary(f"{_SERVICE} could not be reached")
        raise failure

    def forget(self, token: str) -> None:
        """This token was refused: start afresh the next time. The old credential may be in use, so it is closed with the rest."""
        if token != self._refused:
            self._refused = token
            self._stale = True

    async def close(self) -> None:
        for credential in self._inner:
            await credential.close()
