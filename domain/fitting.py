"""Whether who has booked a session still fits it when it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from domain.capacity import HAS_PLACE
from domain.database import Db
from domain.descriptions import NewSession
from domain.errors import BadInput, Closed
from domain.kinds import Format, Mode
from domain.models import (
    Booking,
    BookingState,
    Hold,
    Session,
)
from domain.places import cutoff_of, modes_of, places_of
from domain.rules import Rules
from domain.series.places import shorten


def check_modes(db: Db, session: Session, new: NewSession) -> None:
    kept = set(modes_of(new.format))
    lost = [mode for mode in modes_of(session.format) if mode not in kept]
    for booking in db.exec(select(Booking).where(col(Booking.session_id) == session.id, col(Booking.mode).in_(lost))).all():
        booking.mode = modes_of(new.format)[0]
        db.add(booking)


def shorten_holds(db: Db, session: Session, rules: Rules) -> None:
    """No place is held past the hour that a move has brought nearer: an offer until the cut-off, a proof until the start."""
    held = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.HELD)
    for booking in db.exec(held).all():
        latest = cutoff_of(session, rules) if booking.hold is Hold.OFFER else session.starts_at
        if booking.held_until is not None and booking.held_until > latest:
            booking.held_until = latest
            db.add(booking)
            if booking.series_booking_id is not None:
                shorten(db, booking.series_booking_id, latest)
    db.flush()


@dataclass(frozen=True)
class Short:
    """One way to take part, with fewer places than people who have one: confirmed, or held for them."""

    mode: Mode
    places: int
    people: int


def shorts(of: NewSession, having: Mapping[Mode, int]) -> tuple[Short, ...]:
    """Where a session as described is over its places. `having`: people with a place, by mode; who cannot take part so any more is counted
    with the first way that there is."""
    ways = modes_of(of.format)
    people = dict.fromkeys(ways, 0)
    for mode, count in having.items():
        people[mode if mode in people else ways[0]] += count
    limits = {mode: of.online_places if of.format is Format.HYBRID and mode is Mode.ONLINE else of.places for mode in ways}
    return tuple(Short(mode, limit, people[mode]) for mode, limit in limits.items() if limit is not None and people[mode] > limit)


def too_few(was: NewSession, new: NewSession, having: Mapping[Mode, int]) -> BadInput | None:
    """Why a session cannot become `new`: more people than before would be over its places. None: it can."""
    found = shorts(new, having)
    if sum(one.people - one.places for one in found) <= sum(one.people - one.places for one in shorts(was, having)):
        return None
    worst, hybrid = max(found, key=lambda one: one.people - one.places), new.format is Format.HYBRID
    return BadInput(_in_words(worst, hybrid=hybrid), field="online_places" if hybrid and worst.mode is Mode.ONLINE else "places")


def _in_words(short: Short, *, hybrid: bool) -> str:
    where = "" if not hybrid else " online" if short.mode is Mode.ONLINE else " in the room"
    places = f"{short.places:,} {'place' if short.places == 1 else 'places'}{where}"
    if short.people == 1:
        return f"{places}, but 1 person has a place{where}. Enter at least 1, or ask them first."
    return f"{places}, but {short.people:,} people have a place{where}. Enter at least {short.people:,}, or ask some of them first."


def having_places(db: Db, session_id: int) -> dict[Mode, int]:
    """How many have a place, confirmed or held, by how they take part."""
    mine = col(Booking.session_id) == session_id, HAS_PLACE
    rows = db.exec(select(Booking.mode, func.count()).where(*mine).group_by(col(Booking.mode)))
    return {Mode(mode): count for mode, count in rows}


def confirmed_by_way(db: Db, session_id: int) -> dict[Mode, int]:
    """How many have a confirmed place, by how they take part."""
    mine = col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED
    rows = db.exec(select(Booking.mode, func.count()).where(*mine).group_by(col(Booking.mode)))
    return {Mode(mode): count for mode, count in rows}


def sessions_over(db: Db) -> tuple[str, ...]:
    """The references of sessions with more people than places, of every partnership. There should be none."""
    rows = (
        select(Session, Booking.mode, func.count())
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .where(HAS_PLACE, col(Session.places).is_not(None) | col(Session.online_places).is_not(None))
        .group_by(col(Session.id), col(Booking.mode))
        .order_by(col(Session.id))
    )
    over = (
        session.reference for session, mode, count in db.exec(rows) if (most := places_of(session, Mode(mode))) is not None and count > most
    )
    return tuple(dict.fromkeys(over))


def refuse_too_few(db: Db, session: Session, was: NewSession, new: NewSession) -> None:
    """Nobody's place is taken away by a number. Raises `BadInput` where people would be left over the places that there are."""
    if why := too_few(was, new, having_places(db, session.id or 0)):
        raise why


def refuse_to_put_back(db: Db, session: Session, present: NewSession, was: NewSession, modes: Mapping[int, Mode]) -> None:
    """`modes`: by booking, how each took part, where that was changed. Raises `Closed` where who has a place by now would not fit."""
    having = dict.fromkeys(Mode, 0)
    for number, mode in db.exec(select(Booking.id, Booking.mode).where(col(Booking.session_id) == session.id, HAS_PLACE)):
        having[modes.get(number or 0, Mode(mode))] += 1
    if too_few(present, was, having):
        raise Closed("More people have a place now than there were places before, so this cannot be undone. Please change it by hand.")


def count_confirmed(db: Db, session_id: int) -> int:
    """People with a confirmed place."""
    confirmed = (
        select(func.count()).select_from(Booking).where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED)
    )
    return db.exec(confirmed).one()
