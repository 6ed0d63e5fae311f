"""Taking over: what the colleague does with the code of a transfer, and how a place changes hands.

The place goes to the person behind the Discord account that types the code (who comes by the link in the mail: `by_link`):

- nobody we know yet: they give name, organisation and service area; the address is the one that the code went to;
- somebody with that address: the code is enough;
- somebody who has not proven an address: the code proves this one, and it becomes theirs;
- somebody with another address: only if they say that this address is theirs too. Their own stays as it is, and the
  invitation goes there: one place taken must not move all their other mail. `/my details` changes an address.

However they stand to the address, a family says first where they work: they were never asked, and the place is one for who works there.

An address that belongs to another account here opens nothing. Everything happens in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit_bookings
from domain.capacity import Accepts, to_ask
from domain.database import Db
from domain.errors import Refusal
from domain.kinds import Channel, Kind, Mode
from domain.models import (
    Booking,
    BookingState,
    Person,
    Session,
    TransferState,
)
from domain.needs.own import forget_with_place
from domain.notices import preferred_channel
from domain.people import is_family
from domain.places import Clash, clashes_of, confirm, end, promote, prove_holds
from domain.rules import Rules
from domain.texts import clean_address
from domain.transfers.asking import close
from domain.transfers.codes import Opened, opened
from domain.transfers.colleagues import Known, Newcomer, make_person, prove_address, say_who, who_types
from domain.transfers.ending import CANNOT, tell_giver

#: how the trail names who was offered a place: they may be nobody whom we know, and their account is no organiser's
A_COLLEAGUE = "colleague"
TAKEN_OVER = "Your colleague has taken the place, as you asked."


@dataclass(frozen=True)
class Offered:
    """A place that waits for the colleague's yes. `clashes`: places of theirs at the same time."""

    session_id: int
    by: str  #: the giver's name, or their address
    address: str  #: where the code went
    mode: Mode
    known: Known
    clashes: tuple[Clash, ...] = ()
    waiting: bool = False  #: they wait for this session, or a place is kept for them
    asks_who: bool = False  #: they say first who they are: we do not know them, or not where they work


@dataclass(frozen=True)
class TakenOver:
    """The place is theirs; the invitation goes to `address`."""

    session_id: int
    address: str


@dataclass(frozen=True)
class Agreed:
    """What the colleague has said besides yes."""

    newcomer: Newcomer | None = None
    clash: Accepts = False
    address_is_mine: bool = False


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────
# A wrong code is *returned* as a refusal, not raised, so that the try is counted in the same transaction.


def look_at_offer(db: Db, partnership_id: int, discord_id: int, typed: str, rules: Rules, *, now: datetime) -> Offered | Refusal:
    """Check a code, and say what it offers. Changes nothing but the count of wrong tries."""
    found = opened(db, partnership_id, discord_id, typed, now=now)
    if isinstance(found, Refusal):
        return found
    person, known = who_types(db, found.transfer, discord_id)
    return offered_to(db, found, person, known, rules)


def take_over(
    db: Db,
    partnership_id: int,
    discord_id: int,
    typed: str,
    rules: Rules,
    *,
    now: datetime,
    newcomer: Newcomer | None = None,
    accept_clash: Accepts = False,
    address_is_mine: bool = False,
) -> TakenOver | Offered | Refusal:
    """The colleague agrees: the giver's place ends and theirs begins, and nobody is promoted in between.

    `Offered` comes back when something is still to be agreed: a clash, or who they are.
    """
    found = opened(db, partnership_id, discord_id, typed, now=now)
    if isinstance(found, Refusal):
        return found
    person, known = who_types(db, found.transfer, discord_id)
    agreed = Agreed(newcomer, accept_clash, address_is_mine)
    return change_hands(db, found, person, known, agreed, rules, now=now, discord_id=discord_id)


def change_hands(
    db: Db,
    found: Opened,
    person: Person | None,
    known: Known,
    agreed: Agreed,
    rules: Rules,
    *,
    now: datetime,
    discord_id: int | None,
) -> TakenOver | Offered | Refusal:
    """The place goes to this person, or to somebody new; `discord_id`: who they are in chat, None where they come by page."""
    transfer, giver, session = found.transfer, found.giver, found.session
    mine = _booking_of(db, session, person)
    if mine is not None and mine.state is BookingState.CONFIRMED:
        close(db, transfer, TransferState.DECLINED, now=now)
        audit_bookings(db, session, (giver,), "decline place", now=now, actor=A_COLLEAGUE)
        tell_giver(db, transfer, session, giver, CANNOT, now=now)
        return Refusal("You already have a place at this session. So your colleague keeps theirs, and we have told them.")
    if mine is not None and _claims(mine) and mine.series_booking_id is not None:
        return Refusal("You have asked for this session as part of a series. Please ask an organiser to help.")
    offered = offered_to(db, found, person, known, rules)
    to_agree = (offered.asks_who and agreed.newcomer is None) or (known is Known.OTHER and not agreed.address_is_mine)
    if to_agree or to_ask(offered.clashes, agreed.clash):
        return offered
    if person is None:
        assert agreed.newcomer is not None
        person = make_person(db, transfer, discord_id, agreed.newcomer, now=now)
    elif known is Known.UNPROVEN:
        prove_address(db, person, transfer, now=now)
    if is_family(person) and agreed.newcomer is not None:
        clean_address(person.email or "", rules.mail_domains)
        say_who(db, person, agreed.newcomer, now=now)
    person.discord_id = discord_id if discord_id is not None else person.discord_id
    _change_hands(db, found, person, mine, accept_clash=agreed.clash is True or bool(offered.clashes), now=now)
    if known is Known.UNPROVEN:
        prove_holds(db, person.id or 0, rules, now=now)
    promote(db, session, rules, now=now)  # a place that was kept for the colleague may be free now
    return TakenOver(session.id or 0, person.email or "")


def decline(db: Db, partnership_id: int, discord_id: int, typed: str, *, now: datetime) -> str | Refusal:
    """The colleague says no; the giver's name. The giver keeps the place and is told."""
    found = opened(db, partnership_id, discord_id, typed, now=now)
    if isinstance(found, Refusal):
        return found
    say_no(db, found, now=now)
    return found.by


def say_no(db: Db, found: Opened, *, now: datetime) -> None:
    """The colleague has said no: the giver hears of it, wherever they like to hear."""
    close(db, found.transfer, TransferState.DECLINED, now=now)
    audit_bookings(db, found.session, (found.giver,), "decline place", now=now, actor=A_COLLEAGUE)
    tell_giver(db, found.transfer, found.session, found.giver, TransferState.DECLINED.value, now=now)


# ── who takes it ────────────────────────────────────────────────────────────────────────────────────────────


def _booking_of(db: Db, session: Session, person: Person | None) -> Booking | None:
    if person is None:
        return None
    return db.exec(select(Booking).where(col(Booking.session_id) == session.id, col(Booking.person_id) == person.id)).first()


def offered_to(db: Db, found: Opened, person: Person | None, known: Known, rules: Rules) -> Offered:
    """What taking the place would mean to this person."""
    transfer, session = found.transfer, found.session
    mine = _booking_of(db, session, person)
    return Offered(
        session_id=session.id or 0,
        by=found.by,
        address=transfer.to_address,
        mode=found.giver.mode,
        known=known,
        clashes=clashes_of(db, person.id or 0, session, rules) if person is not None else (),
        waiting=mine is not None and _claims(mine),
        asks_who=person is None or is_family(person),
    )


def _claims(mine: Booking) -> bool:
    """Whether they asked for this session themselves; what was typed on a page in their name stands in nobody's way."""
    return not mine.wished and mine.state in (BookingState.WAITLISTED, BookingState.HELD)


def _change_hands(db: Db, found: Opened, person: Person, mine: Booking | None, *, accept_clash: bool, now: datetime) -> None:
    transfer, giver, session = found.transfer, found.giver, found.session
    told_by_calendar = giver.invited and preferred_channel(db.get_one(Person, giver.person_id)) is Channel.EMAIL
    end(db, session, giver, now=now, reason=TAKEN_OVER)
    forget_with_place(db, giver)
    if mine is not None and mine.wished:  # it is over: what was typed with it too
        forget_with_place(db, mine)
        mine.alias = mine.series_booking_id = None
    mine = mine or Booking(
        partnership_id=session.partnership_id,
        session_id=session.id or 0,
        person_id=person.id or 0,
        mode=giver.mode,
        state=BookingState.WAITLISTED,
        asked_at=now,
    )
    mine.mode, mine.asked_at, mine.clash_accepted, mine.cancelled_at = giver.mode, now, accept_clash, None
    mine.queue_number, session.next_place = session.next_place, session.next_place + 1
    confirm(db, session, mine, Kind.INVITATION, now=now)
    audit_bookings(db, session, (mine,), "take over place", now=now)
    transfer.to_person_id = person.id
    close(db, transfer, TransferState.AGREED, now=now)
    if not told_by_calendar:  # that mail says it
        tell_giver(db, transfer, session, giver, TransferState.AGREED.value, now=now)
