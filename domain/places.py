"""Places: the line of those who wait for one, and what becomes of a place that is held.

Single bookings stand here, those of a series in `domain.series.places`: a series is promoted, confirmed and let go as one,
before anybody who wants a single part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.audit import CLOCK, audit_bookings
from domain.capacity import (
    ACTIVE,
    TAKEN,
    WAITS,
    Clash,
    Place,
    ask_anew,
    clashes_of,
    confirm,
    cutoff_of,
    decide,
    end,
    find_session,
    lock,
    lock_all,
    modes_of,
    overlaps,
    places_of,
    tell,
)
from domain.counting import position, taken
from domain.database import Db
from domain.kinds import Channel, Kind, Mode
from domain.models import Booking, BookingState, Hold, Person, Session, SessionState
from domain.notices import owe_person
from domain.partnerships import Whose, of_these
from domain.rules import Rules, RulesOf
from domain.series.line import lapse_own_series, lapse_series, promote_series, prove_series, series_holds_over
from domain.standing import Instant, at
from domain.wishes import make_own

__all__ = [
    "ACTIVE",
    "TAKEN",
    "Clash",
    "Place",
    "clashes_of",
    "confirm",
    "cutoff_of",
    "decide",
    "end",
    "find_session",
    "holds_over",
    "lapse_holds",
    "lapse_own",
    "lock",
    "lock_all",
    "modes_of",
    "overlaps",
    "places_of",
    "position",
    "promote",
    "prove_holds",
    "taken",
]


def promote(db: Db, session: Session, rules: Rules, *, now: datetime, asks: int | None = None) -> int:
    """Give free places to those who wait, in the order in which they asked; how many heard of it.

    A place that would clash with another booking is offered and held. Nobody is promoted from the cut-off on, before
    their address is proven, or by what was typed on a page until they make it their own. In a series, those who wait for the whole
    come before those who want this part alone. `asks`: who makes a wish their own at this moment; they are invited, for they never waited.
    """
    heard = promote_series(db, session.series_id, rules, now=now, asks=asks) if session.series_id is not None else 0
    if now >= cutoff_of(session, rules) or session.state is not SessionState.PUBLISHED:
        return heard
    for mode in modes_of(session.format):
        places = places_of(session, mode)
        free = None if places is None else places - taken(db, session.id or 0, mode)
        for booking, person in _in_line(db, session, mode, limit=free):
            if clashes_of(db, booking.person_id, session, rules) and not booking.clash_accepted:
                _offer(db, session, booking, person, rules, now=now)
                audit_bookings(db, session, (booking,), "offer place", now=now, actor=CLOCK)
            else:
                confirm(db, session, booking, Kind.INVITATION if person.id == asks else Kind.PROMOTION, now=now)
                if person.id != asks:
                    _tell_promoted(db, session, booking, person, now=now)
                audit_bookings(db, session, (booking,), "promote", now=now, actor=CLOCK)
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
            col(Booking.series_booking_id).is_(None),
            WAITS,
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
    ask_anew(db, session, booking.person_id)
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


def prove_holds(
    db: Db, person_id: int, rules: Rules, *, now: datetime, only: int | None = None, clash_accepted: bool = False
) -> tuple[int, ...]:
    """Confirm every place that was held for this person's proof; the sessions' ids. Where they wait, a free place is theirs now.

    What was only typed on a page stays as it is. `only`: the claim on this session alone, and on the series that it is a part of;
    they say by this that it is their own, whoever typed it, and whether they accept what clashes with it.
    """
    mine = col(Booking.person_id) == person_id, col(Booking.session_id) == only if only is not None else col(Booking.wished).is_(False)
    hoping = col(Booking.state).in_((BookingState.HELD, BookingState.WAITLISTED))
    lock_all(db, db.exec(select(Booking.session_id).where(*mine, hoping)).all())
    if only is not None:
        make_own(db, person_id, only, clash_accepted=clash_accepted)
    asks = person_id if only is not None else None
    whole = prove_series(db, person_id, rules, now=now, only=only)
    confirmed = list(whole.confirmed)
    alone = select(Booking).where(*mine, col(Booking.series_booking_id).is_(None)).order_by(col(Booking.session_id))
    held = alone.where(col(Booking.state) == BookingState.HELD, col(Booking.hold) == Hold.PROOF, col(Booking.held_until) > now)
    for booking in db.exec(held).all():
        session = lock(db, booking.partnership_id, booking.session_id)
        db.refresh(booking)  # another process may have ended it before we had the lock
        held_still = booking.state is BookingState.HELD and booking.hold is Hold.PROOF
        if held_still and session.state is SessionState.PUBLISHED and session.starts_at > now:
            confirm(db, session, booking, Kind.INVITATION, now=now)
            audit_bookings(db, session, (booking,), "prove place", now=now)
            confirmed.append(booking.session_id)
    for part in whole.freed:
        promote(db, part, rules, now=now, asks=asks)
    for booking in db.exec(alone.where(col(Booking.state) == BookingState.WAITLISTED)).all():
        promote(db, lock(db, booking.partnership_id, booking.session_id), rules, now=now, asks=asks)
    return tuple(confirmed)


def holds_over(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `lapse_holds` has anything to do."""
    # by the first of them, not by any: of those who hold a place none ever had an end but few, which PostgreSQL cannot know
    held = col(Booking.state) == BookingState.HELD, col(Booking.held_until).is_not(None), *of_these(Booking.partnership_id, rules.kept())
    first = select(func.min(col(Booking.held_until))).where(*held).scalar_subquery()
    return (first <= at()) | series_holds_over(rules.kept())


def _past(now: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(Booking.state) == BookingState.HELD, col(Booking.held_until) <= now, *of_these(Booking.partnership_id, whose)


def lapse_holds(db: Db, rules: RulesOf, *, now: datetime, limit: int = 200) -> int:
    """End holds and offers whose time is over, and give their places on; how many."""
    past = _past(now, rules.kept())
    lock_all(db, db.exec(select(Booking.session_id).where(*past).order_by(col(Booking.held_until)).limit(2 * limit)).all())
    for session in lapse_series(db, now=now, whose=rules.kept(), limit=limit):
        promote(db, session, rules.of(session.partnership_id), now=now)
    over = select(Booking).where(*past, col(Booking.series_booking_id).is_(None))
    bookings = db.exec(over.order_by(col(Booking.held_until)).limit(limit)).all()  # the order of the index: the rest is not looked at
    ended = 0
    for booking in sorted(bookings, key=lambda one: (one.session_id, one.queue_number)):
        session = lock(db, booking.partnership_id, booking.session_id)
        db.refresh(booking)
        if booking.held_until is None or booking.held_until > now:
            continue  # proven, taken or given back before we had the lock
        ended += 1
        if not _lapse(db, session, booking, now=now):  # else they never asked
            tell(db, session, booking, Kind.LAPSED, f"lapsed:{booking.id}:{booking.queue_number}", now=now)
        promote(db, session, rules.of(session.partnership_id), now=now)
    return ended


def _lapse(db: Db, session: Session, booking: Booking, *, now: datetime) -> bool:
    """What was held for a while is held no longer; whether it was but a wish."""
    booking.state, booking.cancelled_at, booking.hold, booking.held_until = BookingState.CANCELLED, now, None, None
    wished, booking.wished = booking.wished, False
    session.touched_at = now
    db.add_all((booking, session))
    db.flush()
    audit_bookings(db, session, (booking,), "lapse", now=now, actor=CLOCK)
    return wished


def lapse_own(db: Db, session: Session, person_id: int, rules: Rules, *, now: datetime) -> None:
    """End what was kept for this person's proof until a time that is over, and give it on, before they ask for it again.

    As `lapse_holds` does in a moment, but that nobody is told: they are here. The session is held by the caller.
    """
    over = col(Booking.state) == BookingState.HELD, col(Booking.hold) == Hold.PROOF, col(Booking.held_until) <= now
    mine = col(Booking.session_id) == session.id, col(Booking.person_id) == person_id, col(Booking.series_booking_id).is_(None)
    freed = list(lapse_own_series(db, session.series_id, person_id, now=now)) if session.series_id is not None else []
    for booking in db.exec(select(Booking).where(*mine, *over)).all():
        _lapse(db, session, booking, now=now)
        freed.append(session)
    for part in freed:
        promote(db, part, rules, now=now)
