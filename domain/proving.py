"""Proving by a link: the owner of a mailbox opens what was sent there and presses the button. Then the address is theirs, and the place.

Who has another place at that time is asked first, as in chat. Only the owner of the mailbox is: whoever typed the address is told nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.bookings import Booked, book
from domain.capacity import ACTIVE, Clash, clashes_of, find_session
from domain.database import Db
from domain.errors import Refusal
from domain.in_line import tell_in_line
from domain.links import opened
from domain.models import Booking, BookingState, EmailProof, Person, Purpose, SeriesBooking, Session, SessionState
from domain.places import prove_holds
from domain.presenters.telling import recognise
from domain.proofs import hold_all_of, make_one
from domain.rules import Rules
from domain.series.booking import book_series, claim_of
from domain.series.places import booking_on, clashes_of_whole, parts_ahead
from domain.texts import address_key
from domain.wishes import make_own


@dataclass(frozen=True)
class Wished:
    """What a link in a mail would prove. `session` None: nothing was asked for. `clashes`: what its owner has at that time."""

    partnership_id: int
    address: str
    session: Session | None
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class Proved:
    """An address was proven by its link. `booked` is what came of the place that was asked for, if one was.

    `clashes`: nothing was done, because of these: say that they are accepted, and ask again.
    """

    partnership_id: int
    person_id: int
    booked: Booked | None
    clashes: tuple[Clash, ...] = ()


def wished_for(db: Db, partnership_ids: Sequence[int], token: str, rules_of: Mapping[int, Rules], *, now: datetime) -> Wished:
    """What a link in a mail would prove. Reading it changes nothing: scanners open links. Raises `NotFound`."""
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now)
    proof = db.get_one(EmailProof, link.proof_id)
    session = find_session(db, link.partnership_id, proof.session_id) if proof.session_id is not None else None
    return Wished(link.partnership_id, proof.address, session, _clashing(db, proof, rules_of[link.partnership_id], now=now))


def _clashing(db: Db, proof: EmailProof, rules: Rules, *, now: datetime) -> tuple[Clash, ...]:
    """The other places, at that time, of whoever has proven this very address; none where the link would give them nothing new."""
    here = col(Person.partnership_id) == proof.partnership_id, col(Person.email_key) == address_key(proof.address)
    owner = db.exec(select(Person).where(*here)).first()
    if proof.session_id is None or proof.done_at is not None or owner is None:
        return ()
    session = find_session(db, proof.partnership_id, proof.session_id)
    if session.series_id is not None:
        claim = claim_of(db, session.series_id, owner.id or 0)
        parts = parts_ahead(db, session.series_id, now=now)
        return () if _is_their_own(claim) else clashes_of_whole(db, parts, owner.id or 0, rules)
    over = session.state is not SessionState.PUBLISHED or session.starts_at <= now
    theirs = booking_on(db, session, owner.id or 0)
    return () if over or _is_their_own(theirs) else clashes_of(db, owner.id or 0, session, rules)


def _is_their_own(claim: Booking | SeriesBooking | None) -> bool:
    return claim is not None and claim.state in ACTIVE and not claim.wished


def prove_by_link(
    db: Db, partnership_ids: Sequence[int], token: str, rules_of: Mapping[int, Rules], *, now: datetime, accept_clash: bool = False
) -> Proved:
    """The button on the link's page was pressed: the address is theirs, and the place that was kept for it too. Harmless to repeat.

    Where it was kept no longer, it is asked for again: it may come to the waiting list. Raises `NotFound` for a link that is over.
    """
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now, held=True)
    proof, rules = db.get_one(EmailProof, link.proof_id), rules_of[link.partnership_id]
    clashes = () if accept_clash else _clashing(db, proof, rules, now=now)
    if clashes:
        return Proved(link.partnership_id, proof.person_id, None, clashes)
    first = proof.done_at is None
    proof.done_at = proof.done_at or now
    link.used_at = link.used_at or now
    db.add_all((proof, link))
    person, known = _owner_of(db, proof, rules, now=now)
    if not known:
        person.email, person.email_key, person.proven_at = proof.address, address_key(proof.address), now
        db.add(person)
        db.flush()
        recognise(db, person.id or 0, person.partnership_id, proof.address)
    if proof.session_id is not None:  # only the wish that this mail was about: another may have typed the rest
        prove_holds(db, person.id or 0, rules, now=now, only=proof.session_id)
    booked = None
    if proof.session_id is not None:
        booked = _came_of(db, proof.session_id, person, rules, first=first, now=now)
        tell_in_line(db, proof.session_id, person, rules, now=now)
    return Proved(link.partnership_id, person.id or 0, booked)


def _owner_of(db: Db, proof: EmailProof, rules: Rules, *, now: datetime) -> tuple[Person, bool]:
    """Who asked, or who has proven the address meanwhile at another door: then they are one person. And whether we knew them before."""
    asked = db.get_one(Person, proof.person_id)
    here = col(Person.partnership_id) == proof.partnership_id, col(Person.email_key) == address_key(proof.address)
    owner = db.exec(select(Person).where(*here)).first() if asked.proven_at is None else None
    hold_all_of(db, asked.id or 0, owner.id if owner is not None else None)
    if proof.session_id is not None:  # before two become one: of two claims on a session a mere wish gives way
        make_own(db, asked.id or 0, proof.session_id)
    if owner is None:
        return asked, asked.proven_at is not None
    if asked.discord_id is None:
        make_one(db, owner, asked, rules, now=now)
    return owner, True


def _came_of(db: Db, session_id: int, person: Person, rules: Rules, *, first: bool, now: datetime) -> Booked | None:
    """The place as it stands now; where it was given back by the clock, it is asked for once more."""
    mine = db.exec(select(Booking).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person.id)).first()
    if mine is None or (mine.state is BookingState.CANCELLED and not first):
        return None
    try:
        if mine.series_booking_id is not None:
            _series_again(db, session_id, person, mine, rules, now=now)
            return None
        return book(
            db, person.partnership_id, session_id, person.id or 0, rules, now=now, mode=mine.mode, accept_clash=True, alias=mine.alias
        )
    except Refusal:  # full, closed, called off: their own page says so
        return None


def _series_again(db: Db, session_id: int, person: Person, mine: Booking, rules: Rules, *, now: datetime) -> None:
    """The whole series is asked for once more, where it was given back by the clock. What came of it their own page says."""
    series_id = find_session(db, person.partnership_id, session_id).series_id
    if series_id is not None:
        book_series(db, person.partnership_id, series_id, person.id or 0, rules, now=now, mode=mine.mode, accept_clash=True)
