"""The channels of a server, where days are posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.views import DayView


@dataclass(frozen=True)
class Shown:
    """Where a page of a day stands."""

    message_id: int


class Noticeboard(Protocol):
    """The channels of a server, where a programme's days are posted and kept true."""

    def pages(self, day: DayView) -> int:
        """How many messages this day needs."""

    async def show(self, day: DayView, page: int, channel_id: int, message_id: int | None, *, nonce: str) -> Shown:
        """Post a page of a day, or edit it where it stands. A deleted message is posted anew. `Permanent`: the channel is gone.

        Posted twice in a row with one `nonce`, as after an answer that was lost, it is one message, as it was first.
        """
