"""What people typed into a form that was refused, so that they need not type it again. In memory only; losing it does no harm."""

from __future__ import annotations

from collections import OrderedDict

from domain.people import Details

MOST = 200  # people; the oldest is forgotten first


class Typed:
    """The last refused details of a few people."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Details] = OrderedDict()

    def keep(self, discord_id: int, details: Details) -> None:
        """Remember until it is forgotten, or 200 others have come."""
        self._kept[discord_id] = details
        self._kept.move_to_end(discord_id)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def get(self, discord_id: int) -> Details | None:
        """What this person typed last, if it was refused."""
        return self._kept.get(discord_id)

    def forget(self, discord_id: int) -> None:
        """It was taken."""
        self._kept.pop(discord_id, None)
