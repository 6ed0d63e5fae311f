"""People: who they are, and how they like to be reminded. One address is one person in a partnership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.askers import Asker, ByLink, person_of
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.fields import Fields
from domain.models import EmailProof, Organisation, Part, Person, ServiceArea
from domain.once import put_in
from domain.proofs import ask_proof, open_proof, waits_for, withdraw_proofs
from domain.rules import Rules
from domain.texts import address_key, clean_address, kept_key, one_line

NAME_LIMIT = 100


@dataclass(frozen=True)
class Details:
    """What a person typed about themselves."""

    name: str
    email: str
    organisation: str
    service_area: ServiceArea


@dataclass(frozen=True)
class PersonView:
    """A person, for that person."""

    id: int
    name: str
    email: str | None
    proven: bool
    organisation: str | None
    service_area: ServiceArea
    reminders_by_chat: bool
    reminders_by_email: bool
    proof_address: str | None  #: the address that waits for its six digits
    family: bool = False  #: comes to private sessions only, and was asked for nothing but a name and an address


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def find(db: Db, partnership_id: int, asker: Asker) -> PersonView | None:
    """The person behind a Discord account, if they have given their details."""
    person = person_of(db, partnership_id, asker)
    return _view(db, person) if person else None


def register(db: Db, partnership_id: int, discord_id: int, details: Details, rules: Rules, *, now: datetime) -> PersonView:
    """Give or change one's details. A new address is asked to be proven; until then the old one serves. Raises `BadInput`, `Refusal`."""
    fields = Fields()
    name = fields.read(lambda: one_line(details.name, NAME_LIMIT, "your name", field="name"), "")
    address = fields.read(lambda: clean_address(details.email, rules.mail_domains, field="email"), "")
    fields.check(lambda: clean_organisation(details.organisation))
    fields.require()
    organisation = organisation_named(db, partnership_id, details.organisation)
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if person is None:
        person = Person(partnership_id=partnership_id, discord_id=discord_id, name=name, created_at=now)
    if is_family(person):
        person.part = Part.PRACTITIONER  # their name on private sessions stays with those bookings
    person.name, person.organisation_id, person.service_area = name, organisation.id, details.service_area
    return _with_address(db, person, address, rules, now=now)


def register_family(db: Db, partnership_id: int, discord_id: int, name: str, email: str, rules: Rules, *, now: datetime) -> PersonView:
    """Somebody who comes to private sessions: a name of their choice and any address, and nothing else. Raises `BadInput`, `Refusal`.

    Whoever has given an organisation already stays as they are known; their chosen names stand on their private bookings.
    """
    name = one_line(name, NAME_LIMIT, "the name that we may call you by", field="name")
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if person is not None and not is_family(person):
        return _view(db, person)
    address = clean_address(email, field="email")
    if person is None:
        person = Person(partnership_id=partnership_id, discord_id=discord_id, name=name, part=Part.PARENT, created_at=now)
    person.name = name
    return _with_address(db, person, address, rules, now=now)


def say_where(
    db: Db, partnership_id: int, person_id: int, organisation: str, service_area: ServiceArea, rules: Rules, *, now: datetime
) -> None:
    """Where somebody works who came by an invitation alone: from now on they book open sessions too. Who has said so before keeps that.

    Raises `BadInput`, also for an address with which nobody signs up for open sessions.
    """
    person = known(db, partnership_id, ByLink(person_id))
    if not is_family(person):
        return
    clean_address(person.email or "", rules.mail_domains)
    person.organisation_id = organisation_named(db, partnership_id, organisation).id
    person.part, person.service_area, person.privacy_read_at = Part.PRACTITIONER, service_area, now
    db.add(person)


def is_family(person: Person) -> bool:
    """Whether they came by an invitation alone, and were never asked where they work."""
    return person.part is Part.PARENT and person.organisation_id is None


def is_given_up(db: Db, proof: EmailProof) -> bool:
    """Whether a link was asked for with an address that is no longer its person's: that mailbox opens nothing of theirs."""
    person = db.get_one(Person, proof.person_id)
    return proof.by_link and person.proven_at is not None and person.email_key != address_key(proof.address)


def _with_address(db: Db, person: Person, address: str, rules: Rules, *, now: datetime) -> PersonView:
    """Keep the person, and ask for a new address to be proven; until then the old one serves."""
    person.privacy_read_at = person.privacy_read_at or now
    db.add(person)
    db.flush()
    if person.proven_at is None:
        person.email = address
    if person.proven_at is None or address_key(address) != person.email_key:
        if not waits_for(open_proof(db, person), address, rules, now):
            ask_proof(db, person.id or 0, address, rules, now=now)
    else:
        withdraw_proofs(db, person.id or 0, now)  # the address they have already: a change they asked for is off
    return _view(db, person)


def choose_reminders(db: Db, partnership_id: int, asker: Asker, *, by_chat: bool, by_email: bool, now: datetime) -> PersonView:
    """Choose how reminders come. At least one way."""
    if not (by_chat or by_email):
        raise BadInput("Choose at least one way to be reminded.")
    person = known(db, partnership_id, asker)
    person.reminders_by_chat, person.reminders_by_email = by_chat, by_email
    if by_chat:
        person.chat_closed_at = None  # they ask for chat: try it again
    db.add(person)
    return _view(db, person)


def known(db: Db, partnership_id: int, asker: Asker) -> Person:
    """The person's row. Raises `NotFound`."""
    person = person_of(db, partnership_id, asker)
    if person is None:
        raise NotFound("We do not know you yet. Press Book on a session to give your details.")
    return person


def organisation_named(db: Db, partnership_id: int, name: str) -> Organisation:
    """The organisation of this name, made if it is new. Raises `BadInput` when empty or over 200 characters."""
    clean, key = clean_organisation(name)
    mine = select(Organisation).where(col(Organisation.partnership_id) == partnership_id, col(Organisation.name_key) == key)
    found = db.exec(mine).first()
    if found is None:
        put_in(db, [Organisation(partnership_id=partnership_id, name=clean, name_key=key)])
        found = db.exec(mine).one()
    return found


def clean_organisation(name: str) -> tuple[str, str]:
    """The name and its key, as they are kept. Raises `BadInput`."""
    clean = one_line(name, 200, "your organisation", field="organisation")
    return clean, kept_key(clean, 200, "your organisation", field="organisation")


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def _view(db: Db, person: Person) -> PersonView:
    proof = open_proof(db, person)
    organisation = db.get(Organisation, person.organisation_id) if person.organisation_id else None
    return PersonView(
        person.id or 0,
        person.name,
        person.email,
        person.proven_at is not None,
        organisation.name if organisation else None,
        person.service_area,
        person.reminders_by_chat,
        person.reminders_by_email,
        proof.address if proof else None,
        is_family(person),
    )
