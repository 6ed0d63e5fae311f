"""Replies: what a calendar program sends back when somebody answers an invitation, and the mailbox that they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Answer(StrEnum):
    """What somebody pressed."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    OTHER = "other"  # they propose another time, or send somebody else


@dataclass(frozen=True)
class Reply:
    """One answer to one invitation, as its mail says it. Addresses are as they were written; nothing of it is proven but by `proven`."""

    key: str  #: made from the mail's Message-ID: the same mail has the same key
    uid: str  #: of the calendar entry
    answer: Answer
    sequence: int  #: of the invitation that was answered
    dtstamp: datetime  #: UTC: when it was answered
    attendee: str = field(repr=False)  #: who answers, by the calendar part
    sender: str = field(repr=False)  #: whom the mail is from
    proven: bool = False  #: our mail server says that the sender is who they say
    automatic: bool = False  #: a machine wrote it, and nobody pressed anything


@dataclass(frozen=True)
class Found:
    """An unread mail that answers an invitation. `handle` is the mailbox's own name for it."""

    handle: str
    reply: Reply


class ReplyBox(Protocol):
    """The mailbox that replies come to. Nothing in it is ever deleted or moved, and what is no reply stays as it is."""

    async def unread(self) -> Sequence[Found]:
        """Replies that nobody has read. Each comes again until it is marked or left. Raises an `OutsideError`."""

    async def mark_read(self, handles: Sequence[str]) -> None:
        """These were seen to: nobody needs to read them. Raises an `OutsideError`."""

    def leave(self, handles: Sequence[str]) -> None:
        """These are for people: they stay unread, and this process does not look at them again."""

    async def aclose(self) -> None:
        """Let go of every connection."""
