"""Bookings: asking for a place, and giving it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from domain.asking import asked_by
from domain.audit import audit_bookings
from domain.bookable import FULL, why_closed
from domain.capacity import Accepts, ask_anew, line_moves, to_ask
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Kind, Mode
from domain.models import Booking, BookingState, Hold, Person, Programme, ProgrammeState, Session, SessionState
from domain.needs.own import forget_with_place
from domain.places import (
    ACTIVE,
    TAKEN,
    Clash,
    Place,
    clashes_of,
    confirm,
    decide,
    end,
    lock,
    modes_of,
    places_of,
    position,
    promote,
    taken,
)
from domain.privacy import is_admitted, is_private, shown_title
from domain.rules import Rules
from domain.series.line import promote_series
from domain.series.making_up import makes_up, refuse_alone, refuse_to_leave_alone
from domain.texts import one_line
from domain.wishes import keeps_for_wish


class Came(StrEnum):
    """What came of a wish to book."""

    CONFIRMED = "confirmed"
    HELD = "held"
    WAITLISTED = "waitlisted"
    CLASH = "clash"  # nothing was booked: say that the clash is accepted, and ask again


@dataclass(frozen=True)
class Booked:
    """The outcome of `book`. `position` counts from 1 on the waiting list; `already` says that nothing changed."""

    came: Came
    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    position: int | None = None
    held_until: datetime | None = None
    clashes: tuple[Clash, ...] = ()
    already: bool = False


@dataclass(frozen=True)
class Cancelled:
    """The outcome of `cancel`. `was` is the state that ended; `invited`: a calendar cancellation is on its way."""

    session_id: int
    title: str
    was: BookingState
    invited: bool
    already: bool = False


def book(
    db: Db,
    partnership_id: int,
    session_id: int,
    person_id: int,
    rules: Rules,
    *,
    now: datetime,
    mode: Mode | None = None,
    accept_clash: Accepts = False,
    alias: str | None = None,
    proven: bool | None = None,
) -> Booked:
    """Ask for a place. Raises `Closed` when there is none to ask for any more, `NotFound`, `BadInput` for a way that is not offered.

    A private session is booked by who was let in, under the name (`alias`) that they choose for it; nobody is an exception.
    `accept_clash`: what they have accepted of what clashes; where there is another, nothing is booked, and it is asked about again.
    `proven` False: whoever asks has not shown yet that they are this person, so it is a wish (`domain.wishes`), and a place is only
    held. Who asks where such a wish stands asks as anybody does, but its place is free to them, and they keep its number in the line.
    """
    session = lock(db, partnership_id, session_id)
    _may_know(db, session, person_id)
    _line_of_whole_first(db, session, person_id, rules, now=now)
    asking = asked_by(db, session, person_id, mode or modes_of(session.format)[0])
    found = db.get_one(Booking, asking.booking_id) if asking.booking_id is not None else None
    wish, mine = (found, None) if found is not None and found.wished else (None, found)
    _open_to_booking(session, asking.programme, mine, now)
    way = _way(session, mode)
    if not asking.known:
        raise NotFound("We do not know you yet. Press Book on a session to give your details.")
    if mine is not None and mine.state in TAKEN:
        if mine.hold is Hold.OFFER and mine.series_booking_id is None:
            return _accept(db, session, mine, rules, accept_clash, now=now)
        return _outcome(db, session, mine, already=True)
    refuse_alone(db, session, person_id, now=now)
    place = decide(
        places=places_of(session, way),
        taken=asking.taken - (wish is not None and wish.state is BookingState.HELD and wish.mode is way),
        proven=asking.proven if proven is None else proven,
        promoting=line_moves(session.starts_at, rules, now),
    )
    if proven is False and not (place is Place.HELD and keeps_for_wish(db, session, way, rules, mine=wish)):
        place = Place.WAITLISTED  # it was seen that there is something to ask for (`require_open`): this counts what nobody sees
    if mine is not None and mine.state is BookingState.WAITLISTED and place in (Place.WAITLISTED, Place.NONE):
        return _outcome(db, session, mine, already=True)
    clashes = clashes_of(db, person_id, session, rules) if asking.elsewhere else ()
    if to_ask(clashes, accept_clash) and place is not Place.NONE:
        return _asks(session, clashes)
    if place is Place.NONE:
        raise Closed(FULL)
    chosen, kept = _chosen_name(session, mine, alias), _given_up(db, wish)
    mine = _ask(session, found, person_id, way, now=now, accept_clash=accept_clash is True or bool(clashes))
    mine.alias, mine.wished = chosen, proven is False
    _settle_place(db, session, mine, place, rules, now=now, waits_then=asking.waits_then)
    audit_bookings(db, session, (mine,), f"book {mine.state}", now=now)
    if kept is not None and (kept is not mine.mode or mine.state is BookingState.WAITLISTED):
        promote(db, session, rules, now=now)
    return _outcome(db, session, mine, already=False, waiting=asking.waiting if wish is None else None)


def _line_of_whole_first(db: Db, session: Session, person_id: int, rules: Rules, *, now: datetime) -> None:
    """Who waits for a whole series comes before who makes up a part of it: one that was full may have begun since the clock last looked."""
    if session.series_id is not None and makes_up(db, session, person_id, now=now):
        promote_series(db, session.series_id, rules, now=now)
        db.flush()


def _given_up(db: Db, wish: Booking | None) -> Mode | None:
    """What a page was told for a wish counts no more when somebody asks anew. The way in which it keeps a place, if it keeps one."""
    if wish is None:
        return None
    forget_with_place(db, wish)
    return wish.mode if wish.state is BookingState.HELD else None


def _may_know(db: Db, session: Session, person_id: int) -> None:
    """Raises `NotFound`, as for a session that does not exist, for who was not let in and has no place."""
    if not is_private(session):
        return
    person = db.get(Person, person_id)
    mine = select(Booking.id).where(
        col(Booking.session_id) == session.id,
        col(Booking.person_id) == person_id,
        col(Booking.state).in_(ACTIVE),
        col(Booking.wished).is_(False),  # what was only typed in their name lets nobody in
    )
    if db.exec(mine).first() is None and not is_admitted(db, session, person.discord_id if person else None, person_id):
        raise NotFound("We could not find that session. It may have been removed.")


def _chosen_name(session: Session, mine: Booking | None, alias: str | None) -> str | None:
    """The name for a private session: what they chose now, or before. Raises `BadInput` where there is none."""
    if not is_private(session):
        return None
    if alias is None and mine is not None and mine.alias is not None:
        return mine.alias
    return one_line(alias or "", 100, "the name that we may call you by", field="alias")


def _open_to_booking(session: Session, programme: ProgrammeState, mine: Booking | None, now: datetime) -> None:
    if session.state is SessionState.DRAFT or programme is ProgrammeState.DRAFT:
        raise NotFound("We could not find that session. It may have been removed.")
    offered = mine is not None and mine.hold is Hold.OFFER
    takes = programme is ProgrammeState.PUBLISHED or offered  # the waiting list still moves
    if (said := why_closed(session.state, session.starts_at, now, takes=takes)) is not None:
        raise Closed(said)


def require_open(db: Db, session: Session, mode: Mode | None, rules: Rules, *, now: datetime) -> None:
    """Is there anything to ask for, as far as everybody may see? Raises `Closed`, `NotFound` and `BadInput`, as `book` does."""
    _open_to_booking(session, db.get_one(Programme, session.programme_id).state, None, now)
    way = _way(session, mode)
    gone = taken(db, session.id or 0, way, seen=True)
    moves = line_moves(session.starts_at, rules, now)
    if decide(places=places_of(session, way), taken=gone, proven=True, promoting=moves) is Place.NONE:
        raise Closed(FULL)


def _way(session: Session, mode: Mode | None) -> Mode:
    ways = modes_of(session.format)
    if mode is None and len(ways) > 1:
        raise BadInput("Say how you will take part: in the room or online.", field="mode")
    if mode is not None and mode not in ways:
        raise BadInput("You cannot take part in this session that way.", field="mode")
    return mode or ways[0]


def _ask(session: Session, mine: Booking | None, person_id: int, way: Mode, *, now: datetime, accept_clash: bool) -> Booking:
    """Their claim, with the next number in the line; that of a wish for the same stays."""
    in_line = mine is not None and mine.wished and mine.mode is way and mine.series_booking_id is None
    mine = mine or Booking(
        partnership_id=session.partnership_id,
        session_id=session.id or 0,
        person_id=person_id,
        mode=way,
        state=BookingState.WAITLISTED,
        asked_at=now,
    )
    mine.mode, mine.asked_at, mine.clash_accepted, mine.series_booking_id = way, now, accept_clash, None
    if not in_line:
        mine.queue_number, session.next_place = session.next_place, session.next_place + 1
    mine.confirmed_at = mine.cancelled_at = None
    session.touched_at = now
    return mine


def _settle_place(db: Db, session: Session, mine: Booking, place: Place, rules: Rules, *, now: datetime, waits_then: bool) -> None:
    db.add(session)
    if place is Place.CONFIRMED:
        confirm(db, session, mine, Kind.INVITATION, now=now, waits_then=waits_then)
        return
    until = min(now + rules.hold, session.starts_at)
    if mine.wished and mine.state is BookingState.HELD:  # who types the same again keeps it from others no longer
        until = min(until, mine.held_until or until)
    mine.state = BookingState(place.value)
    mine.hold, mine.held_until = (Hold.PROOF, until) if place is Place.HELD else (None, None)
    db.add(mine)
    db.flush()
    if mine.state is BookingState.HELD and not mine.wished:
        ask_anew(db, session, mine.person_id)


def cancel(db: Db, partnership_id: int, session_id: int, person_id: int, rules: Rules, *, now: datetime) -> Cancelled:
    """Give the place back; the first in line has it in the same transaction. Harmless to repeat."""
    session = lock(db, partnership_id, session_id)
    mine = db.exec(select(Booking).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person_id)).first()
    if mine is None:
        raise NotFound("You have no booking for this session.")
    was = mine.state
    if was is BookingState.CANCELLED:
        return Cancelled(session_id, shown_title(session), was, invited=False, already=True)
    if session.starts_at <= now:
        raise Closed("This session has started, so it can no longer be cancelled.")
    refuse_to_leave_alone(db, session, mine)
    invited = mine.invited
    end(db, session, mine, now=now)
    audit_bookings(db, session, (mine,), "cancel booking", now=now)
    promote(db, session, rules, now=now)
    return Cancelled(session_id, shown_title(session), was, invited=invited)


def _asks(session: Session, clashes: tuple[Clash, ...]) -> Booked:
    """Nothing was booked: they have these at that time."""
    zone = session.zone
    return Booked(Came.CLASH, session.id or 0, shown_title(session), session.starts_at, session.ends_at, zone, clashes=clashes)


def _accept(db: Db, session: Session, mine: Booking, rules: Rules, accept_clash: Accepts, *, now: datetime) -> Booked:
    if mine.held_until is not None and mine.held_until <= now:
        raise Closed("This offer has ended, and the place went to the next person.")
    if clashes := to_ask(clashes_of(db, mine.person_id, session, rules), accept_clash):
        return _asks(session, clashes)
    mine.clash_accepted = True
    confirm(db, session, mine, Kind.INVITATION, now=now)
    audit_bookings(db, session, (mine,), "accept offer", now=now)
    return _outcome(db, session, mine, already=False)


def _outcome(db: Db, session: Session, mine: Booking, *, already: bool, waiting: int | None = None) -> Booked:
    """`waiting`: how many wait already, where it has just been counted for somebody who comes last."""
    waits = mine.state is BookingState.WAITLISTED
    ahead = position(db, mine) if waiting is None and waits else (waiting or 0) + 1
    return Booked(
        Came(mine.state.value),
        session.id or 0,
        shown_title(session),
        session.starts_at,
        session.ends_at,
        session.zone,
        position=ahead if waits else None,
        held_until=mine.held_until,
        already=already,
    )
