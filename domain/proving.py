"""Proving by a link: the owner of a mailbox opens what was sent there and presses the button. Then the address is theirs, and the place.

Who has another place at that time is asked first, as in chat. Only the owner of the mailbox is: whoever typed the address is told nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.bookings import Booked
from domain.capacity import ACTIVE, Accepts, Clash, clashes_of, find_session, to_ask
from domain.database import Db
from domain.errors import NotFound
from domain.given_back import GivenBack, given_back
from domain.links import GONE, opened
from domain.making_own import Owned, take_own
from domain.models import Booking, BookingState, EmailProof, Link, Person, Purpose, SeriesBooking, ServiceArea, Session, SessionState
from domain.people import is_given_up, say_where
from domain.presenters.telling import recognise
from domain.proofs import hold_all_of, make_one
from domain.rules import Rules
from domain.saying_where import says_where_with_all
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
    asks_where: bool = False  #: its owner has told nobody where they work, and is asked first
    known: bool = False  #: somebody has proven the address already: it is kept, whether this is pressed or not
    pressed: bool = False  #: it was proven already: the link books nothing more
    has: bool = False  #: its owner has asked for it themselves meanwhile: there is nothing to confirm
    given_back: GivenBack | None = None  #: since it was asked for: the link books it no more


@dataclass(frozen=True)
class Where:
    """Where somebody says that they work or study, and with whom."""

    organisation: str
    service_area: ServiceArea = ServiceArea.OTHER


@dataclass(frozen=True)
class Proved:
    """An address was proven by its link. `booked` is what came of the place that was asked for, if one was.

    `clashes`, `asks_where`: nothing was done, because of these: say that they are accepted, or where they work, and ask again.
    `over`: there is no place for it now. `given_back`: they gave it back after they had asked, so nothing was booked.
    `stands`: how they stand with what they asked for, said at the first press alone.
    """

    partnership_id: int
    person_id: int
    booked: Booked | None
    clashes: tuple[Clash, ...] = ()
    over: bool = False
    asks_where: bool = False
    stands: BookingState | None = None
    given_back: GivenBack | None = None
    session_id: int | None = None  #: what was asked for


def wished_for(db: Db, partnership_ids: Sequence[int], token: str, rules_of: Mapping[int, Rules], *, now: datetime) -> Wished:
    """What a link in a mail would prove. Reading it changes nothing: scanners open links. Raises `NotFound`."""
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now)
    proof = _proof_of(db, link)
    session = find_session(db, link.partnership_id, proof.session_id) if proof.session_id is not None else None
    clashes = _clashing(db, proof, rules_of[link.partnership_id], now=now)
    return Wished(
        link.partnership_id,
        proof.address,
        session,
        clashes,
        _asks_where(db, proof, now=now),
        known=_owner(db, proof) is not None,
        pressed=proof.done_at is not None,
        has=_has(db, proof),
        given_back=_given_back(db, proof),
    )


def _proof_of(db: Db, link: Link) -> EmailProof:
    proof = db.get_one(EmailProof, link.proof_id)
    if is_given_up(db, proof):
        raise NotFound(GONE)
    return proof


def _asks_where(db: Db, proof: EmailProof, *, now: datetime) -> bool:
    """Whether its owner is asked where they work. Where nobody has proven the address, that is who asked, whatever was typed since."""
    session = _wanted(db, proof)
    owner = _owner(db, proof) or db.get_one(Person, proof.person_id)
    return session is not None and says_where_with_all(db, owner, session, now=now)


def _owner(db: Db, proof: EmailProof) -> Person | None:
    """Whoever has proven this very address."""
    here = col(Person.partnership_id) == proof.partnership_id, col(Person.email_key) == address_key(proof.address)
    return db.exec(select(Person).where(*here)).first()


def _wanted(db: Db, proof: EmailProof) -> Session | None:
    """The session that the link would book; None where it would give them nothing new."""
    if proof.session_id is None or proof.done_at is not None or _has(db, proof) or _given_back(db, proof):
        return None
    return find_session(db, proof.partnership_id, proof.session_id)


def _has(db: Db, proof: EmailProof) -> bool:
    """Whether its owner has a claim of their own on what was asked for."""
    owner = _owner(db, proof) if proof.session_id is not None else None
    return owner is not None and _has_claimed(db, find_session(db, proof.partnership_id, proof.session_id or 0), owner.id)


def _given_back(db: Db, proof: EmailProof) -> GivenBack | None:
    """How they gave it back after this mail was asked for; None where they did not, or have it again."""
    if proof.session_id is None or _has(db, proof):
        return None
    owner = _owner(db, proof)
    them = {proof.person_id, owner.id or 0} if owner is not None else {proof.person_id}
    return given_back(db, find_session(db, proof.partnership_id, proof.session_id), sorted(them), proof.asked_at)


def _clashing(db: Db, proof: EmailProof, rules: Rules, *, now: datetime) -> tuple[Clash, ...]:
    """The other places, at that time, of whoever has proven this very address; none where the link would give them nothing new."""
    owner, session = _owner(db, proof), _wanted(db, proof)
    if owner is None or session is None:
        return ()
    if session.series_id is not None:
        return clashes_of_whole(db, parts_ahead(db, session.series_id, now=now), owner.id or 0, rules)
    over = session.state is not SessionState.PUBLISHED or session.starts_at <= now
    return () if over else clashes_of(db, owner.id or 0, session, rules)


def _has_claimed(db: Db, session: Session, person_id: int | None) -> bool:
    """Whether they have a claim of their own, on the series that it is a part of or on the session.

    By its number alone, for no lock may be held yet: a row that is kept from here would be looked at again under it, as it was.
    """
    if session.series_id is not None:
        whole = col(SeriesBooking.series_id) == session.series_id, col(SeriesBooking.person_id) == person_id
        own = col(SeriesBooking.state).in_(ACTIVE), col(SeriesBooking.wished).is_(False)
        return db.exec(select(SeriesBooking.id).where(*whole, *own)).first() is not None
    alone = col(Booking.session_id) == session.id, col(Booking.person_id) == person_id
    mine = col(Booking.state).in_(ACTIVE), col(Booking.wished).is_(False)
    return db.exec(select(Booking.id).where(*alone, *mine)).first() is not None


def prove_by_link(
    db: Db,
    partnership_ids: Sequence[int],
    token: str,
    rules_of: Mapping[int, Rules],
    *,
    now: datetime,
    accept_clash: Accepts = False,
    where: Where | None = None,
) -> Proved:
    """The button on the link's page was pressed: the address is theirs, and the place that was kept for it too.

    Where it was kept no longer, it is asked for again: it may come to the waiting list. What they gave back themselves since they asked
    is not: then the link opens their own page. So does one that was pressed before: what was typed since has a mail of its own, which
    asks what is to be asked. Raises `NotFound` for a link that is over, and `BadInput` for a `where` that cannot be used.
    """
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now, held=True)
    proof, rules = _proof_of(db, link), rules_of[link.partnership_id]
    found, asks_where = _clashing(db, proof, rules, now=now), _asks_where(db, proof, now=now)
    clashes = to_ask(found, accept_clash)
    if clashes or (asks_where and where is None):
        return Proved(link.partnership_id, proof.person_id, None, clashes, asks_where=asks_where)
    first, said = proof.done_at is None, accept_clash is True or bool(found)
    gone = _given_back(db, proof)
    wanted = proof.session_id if first and gone is None else None
    proof.done_at = proof.done_at or now
    link.used_at = link.used_at or now
    db.add_all((proof, link))
    person, known, was_wish = _owner_of(db, proof, wanted, rules, now=now, clash_accepted=said)
    if not known:
        person.email, person.email_key, person.proven_at = proof.address, address_key(proof.address), now
        db.add(person)
        db.flush()
        recognise(db, person.id or 0, person.partnership_id, proof.address)
    if asks_where and where is not None:
        say_where(db, person.partnership_id, person.id or 0, where.organisation, where.service_area, rules, now=now)
    came = Owned()
    if wanted is not None:  # only the wish that this mail was about: another may have typed the rest
        came = take_own(db, wanted, person, rules, now=now, clash_accepted=said, was_wish=was_wish, again=True)
    stands = _standing(db, proof, person) if first and gone is None else None
    where_now = link.partnership_id, person.id or 0, came.booked
    return Proved(*where_now, over=came.over, stands=stands, given_back=gone, session_id=proof.session_id)


def _standing(db: Db, proof: EmailProof, person: Person) -> BookingState | None:
    if proof.session_id is None:
        return None
    mine = booking_on(db, find_session(db, proof.partnership_id, proof.session_id), person.id or 0)
    return mine.state if mine is not None else None


def _owner_of(
    db: Db, proof: EmailProof, wanted: int | None, rules: Rules, *, now: datetime, clash_accepted: bool
) -> tuple[Person, bool, bool]:
    """Who asked, or who has proven the address meanwhile at another door: then they are one person.

    And whether we knew them before, and whether what they asked for was but a wish. `wanted`: the session that this makes their own.
    """
    asked = db.get_one(Person, proof.person_id)
    owner = _owner(db, proof) if asked.proven_at is None else None
    hold_all_of(db, asked.id or 0, owner.id if owner is not None else None)
    was_wish = False
    if wanted is not None:  # before two become one: of two claims on a session a mere wish gives way
        was_wish = make_own(db, asked.id or 0, wanted, clash_accepted=clash_accepted)
    if owner is None:
        return asked, asked.proven_at is not None, was_wish
    if wanted is not None and _has_claimed(db, find_session(db, proof.partnership_id, wanted), owner.id):
        was_wish = False  # they had asked for it by themselves
    if asked.discord_id is None:
        make_one(db, owner, asked, rules, now=now)
    return owner, True, was_wish
