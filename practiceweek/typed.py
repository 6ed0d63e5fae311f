"""Words as they are typed on the command line."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What a process can be the only one to do."""

    BOT = "bot"
    SCHEDULER = "scheduler"


class StateWord(StrEnum):
    """What has become of a message that is owed."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


class ProgrammeWord(StrEnum):
    """A kind of programme, as it is typed."""

    PRACTICE_WEEK = "practice-week"
    PARENT_PARTNERSHIP = "parent-partnership"
    PRACTITIONER_TEACHER = "practitioner-teacher"
