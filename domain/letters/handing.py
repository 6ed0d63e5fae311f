"""From a claimed notice to a letter: the facts are read again at the moment of sending.

`hand_over` is the last thing before the network. It decides whether the notice still tells the truth, waits for
a link where one is on its way, makes the digits of a verification, and records that from now on the letter may
have been sent, in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select

from domain import announced
from domain.database import Db
from domain.day_reminders import sessions_to_tell, speaks_of_a_day, write_down
from domain.digests import reader_of
from domain.kinds import CalendarMethod, Kind
from domain.letters.readers import MATTERS, read_matter
from domain.letters.truth import Case, still_true, to_waiting, wait_for_link
from domain.materials import attachments_of, material_facts, takes_materials
from domain.meetings import link_of
from domain.models import (
    Booking,
    EmailProof,
    Notice,
    NoticeState,
    Organisation,
    Person,
    Programme,
    Session,
    SessionState,
)
from domain.notices import LEASE
from domain.ports import CalendarFacts, Letter, Recipient, ReminderItem, SessionFacts
from domain.presenters import letters as presenter_letters
from domain.presenters.telling import living, shown_label
from domain.privacy import is_private, name_on, shown_title
from domain.proofs import hash_code
from domain.rules import Rules
from domain.series.runs import part_words, series_title
from domain.transfers.asking import addressed


def six_digits() -> str:
    """A code that nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"


def session_facts(db: Db, session: Session) -> SessionFacts:
    """A session as the people booked on it may see it."""
    programme = db.get_one(Programme, session.programme_id)
    organisation = db.get(Organisation, session.organisation_id) if session.organisation_id else None
    presenter = shown_label([one.label for one in living(db, session.id)])
    private = is_private(session)
    return SessionFacts(
        session_id=session.id or 0,
        uid=session.uid,
        reference=session.reference,
        programme="" if private else programme.title,
        title=shown_title(session),
        description="" if private else session.description,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        format=session.format,
        provider=session.provider,
        venue=session.venue,
        join_url=link_of(db, session),
        notes=session.notes,
        presenter=None if private else presenter,
        organisation=organisation.name if organisation and not private else None,
        private=private,
        part="" if private else part_words(db, session),
        materials=material_facts(db, session),
    )


def hand_over_all(
    db: Db, notice_ids: Iterable[int], by: str, rules: Rules, *, now: datetime, digits: Callable[[], str] = six_digits
) -> list[Letter]:
    """The letters to send now, of several notices, in one transaction."""
    notice_ids = list(notice_ids)
    _kept = _load_together(db, notice_ids)  # held here, so that the handle still knows them below
    known: dict[int, SessionFacts] = {}
    letters = (hand_over(db, notice_id, by, rules, now=now, digits=digits, known=known) for notice_id in notice_ids)
    return [letter for letter in letters if letter is not None]


def _load_together(db: Db, notice_ids: Sequence[int]) -> list[object]:
    """Read the notices and what they are about in four queries, however many they are."""
    notices = db.exec(select(Notice).where(col(Notice.id).in_(notice_ids))).all()
    people = db.exec(select(Person).where(col(Person.id).in_({notice.person_id for notice in notices}))).all()
    bookings = db.exec(select(Booking).where(col(Booking.id).in_({notice.booking_id for notice in notices}))).all()
    sessions = db.exec(select(Session).where(col(Session.id).in_({notice.session_id for notice in notices}))).all()
    return [*notices, *people, *bookings, *sessions]


def hand_over(
    db: Db,
    notice_id: int,
    by: str,
    rules: Rules,
    *,
    now: datetime,
    digits: Callable[[], str] = six_digits,
    known: dict[int, SessionFacts] | None = None,
) -> Letter | None:
    """The letter to send now, or None when there is none (any more, or yet).

    `digits` makes a verification's code. `known` remembers the facts of sessions within one transaction.
    """
    notice = db.get(Notice, notice_id)
    if notice is None or notice.state is not NoticeState.CLAIMED or notice.claimed_by != by:
        return None
    case = Case(
        notice,
        db.get(Person, notice.person_id) if notice.person_id else None,
        db.get(Booking, notice.booking_id) if notice.booking_id else None,
        db.get(Session, notice.session_id) if notice.session_id else None,
    )
    if notice.expires_at is not None and notice.expires_at <= now:
        _put_down(db, notice, NoticeState.EXPIRED)
        return None
    day = sessions_to_tell(db, notice, now=now) if speaks_of_a_day(notice) else ()
    if day:
        case.booking, case.session = day[0]
    matter = read_matter(db, notice, rules, now=now)
    if not still_true(db, case) or (matter is None and (notice.kind in MATTERS or notice.presenter_id is not None)):
        _put_down(db, notice, NoticeState.SUPERSEDED)
        return None
    facts = _facts(db, case.session, {} if known is None else known) if case.session else None
    if wait := wait_for_link(case, facts, rules, now):
        notice.next_try_at = wait
        _put_down(db, notice, NoticeState.QUEUED)
        return None
    _record(db, case, facts, now)
    letter = replace(_write(db, case, facts, now=now, digits=digits, rules=rules), matter=matter)
    if day:
        write_down(db, notice, day)
        return _of_day(letter, _further(db, day[1:], {} if known is None else known))
    if notice.presenter_id is not None:
        letter = presenter_letters.addressed(db, letter, notice)
    if takes_materials(letter.kind, letter.channel, letter.changes) and case.session is not None:
        return replace(letter, attachments=(*letter.attachments, *attachments_of(db, case.session)))
    if letter.kind is Kind.ANNOUNCEMENT:
        return announced.addressed(db, letter, notice)
    if letter.kind is Kind.DIGEST:
        return replace(letter, recipient=reader_of(db, notice))
    if letter.kind is Kind.TRANSFER and notice.transfer_id is not None and case.person is None:
        return addressed(db, letter, notice, digits, now=now)
    return letter


def _of_day(letter: Letter, also: tuple[ReminderItem, ...]) -> Letter:
    """A day's reminder. Beside a private session, under its neutral title, stands no name: another may have been chosen for it."""
    private = letter.session is not None and (letter.session.private or any(one.session.private for one in also))
    recipient = replace(letter.recipient, name="") if also and private else letter.recipient
    return replace(letter, also=also, recipient=recipient)


def _further(db: Db, day: Sequence[tuple[Booking, Session]], known: dict[int, SessionFacts]) -> tuple[ReminderItem, ...]:
    return tuple(ReminderItem(_facts(db, session, known), booking.mode, booking.id or 0) for booking, session in day)


def _facts(db: Db, session: Session, known: dict[int, SessionFacts]) -> SessionFacts:
    if (session_id := session.id or 0) not in known:
        known[session_id] = session_facts(db, session)
    return known[session_id]


def _put_down(db: Db, notice: Notice, state: NoticeState) -> None:
    notice.state = state
    notice.claimed_by = notice.claimed_until = notice.handed_at = None
    db.add(notice)


def _write(db: Db, case: Case, facts: SessionFacts | None, *, now: datetime, digits: Callable[[], str], rules: Rules) -> Letter:
    notice, person, booking = case.notice, case.person, case.booking
    proof = db.get(EmailProof, notice.proof_id) if notice.proof_id else None
    address = proof.address if proof else (person.email if person and person.proven_at else None)
    name = name_on(booking, person) if booking and person else person.name if person else ""
    recipient = Recipient(name, address, person.discord_id if person else None)
    code = None
    if notice.kind is Kind.VERIFICATION and proof is not None:
        code = digits()
        proof.code_hash, proof.expires_at, proof.tries = hash_code(code, proof.salt), now + rules.code_life, 0
        db.add(proof)
    return Letter(
        notice_id=notice.id or 0,
        key=notice.key,
        kind=notice.kind,
        channel=notice.channel,
        recipient=recipient,
        session=replace(facts, join_url=None) if facts and to_waiting(notice) else facts,
        whole=series_title(db, notice),
        waiting=to_waiting(notice),
        calendar=_calendar(notice),
        mode=booking.mode if booking else None,
        booking_id=booking.id if booking else None,
        reason=notice.detail if notice.kind is Kind.CANCELLATION else "",
        by_organiser=case.session is not None and case.session.state is SessionState.CANCELLED,
        changes=tuple(notice.detail.split(",")) if notice.kind is Kind.UPDATE and notice.detail else (),
        code=code,
        until=booking.held_until if booking and notice.kind is Kind.OFFER else (proof.expires_at if code and proof else None),
        lead_minutes=notice.lead_minutes,
        programme_id=notice.programme_id,
        fallback=notice.fallback_of is not None,
        attempt=notice.attempts,
        first_tried_at=notice.first_handed_at,
    )


def _calendar(notice: Notice) -> CalendarFacts | None:
    if notice.sequence is None or notice.dtstamp is None:
        return None
    method = CalendarMethod.CANCEL if notice.kind is Kind.CANCELLATION else CalendarMethod.REQUEST
    return CalendarFacts(method, notice.sequence, notice.dtstamp)


def _record(db: Db, case: Case, facts: SessionFacts | None, now: datetime) -> None:
    notice, booking = case.notice, case.booking
    notice.handed_at, notice.claimed_until = now, now + LEASE
    notice.first_handed_at = notice.first_handed_at or now
    notice.attempts += 1
    if facts is not None and case.session is not None:
        notice.told_revision, notice.told_link = case.session.revision, facts.join_url is not None
    if booking is not None and notice.sequence is not None and notice.kind is not Kind.CANCELLATION:
        booking.invited = True
        db.add(booking)
    db.add(notice)
