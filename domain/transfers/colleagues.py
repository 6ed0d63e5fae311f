"""Colleagues: who takes a place that is handed over, how they stand to the address that was asked, and what becomes known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from domain.database import Db
from domain.errors import Refusal
from domain.fields import Fields
from domain.models import EmailProof, Part, Person, ServiceArea, Transfer
from domain.people import NAME_LIMIT, clean_organisation, organisation_named
from domain.presenters.telling import recognise
from domain.proofs import withdraw_proofs
from domain.texts import address_key, one_line


class Known(StrEnum):
    """How the person who types the code stands to the address that it went to."""

    NEW = "new"  # we do not know them yet
    SAME = "same"
    UNPROVEN = "unproven"  # they have no proven address: this becomes theirs
    OTHER = "other"  # they have another one, which stays


@dataclass(frozen=True)
class Newcomer:
    """What a colleague types about themselves, whom we do not know, or not as somebody who works."""

    name: str
    organisation: str
    service_area: ServiceArea


def who_types(db: Db, transfer: Transfer, discord_id: int) -> tuple[Person | None, Known]:
    """The person behind the account, and how they stand to the address. Raises `Refusal` where it is somebody else's."""
    here = col(Person.partnership_id) == transfer.partnership_id
    person = db.exec(select(Person).where(here, col(Person.discord_id) == discord_id)).first()
    key = address_key(transfer.to_address)
    owner = db.exec(select(Person).where(here, col(Person.email_key) == key)).first()
    if owner is not None and (person is None or owner.id != person.id):
        if owner.discord_id is not None or person is not None:
            raise Refusal("The address that the code went to belongs to another account here. Use that one, or ask an organiser to help.")
        return owner, Known.SAME  # known by mail only, until now
    if person is None:
        return None, Known.NEW
    if person.proven_at is None:
        return person, Known.UNPROVEN
    return person, Known.SAME if person.email_key == key else Known.OTHER


def make_person(db: Db, transfer: Transfer, discord_id: int | None, newcomer: Newcomer, *, now: datetime) -> Person:
    person = Person(
        partnership_id=transfer.partnership_id,
        discord_id=discord_id,
        name="",
        created_at=now,
        reminders_by_email=discord_id is None,
    )
    say_who(db, person, newcomer, now=now)
    prove_address(db, person, transfer, now=now)
    return person


def say_who(db: Db, person: Person, newcomer: Newcomer, *, now: datetime) -> None:
    """They are somebody who works here. A family's names on private sessions stay with those bookings."""
    fields = Fields()
    name = fields.read(lambda: one_line(newcomer.name, NAME_LIMIT, "your name", field="name"), "")
    fields.check(lambda: clean_organisation(newcomer.organisation))
    fields.require()
    person.name = name
    person.organisation_id = organisation_named(db, person.partnership_id, newcomer.organisation).id
    person.part, person.service_area, person.privacy_read_at = Part.PRACTITIONER, newcomer.service_area, now
    db.add(person)
    db.flush()


def prove_address(db: Db, person: Person, transfer: Transfer, *, now: datetime) -> None:
    """The code was read in this mailbox: the address is theirs. The proof is kept as one of six digits is."""
    withdraw_proofs(db, person.id or 0, now)
    address = transfer.to_address
    person.email, person.email_key, person.proven_at = address, address_key(address), now
    proof = EmailProof(
        partnership_id=person.partnership_id,
        person_id=person.id or 0,
        address=address,
        salt=transfer.salt,
        asked_at=transfer.asked_at,
        expires_at=transfer.expires_at,
        done_at=now,
    )
    db.add_all((person, proof))
    db.flush()
    recognise(db, person.id or 0, person.partnership_id, address)
