"""A letter's turn: until when who has claimed it may begin to send it.

It is asked as late as can be: what had to be waited for before, such as an answer of the service or a process that was held up, may have
taken longer than the turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from domain.errors import Temporary, Unknown
from domain.kinds import Kind
from domain.notices import LEASE
from domain.ports.letters import Letter


def require_turn(letter: Letter, is_harmless: Callable[[Kind, float], bool], now: datetime) -> None:
    """Raises `Temporary` once another process may have the letter, and `Unknown` where an earlier attempt may have arrived so long ago
    that the service no longer knows the one for the other. `is_harmless`: a repeat after so many seconds.
    """
    until, first = letter.leased_until, letter.first_tried_at
    if until is None:
        return  # nobody else can have it
    if now >= until:
        raise Temporary("its turn was over before it was begun")
    if first is None or first == until - LEASE:
        return  # nothing of it can have left before this attempt
    if not is_harmless(letter.kind, seconds_since(first, now)):
        raise Unknown("it may have arrived, and it is too late to repeat it")


def seconds_since(first: datetime, now: datetime) -> float:
    """How long ago a letter may first have left. Once the clock has gone back behind that, nobody knows: it may be any time."""
    seconds = (now - first).total_seconds()
    return seconds if seconds >= 0 else math.inf
