"""Subjects: whose records are meant, by everything that leads to them, and how an address or an account leads to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, String, cast, false, func, literal, or_
from sqlmodel import AutoString, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.askers import Asker, ByLink
from domain.audit import ORGANISER, by_account, of_person
from domain.database import Db
from domain.errors import NotFound
from domain.models import (
    Admission,
    AuditEntry,
    Booking,
    CodeGuess,
    DigestReader,
    EmailProof,
    ImportDraft,
    OrganiserAddress,
    Part,
    Person,
    Presenter,
    RememberedColumn,
    SeriesBooking,
    Transfer,
)
from domain.texts import address_key

#: what somebody is called who was forgotten
SOMEBODY = "Somebody"
#: a process does this, not a person
_NOBODYS = {"claimed_by"}
#: a query for the ids of rows
Ids = SelectOfScalar[Any]


def made_by() -> tuple[Column[Any], ...]:
    """Every column that says who made or asked for a row, as the trail does. The trail itself cannot be changed.

    They are found by what they are called, so that a new one is not forgotten.
    """
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name != AuditEntry.__tablename__ and "partnership_id" in table.c]
    named = [column for table in tables for column in table.columns if column.name.endswith("_by") and column.name not in _NOBODYS]
    return tuple(column for column in named if isinstance(column.type, (String, AutoString)))


@dataclass(frozen=True)
class Subject:
    """A person, and what else leads to them: a Discord account, and the address that is theirs."""

    partnership_id: int
    person_id: int
    discord_id: int | None = None
    address: str | None = None

    @property
    def actors(self) -> tuple[str, ...]:
        """How the audit trail names them, in chat and by their own links."""
        return (of_person(self.person_id), *((by_account(self.discord_id),) if self.discord_id is not None else ()))

    def did(self, column: object) -> ColumnElement[bool]:
        """Whether a column names them as the trail does: also by an address of theirs that organises, as long as its row is there."""
        by_page = self.organising().with_only_columns(literal(ORGANISER).concat(cast(col(OrganiserAddress.id), String)))
        return or_(col(column).in_(self.actors), col(column).in_(by_page))

    def has_account(self, column: object) -> ColumnElement[bool]:
        """Whether a column holds their Discord account."""
        return col(column) == self.discord_id if self.discord_id is not None else false()

    def has_address(self, column: object) -> ColumnElement[bool]:
        """Whether a column holds their address, however its capitals are typed."""
        if self.address is None:
            return false()
        return or_(col(column) == self.address, func.lower(col(column)) == address_key(self.address))

    # ── what is theirs, as ids to look for ──────────────────────────────────────────────────────────────

    def bookings(self) -> Ids:
        """Their claims on sessions."""
        return select(Booking.id).where(col(Booking.person_id) == self.person_id)

    def wholes(self) -> Ids:
        """Their claims on series."""
        return select(SeriesBooking.id).where(col(SeriesBooking.person_id) == self.person_id)

    def proofs(self) -> Ids:
        """The addresses that they were asked to prove."""
        return select(EmailProof.id).where(col(EmailProof.person_id) == self.person_id)

    def presenting(self) -> Ids:
        """What they present, known as a person or by an address."""
        mine = or_(col(Presenter.person_id) == self.person_id, self.has_address(Presenter.address))
        return select(Presenter.id).where(self.here(Presenter.partnership_id), mine)

    def transfers(self) -> Ids:
        """Places that they hand over, or that are handed to them."""
        to_them = or_(col(Transfer.to_person_id) == self.person_id, self.has_address(Transfer.to_address))
        mine = or_(col(Transfer.booking_id).in_(self.bookings()), to_them)
        return select(Transfer.id).where(self.here(Transfer.partnership_id), mine)

    def organising(self) -> Ids:
        """Addresses of theirs that organise."""
        return select(OrganiserAddress.id).where(self.here(OrganiserAddress.partnership_id), self.has_address(OrganiserAddress.address))

    def explaining(self) -> Ids:
        """What they said that columns mean, in chat or by page."""
        mine = or_(self.has_account(RememberedColumn.discord_id), self.has_address(RememberedColumn.address_key))
        return select(RememberedColumn.id).where(self.here(RememberedColumn.partnership_id), mine)

    def reading(self) -> Ids:
        """Daily lists that they asked for."""
        return select(DigestReader.id).where(self.here(DigestReader.partnership_id), self.has_account(DigestReader.discord_id))

    def here(self, column: object) -> ColumnElement[bool]:
        """Of their partnership."""
        return col(column) == self.partnership_id


def subject_of(person: Person) -> Subject:
    """A person as a subject. An address that they have not proven may be a stranger's, and leads nowhere."""
    address = person.email if person.proven_at is not None else None
    return Subject(person.partnership_id, person.id or 0, person.discord_id, address)


def subject_at(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> Subject:
    """Who asks for themselves. Raises `NotFound` for an account of which nothing is kept."""
    if isinstance(asker, ByLink):
        person = db.get(Person, asker.person_id)
        if person is None or person.partnership_id != partnership_id:
            raise NotFound("We keep nothing about you here.")
        return subject_of(person)
    here = col(Person.partnership_id) == partnership_id
    person = db.exec(select(Person).where(here, col(Person.discord_id) == asker)).first()
    if person is not None:
        return subject_of(person)
    if not _knows_account(db, partnership_id, asker):
        raise NotFound("We keep nothing about you here.")
    made = Person(partnership_id=partnership_id, discord_id=asker, name=SOMEBODY, created_at=now)
    db.add(made)
    db.flush()
    return subject_of(made)


def _knows_account(db: Db, partnership_id: int, discord_id: int) -> bool:
    """Whether anything is kept about an account that no person has."""
    held = [
        select(table.id).where(col(table.partnership_id) == partnership_id, col(table.discord_id) == discord_id)
        for table in (Admission, CodeGuess, DigestReader, RememberedColumn)
    ]
    held.append(select(ImportDraft.id).where(col(ImportDraft.partnership_id) == partnership_id, col(ImportDraft.asked_by) == discord_id))
    if any(db.exec(one.limit(1)).first() is not None for one in held):
        return True
    named = (
        column.table.select().where(column.table.c.partnership_id == partnership_id, column == by_account(discord_id))
        for column in made_by()
    )
    return any(db.connection().execute(one.limit(1)).first() is not None for one in named)


def subjects_at(db: Db, partnership_id: int, address: str, *, now: datetime) -> Sequence[Subject]:
    """Everybody whom an address leads to, as an operator asks. Raises `NotFound` where it stands nowhere.

    One who stands only beside a session, a transfer or a programme becomes a person here, so that all can be said of them alike.
    """
    here, key = col(Person.partnership_id) == partnership_id, address_key(address)
    theirs = or_(col(Person.email_key) == key, func.lower(col(Person.email)) == key)
    found = [
        Subject(partnership_id, person.id or 0, person.discord_id, address)
        for person in db.exec(select(Person).where(here, theirs).order_by(col(Person.id)))
    ]
    if found:
        return found
    nobody = Subject(partnership_id, 0, None, address)
    known = nobody.presenting(), nobody.transfers(), nobody.organising(), nobody.explaining()
    if all(db.exec(ids.limit(1)).first() is None for ids in known):
        raise NotFound("Nothing is kept about that address here.")
    made = Person(partnership_id=partnership_id, name=SOMEBODY, email=address, part=Part.PRESENTER, created_at=now)
    db.add(made)
    db.flush()
    return [Subject(partnership_id, made.id or 0, None, address)]
