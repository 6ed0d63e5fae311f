"""Who asks: somebody in chat, or somebody whose own link was opened. The same questions are answered for both."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.models import Person


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
