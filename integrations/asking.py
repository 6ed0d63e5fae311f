"""Asking a service one harmless question over HTTP, for a check: the answer, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from domain.findings import Finding, missing, unsure


@dataclass(frozen=True)
class Answer:
    """What came back. `told` is the JSON object, empty where there was none."""

    status: int
    told: dict[str, Any] = field(repr=False)
    at: datetime | None  #: the service's own time, where it said it

    @property
    def good(self) -> bool:
        """Whether the service did what was asked."""
        return 200 <= self.status < 300

    @property
    def busy(self) -> bool:
        """Whether another minute may bring another answer."""
        return self.status == httpx.codes.TOO_MANY_REQUESTS or self.status >= 500


async def ask(
    http: httpx.AsyncClient,
    method: str,
    address: str,
    *,
    service: str,
    form: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    bearer: str = "",
    content: bytes | None = None,
    params: Mapping[str, str] | None = None,
) -> Answer | Finding:
    """The answer, or a finding that says why nothing came. Neither holds a secret or an address."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    if content is not None:
        headers["Content-Type"] = "text/plain"
    try:
        answer = await http.request(method, address, data=form, auth=auth, headers=headers, content=content, params=params)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        return missing(f"The address set for {service} cannot be used.", "Compare it with config.example.toml.")
    except httpx.TimeoutException:
        return missing(f"{_first(service)} did not answer in time.", "Look whether this machine may reach it: a firewall may be between.")
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            remedy = "A proxy may be reading the traffic: ask your network people, and name its certificate in SSL_CERT_FILE."
            return missing(f"The certificate of {service} is not trusted here.", remedy)
        return missing(
            f"{_first(service)} could not be reached.", "Look whether this machine has internet, and whether the address is right."
        )
    return Answer(answer.status_code, _told(answer), _date(answer))


def busy(service: str) -> Finding:
    """The service had no time for us."""
    return unsure(f"{_first(service)} is too busy to tell just now.", "Try again in a few minutes.")


def _first(service: str) -> str:
    """At the beginning of a sentence."""
    return service[:1].upper() + service[1:]


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _date(answer: httpx.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
