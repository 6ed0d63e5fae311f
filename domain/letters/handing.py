"""From a claimed notice to a letter: the facts are read again at the moment of sending.

`hand_over` is the last thing before the network. It decides whether the notice still tells the truth, waits for
a link where one is on its way, makes the digits of a verification, and records that from now on the letter may
have been sent, in one transaction.

Who sends, and who must not. A process may be frozen at any instant and wake minutes later, when another has judged what it
left. Three things keep the late one from sending what the other has:

- `hand_over` refuses a notice that is not claimed by this process, or whose lease has run out. It holds the row while it
  looks, and begins the lease anew in the same transaction; nobody judges a notice before its lease is over (`ledger.claims.lapsed`).
- A letter carries the end of its lease (`Letter.leased_until`). It is compared with the clock as the last thing before the
  channel is asked, and by the mail channels once more after their own waits (their turn, a connection), so that the
  question is asked again wherever a process can sleep in between. A letter that is too late is not sent: it is marked as not
  done, which only counts while the notice is still ours.
- Asking the database instead of the clock would not be tighter: between any answer and the first byte on the wire the process
  can be frozen just as well. What is left is that gap, some microseconds without a wait in them. Nothing on this side of the wire
  can close it; so what passes through it must be harmless, and is: after its lease a notice is queued again only where a
  second letter does no harm (the same Message-ID, UID and SEQUENCE), and is otherwise `unknown`, which nobody sends again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select

from domain import announced, entering
from domain.database import Db
from domain.day_reminders import sessions_to_tell, speaks_of_a_day, write_down
from domain.digests import reader_of
from domain.kinds import Kind
from domain.letters.links import with_links
from domain.letters.readers import MATTERS, read_matter
from domain.letters.sessions import session_facts
from domain.letters.truth import Case, name_a_part_to_come, still_true, wait_for_link
from domain.letters.wishes import wish_of
from domain.letters.writing import letter_of, of_a_day, recipient_of
from domain.links import LinkKey
from domain.materials import attachments_of, takes_materials
from domain.models import (
    Booking,
    EmailProof,
    Notice,
    NoticeState,
    Person,
    Session,
)
from domain.notices import LEASE
from domain.ports.letters import Letter, ReminderItem, SessionFacts
from domain.presenters import letters as presenter_letters
from domain.proofs import hash_code
from domain.rules import Rules, RulesOf
from domain.series.runs import series_title
from domain.transfers.asking import addressed

#: letters whose noun knows whom they go to
_ADDRESSED: Mapping[Kind, Callable[[Db, Letter, Notice], Letter]] = {
    Kind.ANNOUNCEMENT: announced.addressed,
    Kind.SIGN_IN: entering.addressed,
}


def six_digits() -> str:
    """A code that nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hand_over_all(
    db: Db,
    notice_ids: Iterable[int],
    by: str,
    rules: RulesOf,
    *,
    now: datetime,
    digits: Callable[[], str] = six_digits,
    links: LinkKey | None = None,
) -> list[Letter]:
    """The letters to send now, of several notices, in one transaction. `links`: the key of this installation's pages, if it has any."""
    notice_ids = list(notice_ids)
    _kept = _load_together(db, notice_ids)  # held here, so that the handle still knows them below
    known: dict[int, SessionFacts] = {}
    letters = (hand_over(db, notice_id, by, rules, now=now, digits=digits, known=known) for notice_id in notice_ids)
    return with_links(db, links, [letter for letter in letters if letter is not None], rules, now=now)


def _load_together(db: Db, notice_ids: Sequence[int]) -> list[object]:
    """Read the notices and what they are about in a few queries, however many they are, and hold what may not change meanwhile.

    Sessions of calendar messages first, as every use case does; then the notices.
    """
    calendar = select(Notice.session_id).where(col(Notice.id).in_(notice_ids), col(Notice.sequence).is_not(None))
    held = _sessions(db, {number for number in db.exec(calendar) if number is not None}, held=True)
    mine = select(Notice).where(col(Notice.id).in_(notice_ids)).order_by(col(Notice.id)).with_for_update()
    notices = db.exec(mine.execution_options(populate_existing=True)).all()
    people = db.exec(select(Person).where(col(Person.id).in_({notice.person_id for notice in notices}))).all()
    bookings = db.exec(select(Booking).where(col(Booking.id).in_({notice.booking_id for notice in notices}))).all()
    others = _sessions(db, {notice.session_id for notice in notices if notice.session_id} - {one.id for one in held})
    return [*notices, *people, *bookings, *held, *others]


def _sessions(db: Db, ids: Collection[int], *, held: bool = False) -> Sequence[Session]:
    """`held`: shared, for this transaction; several may hand over letters of one session, and nobody changes it meanwhile."""
    rows = select(Session).where(col(Session.id).in_(ids)).order_by(col(Session.id))
    return db.exec(rows.with_for_update(read=True) if held else rows).all() if ids else ()


def hand_over(
    db: Db,
    notice_id: int,
    by: str,
    rules: RulesOf,
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
    if notice.claimed_until is None or notice.claimed_until <= now:
        return None  # another may judge it, and take it, at any instant
    day = sessions_to_tell(db, notice, now=now) if speaks_of_a_day(notice) else ()
    if day:
        case.booking, case.session = day[0]
    name_a_part_to_come(db, case, now=now)
    ruled = rules.of(notice.partnership_id)
    matter = read_matter(db, notice, ruled, now=now)
    if not still_true(db, case) or (matter is None and (notice.kind in MATTERS or notice.presenter_id is not None)):
        _put_down(db, notice, NoticeState.SUPERSEDED)
        return None
    facts = _facts(db, case.session, {} if known is None else known) if case.session else None
    if wait := wait_for_link(case, facts, ruled, now):
        notice.next_try_at = wait
        _put_down(db, notice, NoticeState.QUEUED)
        return None
    _record(db, case, facts, now)
    letter = replace(_write(db, case, facts, now=now, digits=digits, rules=ruled), matter=matter)
    if day:
        write_down(db, notice, day)
        return of_a_day(letter, _further(db, day[1:], {} if known is None else known))
    if notice.presenter_id is not None:
        letter = presenter_letters.addressed(db, letter, notice)
    if takes_materials(letter.kind, letter.channel, letter.changes) and case.session is not None:
        return replace(letter, attachments=(*letter.attachments, *attachments_of(db, case.session)))
    if letter.kind in _ADDRESSED:
        return _ADDRESSED[letter.kind](db, letter, notice)
    if letter.kind is Kind.DIGEST:
        return replace(letter, recipient=reader_of(db, notice))
    if letter.kind is Kind.TRANSFER and notice.transfer_id is not None and case.person is None:
        return addressed(db, letter, notice, digits, now=now)
    return letter


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
    notice = case.notice
    proof = db.get(EmailProof, notice.proof_id) if notice.proof_id else None
    code, asked, whole, kept = None, facts, series_title(db, notice), None
    if notice.kind is Kind.VERIFICATION and proof is not None and not proof.by_link:
        code = digits()
        proof.code_hash, proof.expires_at, proof.tries = hash_code(code, proof.salt), now + rules.code_life, 0
        db.add(proof)
    elif notice.kind is Kind.VERIFICATION and proof is not None and proof.session_id is not None:
        asked, whole, kept = wish_of(db, proof)
    letter = letter_of(
        case,
        asked,
        attempt=notice.attempts,
        first_tried_at=notice.first_handed_at,
        leased_until=now + LEASE,
        recipient=recipient_of(case, proof.address if proof else None),
        whole=whole,
        code=code,
        found=proof is not None and proof.by_link and proof.session_id is None,
        until=proof.expires_at if proof and notice.kind is Kind.VERIFICATION else None,
    )
    return replace(letter, kept=kept)


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
