"""Held: how a session takes place, online, in a room or both; and what another way would mean for those who have booked.

Whoever has a place keeps one. Who cannot take part as they chose any more takes part the way that is left, and is told so; where that
way has too few places, the change is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from domain.capacity import modes_of
from domain.database import Db
from domain.descriptions import NewSession, described
from domain.errors import BadInput
from domain.fitting import count_confirmed, having_places
from domain.hosts import free_host, has_hosts
from domain.kinds import Format, Mode, Provider
from domain.meetings import current
from domain.places import find_session
from domain.programmes import lock_for
from domain.rules import Rules
from domain.sessions import Changed, edit

NO_SERVICE = "Say where people meet online: on Teams, on Zoom, or with a link of your own."
NO_ROOM = "Enter the room or building that people come to."


@dataclass(frozen=True)
class Held:
    """How a session is held. Places None: no limit. What a format has no use for is left out of the session."""

    format: Format
    provider: Provider | None = None
    given_link: str | None = None
    venue: str | None = None
    room_places: int | None = None
    online_places: int | None = None

    @classmethod
    def of(cls, session: NewSession) -> Self:
        """How a session is held at present. A way that it does not have yet would have as many places as the one it has."""
        online = session.online_places if session.format is Format.HYBRID else session.places
        return cls(session.format, session.provider, session.given_link, session.venue, session.places, online)


@dataclass(frozen=True)
class HeldPreview:
    """What it would mean to hold a session another way, before it is."""

    told: int  #: confirmed people who would be sent an update
    to_room: int = 0  #: people with a place who would come to the room instead of joining online
    to_online: int = 0  #: and the other way round
    host_free: bool = True  #: False: there would be no link for now
    none_set_up: bool = False  #: no host is set up at all


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def held_as(session: NewSession, held: Held) -> NewSession:
    """The session, held this way. Raises `BadInput` where the room or the service is not said."""
    room, online = held.format is not Format.ONLINE, held.format is not Format.IN_PERSON
    if room and not (held.venue or "").strip():
        raise BadInput(NO_ROOM, field="venue")
    if online and held.provider is None:
        raise BadInput(NO_SERVICE, field="provider")
    return replace(
        session,
        format=held.format,
        venue=held.venue if room else None,
        provider=held.provider if online else None,
        given_link=held.given_link if online and held.provider is Provider.GIVEN else None,
        places=held.room_places if room else held.online_places,
        online_places=held.online_places if held.format is Format.HYBRID else None,
    )


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def hold_as(
    db: Db,
    partnership_id: int,
    session_id: int,
    held: Held,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    seen: NewSession | None = None,
) -> Changed:
    """Hold a session this way: its meeting is made or given back, and everyone is sent an update. Raises as `sessions.edit` does."""
    lock_for(db, partnership_id, [session_id])
    new = held_as(seen or described(db, partnership_id, session_id), held)
    return edit(db, partnership_id, session_id, new, rules, actor=actor, now=now, seen=seen)


def preview_held(db: Db, partnership_id: int, session_id: int, held: Held, rules: Rules, *, now: datetime) -> HeldPreview:
    """What it would mean to hold a session this way. Changes nothing."""
    session = find_session(db, partnership_id, session_id)
    having, ways = having_places(db, session_id), modes_of(held.format)
    moved = {mode: 0 if mode in ways else count for mode, count in having.items()}
    told, to_room, to_online = count_confirmed(db, session_id), moved.get(Mode.ONLINE, 0), moved.get(Mode.ROOM, 0)
    meeting, service = current(db, session_id), held.provider
    same = meeting is not None and meeting.provider is service and meeting.host_id is not None
    if held.format is Format.IN_PERSON or service not in (Provider.TEAMS, Provider.ZOOM) or same:
        return HeldPreview(told, to_room, to_online)
    host = free_host(db, partnership_id, service, session.starts_at, session.ends_at, rules, now=now, taking=False)
    none_set_up = host is None and not has_hosts(db, partnership_id, service)
    return HeldPreview(told, to_room, to_online, host_free=host is not None, none_set_up=none_set_up)
