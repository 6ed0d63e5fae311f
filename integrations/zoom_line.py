"""The line to Zoom under its meetings: which account, and its token."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx

from domain.errors import OutsideError, Permanent
from integrations.outcomes import AccountRefused, broken, refused, waiting_time

_SERVICE = "the Zoom sign-in"
SIGN_IN_REFUSED = "Zoom refused our sign-in: check the account id, the client id and the client secret"

#: a token is not used in its last seconds
_MARGIN = 60.0


@dataclass(frozen=True)
class ZoomAccount:
    """A server-to-server application of one Zoom account, and how its meetings are set."""

    api_base: str  #: such as https://api.zoom.us/v2
    oauth_base: str  #: such as https://zoom.us
    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    #: nobody sits in front of the host account, so people come in without it
    join_before_host: bool = True
    waiting_room: bool = False


class SignIn:
    """The account's token, fetched once and shared. It lives an hour and cannot be renewed, only replaced."""

    def __init__(self, account: ZoomAccount, http: httpx.AsyncClient, seconds: float) -> None:
        self._account = account
        self._http = http
        self._seconds = seconds
        self._fetching = asyncio.Lock()
        self._token = ""
        self._until = 0.0  #: by the loop's own running clock

    async def token(self, *, instead_of: str = "") -> str:
        """The token in hand, or a new one if it has run out or is the one that was refused."""
        async with self._fetching:
            now = asyncio.get_running_loop().time()
            if not self._token or self._token == instead_of or now >= self._until:
                self._token, seconds = _read(await self._fetch())
                self._until = now + seconds - _MARGIN
            return self._token

    async def _fetch(self) -> httpx.Response:
        """A new token's answer. A failure here means that nothing happened, whatever the call was to be."""
        account = self._account
        form = {"grant_type": "account_credentials", "account_id": account.account_id}
        url = f"{account.oauth_base.rstrip('/')}/oauth/token"
        failure: OutsideError
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._http.post(url, data=form, auth=(account.client_id, account.client_secret))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            failure = broken(_SERVICE, error, effect_possible=False)
        else:
            if answer.is_success:
                return answer
            wait = waiting_time(answer.headers)
            failure = refused(_SERVICE, answer.status_code, effect_possible=False, wait=wait)
            if isinstance(failure, Permanent):
                failure = AccountRefused(SIGN_IN_REFUSED)
        raise failure


def _read(answer: httpx.Response) -> tuple[str, float]:
    """The token, and for how many seconds it is good."""
    try:
        told = answer.json()
        token, seconds = str(told["access_token"]), float(told["expires_in"])
        if token.isascii() and token.isprintable() and token:  # anything else cannot stand in a header
            return token, seconds
        raise ValueError("no token")
    except (ValueError, KeyError, TypeError) as error:
        failure = broken(_SERVICE, error, effect_possible=False)
    raise failure
