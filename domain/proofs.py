"""Proofs: that an address is theirs, by six digits sent to it.

Nothing else ever goes to an unproven address. The digits are made when the mail is sent, live fifteen minutes and
five tries, and only their hash is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound, Refusal
from domain.kinds import Channel, Kind
from domain.merging import merge
from domain.models import Booking, BookingState, EmailProof, Link, Notice, NoticeState, Person, Presenter, Session, SessionState
from domain.notices import need, number_next, owe, owe_calendar, owe_person
from domain.partnerships import Whose, of_these
from domain.places import find_session, lock_all, promote, prove_holds
from domain.presenters.telling import follow_address, recognise
from domain.rules import Rules
from domain.standing import Instant, at
from domain.texts import address_key

#: how long an address that was not proven is kept
UNPROVEN_KEPT = timedelta(days=1)
#: those of chat; what was asked for on a page is proven by a link (`domain.proving`)
_BY_DIGITS = col(EmailProof.by_link).is_(False)


@dataclass(frozen=True)
class Proven:
    """An address was proven. `confirmed` are the sessions whose held places are now confirmed;
    `moved` counts invitations sent to a changed address.
    """

    address: str
    confirmed: tuple[int, ...]
    moved: int


def hash_code(code: str, salt: str) -> str:
    """A code as it is stored. Six digits have a million values whatever the hash: five tries and fifteen minutes guard them."""
    return hmac.new(salt.encode(), code.encode(), hashlib.sha256).hexdigest()


def ask_proof(db: Db, person_id: int, address: str, rules: Rules, *, now: datetime) -> None:
    """Send six digits to an address (again). At most three an hour, else `Refusal`."""
    person = db.get_one(Person, person_id)
    recent = (
        select(func.count())
        .select_from(EmailProof)
        .where(col(EmailProof.person_id) == person_id, _BY_DIGITS, col(EmailProof.asked_at) > now - timedelta(hours=1))
    )
    if db.exec(recent).one() >= rules.codes_an_hour:
        raise Refusal(f"We have sent {rules.codes_an_hour} codes in the last hour. Look in your junk mail, or try again in an hour.")
    withdraw_proofs(db, person_id, now)
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


def waits_for(proof: EmailProof | None, address: str, rules: Rules, now: datetime) -> bool:
    """Whether digits for this address are on their way, or can still be typed in."""
    usable = proof is not None and proof.expires_at > now and proof.tries < rules.code_tries
    return usable and proof is not None and address_key(proof.address) == address_key(address)


def withdraw_proofs(db: Db, person_id: int, now: datetime) -> None:
    open_ = select(EmailProof).where(col(EmailProof.person_id) == person_id, col(EmailProof.done_at).is_(None), _BY_DIGITS)
    for old in db.exec(open_).all():
        old.done_at, old.code_hash = now, None
        db.add(old)
    db.flush()


def ask_proof_again(db: Db, partnership_id: int, discord_id: int, rules: Rules, *, now: datetime) -> str:
    """Send new digits to the address that waits for them; that address."""
    person = person_of(db, partnership_id, discord_id)
    proof = last_proof(db, person)
    address = (proof.address if proof is not None else None) or person.email
    if not address:
        raise Refusal(
            "We no longer have your address, because it was not confirmed within a day. Press Book on a session and give it again."
        )
    if person.proven_at is not None and address_key(address) == person.email_key:
        raise Refusal("Your address is confirmed already. There is nothing to do.")
    ask_proof(db, person.id or 0, address, rules, now=now)
    return address


def prove(db: Db, partnership_id: int, discord_id: int, code: str, rules: Rules, *, now: datetime) -> Proven | Refusal:
    """Check the digits. Right: the address is theirs, held places are confirmed and invitations follow a changed address.

    A wrong code is *returned* as a refusal, not raised, so that the try is counted in the same transaction.
    """
    person = person_of(db, partnership_id, discord_id)
    proof = open_proof(db, person, held=True)
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
    key = address_key(proof.address)
    twin = select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.email_key) == key, col(Person.id) != person.id)
    owner = db.exec(twin).first()
    if owner is not None and owner.discord_id is not None:
        return Refusal("This address is already used by another Discord account here. Ask an organiser to help.")
    return _proven(db, person, proof, rules, now=now, owner=owner)


def _proven(db: Db, person: Person, proof: EmailProof, rules: Rules, *, now: datetime, owner: Person | None) -> Proven:
    """`owner`: who had proven the address on a page, and is this person from now on."""
    hold_all_of(db, person.id or 0, owner.id if owner is not None else None)
    owner = make_room(db, person, owner)
    old = _proof_of(db, person) if person.proven_at is not None else None
    if person.email_key not in (None, address_key(proof.address)):
        db.exec(delete(Link).where(col(Link.person_id) == person.id))  # the old mailbox opens nothing; letters have new ones
    proof.done_at, proof.code_hash = now, None
    person.email, person.email_key, person.proven_at = proof.address, address_key(proof.address), now
    db.add_all((proof, person))
    db.flush()
    if old is not None:
        _cancel_where_they_are(db, person, old)
    recognise(db, person.id or 0, person.partnership_id, proof.address)
    moved = _move_invitations(db, person, old, now=now) + follow_address(db, person.id or 0, old.id if old else None, now=now)
    if owner is not None:
        make_one(db, person, owner, rules, now=now)
    return Proven(proof.address, prove_holds(db, person.id or 0, rules, now=now), moved)


def hold_all_of(db: Db, person_id: int, other_id: int | None = None) -> None:
    """Hold every session on which somebody has, wants or presents anything: their calendar messages are counted there.

    `other_id`: somebody who turns out to be the same person; then every session on which either was ever booked.
    """
    people = [one for one in (person_id, other_id) if one is not None]
    mine = select(Booking.session_id).where(col(Booking.person_id).in_(people))
    if other_id is None:
        mine = mine.where(col(Booking.state) != BookingState.CANCELLED)
    presented = select(Presenter.session_id).where(col(Presenter.person_id).in_(people), col(Presenter.ended_at).is_(None))
    lock_all(db, [*db.exec(mine).all(), *db.exec(presented).all()])


def make_room(db: Db, stays: Person, goes: Person | None) -> Person | None:
    """Who goes lets go of the address, for it is one person's; None where another process was quicker. Their sessions are held before."""
    if goes is None:
        return None
    both = select(Person).where(col(Person.id).in_((stays.id, goes.id))).order_by(col(Person.id)).with_for_update()
    found = [one for one in db.exec(both.execution_options(populate_existing=True)).all() if one.id != stays.id]
    for one in found:
        one.email_key = None
        db.add(one)
    db.flush()
    return found[0] if found else None


def make_one(db: Db, stays: Person, goes: Person, rules: Rules, *, now: datetime) -> None:
    """Two rows of one person become one; a place that both had goes to the next in line. Their sessions are held already."""
    for session_id in merge(db, stays, goes, now=now):
        promote(db, find_session(db, stays.partnership_id, session_id), rules, now=now)


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
            stamp = number_next(booking, now=now)
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


def person_of(db: Db, partnership_id: int, discord_id: int) -> Person:
    person = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if person is None:
        raise NotFound("We do not know you yet. Press Book on a session to give your details.")
    return person


def last_proof(db: Db, person: Person, *, held: bool = False) -> EmailProof | None:
    mine = select(EmailProof).where(col(EmailProof.person_id) == person.id, _BY_DIGITS).order_by(col(EmailProof.id).desc()).limit(1)
    return db.exec(mine.with_for_update(key_share=True).execution_options(populate_existing=True) if held else mine).first()


def open_proof(db: Db, person: Person, *, held: bool = False) -> EmailProof | None:
    """The proof that waits for its digits; `held` for this transaction, so that every try counts."""
    proof = last_proof(db, person, held=held)
    return proof if proof is not None and proof.done_at is None else None


def _proof_of(db: Db, person: Person) -> EmailProof | None:
    """The proof by which the present address was proven."""
    mine = select(EmailProof).where(col(EmailProof.person_id) == person.id, col(EmailProof.address) == person.email)
    return db.exec(mine.order_by(col(EmailProof.id).desc())).first()


def unproven_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_unproven` has anything to do."""
    return select(EmailProof.id).where(*_never_proven(at(-UNPROVEN_KEPT), whose)).exists()


def _never_proven(asked: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    """Asked for before, and the address is still there. The first condition is that of the index."""
    open_ = col(EmailProof.done_at).is_(None) | col(EmailProof.code_hash).is_not(None)
    return open_, col(EmailProof.asked_at) < asked, col(EmailProof.address) != "", *of_these(EmailProof.partnership_id, whose)


def forget_unproven(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Blank the addresses that nobody proved within a day: they may be a stranger's, mistyped; how many."""
    old = update(EmailProof).where(*_never_proven(now - UNPROVEN_KEPT, whose))
    return db.exec(old.values(address="", code_hash=None, done_at=now)).rowcount
