"""Sessions whose places do not fit those who asked: too many, too few, or free while people wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from domain.attention.items import Concern, Item, about, named, people
from domain.attention.readiness import ahead
from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.kinds import Format, Mode
from domain.models import Booking, BookingState, Session, SessionState
from domain.places import ACTIVE, TAKEN, modes_of, places_of
from domain.rules import Rules

#: from how long before the start an empty session is told
EMPTY_WITHIN = timedelta(days=3)
_Counts = dict[tuple[int, Mode, BookingState], int]


def seats(db: Db, partnership_id: int, programme_id: int | None, rules: Rules, now: datetime) -> Iterator[Item]:
    """Overfull and empty sessions, and people who wait for a place that is free."""
    sessions = [one for one in ahead(db, partnership_id, programme_id, now) if one.state is SessionState.PUBLISHED and one.starts_at > now]
    counts = _counts(db, sessions)
    for session in sessions:
        for mode in modes_of(session.format):
            yield from _of_mode(session, mode, counts, rules, now)
        yield from _empty(session, counts, now)


def _counts(db: Db, sessions: list[Session]) -> _Counts:
    rows = (
        select(Booking.session_id, Booking.mode, Booking.state, func.count())
        .where(col(Booking.session_id).in_([session.id for session in sessions]), HAS_CLAIM)
        .group_by(col(Booking.session_id), col(Booking.mode), col(Booking.state))
    )
    return {(session_id, Mode(mode), BookingState(state)): count for session_id, mode, state, count in db.exec(rows).all()}


def _of_mode(session: Session, mode: Mode, counts: _Counts, rules: Rules, now: datetime) -> Iterator[Item]:
    places = places_of(session, mode)
    taken = sum(counts.get((session.id or 0, mode, state), 0) for state in TAKEN)
    waiting = counts.get((session.id or 0, mode, BookingState.WAITLISTED), 0)
    where = "" if session.format is not Format.HYBRID else " in the room" if mode is Mode.ROOM else " online"
    if places is not None and taken > places:
        room = f"{places:,} {'place' if places == 1 else 'places'}{where}"
        words = f"{named(session)}: {people(taken)} booked, for {room}. "
        words += "Add places with /session places, or choose a larger room with /session edit."
        yield about(Concern.OVERFULL, session, words)
    if waiting and (places is None or taken < places):
        free = "there is no limit" if places is None else f"{places - taken:,} {'is' if places - taken == 1 else 'are'} free"
        words = f"{named(session)}: {people(waiting)} {_verb(waiting)} for a place{where}, and {free}. {_mend(session, rules, now)}"
        yield about(Concern.WAITING, session, words)


def _verb(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _mend(session: Session, rules: Rules, now: datetime) -> str:
    if now >= session.starts_at - rules.cutoff:
        return "The waiting list is closed by now. Tell them that a place goes to whoever books first."
    return "Ask them to open the session with /my bookings and book."


def _empty(session: Session, counts: _Counts, now: datetime) -> Iterator[Item]:
    bookable = any(places_of(session, mode) != 0 for mode in modes_of(session.format))
    anyone = any(counts.get((session.id or 0, mode, state)) for mode in Mode for state in ACTIVE)
    if bookable and not anyone and session.starts_at - now <= EMPTY_WITHIN:
        words = f"{named(session)}: nobody has booked. Tell people about it, or cancel it with /session cancel."
        yield about(Concern.EMPTY, session, words)
