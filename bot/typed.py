"""What people typed into a form that was refused, so that they need not type it again. In memory only; losing it does no harm."""

from __future__ import annotations

from collections import OrderedDict

from domain.people import Details

MOST = 200  # people; the oldest is forgotten first
Typist = tuple[int, int]  # the partnership's id, the person's Discord id


class Typed:
    """The last refused details of a few people."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Typist, Details] = OrderedDict()

    def keep(self, who: Typist, details: Details) -> None:
        """Remember until it is forgotten, or 200 others have come."""
        self._kept[who] = details
        self._kept.move_to_end(who)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def get(self, who: Typist) -> Details | None:
        """What this person typed last, if it was refused."""
        return self._kept.get(who)

    def forget(self, who: Typist) -> None:
        """It was taken."""
        self._kept.pop(who, None)
