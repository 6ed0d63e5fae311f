"""The services that hold meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class MeetingRequest:
    """The meeting that a session needs. `ref` names it for ever: `<session uid>:<generation>`."""

    ref: str
    host: str  #: Teams: the organiser's object id; Zoom: the host's user id or e-mail
    title: str
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    zone: str
    co_organisers: tuple[str, ...] = ()  #: addresses of those who may run it too; the service may refuse them, never the meeting


@dataclass(frozen=True)
class MeetingMade:
    """A meeting that exists. `external_id` is the service's id; `join_url` is what people open."""

    external_id: str
    join_url: str
    without_co_organisers: bool = False  #: the service did not take those who were asked for


class MeetingProvider(Protocol):
    """One service that holds meetings. The recipe that never makes two is split between this and `domain.meetings`."""

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        """Make the meeting. Sent at most once per call. `Unknown` when it may have been made all the same."""

    async def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        """After `Unknown`: the meeting of this ref if there is one (several: the lowest id stays, the rest are deleted), else None."""

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """Give an existing meeting the title and times of `wanted`. Harmless to repeat. `Permanent("gone")` if it is no longer there."""

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        """Delete the meeting. One that is gone already counts as deleted."""

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        """Delete every meeting of this ref except `keep` (all, with None), for an effect that landed late; how many were deleted."""
