"""Which revisions of the database this program knows, read from the revisions' own files without loading Alembic.

A program that only looks whether its database is right needs no more; Alembic is loaded by whoever changes one.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

import migrations

_NAME = re.compile(r"^(revision|down_revision)(?:: [^=]+)? = (\S+)$", re.MULTILINE)


def known() -> dict[str, str | None]:
    """Each revision, with the one before it."""
    return dict(_named(file) for file in (Path(migrations.__file__).parent / "versions").glob("*.py"))


def newest() -> str:
    """The revision that this program works with: no other comes after it."""
    revisions = known()
    (head,) = set(revisions) - set(revisions.values())
    return head


def present(connection: Connection) -> str | None:
    """The revision that a database says of itself; None: it says none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return str(found[0]) if found else None


def _named(file: Path) -> tuple[str, str | None]:
    """The two names at the top of a revision's file, as Alembic writes them.

    Read line by line: `ast.parse` in two threads at once can fail on Python 3.11.
    """
    said = dict(_NAME.findall(file.read_text(encoding="utf-8")))
    return said["revision"].strip("\"'"), None if said["down_revision"] == "None" else said["down_revision"].strip("\"'")
