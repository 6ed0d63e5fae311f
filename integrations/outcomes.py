"""What a failed call to a meeting service meant: statuses and broken connections become the domain's three outcomes.

The question is always the same: can the service have done what was asked? `effect_possible` says whether that
matters for the call at hand (it does for one that makes a meeting, it does not for one that may be repeated).
Reasons name the service and what happened, and never an address, a link or anything that the service wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from domain.errors import Busy, OutsideError, Permanent, Temporary, Unknown

#: answers below 500 that say "not now": nothing happened, and the same call may work later
_NOT_NOW = frozenset({408, 409, 423, 425})
_TOO_MANY = 429

#: the request never left: nothing can have happened
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

#: how long to wait when a daily limit is reached and the answer says neither the hour nor how long (seconds)
_AN_HOUR = 3600.0

#: how long to wait after a refusal that a person has to see to, or that a new setting of theirs takes to end (seconds)
_HALF_AN_HOUR = 1800.0


class AccountRefused(Temporary):
    """The service refuses us, not this one call: our sign-in, or what our application may do. It heals once somebody has seen to it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retry_after=_HALF_AN_HOUR)


def refused(service: str, status: int, *, effect_possible: bool, reason: str = "", wait: float | None = None) -> OutsideError:
    """The outcome of an answer that is not a success. `reason` words a permanent refusal; `wait` is in seconds."""
    if status == _TOO_MANY:
        return Busy(f"{service} is too busy just now (answer {status})", retry_after=wait)
    if status in _NOT_NOW:
        return Temporary(f"{service} is too busy just now (answer {status})", retry_after=wait)
    if status >= 500:
        said = f"{service} had a fault of its own (answer {status})"
        return Unknown(said) if effect_possible else Temporary(said, retry_after=wait)
    return Permanent(reason or f"{service} did not accept this (answer {status})")


def broken(service: str, error: BaseException, *, effect_possible: bool) -> OutsideError:
    """The outcome of a call that got no answer that can be read."""
    if isinstance(error, _NEVER_SENT):
        return Temporary(f"{service} could not be reached")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return Permanent(f"the address set for {service} cannot be used")
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        said = f"{service} did not answer in time"
    elif isinstance(error, httpx.TransportError):
        said = f"the connection to {service} was cut"
    else:
        said = f"{service} gave an answer that could not be read"
    return Unknown(said) if effect_possible else Temporary(said)


def waiting_time(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; None where there is none. Seconds, an HTTP date and an ISO date are all seen in the wild.

    A date is counted from the answer's own Date, so that no clock of ours takes part.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    until, said_at = _instant(text), _instant(headers.get("date", ""))
    if until is None or said_at is None:
        return None
    return max(0.0, (until - said_at).total_seconds())


def time_to_midnight(headers: Mapping[str, str]) -> float:
    """Seconds until a daily limit starts again: Retry-After if it is there, else the next midnight UTC by the answer's Date."""
    said = waiting_time(headers)
    if said is not None:
        return said
    said_at = _instant(headers.get("date", ""))
    if said_at is None:
        return _AN_HOUR
    midnight = said_at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - said_at).total_seconds()


def _instant(text: str) -> datetime | None:
    """An HTTP date or an ISO date as UTC; None for anything else. A date without a zone is UTC."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(text)
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
