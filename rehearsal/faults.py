"""What can go wrong with a service, planned ahead: the next call of a kind fails in a given way, or all calls of a stretch of time do.

A fault says two things: whether the call has its effect (not at all, at once, or late), and what the caller gets instead of
the true answer (a status, a page of HTML, rubbish, a cut connection, or silence).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """When the call does what it asks."""

    NONE = "none"
    NOW = "now"
    LATE = "late"  # after the caller has looked whether it happened


class Manner(StrEnum):
    """What the caller gets."""

    STATUS = "status"
    HTML = "html"
    GARBLED = "garbled"  # a success with a body that cannot be read
    CUT = "cut"
    SILENCE = "silence"


@dataclass(frozen=True)
class Fault:
    """One way to fail."""

    name: str
    effect: Effect
    manner: Manner
    status: int = 504
    code: str | int | None = None  #: the service's own error code
    message: str = ""
    retry_after: str | None = None


def status(number: int, *, retry_after: str | float | None = None, code: str | int | None = None, message: str = "") -> Fault:
    """Nothing happens and the answer is this status. `retry_after` is sent as it is."""
    wait = None if retry_after is None else str(retry_after)
    return Fault(f"status {number}", Effect.NONE, Manner.STATUS, number, code, message, wait)


DROP_BEFORE_EFFECT = Fault("dropped before the effect", Effect.NONE, Manner.CUT)
DROP_AFTER_EFFECT = Fault("dropped after the effect", Effect.NOW, Manner.CUT)
HANG_BEFORE_EFFECT = Fault("hung before the effect", Effect.NONE, Manner.SILENCE)
HANG_AFTER_EFFECT = Fault("hung after the effect", Effect.NOW, Manner.SILENCE)
GATEWAY_AFTER_EFFECT = Fault("gateway gave up after the effect", Effect.NOW, Manner.STATUS, 504)
LATE_EFFECT = Fault("the effect comes late", Effect.LATE, Manner.STATUS, 504)
HTML_502 = Fault("gateway page", Effect.NONE, Manner.HTML, 502)
HTML_502_AFTER_EFFECT = Fault("gateway page after the effect", Effect.NOW, Manner.HTML, 502)
GARBLED_AFTER_EFFECT = Fault("unreadable answer after the effect", Effect.NOW, Manner.GARBLED, 201)


@dataclass
class _Planned:
    method: str
    pattern: str
    fault: Fault
    times: int


@dataclass
class Faults:
    """The plan of one stand-in. Each planned fault is used up by the calls that it strikes."""

    clock: Callable[[], datetime]
    _planned: list[_Planned] = field(default_factory=list)
    _outages: list[tuple[datetime, datetime, str | None]] = field(default_factory=list)

    def next(self, method: str, pattern: str, fault: Fault, *, times: int = 1) -> None:
        """The next `times` calls of this method whose path holds the pattern (a regular expression) fail like this."""
        self._planned.append(_Planned(method, pattern, fault, times))

    def outage(self, start: datetime, end: datetime, *, retry_after: str | float | None = None) -> None:
        """Every call from `start` until just before `end` is answered 503."""
        self._outages.append((start, end, None if retry_after is None else str(retry_after)))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this call, used up; None for a call that goes well."""
        now = self.clock()
        for start, end, wait in self._outages:
            if start <= now < end:
                return Fault("outage", Effect.NONE, Manner.STATUS, 503, retry_after=wait)
        for planned in self._planned:
            if planned.times and planned.method == method and re.search(planned.pattern, path):
                planned.times -= 1
                return planned.fault
        return None

    @property
    def left(self) -> int:
        """How many planned faults have not struck yet."""
        return sum(planned.times for planned in self._planned)
