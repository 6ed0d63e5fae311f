"""Places: units of capacity that cannot be given twice, and the line of those who wait for one.

Every use case locks the session's row first and counts after it, in one transaction: on SQLite the writing
engine has the whole database, on PostgreSQL the row is held by FOR UPDATE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Channel, Format, Kind, Mode
from domain.models import Booking, BookingState, Hold, Person, Session, SessionState
from domain.notices import owe_calendar, owe_person
from domain.rules import Rules

TAKEN = (BookingState.HELD, BookingState.CONFIRMED)
ACTIVE = (BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


class Place(StrEnum):
    """What becomes of somebody who asks for a place."""

    CONFIRMED = "confirmed"
    HELD = "held"
    WAITLISTED = "waitlisted"
    NONE = "none"


def decide(*, places: int | None, taken: int, proven: bool, promoting: bool) -> Place:
    """A free place goes to who asks; a full session has a waiting list only while people are still promoted."""
    if places is None or taken < places:
        return Place.CONFIRMED if proven else Place.HELD
    return Place.WAITLISTED if promoting else Place.NONE


def overlaps(a: tuple[datetime, datetime], b: tuple[datetime, datetime], tolerance: timedelta) -> bool:
    """Whether two sessions clash: they share more than `tolerance`."""
    return min(a[1], b[1]) - max(a[0], b[0]) > tolerance


def cutoff_of(session: Session, rules: Rules) -> datetime:
    """The instant from which nobody is promoted any more."""
    return session.starts_at - rules.cutoff


def places_of(session: Session, mode: Mode) -> int | None:
    """How many can take part this way; None: no limit."""
    return session.online_places if session.format is Format.HYBRID and mode is Mode.ONLINE else session.places


def modes_of(format_: Format) -> tuple[Mode, ...]:
    """The ways in which one can take part."""
    return {Format.ONLINE: (Mode.ONLINE,), Format.IN_PERSON: (Mode.ROOM,), Format.HYBRID: (Mode.ROOM, Mode.ONLINE)}[format_]


@dataclass(frozen=True)
class Clash:
    """Another booking of the same person at the same time."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def find_session(db: Db, partnership_id: int, session_id: int) -> Session:
    """The session, to read. Raises `NotFound` for another partnership's."""
    return _theirs(db.get(Session, session_id), partnership_id)


def lock(db: Db, partnership_id: int, session_id: int) -> Session:
    """The session, held for this transaction. Raises `NotFound` for another partnership's."""
    return _theirs(db.exec(select(Session).where(col(Session.id) == session_id).with_for_update()).first(), partnership_id)


def _theirs(session: Session | None, partnership_id: int) -> Session:
    if session is None or session.partnership_id != partnership_id:
        raise NotFound("We could not find that session. It may have been removed.")
    return session


def confirm(db: Db, session: Session, booking: Booking, kind: Kind, *, now: datetime) -> None:
    """Make a booking confirmed and owe its invitation, by `kind`: an invitation or a promotion."""
    booking.state, booking.confirmed_at, booking.hold, booking.held_until = BookingState.CONFIRMED, now, None, None
    session.touched_at = now
    db.add_all((booking, session))
    db.flush()
    owe_calendar(db, booking, session, kind, now=now)


def end(db: Db, session: Session, booking: Booking, *, now: datetime, reason: str = "", by_organiser: bool = False) -> None:
    """Cancel one booking and owe its cancellation. Promotes nobody."""
    was = booking.state
    booking.state, booking.cancelled_at, booking.hold, booking.held_until = BookingState.CANCELLED, now, None, None
    session.touched_at = now
    db.add_all((booking, session))
    db.flush()
    if was is BookingState.CONFIRMED or booking.invited:
        owe_calendar(db, booking, session, Kind.CANCELLATION, now=now, detail=reason, by_organiser=by_organiser)
    elif by_organiser:
        _tell(db, session, booking, Kind.CANCELLATION, f"cancellation:{booking.id}:q{booking.queue_number}", now=now, detail=reason)


def _tell(db: Db, session: Session, booking: Booking, kind: Kind, key: str, *, now: datetime, detail: str = "") -> None:
    """Tell who has no invitation what became of their wish. Nothing goes to an unproven address: they hear in chat, or not at all."""
    person = db.get_one(Person, booking.person_id)
    if person.proven_at is None and person.discord_id is None:
        return
    channel = None if person.proven_at is not None else Channel.CHAT
    until = session.ends_at if kind is Kind.CANCELLATION else session.starts_at
    owe_person(db, kind, person, key=key, now=now, channel=channel, session=session, booking=booking, expires_at=until, detail=detail)


def promote(db: Db, session: Session, rules: Rules, *, now: datetime) -> int:
    """Give free places to those who wait, in the order in which they asked; how many heard of it.

    A place that would clash with another booking is offered and held. Nobody is promoted from the cut-off on, or
    before their address is proven.
    """
    if now >= cutoff_of(session, rules) or session.state is not SessionState.PUBLISHED:
        return 0
    heard = 0
    for mode in modes_of(session.format):
        places = places_of(session, mode)
        free = None if places is None else places - taken(db, session.id or 0, mode)
        for booking, person in _in_line(db, session, mode, limit=free):
            if clashes_of(db, booking.person_id, session, rules) and not booking.clash_accepted:
                _offer(db, session, booking, person, rules, now=now)
            else:
                confirm(db, session, booking, Kind.PROMOTION, now=now)
                _tell_promoted(db, session, booking, person, now=now)
            heard += 1
    return heard


def _in_line(db: Db, session: Session, mode: Mode, *, limit: int | None) -> Sequence[tuple[Booking, Person]]:
    if limit is not None and limit <= 0:
        return []
    waiting = (
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.state) == BookingState.WAITLISTED,
            col(Booking.mode) == mode,
            col(Person.proven_at).is_not(None),
        )
        .order_by(col(Booking.queue_number))
    )
    return db.exec(waiting if limit is None else waiting.limit(limit)).all()


def _offer(db: Db, session: Session, booking: Booking, person: Person, rules: Rules, *, now: datetime) -> None:
    booking.state, booking.hold = BookingState.HELD, Hold.OFFER
    booking.held_until = min(now + rules.offer, cutoff_of(session, rules))
    db.add(booking)
    db.flush()
    key = f"offer:{booking.id}:{booking.queue_number}"
    owe_person(db, Kind.OFFER, person, key=key, now=now, session=session, booking=booking, expires_at=booking.held_until)


def _tell_promoted(db: Db, session: Session, booking: Booking, person: Person, *, now: datetime) -> None:
    """The invitation goes by e-mail in any case; who likes chat hears there too, at once."""
    if person.discord_id is not None and person.reminders_by_chat and person.chat_closed_at is None:
        key = f"promotion:{booking.id}:{booking.sequence}"
        owe_person(
            db,
            Kind.PROMOTION,
            person,
            key=key,
            now=now,
            channel=Channel.CHAT,
            session=session,
            booking=booking,
            expires_at=session.starts_at,
        )


def prove_holds(db: Db, person_id: int, rules: Rules, *, now: datetime) -> tuple[int, ...]:
    """Confirm every place that was held for this person's proof; the sessions' ids. Where they wait, a free place is theirs now."""
    held = select(Booking).where(
        col(Booking.person_id) == person_id,
        col(Booking.state) == BookingState.HELD,
        col(Booking.hold) == Hold.PROOF,
        col(Booking.held_until) > now,
    )
    confirmed = []
    for booking in db.exec(held.order_by(col(Booking.session_id))).all():
        session = lock(db, booking.partnership_id, booking.session_id)
        if session.state is SessionState.PUBLISHED and session.starts_at > now:
            confirm(db, session, booking, Kind.INVITATION, now=now)
            confirmed.append(booking.session_id)
    waits = select(Booking).where(col(Booking.person_id) == person_id, col(Booking.state) == BookingState.WAITLISTED)
    for booking in db.exec(waits.order_by(col(Booking.session_id))).all():
        promote(db, lock(db, booking.partnership_id, booking.session_id), rules, now=now)
    return tuple(confirmed)


def lapse_holds(db: Db, rules: Rules, *, now: datetime, limit: int = 200) -> int:
    """End holds and offers whose time is over, and give their places on; how many."""
    over = select(Booking).where(col(Booking.state) == BookingState.HELD, col(Booking.held_until) <= now)
    bookings = db.exec(over.order_by(col(Booking.session_id), col(Booking.queue_number)).limit(limit)).all()
    for booking in bookings:
        session = lock(db, booking.partnership_id, booking.session_id)
        booking.state, booking.cancelled_at, booking.hold, booking.held_until = BookingState.CANCELLED, now, None, None
        session.touched_at = now
        db.add_all((booking, session))
        db.flush()
        _tell(db, session, booking, Kind.LAPSED, f"lapsed:{booking.id}:{booking.queue_number}", now=now)
        promote(db, session, rules, now=now)
    return len(bookings)


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def taken(db: Db, session_id: int, mode: Mode) -> int:
    """Places confirmed or held."""
    mine = col(Booking.session_id) == session_id, col(Booking.mode) == mode, col(Booking.state).in_(TAKEN)
    return db.exec(select(func.count()).select_from(Booking).where(*mine)).one()


def position(db: Db, booking: Booking) -> int:
    """Place on the waiting list, from 1."""
    ahead = (
        select(func.count())
        .select_from(Booking)
        .where(
            col(Booking.session_id) == booking.session_id,
            col(Booking.mode) == booking.mode,
            col(Booking.state) == BookingState.WAITLISTED,
            col(Booking.queue_number) < booking.queue_number,
        )
    )
    return db.exec(ahead).one() + 1


def clashes_of(db: Db, person_id: int, session: Session, rules: Rules) -> tuple[Clash, ...]:
    """The person's other places (confirmed or held) at the time of this session."""
    others = (
        select(Session)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .where(
            col(Booking.person_id) == person_id,
            col(Booking.state).in_(TAKEN),
            col(Session.id) != session.id,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.starts_at) < session.ends_at,
            col(Session.ends_at) > session.starts_at,
        )
        .order_by(col(Session.starts_at))
    )
    span = session.starts_at, session.ends_at
    return tuple(
        Clash(other.id or 0, other.title, other.starts_at, other.ends_at, other.zone)
        for other in db.exec(others)
        if overlaps(span, (other.starts_at, other.ends_at), rules.clash_tolerance)
    )
