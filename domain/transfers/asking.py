"""Transfers: a place that somebody hands to a named colleague. It stays with the giver until the colleague agrees.

The colleague is written to at the address that the giver typed, with a link where there are pages, and with a code that is
made when the mail is sent: `<number of the transfer>-<six digits>`. The number finds the transfer, so that wrong digits count
against that one: five tries, whoever types them. Either proves the address. What the colleague does with the code is in
`domain.transfers.taking`, and with the link in `domain.transfers.by_link`; here a transfer is asked for and taken back; that
it ends by itself stands in `domain.transfers.ending`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from domain.audit import audit_bookings
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.fields import Fields
from domain.kinds import Channel, Kind
from domain.letters.matters import TransferMatter
from domain.models import Booking, BookingState, Notice, Person, Privacy, Session, SessionState, Transfer, TransferState
from domain.notices import need, owe
from domain.once import one_by_one
from domain.places import cutoff_of, lock
from domain.ports.letters import Letter, Recipient
from domain.privacy import require_nothing_hidden
from domain.proofs import hash_code
from domain.rules import Rules
from domain.texts import address_key, clean_address, one_line

KEPT_OPEN = timedelta(hours=48)
MOST_AN_HOUR = 3  # asked by one person
MOST_TO_ONE = 3  # sent to one address in a day, whoever asks
NAME_LIMIT = 100


@dataclass(frozen=True)
class ColleagueAsked:
    """A colleague has been asked. `until` is when the question ends (UTC)."""

    session_id: int
    to_name: str
    to_address: str
    until: datetime


class PlaceGone(NotFound):
    """They had a place here once, and have none now."""


#: letters, with what may stand between them in a name; nothing that a mail program makes a link of
_A_NAME = re.compile(r"[^\W\d_]+(?:(?:['’-]|\. ?| )[^\W\d_]+)*\.?")


def name_to_show(name: str) -> str:
    """The giver's name as it may stand in a mail to an address that nobody has proven: a name and nothing else, or nothing."""
    clean = " ".join(name.split())
    joined = re.search(r"\w\.\w", clean)
    return clean if len(clean) <= 60 and _A_NAME.fullmatch(clean) and not joined else ""


def open_until(session: Session, rules: Rules, now: datetime) -> datetime:
    """48 hours, but not past the cut-off, when the place would still find somebody; asked after the cut-off, until the start."""
    cutoff = cutoff_of(session, rules)
    return min(now + KEPT_OPEN, cutoff if now < cutoff else session.starts_at)


def can_be_handed_over(session: Session, booking: Booking) -> bool:
    """Whether this kind of place can: not a private one, and not one of a series."""
    return session.privacy is Privacy.OPEN and booking.series_booking_id is None and session.series_id is None


def hand_over_place(
    db: Db, partnership_id: int, session_id: int, person_id: int, name: str, address: str, rules: Rules, *, now: datetime
) -> ColleagueAsked:
    """Ask a colleague to take this person's place. Who is asked already is asked once.

    Raises `Closed`, `NotFound`, `BadInput` or `Refusal` with a sentence.
    """
    session = lock(db, partnership_id, session_id)
    booking, giver = _place_of(db, session, person_id)
    _check_place(session, booking, now)
    to_name, to_address = _read_colleague(giver, name, address, rules)
    asked = open_transfer(db, booking)
    if asked is not None and address_key(asked.to_address) == address_key(to_address) and asked.expires_at > now:
        return ColleagueAsked(session_id, asked.to_name, asked.to_address, asked.expires_at)
    _check_limits(db, booking, asked, to_address, now)
    transfer = Transfer(
        partnership_id=partnership_id,
        booking_id=booking.id or 0,
        to_name=to_name,
        to_address=to_address,
        salt=secrets.token_hex(16),
        asked_at=now,
        expires_at=open_until(session, rules, now),
    )
    db.add(transfer)
    db.flush()
    _owe_question(db, transfer, booking, session, now)
    audit_bookings(db, session, (booking,), "hand over", now=now)
    return ColleagueAsked(session_id, to_name, to_address, transfer.expires_at)


def _read_colleague(giver: Person, name: str, address: str, rules: Rules) -> tuple[str, str]:
    """The clean name and address. Raises `BadInput`, for both at once."""
    fields = Fields()
    to_name = fields.read(lambda: one_line(name, NAME_LIMIT, "your colleague's name", field="name"), "")
    to_address = fields.read(lambda: _clean_colleague(giver, address, rules), "")
    fields.require()
    return to_name, to_address


def _clean_colleague(giver: Person, address: str, rules: Rules) -> str:
    clean = clean_address(address, rules.mail_domains, field="address")
    if address_key(clean) == giver.email_key:
        raise BadInput("That is your own e-mail address. Please enter your colleague's.", field="address")
    return clean


def _place_of(db: Db, session: Session, person_id: int) -> tuple[Booking, Person]:
    found = db.exec(
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session.id, col(Booking.person_id) == person_id)
    ).first()
    if found is None:
        require_nothing_hidden(session)
    if found is None or found[0].state is not BookingState.CONFIRMED:
        raise (NotFound if found is None else PlaceGone)("You have no place at this session, so there is nothing to hand over.")
    return found[0], found[1]


def _check_place(session: Session, booking: Booking, now: datetime) -> None:
    if session.state is SessionState.CANCELLED:
        raise Closed("This session has been called off.")
    if session.starts_at <= now:
        raise Closed("This session has started, so the place can no longer be handed over.")
    if session.privacy is Privacy.PRIVATE:
        raise Refusal("A place at this session is only for you. If you cannot come, please cancel it or speak to the organisers.")
    if not can_be_handed_over(session, booking):
        raise Refusal("This session is part of a series, which you book as a whole. One place of it cannot be handed over.")


def _check_limits(db: Db, booking: Booking, asked: Transfer | None, address: str, now: datetime) -> None:
    if asked is not None:
        raise Refusal("You have asked a colleague already. Please wait for the answer, or press Keep my place first.")
    db.exec(select(Person.id).where(col(Person.id) == booking.person_id).with_for_update(key_share=True)).all()  # asked at once, one by one
    mine = (
        select(func.count())
        .select_from(Transfer)
        .join(Booking, col(Booking.id) == col(Transfer.booking_id))
        .where(col(Booking.person_id) == booking.person_id, col(Transfer.asked_at) > now - timedelta(hours=1))
    )
    if db.exec(mine).one() >= MOST_AN_HOUR:
        raise Refusal(f"You have asked {MOST_AN_HOUR} times in the last hour. Please try again later.")
    one_by_one(db, f"hands over:{booking.partnership_id}:{address_key(address)}")  # several givers may ask one colleague at once
    to_one = (
        select(func.count())
        .select_from(Transfer)
        .where(
            col(Transfer.partnership_id) == booking.partnership_id,
            func.lower(col(Transfer.to_address)) == address.lower(),
            col(Transfer.asked_at) > now - timedelta(days=1),
        )
    )
    if db.exec(to_one).one() >= MOST_TO_ONE:
        raise Refusal("We have written to this colleague a few times today. Please try again tomorrow, or ask somebody else.")


def _owe_question(db: Db, transfer: Transfer, booking: Booking, session: Session, now: datetime) -> None:
    notice = Notice(
        partnership_id=transfer.partnership_id,
        key=f"transfer:{transfer.id}:{transfer.state}:{Channel.EMAIL}",
        kind=Kind.TRANSFER,
        channel=Channel.EMAIL,
        need=need(Kind.TRANSFER, starts_at=session.starts_at, now=now),
        booking_id=booking.id,
        session_id=session.id,
        transfer_id=transfer.id,
        detail=transfer.state.value,
        owed_at=now,
        next_try_at=now,
        expires_at=transfer.expires_at,
    )
    owe(db, notice)


def withdraw(db: Db, partnership_id: int, session_id: int, person_id: int, *, now: datetime) -> str | None:
    """Take the question back; the colleague's name, or None where nobody is asked any more. The place stays as it is.

    Raises `NotFound`: `PlaceGone` where they had a place.
    """
    session = lock(db, partnership_id, session_id)
    booking, _ = _place_of(db, session, person_id)
    transfer = open_transfer(db, booking)
    if transfer is None:
        return None
    close(db, transfer, TransferState.WITHDRAWN, now=now)
    audit_bookings(db, session, (booking,), "keep place", now=now)
    return transfer.to_name


def close(db: Db, transfer: Transfer, state: TransferState, *, now: datetime) -> None:
    """A transfer ends. Its code is kept, so that who types it late hears what became of it."""
    transfer.state, transfer.ended_at = state, now
    db.add(transfer)
    db.flush()


def read_transfer(db: Db, notice: Notice, _rules: Rules, *, now: datetime) -> TransferMatter | None:
    """What a letter about a transfer says; None for a question that is no longer open."""
    transfer = db.get(Transfer, notice.transfer_id) if notice.transfer_id else None
    booking = db.get(Booking, transfer.booking_id) if transfer else None
    session = db.get(Session, booking.session_id) if booking else None
    if transfer is None or booking is None or session is None:
        return None
    asks = notice.person_id is None
    is_open = transfer.state is TransferState.ASKED and transfer.expires_at > now
    if asks and not (is_open and still_has_place(transfer, booking, session) and can_be_handed_over(session, booking)):
        return None
    giver = db.get_one(Person, booking.person_id)
    name = "" if asks else transfer.to_name
    return TransferMatter(notice.detail, name_to_show(giver.name), giver.email or "", name)


def addressed(db: Db, letter: Letter, notice: Notice, digits: Callable[[], str], *, now: datetime) -> Letter:
    """The question as it leaves: to the typed address, with a new code, and nothing in it that only a place gives."""
    transfer = db.get_one(Transfer, notice.transfer_id)
    code = digits()
    transfer.code_hash = hash_code(code, transfer.salt)
    db.add(transfer)
    session = replace(letter.session, join_url=None, notes="", materials=()) if letter.session else None
    return replace(
        letter,
        recipient=Recipient("", transfer.to_address, None),
        session=session,
        booking_id=None,
        code=f"{transfer.id}-{code}",
        transfer_id=transfer.id,
        until=transfer.expires_at,
    )


def still_has_place(transfer: Transfer, booking: Booking, session: Session) -> bool:
    """Whether the giver still has the very place that was handed over: cancelled and booked again, it is another."""
    same = booking.confirmed_at is not None and booking.confirmed_at <= transfer.asked_at
    return booking.state is BookingState.CONFIRMED and same and session.state is SessionState.PUBLISHED


def open_transfer(db: Db, booking: Booking) -> Transfer | None:
    """The question that is open for this booking."""
    asked = select(Transfer).where(col(Transfer.booking_id) == booking.id, col(Transfer.state) == TransferState.ASKED)
    found = db.exec(asked.order_by(col(Transfer.id).desc())).first()
    same = found is not None and booking.confirmed_at is not None and booking.confirmed_at <= found.asked_at
    return found if same else None
