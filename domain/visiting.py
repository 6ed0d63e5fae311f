"""Visitors: somebody without Discord asks for a place on a page. That the address is theirs they prove by e-mail (`domain.proving`).

A page says the same to everybody, whether we know an address or not. What it really came to stands in the mail, which only
the owner of the address reads. Until its link was opened and its button pressed, a place is only held, and of a person whom
we know already nothing is changed by what somebody typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func
from sqlmodel import col, select

from domain.admissions import code_that_opens, let_in, lets_in
from domain.askers import ByLink
from domain.bookings import book, require_open
from domain.database import Db
from domain.errors import BadInput, Refusal
from domain.fields import Fields
from domain.kinds import Channel, Kind, Mode
from domain.models import Booking, BookingState, EmailProof, Part, Person, ServiceArea, Session
from domain.needs.own import LONGEST, tell_needs
from domain.notices import owe_person
from domain.once import one_by_one
from domain.people import NAME_LIMIT, clean_organisation, organisation_named
from domain.places import ACTIVE, lock
from domain.privacy import is_private, require_nothing_hidden
from domain.queries import welcomes_families
from domain.rules import Rules
from domain.series.booking import book_series, claim_of, require_series_open
from domain.series.line import promote_series
from domain.series.places import fits, lock_series
from domain.texts import address_key, clean_address, one_line
from domain.wishes import PROVES_FOR

#: links to one's own page, to one address in an hour; of wishes the pages take no more than they may send mails for
MAILS_AN_HOUR = 5
#: whether a place is free is said of the session, the same for every address
NOBODY = 0
WORKS_SOMEWHERE = "This is for people who work or study with us. Enter the organisation that you work for or study at."
NOT_BOTH = "Enter where you work or study, or say that you work for none of these. Please do not do both."
OF_A_SERIES = "This session is part of a series, which is booked as a whole. Go back, and book the series."


@dataclass(frozen=True)
class FilledIn:
    """What somebody asks for on a page. `code`: the invitation that a private session was opened by."""

    name: str
    address: str
    mode: Mode | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    organisation: str = ""  #: of an open session
    service_area: ServiceArea = ServiceArea.OTHER
    code: str | None = None
    family: bool = False  #: of an open session: they say that they work for none of the organisations, and are a parent or carer


@dataclass(frozen=True)
class WishAnswer:
    """What the page may say: the same for every address, and whatever was typed before. `held_for`: how long a place is kept, if one is.

    `waits`: as far as everybody sees, none was free when they asked.
    """

    session_id: int
    held_for: timedelta
    waits: bool = False


def ask(db: Db, partnership_id: int, session_id: int, filled: FilledIn, rules: Rules, *, now: datetime) -> WishAnswer:
    """Ask for a place by e-mail. Raises `BadInput` for what cannot be used, `Closed`, and `NotFound` as for a session that is not there."""
    session = lock(db, partnership_id, session_id)
    code = code_that_opens(db, session, filled.code, now=now) if is_private(session) else None
    if code is None:
        require_nothing_hidden(session)
    if session.series_id is not None:
        raise Refusal(OF_A_SERIES)
    require_open(db, session, filled.mode, rules, now=now)  # before anybody is looked for: all are told alike
    address, name = read_filled(filled, rules, private=code is not None, families=welcomes_families(db, [session]))
    known = _asked_before(db, partnership_id, address)
    waits = not fits(db, [session], NOBODY, filled.mode, seen=True)
    if code is not None and not lets_in(db, code, known):
        return WishAnswer(session_id, rules.hold, waits)  # used up: were this one told so, it would be known that the others had come
    person = _person_at(db, partnership_id, known, address, name, filled, private=code is not None, now=now)
    if code is not None:
        let_in(db, code, person.id or 0, now=now)
    _hold_place(db, session, person, filled, name, rules, now=now)
    _owe_mail(db, person, address, rules, session_id=session_id, now=now)
    return WishAnswer(session_id, rules.hold, waits)


def ask_series(db: Db, partnership_id: int, series_id: int, filled: FilledIn, rules: Rules, *, now: datetime) -> WishAnswer:
    """Ask for a place on every part of a series that is still to come, by e-mail. Raises as above."""
    lock_series(db, partnership_id, series_id)
    parts = require_series_open(db, partnership_id, series_id, filled.mode, rules, now=now)
    promote_series(db, series_id, rules, now=now)  # before the page says whether one is free (`book_series`)
    address, name = read_filled(filled, rules, private=False, families=welcomes_families(db, parts))
    waits = not fits(db, parts, NOBODY, filled.mode, seen=True)
    known = _asked_before(db, partnership_id, address)
    person = _person_at(db, partnership_id, known, address, name, filled, private=False, now=now)
    claim = claim_of(db, series_id, person.id or 0)
    if claim is None or claim.wished or claim.state is BookingState.CANCELLED:
        book_series(db, partnership_id, series_id, person.id or 0, rules, now=now, mode=filled.mode, accept_clash=True, proven=False)
    first = parts[0].id or 0
    _owe_mail(db, person, address, rules, session_id=first, now=now)
    return WishAnswer(first, rules.hold, waits)


def read_filled(filled: FilledIn, rules: Rules, *, private: bool, families: bool) -> tuple[str, str]:
    """The clean address and the clean name. `families`: who works for none of the organisations may come.

    Raises `BadInput` for all that was typed at once: nobody has been looked for yet.
    """
    fields = Fields()
    called = "the name that we may call you by" if private else "your name"
    name = fields.read(lambda: one_line(filled.name, NAME_LIMIT, called, field="name"), "")
    domains = () if private or (families and filled.family) else rules.mail_domains
    address = fields.read(lambda: clean_address(filled.address, domains, field="address"), "")
    if not private:
        fields.check(lambda: _check_where(filled, families=families))
    for question, text in filled.needs.items():
        fields.check(partial(_check_need, question, text))
    fields.require()
    return address, name


def _check_where(filled: FilledIn, *, families: bool) -> None:
    """Where they work, or that they need not say so."""
    if not filled.family:
        clean_organisation(filled.organisation)
    elif not families:
        raise BadInput(WORKS_SOMEWHERE, field="organisation")
    elif filled.organisation.strip():
        raise BadInput(NOT_BOTH, field="organisation")


def _check_need(question: str, text: str) -> None:
    if text.strip():
        one_line(text, LONGEST, "what you need", field=question)


def ask_for_link(db: Db, partnership_id: int, address: str, rules: Rules, *, now: datetime) -> None:
    """Send somebody the link to their own page, if we know the address. The page says the same in any case. Raises `BadInput`."""
    key = address_key(clean_address(address, field="address"))
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
    one_by_one(db, f"asks:{partnership_id}:{address_key(address)}")
    here = col(Person.partnership_id) == partnership_id
    known = db.exec(select(Person).where(here, col(Person.email_key) == address_key(address))).first()
    if known is not None:
        return known
    asked = col(Person.proven_at).is_(None), col(Person.discord_id).is_(None), func.lower(col(Person.email)) == address.lower()
    return db.exec(select(Person).where(here, *asked).with_for_update()).first()


def _person_at(
    db: Db, partnership_id: int, person: Person | None, address: str, name: str, filled: FilledIn, *, private: bool, now: datetime
) -> Person:
    """Who asked with this address before, else somebody new. Of who has proven theirs nothing is changed."""
    if person is not None and person.email_key is not None and person.email_key == address_key(address):
        return person
    if person is None:
        person = Person(partnership_id=partnership_id, name=name, email=address, created_at=now, reminders_by_email=True)
    person.name, person.privacy_read_at = name, now
    if private:
        person.part = Part.PARENT if person.organisation_id is None else person.part
    elif filled.family:  # whatever was typed before with this address
        person.organisation_id, person.part, person.service_area = None, Part.PARENT, ServiceArea.OTHER
    else:
        person.organisation_id = organisation_named(db, partnership_id, filled.organisation).id
        person.part, person.service_area = Part.PRACTITIONER, filled.service_area
    db.add(person)
    db.flush()
    return person


def _hold_place(db: Db, session: Session, person: Person, filled: FilledIn, name: str, rules: Rules, *, now: datetime) -> None:
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
        mode=filled.mode,
        accept_clash=True,  # that it clashes is nobody else's business: they are asked when they prove it
        alias=alias,
        proven=False,
    )
    told = {question: text for question, text in filled.needs.items() if text.strip()}
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
