"""Everything that can go wrong, in one tree.

    Refusal                     a person asked for something that cannot be; str() is a sentence for that person
    ├── NotFound                no such programme, session, booking (or none that this person may see)
    ├── NotAllowed              the person may not do this
    ├── BadInput                what was typed cannot be used
    │   ├── BadInputs           several fields of one form, each with what is wrong with it
    │   └── WallTimeError ── NonexistentWallTime, AmbiguousWallTime
    └── Closed                  too late, cancelled, not open yet
    NaiveInstant                a fault of ours: an instant without a zone reached the database
    OutsideError                an outside service did not do what was asked (see `domain.ports`)
    ├── Permanent               it will never work like this
    │   └── ChatClosed          a person takes no direct messages from us
    ├── Temporary               try again later (after `retry_after` seconds where the service said so)
    │   ├── Busy                so says the service to all of us, not to this one call
    │   └── Held                we did not ask: our share is used up, or the service wants to be left alone for a while
    └── Unknown                 it may or may not have happened

A `Refusal` carries its sentence, and a `BadInput` the name of what it is about. `bot/errors.py` and `web/replies.py` turn the tree into
replies; nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class Refusal(Exception):
    """We could not do that."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or (type(self).__doc__ or "").strip().splitlines()[0])


class NotFound(Refusal):
    """We could not find that. It may have been removed."""


class NotAllowed(Refusal):
    """You cannot do that here. Ask an organiser if you think you should be able to."""


class BadInput(Refusal):
    """That could not be read. Please check it and try again."""

    def __init__(self, sentence: str | None = None, *, field: str = "") -> None:
        self.field = field  #: the use case's parameter that is refused, or its value's attribute; empty: none alone
        super().__init__(sentence)


class BadInputs(BadInput):
    """Some of that could not be read. Please check it and try again."""

    def __init__(self, each: Sequence[BadInput]) -> None:
        self.each = tuple(each)  #: in the order of the form
        super().__init__(" ".join(dict.fromkeys(str(one) for one in each)))


class Closed(Refusal):
    """This session is closed."""


class WallTimeError(BadInput):
    """That time cannot be used."""

    def __init__(self, wall: datetime, sentence: str) -> None:
        self.wall = wall
        super().__init__(sentence)


class NonexistentWallTime(WallTimeError):
    """That time does not exist, because the clocks go forward that night."""

    def __init__(self, wall: datetime) -> None:
        super().__init__(wall, f"{wall:%H:%M} on {wall.day} {wall:%B %Y} does not exist: the clocks go forward that night.")


class AmbiguousWallTime(WallTimeError):
    """That time comes twice, because the clocks go back that night."""

    def __init__(self, wall: datetime) -> None:
        super().__init__(
            wall,
            f"{wall:%H:%M} on {wall.day} {wall:%B %Y} comes twice: the clocks go back that night. "
            "Say BST for the first or GMT for the second.",
        )


class NaiveInstant(ValueError):
    """An instant without a zone."""

    def __init__(self, value: datetime) -> None:
        super().__init__(f"an instant needs a zone: {value!r}")


class OutsideError(Exception):
    """An outside service did not do what was asked. `reason` is short, and free of addresses, links and secrets."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Permanent(OutsideError):
    """It will never work like this: an unknown address, a missing right, closed direct messages."""


class ChatClosed(Permanent):
    """This person takes no direct messages from us: nothing more is sent by chat until they ask for it."""


class Temporary(OutsideError):
    """It did not happen; it may later. `retry_after` is in seconds where the service said so."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class Busy(Temporary):
    """The service asks us to slow down. No process of ours calls it again before `retry_after` is over."""


class Held(Temporary):
    """It was not tried: what others allow us is used up for `retry_after` seconds. It counts as no attempt."""


class Unknown(OutsideError):
    """It may or may not have happened: the connection died after the request was handed over."""
