"""Modes: whether somebody comes to the room or joins by the link. Only a hybrid session leaves the choice to the person."""

from __future__ import annotations

from domain.kinds import Format, Mode


def joins_by_link(format_: Format, mode: Mode | None) -> bool:
    """Whether a person joins by the link. `mode` None: nobody has chosen, and both ways stand open."""
    return format_ is Format.ONLINE or (format_ is Format.HYBRID and mode is not Mode.ROOM)
