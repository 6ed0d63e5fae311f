"""A colleague's answer by the link in their mail: it was read in the mailbox that was asked, so it needs no code and no Discord.

What stands in the link is made of the installation's key, the transfer's number and its salt. Nothing of it is kept, and it opens
something for as long as the question is open. The person is whose address it is; somebody new says who they are, as in chat, and so
does a family: they were never asked where they work.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound, Refusal
from domain.links import GONE, LinkKey, number_in
from domain.models import Booking, BookingState, Person, Session, Transfer, TransferState
from domain.queries import session_view
from domain.rules import Rules
from domain.texts import address_key
from domain.transfers.asking import still_has_place
from domain.transfers.codes import Opened, opened_by_link
from domain.transfers.colleagues import Known
from domain.transfers.taking import Agreed, Offered, TakenOver, change_hands, offered_to, say_no
from domain.transfers.tokens import token_of
from domain.views import SessionView


@dataclass(frozen=True)
class Handed:
    """What a link offers, and whose partnership it is of."""

    partnership_id: int
    offered: Offered
    session: SessionView


@dataclass(frozen=True)
class Answered:
    """What came of a yes. `person_id`: who has the place now; None where the outcome is no place."""

    partnership_id: int
    outcome: TakenOver | Offered | Refusal
    person_id: int | None


def look(db: Db, ids: Sequence[int], key: LinkKey, token: str, rules_of: Mapping[int, Rules], *, now: datetime) -> Handed:
    """What is offered. Changes nothing. Raises `NotFound`, and `Refusal` for what is over."""
    transfer = _handed(db, ids, key, token)
    found = opened_by_link(db, transfer, now=now, held=False)
    if isinstance(found, Refusal):
        raise found
    offered = offered_to(db, found, *_who(db, transfer), rules_of[transfer.partnership_id])
    return Handed(transfer.partnership_id, offered, session_view(db, found.session))


def take(db: Db, ids: Sequence[int], key: LinkKey, token: str, agreed: Agreed, rules_of: Mapping[int, Rules], *, now: datetime) -> Answered:
    """They agree. `Offered` comes back when something is still to be agreed: a clash, or who they are. Pressed twice it is taken once.

    A refusal is returned and not raised: where they have a place already, the question ends with it. Raises `NotFound`.
    """
    transfer = _handed(db, ids, key, token)
    found = opened_by_link(db, transfer, now=now, held=True)
    if isinstance(found, Refusal):
        return _again(db, transfer, found, now=now)
    rules = rules_of[transfer.partnership_id]
    outcome = change_hands(db, found, *_who(db, transfer), agreed, rules, now=now, discord_id=None)
    return Answered(transfer.partnership_id, outcome, transfer.to_person_id if isinstance(outcome, TakenOver) else None)


def _again(db: Db, transfer: Transfer, refused: Refusal, *, now: datetime) -> Answered:
    """Who took the place by this link, and has it: the same outcome, for as long as the question would have been open."""
    taker = db.get(Person, transfer.to_person_id) if transfer.to_person_id and transfer.state is TransferState.AGREED else None
    if taker is None or transfer.expires_at <= now or taker.email_key != address_key(transfer.to_address):
        return Answered(transfer.partnership_id, refused, None)  # who has another address took it by the code
    session_id = db.get_one(Booking, transfer.booking_id).session_id
    theirs = col(Booking.session_id) == session_id, col(Booking.person_id) == taker.id, col(Booking.state) == BookingState.CONFIRMED
    if db.exec(select(Booking.id).where(*theirs)).first() is None:
        return Answered(transfer.partnership_id, refused, None)
    return Answered(transfer.partnership_id, TakenOver(session_id, taker.email or ""), taker.id)


def refuse(db: Db, ids: Sequence[int], key: LinkKey, token: str, *, now: datetime) -> int:
    """They say no: the giver keeps the place, and is told once. The partnership's id. Raises `NotFound`, and `Refusal` for what is over."""
    transfer = _handed(db, ids, key, token)
    found = opened_by_link(db, transfer, now=now, held=True)
    if isinstance(found, Opened):
        say_no(db, found, now=now)
    elif not _kept_by_giver(db, transfer):
        raise found
    return transfer.partnership_id


def _kept_by_giver(db: Db, transfer: Transfer) -> bool:
    """Whether they have said no before, and their colleague still has the place."""
    giver = db.get_one(Booking, transfer.booking_id)
    return transfer.state is TransferState.DECLINED and still_has_place(transfer, giver, db.get_one(Session, giver.session_id))


def _handed(db: Db, ids: Sequence[int], key: LinkKey, token: str) -> Transfer:
    """The transfer that a link is about. Altered, another's and never made are told alike: `NotFound`."""
    number = number_in(token)
    transfer = db.get(Transfer, number) if number is not None else None
    if transfer is None or transfer.partnership_id not in ids:
        raise NotFound(GONE)
    if not hmac.compare_digest(token_of(key, transfer).encode(), token.encode()):
        raise NotFound(GONE)
    return transfer


def _who(db: Db, transfer: Transfer) -> tuple[Person | None, Known]:
    """Whose address it is, as far as anybody has proven it."""
    key = address_key(transfer.to_address)
    here = col(Person.partnership_id) == transfer.partnership_id, col(Person.email_key) == key
    person = db.exec(select(Person).where(*here)).first()
    return person, Known.SAME if person is not None else Known.NEW
