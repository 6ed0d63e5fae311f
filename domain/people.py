"""People: who they are, and the proof that an address is theirs.

An address is proven by six digits sent to it. Nothing else ever goes to an unproven address. The digits are
made when the mail is sent, live fifteen minutes and five tries, and only their hash is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.models import Booking, BookingState, EmailProof, Notice, NoticeState, Organisation, Person, ServiceArea, Session, SessionState
from domain.notices import need, owe, owe_calendar, owe_person
from domain.places import prove_holds
from domain.ports import Channel, Kind
from domain.rules import Rules

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


@dataclass(frozen=True)
class Proven:
    """An address was proven. `confirmed` are the sessions whose held places are now confirmed;
    `moved` counts invitations sent to a changed address.
    """

    address: str
    confirmed: tuple[int, ...]
    moved: int


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def one_line(text: str, limit: int, what: str) -> str:
    """Text as one clean line: no control, zero-width or direction characters. Raises `BadInput` when empty or over `limit` characters."""
    seen = [(c, unicodedata.category(c)) for c in text]
    spaced = "".join(" " if kind in ("Zs", "Cc", "Zl", "Zp") else c for c, kind in seen if kind not in ("Cf", "Cs"))
    clean = " ".join(spaced.split())
    if not clean:
        raise BadInput(f"Please enter {what}.")
    if len(clean) > limit:
        raise BadInput(f"Please use at most {limit} characters for {what}.")
    return clean


def clean_address(text: str, domains: tuple[str, ...] = ()) -> str:
    """One e-mail address as it will be written to (RFC 5321, 5322). Raises `BadInput`; `domains` limits what may sign up."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise BadInput("That e-mail address cannot be used. Enter one address, like name@council.gov.uk.") from None
    address = found.ascii_email or found.normalized
    if domains and not any(
        found.ascii_domain.lower() == d.lower() or found.ascii_domain.lower().endswith("." + d.lower()) for d in domains
    ):
        raise BadInput("Please use your work e-mail address. Addresses from this domain cannot sign up: " + found.domain + ".")
    return address


def address_key(address: str) -> str:
    """One address however its capitals are typed."""
    return address.casefold()


def hash_code(code: str, salt: str) -> str:
    """A code as it is stored. Six digits have a million values whatever the hash: five tries and fifteen minutes guard them."""
    return hmac.new(salt.encode(), code.encode(), hashlib.sha256).hexdigest()


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def find(db: Db, partnership_id: int, discord_id: int) -> PersonView | None:
    """The person behind a Discord account, if they have given their details."""
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    return _view(db, person) if person else None


def register(db: Db, partnership_id: int, discord_id: int, details: Details, rules: Rules, *, now: datetime) -> PersonView:
    """Give or change one's details. A new address is asked to be proven; until then the old one serves. Raises `BadInput`, `Refusal`."""
    name = one_line(details.name, NAME_LIMIT, "your name")
    address = clean_address(details.email, rules.mail_domains)
    organisation = organisation_named(db, partnership_id, details.organisation)
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if person is None:
        person = Person(partnership_id=partnership_id, discord_id=discord_id, name=name, created_at=now)
    person.name, person.organisation_id, person.service_area = name, organisation.id, details.service_area
    person.privacy_read_at = person.privacy_read_at or now
    db.add(person)
    db.flush()
    if person.proven_at is None:
        person.email = address
    if person.proven_at is None or address_key(address) != person.email_key:
        if not _waits_for(_open_proof(db, person), address, rules, now):
            ask_proof(db, person.id or 0, address, rules, now=now)
    else:
        _withdraw_proofs(db, person.id or 0, now)  # the address they have already: a change they asked for is off
    return _view(db, person)


def ask_proof(db: Db, person_id: int, address: str, rules: Rules, *, now: datetime) -> None:
    """Send six digits to an address (again). At most three an hour, else `Refusal`."""
    person = db.get_one(Person, person_id)
    recent = (
        select(func.count())
        .select_from(EmailProof)
        .where(col(EmailProof.person_id) == person_id, col(EmailProof.asked_at) > now - timedelta(hours=1))
    )
    if db.exec(recent).one() >= rules.codes_an_hour:
        raise Refusal(f"We have sent {rules.codes_an_hour} codes in the last hour. Look in your junk mail, or try again in an hour.")
    _withdraw_proofs(db, person_id, now)
    proof = EmailProof(
        partnership_id=person.partnership_id,
        person_id=person_id,
        address=address,
        salt=secrets.token_hex(16),
        asked_at=now,
        expires_at=now + rules.hold,
    )
    db.add(proof)
    db.flush()
    owe_person(
        db,
        Kind.VERIFICATION,
        person,
        key=f"verification:{proof.id}",
        now=now,
        channel=Channel.EMAIL,
        proof_id=proof.id,
        expires_at=now + rules.hold,
    )


def _waits_for(proof: EmailProof | None, address: str, rules: Rules, now: datetime) -> bool:
    """Whether digits for this address are on their way, or can still be typed in."""
    usable = proof is not None and proof.expires_at > now and proof.tries < rules.code_tries
    return usable and proof is not None and address_key(proof.address) == address_key(address)


def _withdraw_proofs(db: Db, person_id: int, now: datetime) -> None:
    for old in db.exec(select(EmailProof).where(col(EmailProof.person_id) == person_id, col(EmailProof.done_at).is_(None))).all():
        old.done_at, old.code_hash = now, None
        db.add(old)
    db.flush()


def ask_proof_again(db: Db, partnership_id: int, discord_id: int, rules: Rules, *, now: datetime) -> str:
    """Send new digits to the address that waits for them; that address."""
    person = _person(db, partnership_id, discord_id)
    proof = _last_proof(db, person)
    address = proof.address if proof is not None else person.email
    if address is None or (person.proven_at is not None and address_key(address) == person.email_key):
        raise Refusal("Your address is confirmed already. There is nothing to do.")
    ask_proof(db, person.id or 0, address, rules, now=now)
    return address


def prove(db: Db, partnership_id: int, discord_id: int, code: str, rules: Rules, *, now: datetime) -> Proven | Refusal:
    """Check the digits. Right: the address is theirs, held places are confirmed and invitations follow a changed address.

    A wrong code is *returned* as a refusal, not raised, so that the try is counted in the same transaction.
    """
    person = _person(db, partnership_id, discord_id)
    proof = _open_proof(db, person)
    if proof is None or proof.code_hash is None or proof.expires_at <= now:
        return Refusal("This code has run out. Ask for a new one.")
    if proof.tries >= rules.code_tries:
        return Refusal("That was one try too many. Ask for a new code.")
    digits = "".join(c for c in code if c.isdigit())
    if not hmac.compare_digest(hash_code(digits, proof.salt), proof.code_hash):
        proof.tries += 1
        db.add(proof)
        left = rules.code_tries - proof.tries
        return Refusal(
            f"That is not the code we sent. You can try {left} more {'time' if left == 1 else 'times'}."
            if left
            else "That was one try too many. Ask for a new code."
        )
    taken = select(Person.id).where(
        col(Person.partnership_id) == partnership_id, col(Person.email_key) == address_key(proof.address), col(Person.id) != person.id
    )
    if db.exec(taken).first() is not None:
        return Refusal("This address is already used by another Discord account here. Ask an organiser to help.")
    return _proven(db, person, proof, rules, now=now)


def _proven(db: Db, person: Person, proof: EmailProof, rules: Rules, *, now: datetime) -> Proven:
    old = _proof_of(db, person) if person.proven_at is not None else None
    proof.done_at, proof.code_hash = now, None
    person.email, person.email_key, person.proven_at = proof.address, address_key(proof.address), now
    db.add_all((proof, person))
    db.flush()
    if old is not None:
        _cancel_where_they_are(db, person, old)
    moved = _move_invitations(db, person, old, now=now)
    return Proven(proof.address, prove_holds(db, person.id or 0, rules, now=now), moved)


def _cancel_where_they_are(db: Db, person: Person, old: EmailProof) -> None:
    """Calendar cancellations that have not left yet go to the old mailbox: the entries are there."""
    unsent = select(Notice, Booking).where(
        col(Notice.booking_id) == col(Booking.id),
        col(Notice.person_id) == person.id,
        col(Notice.kind) == Kind.CANCELLATION,
        col(Notice.sequence).is_not(None),
        col(Notice.proof_id).is_(None),
        col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED)),
        col(Notice.handed_at).is_(None),
    )
    for notice, booking in db.exec(unsent).all():
        notice.proof_id, booking.invited = old.id, False
        db.add_all((notice, booking))
    db.flush()


def _move_invitations(db: Db, person: Person, old: EmailProof | None, *, now: datetime) -> int:
    """Cancel the entries in the old mailbox and invite the new one, for every place still to come."""
    ahead = (
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(
            col(Booking.person_id) == person.id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.invited).is_(True),
            col(Session.ends_at) > now,
            col(Session.state) == SessionState.PUBLISHED,
        )
        .order_by(col(Booking.id))
    )
    moved = 0
    for booking, session in db.exec(ahead).all():
        if old is not None:
            booking.sequence += 1
            stamp = now.replace(microsecond=0)
            if booking.stamped_at is not None and stamp <= booking.stamped_at:
                stamp = booking.stamped_at + timedelta(seconds=1)
            booking.stamped_at = stamp
            owe(
                db,
                Notice(
                    partnership_id=person.partnership_id,
                    key=f"{Kind.CANCELLATION}:{booking.id}:{booking.sequence}:moved",
                    kind=Kind.CANCELLATION,
                    channel=Channel.EMAIL,
                    need=need(Kind.CANCELLATION, starts_at=session.starts_at, now=now),
                    person_id=person.id,
                    booking_id=booking.id,
                    session_id=session.id,
                    proof_id=old.id,
                    sequence=booking.sequence,
                    dtstamp=stamp,
                    detail="Your invitation has moved to your new e-mail address.",
                    owed_at=now,
                    next_try_at=now,
                    expires_at=session.ends_at,
                ),
            )
        owe_calendar(db, booking, session, Kind.INVITATION, now=now)
        moved += 1
    return moved


def choose_reminders(db: Db, partnership_id: int, discord_id: int, *, by_chat: bool, by_email: bool, now: datetime) -> PersonView:
    """Choose how reminders come. At least one way."""
    if not (by_chat or by_email):
        raise BadInput("Choose at least one way to be reminded.")
    person = _person(db, partnership_id, discord_id)
    person.reminders_by_chat, person.reminders_by_email = by_chat, by_email
    if by_chat:
        person.chat_closed_at = None  # they ask for chat: try it again
    db.add(person)
    return _view(db, person)


def organisation_named(db: Db, partnership_id: int, name: str) -> Organisation:
    """The organisation of this name, made if it is new. Raises `BadInput` when empty or over 200 characters."""
    clean = one_line(name, 200, "your organisation")
    key = clean.casefold()
    found = db.exec(
        select(Organisation).where(col(Organisation.partnership_id) == partnership_id, col(Organisation.name_key) == key)
    ).first()
    if found is None:
        found = Organisation(partnership_id=partnership_id, name=clean, name_key=key)
        db.add(found)
        db.flush()
    return found


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def _person(db: Db, partnership_id: int, discord_id: int) -> Person:
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if person is None:
        raise NotFound("We do not know you yet. Press Book on a session to give your details.")
    return person


def _last_proof(db: Db, person: Person) -> EmailProof | None:
    mine = select(EmailProof).where(col(EmailProof.person_id) == person.id).order_by(col(EmailProof.id).desc())
    return db.exec(mine).first()


def _open_proof(db: Db, person: Person) -> EmailProof | None:
    proof = _last_proof(db, person)
    return proof if proof is not None and proof.done_at is None else None


def _proof_of(db: Db, person: Person) -> EmailProof | None:
    """The proof by which the present address was proven."""
    mine = select(EmailProof).where(col(EmailProof.person_id) == person.id, col(EmailProof.address) == person.email)
    return db.exec(mine.order_by(col(EmailProof.id).desc())).first()


def _view(db: Db, person: Person) -> PersonView:
    proof = _open_proof(db, person)
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
    )
