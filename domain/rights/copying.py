"""A copy of everything that is kept about one person, from every table, and what is about them elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import false, or_
from sqlalchemy import select as select_columns
from sqlmodel import SQLModel, col, select

from domain.askers import Asker
from domain.audit import audit, of_person
from domain.database import Db
from domain.kinds import Channel
from domain.models import Booking, Meeting, Notice, NoticeState, Organisation, Partnership, Person, Session
from domain.privacy import shown_title
from domain.rights.personal import PERSONAL
from domain.rights.subjects import SOMEBODY, Subject, subject_at
from domain.rights.table import Table
from domain.rights.tables import FREE_WORDS
from domain.tables import table_of
from domain.times import LONDON, when_words

Cell = str | int | float | bool | None

#: what we cannot hand over, because it is not with us
ELSEWHERE = (
    "E-mails that we sent are in your mailbox. The mail service keeps a log of them for a while.",
    "Calendar entries are in your own calendar.",
    "Teams and Zoom keep who joined a meeting, by their own rules.",
    "Safety copies are made of all this. The oldest are deleted as time goes by.",
    "What you said in feedback is kept without your name. Nobody can find out which answers are yours, so they are not here.",
)
#: the same of chat, where there is any
IN_CHAT = "Messages that we sent you in Discord are in your Discord account."


@dataclass(frozen=True)
class Part:
    """Their rows of one table. Every row has a cell for each column."""

    table: str
    holds: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: by column, what its numbers stand for: a session by the title that everybody may see, an organisation by its name
    means: tuple[tuple[str, Mapping[int, str]], ...] = ()


@dataclass(frozen=True)
class PersonCopy:
    """Everything about one person. `named` is where organisers' own words name them; `elsewhere` what others keep."""

    name: str
    partnership: str
    made_at: datetime  #: UTC
    parts: tuple[Part, ...]
    named: tuple[str, ...]
    elsewhere: tuple[str, ...]


def copy_of(db: Db, one: Subject, *, actor: str | None = None, now: datetime) -> PersonCopy:
    """Everything, with a line in the audit trail that it was handed out; without `actor` by themselves."""
    audit(db, one.partnership_id, actor or of_person(one.person_id), "export person", now=now, detail=of_person(one.person_id))
    parts = tuple(part for table in PERSONAL if (part := _part(db, one, table)).rows)
    person = db.get_one(Person, one.person_id)
    partnership = db.get_one(Partnership, one.partnership_id)
    chat = partnership.guild_id is not None or one.discord_id is not None
    elsewhere = (*_meetings(db, one, chat=chat), *ELSEWHERE[:2], *((IN_CHAT,) if chat else ()), *ELSEWHERE[2:])
    return PersonCopy(person.name, partnership.name, now, parts, named_in(db, one, names_of(db, one)), elsewhere)


def copy_for(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> PersonCopy:
    """The same for who asks for themselves. Raises `NotFound` for an account of which nothing is kept."""
    return copy_of(db, subject_at(db, partnership_id, asker, now=now), now=now)


def _part(db: Db, one: Subject, table: Table) -> Part:
    names = tuple(table.about.split())
    whole = table_of(table.model)
    assert table.theirs is not None
    found = db.connection().execute(
        select_columns(*(whole.c[name] for name in names)).where(table.theirs(one)).order_by(*whole.primary_key)
    )
    rows = tuple(tuple(_cell(value) for value in row) for row in found)
    means = tuple((name, SAID[name](db, _numbers(rows, names, name))) for name in names if name in SAID)
    return Part(table.name, table.holds, names, rows, means)


def _numbers(rows: Sequence[tuple[Cell, ...]], names: Sequence[str], name: str) -> set[int]:
    return {number for row in rows if isinstance(number := row[names.index(name)], int)}


def _sessions(db: Db, ids: set[int]) -> dict[int, str]:
    """Each as everybody may see it, a private one too: `Strengths, Monday 15 March 2027, 9.30am to 11am, UK time (GMT)`."""
    found = db.exec(select(Session).where(col(Session.id).in_(ids))).all() if ids else ()
    return {one.id or 0: f"{shown_title(one)}, {when_words(one.starts_at, one.ends_at, LONDON)}" for one in found}


def _organisations(db: Db, ids: set[int]) -> dict[int, str]:
    found = db.exec(select(Organisation).where(col(Organisation.id).in_(ids))).all() if ids else ()
    return {one.id or 0: one.name for one in found}


#: the numbers that mean nothing to a reader, and what they stand for
SAID: Mapping[str, Callable[[Db, set[int]], dict[int, str]]] = {"session_id": _sessions, "organisation_id": _organisations}


def _cell(value: object) -> Cell:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _meetings(db: Db, one: Subject, *, chat: bool) -> tuple[str, ...]:
    """How much of them went to each service."""
    sent = select(Notice.channel).where(col(Notice.person_id) == one.person_id, col(Notice.state) == NoticeState.SENT)
    channels = list(db.exec(sent))
    rooms = (
        select(Meeting.provider)
        .join(Booking, col(Booking.session_id) == col(Meeting.session_id))
        .where(col(Booking.person_id) == one.person_id, col(Meeting.external_id).is_not(None))
    )
    in_chat = f" and {channels.count(Channel.CHAT)} messages in Discord" if chat else ""
    said = [f"We sent you {channels.count(Channel.EMAIL)} e-mails{in_chat}."]
    said += [f"You had places in meetings held by {provider}." for provider in sorted({str(one).title() for one in db.exec(rooms)})]
    return tuple(said)


# ── where their name stands ─────────────────────────────────────────────────────────────────────────────────


def names_of(db: Db, one: Subject) -> tuple[str, ...]:
    """What they are or were called here, and their address."""
    person = db.get_one(Person, one.person_id)
    aliases = select(Booking.alias).where(col(Booking.person_id) == one.person_id, col(Booking.alias).is_not(None))
    words = {person.name, *(alias or "" for alias in db.exec(aliases)), one.address or ""} - {"", SOMEBODY}
    return tuple(sorted(words))


def named_in(db: Db, one: Subject, names: Sequence[str]) -> tuple[str, ...]:
    """Where organisers' words name them, such as `session 4: description`: for people to look at, as a name can be another's."""
    found = []
    for model, column in FREE_WORDS:
        rows = _naming(db, model, column, one.partnership_id, names)
        found += [f"{model.__tablename__} {number}: {column.replace('_', ' ')}" for number in rows]
    return tuple(found)


def _naming(db: Db, model: type[SQLModel], column: str, partnership_id: int, names: Sequence[str]) -> Sequence[int]:
    table = table_of(model)
    says = or_(false(), *(table.c[column].icontains(name, autoescape=True) for name in names))
    found = select_columns(table.c.id).where(table.c.partnership_id == partnership_id, says).order_by(table.c.id)
    return db.connection().execute(found).scalars().all()
