"""Held: how a session takes place, online, in a room or both; and what another way would mean for those who have booked.

Whoever has a place keeps one. Who cannot take part as they chose any more takes part the way that is left, and is told so; where that
way has too few places, the change is refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from domain.capacity import modes_of
from domain.database import Db
from domain.descriptions import NewSession, checked, described, told_changes, told_differences
from domain.errors import BadInput
from domain.fields import Fields
from domain.fitting import confirmed_by_way
from domain.hearing import hearing
from domain.hosts import free_host, has_hosts
from domain.kinds import Format, Mode, Provider
from domain.meetings import current
from domain.models import Session, SessionState
from domain.places import find_session
from domain.programmes import lock_for
from domain.rules import Rules
from domain.sessions import Changed, edit
from domain.waiting import count_hearing

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
    to_room: int = 0  #: of these, who would come to the room instead of joining online
    to_online: int = 0  #: and the other way round
    host_free: bool = True  #: False: there would be no link for now
    none_set_up: bool = False  #: no host is set up at all
    waiting: int = 0  #: who wait, or have an offer, and would be told too
    presenting: int = 0  #: who present it and would be told too

    @property
    def anything(self) -> bool:
        """Whether anybody would notice: else nothing need be asked first."""
        return bool(self.told or self.waiting or self.presenting) or not self.host_free


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def held_as(session: NewSession, held: Held) -> NewSession:
    """The session, held this way. Raises `BadInput` where the room or the service is not said."""
    room, online = held.format is not Format.ONLINE, held.format is not Format.IN_PERSON
    fields = Fields()
    if room:
        fields.check(lambda: _require(held.venue, NO_ROOM, "venue"))
    if online:
        fields.check(lambda: _require(held.provider, NO_SERVICE, "provider"))
    fields.require()
    return _described_so(session, held)


def _described_so(session: NewSession, held: Held) -> NewSession:
    room, online = held.format is not Format.ONLINE, held.format is not Format.IN_PERSON
    return replace(
        session,
        format=held.format,
        venue=held.venue if room else None,
        provider=held.provider if online else None,
        given_link=held.given_link if online and held.provider is Provider.GIVEN else None,
        places=held.room_places if room else held.online_places,
        online_places=held.online_places if held.format is Format.HYBRID else None,
    )


def _require(said: str | None, otherwise: str, field: str) -> None:
    if not (said or "").strip():
        raise BadInput(otherwise, field=field)


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
    """What it would mean to hold a session this way: only who would be owed an update is counted. Changes nothing."""
    session = find_session(db, partnership_id, session_id)
    changes = _changes(db, session, held)
    hear = hearing(db, session, changes)
    having, ways = confirmed_by_way(db, session_id), modes_of(held.format)
    moved = {mode: 0 if mode in ways else count for mode, count in having.items()}
    found = HeldPreview(
        told=len(hear.bookings),
        to_room=moved.get(Mode.ONLINE, 0),
        to_online=moved.get(Mode.ROOM, 0),
        waiting=count_hearing(db, session, changes),
        presenting=len(hear.presenters),
    )
    meeting, service = current(db, session_id), held.provider
    same = meeting is not None and meeting.provider is service and meeting.host_id is not None
    if held.format is Format.IN_PERSON or service not in (Provider.TEAMS, Provider.ZOOM) or same:
        return found
    host = free_host(db, partnership_id, service, session.starts_at, session.ends_at, rules, now=now, taking=False)
    none_set_up = host is None and not has_hosts(db, partnership_id, service)
    return replace(found, host_free=host is not None, none_set_up=none_set_up)


def _changes(db: Db, session: Session, held: Held) -> tuple[str, ...]:
    """What an update would say has changed. Of a form that is not filled in yet, as far as it is."""
    if session.state is not SessionState.PUBLISHED:
        return ()
    new = _described_so(described(db, session.partnership_id, session.id or 0), held)
    with suppress(BadInput):
        new = checked(new)
    return told_changes(told_differences(session, new), new)
