"""Column types shared by the tables."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum


def choice(kind: type[StrEnum]) -> Enum:
    """A column that holds the value of one of an enumeration's members, and a CHECK that says so."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=f"known_{kind.__name__.lower()}",
        length=24,
        validate_strings=True,
    )
