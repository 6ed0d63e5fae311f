"""What a test of private sessions stands on: a private session with a code, and somebody who was let in by it."""

from __future__ import annotations

from typing import Any

from domain.admissions import open_code
from domain.database import Db
from domain.errors import Refusal
from domain.invitations import MadeCode, NewCode, make_code
from domain.models import Privacy, Session
from domain.people import register_family
from tests.building import ACTOR, CODE, Building

SECRET = "Panel of parents whose children were looked after"
NEUTRAL = "Morning workshop"


def private_session(building: Building, **other: Any) -> int:
    """A private session, published, with a neutral title."""
    known = {
        "title": SECRET,
        "public_title": NEUTRAL,
        "privacy": Privacy.PRIVATE,
        "presenter": "Grace Hopper",
        "description": "About care.",
    }
    return building.session(**known | other)


def make_private(db: Db, session_id: int) -> None:
    """A session that was open, and that somebody may have booked as such, is private: no use case does this."""
    session = db.get_one(Session, session_id)
    session.privacy = Privacy.PRIVATE
    db.add(session)


def made_code(building: Building, **wish: Any) -> MadeCode:
    made: MadeCode = building.write(
        make_code, building.partnership_id, NewCode(building.programme_id, **wish), actor=ACTOR, now=building.now
    )
    return made


def let_in(building: Building, discord_id: int, code: str) -> int | Refusal:
    outcome: int | Refusal = building.write(open_code, building.partnership_id, discord_id, code, now=building.now)
    return outcome


def parent(building: Building, discord_id: int, name: str = "Rosie", email: str | None = None) -> int:
    """Somebody who was let in by a code of their own, and has proven an address of theirs."""
    let_in(building, discord_id, made_code(building).code)
    address = email or f"parent{discord_id}@family.example"
    person = building.write(register_family, building.partnership_id, discord_id, name, address, building.rules, now=building.now)
    building.deliver()
    building.prove(discord_id, CODE)
    return int(person.id)
