"""References: the short names by which people speak of sessions."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.models import (
    Session,
)

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read for something else


def reference_of(number: int) -> str:
    """A short name for people and spreadsheets: `PW-` and five characters, another for each number up to 24 million."""
    rest, letters = (number * 14_348_909) % len(ALPHABET) ** 5, ""
    for _ in range(5):
        rest, digit = divmod(rest, len(ALPHABET))
        letters += ALPHABET[digit]
    return f"PW-{letters}"


def free_reference(db: Db, partnership_id: int, wanted: str | None) -> str:
    number = (db.exec(select(func.max(Session.id))).one() or 0) + 1
    reference = wanted or reference_of(number)
    while (
        db.exec(select(Session.id).where(col(Session.partnership_id) == partnership_id, col(Session.reference) == reference)).first()
        is not None
    ):
        number += 1
        reference = reference_of(number)
    return reference
