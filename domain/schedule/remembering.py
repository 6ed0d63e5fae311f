"""What an organiser said that a column means: asked once, kept for that organiser, used with every later file, and forgotten on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from domain.audit import audit, by_account
from domain.database import Db
from domain.errors import BadInput
from domain.models import RememberedColumn
from domain.organisers import Organiser
from domain.schedule.columns import FIELDS, NOTHING, fields_of, heading_key
from domain.schedule.headings import SYNONYMS
from domain.texts import address_key

#: who explains a column: a Discord account, or somebody who organises by page
Explainer = int | Organiser
#: what a column may mean, in words for a menu. Discord shows 25 at most
MEANINGS: Final[Mapping[str, str]] = {
    "title": "What the session is called",
    "date": "Its date",
    "time": "Its hours, such as 9.30am to 10.30am",
    "start": "When it starts",
    "end": "When it ends",
    "duration": "How long it is",
    "presenter": "Who leads it",
    "presenter_address": "The e-mail address of who leads it",
    "organisation": "Which organisation delivers it",
    "format": "How it is held: Teams, Zoom, in person",
    "venue": "Its room or building",
    "link": "Its link to join",
    "places": "How many places there are",
    "audience": "Who it is for",
    "description": "What it is about",
    "public_title": "What a private session is called in public",
    "notes": "Notes for those who come, such as what to bring",
    "reference": "Its reference",
    "series": "The series that it is part of",
    "theme": "Its theme or area",
    "private": "Whether it is private",
    "status": "Whether it is cancelled",
    "day": "Its day of the week",
    "end_date": "The date on which it ends",
    NOTHING: "Nothing. Do not read this column",
}


@dataclass(frozen=True)
class Remembered:
    """One column that an organiser has explained. `heading` is as it is kept, without capitals."""

    id: int
    heading: str
    means: str


def known_field(means: str) -> str:
    """The field that was chosen or typed. Raises `BadInput` for none of ours."""
    field = means.strip().casefold().replace(" ", "_").replace("-", "_")
    if field == NOTHING or field in FIELDS:
        return field
    if fields := fields_of(means):  # a heading that we would know: “platform”
        return fields[0]
    known = ", ".join(SYNONYMS[name].split("|")[0] if name in SYNONYMS else name for name in MEANINGS)
    raise BadInput(f"“{means.strip()[:40]}” is not something that a column can mean. Choose one of: {known}.")


def _mine(partnership_id: int, who: Explainer) -> tuple[ColumnElement[bool], ...]:
    account, address = col(RememberedColumn.discord_id), col(RememberedColumn.address_key)
    own = address == address_key(who.address) if isinstance(who, Organiser) else account == who
    return col(RememberedColumn.partnership_id) == partnership_id, own


def _named(who: Explainer) -> str:
    return who.actor if isinstance(who, Organiser) else by_account(who)


def remember(db: Db, partnership_id: int, who: Explainer, heading: str, means: str, *, now: datetime) -> None:
    """Keep what this organiser says of a heading; what was said before is replaced. Raises `BadInput`."""
    field, key = known_field(means), heading_key(heading)
    if not key:
        raise BadInput("This column has no heading that could be remembered.")
    mine = select(RememberedColumn).where(*_mine(partnership_id, who), col(RememberedColumn.heading_key) == key)
    row = db.exec(mine).first() or RememberedColumn(
        partnership_id=partnership_id,
        discord_id=None if isinstance(who, Organiser) else who,
        address_key=address_key(who.address) if isinstance(who, Organiser) else None,
        heading_key=key,
        means=field,
        at=now,
    )
    row.means, row.at = field, now
    db.add(row)
    db.flush()
    audit(db, partnership_id, _named(who), "remember column", now=now, detail=field)


def remember_all(db: Db, partnership_id: int, who: Explainer, columns: Mapping[str, str], *, now: datetime) -> None:
    """Keep what is new of what this organiser says, from headings to meanings."""
    before = means_of(db, partnership_id, who)
    for heading, said in columns.items():
        if before.get(heading_key(heading)) != said:
            remember(db, partnership_id, who, heading, said, now=now)


def remembered(db: Db, partnership_id: int, who: Explainer) -> tuple[Remembered, ...]:
    """What this organiser has said, by heading."""
    rows = sorted(
        db.exec(select(RememberedColumn).where(*_mine(partnership_id, who))), key=lambda row: row.heading_key
    )  # here: the alphabet of a database is its own
    return tuple(Remembered(row.id or 0, row.heading_key, row.means) for row in rows)


def means_of(db: Db, partnership_id: int, who: Explainer) -> dict[str, str]:
    """The same, as a file is read with it."""
    return {one.heading: one.means for one in remembered(db, partnership_id, who)}


def forget(db: Db, partnership_id: int, who: Explainer, ids: frozenset[int] | None = None, *, now: datetime) -> int:
    """Forget some of what this organiser said, or all of it; how many. What is somebody else's stays."""
    mine = select(RememberedColumn).where(*_mine(partnership_id, who))
    if ids is not None:
        mine = mine.where(col(RememberedColumn.id).in_(ids))
    rows = db.exec(mine).all()
    for row in rows:
        db.delete(row)
    db.flush()
    if rows:
        audit(db, partnership_id, _named(who), "forget columns", now=now, detail=f"{len(rows)} columns")
    return len(rows)
