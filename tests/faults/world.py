"""What a run with faults plays on: a partnership, a programme of five sessions, and people, in a new database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.database import Store
from domain.kinds import Provider
from practiceweek.kept import keep
from practiceweek.settings.installation import from_tables
from tests.building import START, Building

#: when the world begins: a little before the day-before reminders of its first session
BEGINS = START - timedelta(hours=27)
PEOPLE = 12
SCHEDULE_ROOM = 77


@dataclass(frozen=True)
class World:
    """What there is, by id."""

    partnership_id: int
    programme_id: int
    sessions: tuple[int, ...]
    people: tuple[int, ...]


def new_world(tables: dict[str, Any], now: datetime, *, people: int = PEOPLE, teams: bool = True) -> World:
    """Fill a database that has every table and no row."""
    settings = from_tables(tables)
    store = Store(settings.database.url)
    try:
        (kept,) = store.write_now(keep, settings.partnership, now=now)
        building = Building(store, kept.id, kept.rules, now)
        building.programme()
        sessions = (
            building.session(places=3, title="In the room"),
            building.session(places=2, title="For two", starts_at=START + timedelta(hours=2)),
            building.online(places=4, title="By Zoom", provider=Provider.ZOOM, starts_at=START + timedelta(hours=4)),
            building.online(
                places=None, title="By Teams", provider=Provider.TEAMS if teams else Provider.ZOOM, starts_at=START + timedelta(hours=6)
            ),
            building.session(places=5, title="The last", starts_at=START + timedelta(hours=30)),
        )
        # one in two is reminded by chat, and one of them by both ways
        known = tuple(building.person(900 + n, reminders_by_chat=n % 2 == 0, reminders_by_email=n % 4 != 0) for n in range(people))
        return World(kept.id, building.programme_id, sessions, known)
    finally:
        store.close()
