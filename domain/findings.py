"""Findings: what a look at one connection found, in words that anybody may read. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: a clock that is further off than this makes sign-ins fail and reminders late (seconds)
MOST_SKEW = 60.0


class Sign(StrEnum):
    """How it stands."""

    OK = "ok"
    MISSING = "missing"  # something has to be done
    UNSURE = "unsure"  # it could not be told from here
    OFF = "off"  # the settings do not ask for it


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it stands, a sentence, and what to do about it."""

    sign: Sign
    sentence: str
    remedy: str = ""


def ok(sentence: str) -> Finding:
    """It is as it should be."""
    return Finding(Sign.OK, sentence)


def missing(sentence: str, remedy: str) -> Finding:
    """It is not, and this mends it."""
    return Finding(Sign.MISSING, sentence, remedy)


def unsure(sentence: str, remedy: str = "") -> Finding:
    """It could not be told; this is how to look."""
    return Finding(Sign.UNSURE, sentence, remedy)


def off(sentence: str) -> Finding:
    """It is not asked for."""
    return Finding(Sign.OFF, sentence)


def clock_finding(whose: str, theirs: datetime | None, ours: datetime) -> list[Finding]:
    """Whether the clock of this machine agrees with a service's; nothing where the service did not say the time."""
    if theirs is None:
        return []
    seconds = (ours - theirs).total_seconds()
    if abs(seconds) <= MOST_SKEW:
        return [ok(f"The clock of this machine agrees with {whose}.")]
    way = "ahead of" if seconds > 0 else "behind"
    said = f"The clock of this machine is {round(abs(seconds))} seconds {way} the clock of {whose}."
    return [missing(said, "Let this machine set its clock by the internet (NTP).")]


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
