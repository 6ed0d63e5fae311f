"""Visitors: somebody without Discord asks for a place on a page, and proves by e-mail that the address is theirs.

A page says the same to everybody, whether we know an address or not. What it really came to stands in the mail, which only
the owner of the address reads. Until its link was opened and its button pressed, a place is only held, and of a person whom
we know already nothing is changed by what somebody typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from domain.admissions import code_that_opens, let_in, lets_in
from domain.askers import ByLink
from domain.bookings import Booked, book, require_open
from domain.database import Db
from domain.errors import Refusal
from domain.kinds import Channel, Kind, Mode
from domain.links import opened
from domain.models import Booking, BookingState, EmailProof, Part, Person, Purpose, ServiceArea, Session
from domain.needs.own import LONGEST, tell_needs
from domain.notices import owe_person
from domain.once import is_postgres
from domain.people import NAME_LIMIT, organisation_named
from domain.places import ACTIVE, find_session, lock, prove_holds
from domain.presenters.telling import recognise
from domain.privacy import is_private, require_nothing_hidden
from domain.proofs import hold_all_of, make_one
from domain.rules import Rules
from domain.series.booking import book_series, claim_of, require_series_open
from domain.series.places import lock_series
from domain.texts import address_key, clean_address, one_line
from domain.wishes import PROVES_FOR, make_own

#: links to one's own page, to one address in an hour; of wishes the pages take no more than they may send mails for
MAILS_AN_HOUR = 5


@dataclass(frozen=True)
class Wish:
    """What somebody asks for on a page. `code`: the invitation that a private session was opened by."""

    name: str
    address: str
    mode: Mode | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    organisation: str = ""  #: of an open session
    service_area: ServiceArea = ServiceArea.OTHER
    code: str | None = None


@dataclass(frozen=True)
class Asked:
    """What the page may say: the same for every address. `held_for`: how long a place is kept, if there was one."""

    session_id: int
    held_for: timedelta


@dataclass(frozen=True)
class Proved:
    """An address was proven by its link. `booked` is what came of the place that was asked for, if one was."""

    partnership_id: int
    person_id: int
    booked: Booked | None


def ask(db: Db, partnership_id: int, session_id: int, wish: Wish, rules: Rules, *, now: datetime) -> Asked:
    """Ask for a place by e-mail. Raises `BadInput` for what cannot be used, `Closed`, and `NotFound` as for a session that is not there."""
    session = lock(db, partnership_id, session_id)
    code = code_that_opens(db, session, wish.code, now=now) if is_private(session) else None
    if code is None:
        require_nothing_hidden(session)
    if session.series_id is not None:
        raise Refusal("This session is part of a series, which is booked as a whole. Go back, and book the series.")
    require_open(db, session, wish.mode, rules, now=now)  # before anybody is looked for: all are told alike
    address, name = _typed(wish, rules, private=code is not None)
    known = _asked_before(db, partnership_id, address)
    if code is not None and not lets_in(db, code, known):
        return Asked(session_id, rules.hold)  # used up: were this one told so, it would be known that the others had come
    person = _person_at(db, partnership_id, known, address, name, wish, private=code is not None, now=now)
    if code is not None:
        let_in(db, code, person.id or 0, now=now)
    _hold_place(db, session, person, wish, name, rules, now=now)
    _owe_mail(db, person, address, rules, session_id=session_id, now=now)
    return Asked(session_id, rules.hold)


def ask_series(db: Db, partnership_id: int, series_id: int, wish: Wish, rules: Rules, *, now: datetime) -> Asked:
    """Ask for a place on every part of a series that is still to come, by e-mail. Raises as above."""
    lock_series(db, partnership_id, series_id)
    parts = require_series_open(db, partnership_id, series_id, wish.mode, rules, now=now)
    address, name = _typed(wish, rules, private=False)
    known = _asked_before(db, partnership_id, address)
    person = _person_at(db, partnership_id, known, address, name, wish, private=False, now=now)
    claim = claim_of(db, series_id, person.id or 0)
    if claim is None or claim.wished or claim.state is BookingState.CANCELLED:
        book_series(db, partnership_id, series_id, person.id or 0, rules, now=now, mode=wish.mode, accept_clash=True, proven=False)
    first = parts[0].id or 0
    _owe_mail(db, person, address, rules, session_id=first, now=now)
    return Asked(first, rules.hold)


def _typed(wish: Wish, rules: Rules, *, private: bool) -> tuple[str, str]:
    """The clean address and the clean name. Raises `BadInput`, for all that was typed: nobody has been looked for yet."""
    if not private:
        one_line(wish.organisation, 200, "your organisation")
    for text in wish.needs.values():
        if text.strip():
            one_line(text, LONGEST, "what you need")
    name = one_line(wish.name, NAME_LIMIT, "the name that we may call you by" if private else "your name")
    return clean_address(wish.address, () if private else rules.mail_domains), name


def ask_for_link(db: Db, partnership_id: int, address: str, rules: Rules, *, now: datetime) -> None:
    """Send somebody the link to their own page, if we know the address. The page says the same in any case. Raises `BadInput`."""
    key = address_key(clean_address(address))
    mine = select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.email_key) == key)
    person = db.exec(mine).first()
    if person is None or person.email is None:
        return
    lately = (
        col(EmailProof.person_id) == person.id,
        col(EmailProof.session_id).is_(None),
        col(EmailProof.asked_at) > now - timedelta(hours=1),
    )
    if db.exec(select(func.count()).select_from(EmailProof).where(*lately, col(EmailProof.by_link))).one() < MAILS_AN_HOUR:
        _owe_mail(db, person, person.email, rules, session_id=None, now=now)


def _asked_before(db: Db, partnership_id: int, address: str) -> Person | None:
    """Who has proven this address; else who has asked with it here before and proven nothing. None: nobody.

    Of two who ask with one address at the same moment, the second waits here, and finds the first.
    """
    if is_postgres(db):  # a file is written to by one at a time
        mark = f"asks:{partnership_id}:{address_key(address)}"
        db.connection().execute(select(func.pg_advisory_xact_lock(func.hashtextextended(mark, 0))))
    here = col(Person.partnership_id) == partnership_id
    known = db.exec(select(Person).where(here, col(Person.email_key) == address_key(address))).first()
    if known is not None:
        return known
    asked = col(Person.proven_at).is_(None), col(Person.discord_id).is_(None), func.lower(col(Person.email)) == address.lower()
    return db.exec(select(Person).where(here, *asked).with_for_update()).first()


def _person_at(
    db: Db, partnership_id: int, person: Person | None, address: str, name: str, wish: Wish, *, private: bool, now: datetime
) -> Person:
    """Who asked with this address before, else somebody new. Of who has proven theirs nothing is changed."""
    if person is not None and person.email_key is not None and person.email_key == address_key(address):
        return person
    if person is None:
        person = Person(partnership_id=partnership_id, name=name, email=address, created_at=now, reminders_by_email=True)
    person.name, person.privacy_read_at = name, now
    if private:
        person.part = Part.PARENT if person.organisation_id is None else person.part
    else:
        person.organisation_id = organisation_named(db, partnership_id, wish.organisation).id
        person.part, person.service_area = Part.PRACTITIONER, wish.service_area
    db.add(person)
    db.flush()
    return person


def _hold_place(db: Db, session: Session, person: Person, wish: Wish, name: str, rules: Rules, *, now: datetime) -> None:
    """Keep a place until the address is proven. Who has a claim of their own already keeps that as it is; a wish is written over."""
    mine = col(Booking.session_id) == session.id, col(Booking.person_id) == person.id
    own = col(Booking.state).in_(ACTIVE), col(Booking.wished).is_(False)
    if db.exec(select(Booking.id).where(*mine, *own)).first() is not None:
        return
    alias = name if is_private(session) else None
    partnership_id, session_id = session.partnership_id, session.id or 0
    book(
        db,
        partnership_id,
        session_id,
        person.id or 0,
        rules,
        now=now,
        mode=wish.mode,
        accept_clash=True,  # that it clashes is nobody else's business: their own page says so
        alias=alias,
        proven=False,
    )
    told = {question: text for question, text in wish.needs.items() if text.strip()}
    if told:
        tell_needs(db, partnership_id, session_id, ByLink(person.id or 0), told, rules, now=now)


def _owe_mail(db: Db, person: Person, address: str, rules: Rules, *, session_id: int | None, now: datetime) -> None:
    until = now + PROVES_FOR
    proof = EmailProof(
        partnership_id=person.partnership_id,
        person_id=person.id or 0,
        address=address,
        salt="",
        asked_at=now,
        expires_at=until,
        by_link=True,
        session_id=session_id,
    )
    db.add(proof)
    db.flush()
    key = f"verification:{proof.id}"
    owe_person(db, Kind.VERIFICATION, person, key=key, now=now, channel=Channel.EMAIL, proof_id=proof.id, expires_at=until)


def wished_for(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> tuple[int, str, Session | None]:
    """What a link in a mail would prove: whose it is, the address, and the session. Reading it changes nothing: scanners open links."""
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now)
    proof = db.get_one(EmailProof, link.proof_id)
    session = find_session(db, link.partnership_id, proof.session_id) if proof.session_id is not None else None
    return link.partnership_id, proof.address, session


def prove_by_link(db: Db, partnership_ids: Sequence[int], token: str, rules_of: Mapping[int, Rules], *, now: datetime) -> Proved:
    """The button on the link's page was pressed: the address is theirs, and the place that was kept for it too. Harmless to repeat.

    Where it was kept no longer, it is asked for again: it may come to the waiting list. Raises `NotFound` for a link that is over.
    """
    link = opened(db, partnership_ids, Purpose.PROVE, token, now=now, held=True)
    proof, rules = db.get_one(EmailProof, link.proof_id), rules_of[link.partnership_id]
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
    booked = _came_of(db, proof.session_id, person, rules, first=first, now=now) if proof.session_id is not None else None
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
