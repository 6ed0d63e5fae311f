"""Who asks: somebody in chat, or somebody whose own link was opened. The same questions are answered for both, but one: what was only
wished for on a page, in their name, is no claim of theirs in chat, and their own page asks about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, true
from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, Person, SeriesBooking


@dataclass(frozen=True)
class ByLink:
    """The person whose own link was opened."""

    person_id: int


#: a Discord account's id, or the person of a link
Asker = int | ByLink


def is_theirs(asker: Asker, person: Person) -> bool:
    """The same of a person that was read."""
    return person.id == asker.person_id if isinstance(asker, ByLink) else person.discord_id == asker


def is_them(asker: Asker) -> ColumnElement[bool]:
    """Whether a person is who asks."""
    return col(Person.id) == asker.person_id if isinstance(asker, ByLink) else col(Person.discord_id) == asker


def person_of(db: Db, partnership_id: int, asker: Asker) -> Person | None:
    """Who asks, if we know them."""
    return db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, is_them(asker))).first()


def is_claim_to(asker: Asker, claim: Booking | SeriesBooking) -> bool:
    """Whether who asks is shown this booking of theirs, which may be but a wish."""
    return isinstance(asker, ByLink) or not claim.wished


def are_claims_to(asker: Asker, wished: object) -> ColumnElement[bool]:
    """The same as a condition, by the column that says what is wished."""
    return true() if isinstance(asker, ByLink) else col(wished).is_(False)
