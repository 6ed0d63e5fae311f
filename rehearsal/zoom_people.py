"""The people of the Zoom stand-in's account: their licence and settings, and the scopes that let an app read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rehearsal.serving import ServiceError

#: everything that Practice Week can use
SCOPES = (
    "meeting:write:meeting:admin",
    "meeting:update:meeting:admin",
    "meeting:delete:meeting:admin",
    "meeting:read:meeting:admin",
    "meeting:read:list_meetings:admin",
    "user:read:user:admin",
    "user:read:settings:admin",
)


@dataclass(frozen=True)
class ZoomPerson:
    """An account that may hold meetings. `kind` is Zoom's: 1 basic, 2 licensed."""

    kind: int = 2
    join_before_host: bool = True
    waiting_room: bool = False


def person_told(person: ZoomPerson, account: str, scopes: Iterable[str]) -> dict[str, Any]:
    """An account as Zoom tells it. Raises `ServiceError`."""
    _allowed(scopes, "user:read:user:admin")
    return {"id": account, "type": person.kind, "status": "active"}


def settings_told(person: ZoomPerson, scopes: Iterable[str]) -> dict[str, Any]:
    """An account's settings as Zoom tells them. Raises `ServiceError`."""
    _allowed(scopes, "user:read:settings:admin")
    return {
        "schedule_meeting": {"join_before_host": person.join_before_host},
        "in_meeting": {"waiting_room": person.waiting_room},
    }


def _allowed(scopes: Iterable[str], scope: str) -> None:
    if scope not in scopes:
        raise ServiceError(400, 4711, f"Invalid access token, does not contain scopes:[{scope}].")
