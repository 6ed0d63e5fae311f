"""The code of a transfer: which place it opens for the person who types it, or why it opens none."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from domain.database import Db
from domain.errors import Refusal
from domain.guesses import WRONG_AN_HOUR, count_wrong, guesses_of
from domain.models import Booking, CodeGuess, Person, Session, SessionState, Transfer, TransferState
from domain.places import find_session, lock
from domain.proofs import hash_code
from domain.transfers.asking import can_be_handed_over, close, name_to_show, still_has_place
from domain.transfers.ending import TRIES, tell_giver

OVER_BY_LINK = "This offer has ended. Ask your colleague to ask you again."
WRONG = "That code does not work. Please look at the e-mail again: the code has a number, a dash and six digits."


def read_code(typed: str) -> tuple[int, str] | None:
    """`12-345 678` as (12, "345678"); None for anything else."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*[-\u2010-\u2015\u2212 ]\s*([0-9]{3})\s*([0-9]{3})\s*", typed)
    return (int(found[1]), found[2] + found[3]) if found else None


@dataclass(frozen=True)
class Opened:
    """A transfer whose code was typed, its session locked."""

    transfer: Transfer
    giver: Booking
    session: Session
    by: str


def opened(db: Db, partnership_id: int, discord_id: int, typed: str, *, now: datetime) -> Opened | Refusal:
    """The place that this code opens. A wrong code is returned as a refusal, so that the try is counted in the same transaction."""
    guesses = guesses_of(db, partnership_id, discord_id, now=now)
    if guesses.tries >= WRONG_AN_HOUR:
        return Refusal("You have typed too many codes that do not work. Please try again in an hour.")
    read = read_code(typed)
    transfer = db.get(Transfer, read[0]) if read else None
    if read is None or transfer is None or transfer.partnership_id != partnership_id or transfer.code_hash is None:
        return count_wrong(db, guesses, WRONG)
    giver = db.get_one(Booking, transfer.booking_id)
    session = lock(db, partnership_id, giver.session_id)  # the session first, as everywhere; what was read before it is read again
    db.refresh(transfer)
    db.refresh(giver)
    if transfer.tries >= 5:
        return Refusal("This code was typed wrongly too often. Ask your colleague to send you a new one.")
    if not hmac.compare_digest(hash_code(read[1], transfer.salt), transfer.code_hash):
        return _wrong_digits(db, guesses, transfer, session, giver, now=now)
    if said := _over(db, transfer, giver, session, discord_id, now):
        return Refusal(said)
    person = db.get_one(Person, giver.person_id)
    if person.discord_id == discord_id:
        return Refusal("This is your own place. Your colleague types the code in their own Discord.")
    return Opened(transfer, giver, session, name_to_show(person.name) or person.email or "A colleague")


def opened_by_link(db: Db, transfer: Transfer, *, now: datetime, held: bool) -> Opened | Refusal:
    """The place that a colleague's link opens: they read it in the mailbox that was asked. `held`: to be taken, its session locked."""
    giver = db.get_one(Booking, transfer.booking_id)
    if held:
        session = lock(db, transfer.partnership_id, giver.session_id)
        db.refresh(transfer)
        db.refresh(giver)
    else:
        session = find_session(db, transfer.partnership_id, giver.session_id)
    if said := _over(db, transfer, giver, session, None, now):
        return Refusal(said)
    person = db.get_one(Person, giver.person_id)
    return Opened(transfer, giver, session, name_to_show(person.name) or person.email or "A colleague")


def _wrong_digits(db: Db, guesses: CodeGuess, transfer: Transfer, session: Session, giver: Booking, *, now: datetime) -> Refusal:
    transfer.tries += 1
    db.add(transfer)
    if transfer.tries >= 5 and transfer.state is TransferState.ASKED:
        close(db, transfer, TransferState.LAPSED, now=now)
        if still_has_place(transfer, giver, session):
            tell_giver(db, transfer, session, giver, TRIES, now=now)
    return count_wrong(db, guesses, WRONG)


def _over(db: Db, transfer: Transfer, giver: Booking, session: Session, discord_id: int | None, now: datetime) -> str | None:
    """Why the right code no longer gives the place, or None. `discord_id` None: whose mailbox it is asks."""
    taker = db.get(Person, transfer.to_person_id) if transfer.to_person_id else None
    if transfer.state is TransferState.AGREED:
        mine = discord_id is None or (taker is not None and taker.discord_id == discord_id)
        return "You have taken this place already." if mine else "This code has been used already."
    if session.state is SessionState.CANCELLED:
        return "This session has been called off."
    if session.starts_at <= now:
        return "This session has started, so the place can no longer be taken."
    if transfer.state is TransferState.DECLINED:
        return "You have said no to this place. If you would like it after all, ask your colleague to ask you again."
    if transfer.state is TransferState.LAPSED or transfer.expires_at <= now:
        return OVER_BY_LINK if discord_id is None else "This code has run out. Ask your colleague to send you a new one."
    if transfer.state is TransferState.WITHDRAWN or not still_has_place(transfer, giver, session) or not can_be_handed_over(session, giver):
        return "Your colleague no longer offers this place."
    return None
