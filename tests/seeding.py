"""One person in every table that there is: a row of each, made from the schema alone, so that a new table cannot be forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Enum, LargeBinary, Numeric, String, Table, insert
from sqlmodel import AutoString, SQLModel

from domain.database import Db
from domain.rights.tables import FREE_WORDS, TABLES
from domain.times import UtcDateTime

NAME, ADDRESS, ACCOUNT = "Quillon Zebedee", "quillon.zebedee@family.example", 918273645546372819
#: the number of the row of each table
ROW = 1000
PAST, PAST_DAY = datetime(2027, 2, 1, 10, 0, tzinfo=UTC), date(2027, 2, 1)
ADDRESSES = ("address", "address_key", "email", "email_key")
ACCOUNTS = ("discord_id", "asked_by")
#: about a person, and yet without their name: numbers and words of ours, and what nothing leads to
NO_NAME = {
    "auditentry.actor": f"person:{ROW}",
    "auditentry.action": "book confirmed",
    "auditentry.detail": "",
    "erasure.asked_by": f"person:{ROW}",
    "notice.key": "invitation:1000:1",
    "link.subject": "mine:1000",
    "replyseen.key": "a hash",
    "rememberedcolumn.means": "title",
    "feedbackanswer.text": "It was good",
    "session.given_link": None,
    "material.link": None,
    "material.file_name": "slides.pdf",
    "invitationcode.hint": "ABC",
    "announcement.made_by": f"discord:{ACCOUNT}",
    "invitationcode.made_by": f"discord:{ACCOUNT}",
    "organiseraddress.added_by": f"discord:{ACCOUNT}",
}
#: what a CHECK asks for, and instants that lie in an order
RIGHT: dict[str, Any] = {
    "booking.state": "confirmed",
    "booking.hold": None,
    "booking.held_until": None,
    "seriesbooking.state": "confirmed",
    "seriesbooking.hold": None,
    "seriesbooking.held_until": None,
    "session.ends_at": PAST.replace(hour=11),
    "notice.state": "sent",
    "notice.channel": "chat",
    "link.expires_at": PAST.replace(year=2028),
    "erasure.done_at": None,
    "admission.discord_id": None,
    "rememberedcolumn.discord_id": None,
    "notice.fallback_of": None,
    "session.privacy": "private",
    "transfer.state": "declined",
    "replyseen.why": None,
    "replyseen.came": "noted",
    "transfer.to_person_id": None,
}


def put_everywhere(db: Db, partnership_id: int) -> None:
    """A row in every table but that of partnerships, with the person in every column that is about one."""
    about = {(table.name, column) for table in TABLES for column in table.about.split()}
    free = {(model.__tablename__, column) for model, column in FREE_WORDS}
    for table in SQLModel.metadata.sorted_tables:
        if table.name != "partnership":
            values = {column.name: _value(table, column, about - free, partnership_id) for column in table.columns}
            db.execute(insert(table), [values])


def seeded_texts() -> list[tuple[str, str]]:
    """Where the person's name or address stands now: (table, column)."""
    free = {(model.__tablename__, column) for model, column in FREE_WORDS}
    texts = [(SQLModel.metadata.tables[table.name], column) for table in TABLES for column in table.about.split()]
    return [
        (table.name, column)
        for table, column in texts
        if _is_text(table.c[column]) and f"{table.name}.{column}" not in NO_NAME and (table.name, column) not in free
    ]


def maker_columns() -> list[tuple[str, str]]:
    """Every column of text that names who did something, but the trail, which nobody can change: found by its name, in the schema alone."""
    columns = [column for table in SQLModel.metadata.sorted_tables for column in table.columns if table.name != "auditentry"]
    named = [column for column in columns if column.name == "actor" or column.name.endswith("_by")]
    return [(one.table.name, one.name) for one in named if _is_text(one) and one.name != "claimed_by"]  # a process claims


def put_as_maker(db: Db, partnership_id: int) -> None:
    """Rows of somebody else, which the person made: their Discord number stands in each column that says so, and nothing else does."""
    person = SQLModel.metadata.tables["person"]
    db.execute(
        insert(person), [{column.name: _value(person, column, set(), partnership_id) for column in person.columns} | _OTHERS["person"]]
    )
    for name, maker in maker_columns():
        table = SQLModel.metadata.tables[name]
        values = {column.name: _value(table, column, set(), partnership_id) for column in table.columns}
        db.execute(insert(table), [{**values, **_OTHERS.get(name, {}), "id": ROW + 1, maker: f"discord:{ACCOUNT}"}])


#: what makes the rows of somebody else differ from the person's own
_OTHERS: dict[str, dict[str, Any]] = {
    "person": {"id": ROW + 1, "discord_id": 5, "email": "other@council.gov.uk", "email_key": "other@council.gov.uk"},
    "erasure": {"person_id": ROW + 1, "done_at": PAST},
    "invitationcode": {"code_hash": "another"},
    "organiseraddress": {"address": "other@council.gov.uk", "address_key": "other@council.gov.uk"},
}


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, (String, AutoString)) and not isinstance(column.type, Enum)


def _value(table: Table, column: Column[Any], about: set[tuple[str, str]], partnership_id: int) -> Any:
    name = f"{table.name}.{column.name}"
    if name in RIGHT:
        return RIGHT[name]
    if name in NO_NAME:
        return NO_NAME[name]
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return partnership_id if target.table.name == "partnership" else str(ROW) if _is_text(target) else ROW
    if (table.name, column.name) in about and column.name in ACCOUNTS:
        return ACCOUNT
    if (table.name, column.name) in about and _is_text(column):
        length = getattr(column.type, "length", None) or 200
        return ADDRESS if column.name in ADDRESSES else f"{NAME} {ADDRESS}"[:length]
    return _plain(table, column)


def _plain(table: Table, column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return kind.enums[0]
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, UtcDateTime):
        return PAST
    if isinstance(kind, Date):
        return PAST_DAY
    if isinstance(kind, LargeBinary):
        return b"something"
    if isinstance(kind, (String, AutoString)):
        return str(ROW) if column.primary_key else f"{table.name}"[: kind.length or 40]
    if isinstance(kind, (BigInteger, Numeric)):
        return ROW
    return ROW if column.primary_key else 1
