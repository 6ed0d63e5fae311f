"""Guesses: how often somebody may open what is not there, or ask for mail, before they have to wait. Counted by all processes together."""

from __future__ import annotations

import hashlib
import ipaddress

from starlette.exceptions import HTTPException
from starlette.requests import Request

from domain.errors import Held
from domain.limits import ASKED_FOR, FORMS_SENT, WISH_MAIL, WISHES_MAIL, WISHES_SENT, WRONG_LINKS, named
from domain.links import LinkKey
from domain.ports.limits import Limits

#: the detail of a refusal that is for one e-mail address alone, whoever asks and whether we know it or not
OF_ADDRESS = "too often for one address"


class Guesses:
    """Counts by a keyed hash of the computer's address, or of the e-mail address: neither is kept as it is."""

    def __init__(self, limits: Limits, key: LinkKey) -> None:
        self._limits = limits
        self._key = key

    async def wrong_link(self, request: Request) -> None:
        """Count a link that opened nothing. Raises `HTTPException` 429 where there were too many."""
        await self._count(WRONG_LINKS, _who(request))

    async def form_sent(self, request: Request) -> None:
        """Count a form. Raises as above."""
        await self._count(FORMS_SENT, _who(request))

    async def wish_sent(self, request: Request) -> None:
        """Count a wish for a place. Raises as above."""
        await self._count(WISHES_SENT, _who(request))

    async def mail_asked_for(self, address: str) -> None:
        """Count a mail that a stranger asks for. Raises as above, for a known and an unknown address alike."""
        await self._count(ASKED_FOR, address.strip().casefold(), OF_ADDRESS)

    async def wish_asked_for(self, address: str, what: str) -> None:
        """Count the mail that a wish for a place asks for: no mail, no place. Raises as above."""
        whom = address.strip().casefold()
        await self._count(WISH_MAIL, f"{what}\n{whom}", OF_ADDRESS)
        await self._count(WISHES_MAIL, whom, OF_ADDRESS)

    async def _count(self, kind: str, whom: str, of: str | None = None) -> None:
        mark = hashlib.sha256(self._key.sign(f"{kind}\n{whom}").encode()).hexdigest()[:24]
        try:
            await self._limits.take(named(kind, mark), patience=0)
        except Held as held:
            seconds = max(1, round(held.retry_after or 60))
            raise HTTPException(429, of, headers={"Retry-After": str(seconds)}) from None


def _who(request: Request) -> str:
    """The computer that asks. Of IPv6, whose every household has 2^64 addresses, the household (RFC 6177)."""
    said = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(said.partition("%")[0])
    except ValueError:
        return said
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))
