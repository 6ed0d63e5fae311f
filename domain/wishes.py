"""Wishes: places that somebody asked for on a page, who has not shown yet that they are the person whose address they typed.

A wish may be a stranger's. So it holds a place for a while at most, and all wishes together hold only a share of a session's places
(`keeps_for_wish`): whoever makes up thirty addresses keeps nobody out. Beyond that a wish waits, and its place is decided when it is
made their own: a free one is theirs at once, in the order of the line. Nobody is promoted by it, it counts in nobody's position,
and nobody hears of it but by the mail that asks them. It becomes their own when they press that mail's link, say yes on their
own page, or ask for the same themselves; it keeps its number in the line then. One that waits ends with its link, without a word.

No count that everybody sees has a wish in it: it would tell who types an address whether that address had a claim already, which
makes no wish. So a place may be seen as free that is kept for one; what is decided counts it (docs/decisions/0009).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.audit import CLOCK, audit_bookings, audit_whole
from domain.capacity import ACTIVE, ask_anew, end, lock, lock_all, places_of
from domain.database import Db
from domain.kinds import Mode
from domain.models import Booking, BookingState, SeriesBooking, Session
from domain.partnerships import Whose, of_these
from domain.privacy import is_admitted
from domain.rules import Rules
from domain.series.places import end_whole, lock_series
from domain.standing import Instant, at

#: how long the link in a mail proves an address, though the place is not held for so long
PROVES_FOR = timedelta(days=1)


def most_for_wishes(places: int | None, share: float) -> int | None:
    """How many of so many places wishes may hold at once; None: no limit."""
    return None if places is None else max(1, ceil(places * share))


def keeps_for_wish(db: Db, session: Session, mode: Mode, rules: Rules, *, mine: Booking | None = None) -> bool:
    """Whether a place is kept for one wish more, as far as wishes go. `mine`: a wish of the same person, which counts for nothing here."""
    most = most_for_wishes(places_of(session, mode), rules.unproven_share)
    if most is None:
        return True
    held = (
        col(Booking.session_id) == session.id,
        col(Booking.state) == BookingState.HELD,
        col(Booking.mode) == mode,
        col(Booking.wished).is_(True),
    )
    others = held if mine is None else (*held, col(Booking.id) != mine.id)
    return db.exec(select(func.count()).select_from(Booking).where(*others)).one() < most


def make_own(db: Db, person_id: int, session_id: int, *, clash_accepted: bool) -> bool:
    """What was wished for in this person's name is their own from now on, with the series that the session is a part of.

    `clash_accepted`: what they said themselves of their other places at that time, whatever the page was told. Whether anything was
    but a wish. The session is held by the caller.
    """
    mine = select(Booking).where(col(Booking.person_id) == person_id, col(Booking.session_id) == session_id, col(Booking.wished).is_(True))
    series_id = select(Session.series_id).where(col(Session.id) == session_id).scalar_subquery()
    of_series = col(SeriesBooking.person_id) == person_id, col(SeriesBooking.series_id) == series_id, col(SeriesBooking.wished).is_(True)
    wholes = db.exec(select(SeriesBooking).where(*of_series)).all()
    parts = select(Booking).where(col(Booking.series_booking_id).in_([whole.id for whole in wholes]), col(Booking.wished).is_(True))
    wished = (*db.exec(mine).all(), *wholes, *(db.exec(parts).all() if wholes else ()))
    for one in wished:
        one.wished, one.clash_accepted = False, clash_accepted
        db.add(one)
    db.flush()
    for one in wished:
        if isinstance(one, Booking) and one.state is BookingState.HELD:  # a place of theirs from now on
            ask_anew(db, db.get_one(Session, one.session_id), person_id)
    return bool(wished)


def end_wishes(db: Db, session: Session, *, now: datetime) -> None:
    """The session is private from now on: what was typed for it while everybody could ends, unless they were let in. It is held.

    Their places are the caller's to give on (`domain.places.promote`).
    """
    mine = col(Booking.session_id) == session.id, col(Booking.wished).is_(True), col(Booking.state).in_(ACTIVE)
    for booking in db.exec(select(Booking).where(*mine).order_by(col(Booking.id))).all():
        if not is_admitted(db, session, None, booking.person_id):
            end(db, session, booking, now=now)
            audit_bookings(db, session, (booking,), "lapse", now=now, actor=CLOCK)


def wishes_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `lapse_wishes` has anything to do."""
    asked = at(-PROVES_FOR)
    return select(Booking.id).where(*_alone(asked, whose)).exists() | select(SeriesBooking.id).where(*_whole(asked, whose)).exists()


def _alone(asked: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    """Waiting wishes for single sessions, asked for until then. The first two conditions are those of the index."""
    over = col(Booking.wished).is_(True), col(Booking.asked_at) <= asked, col(Booking.state) == BookingState.WAITLISTED
    return *over, col(Booking.series_booking_id).is_(None), *of_these(Booking.partnership_id, whose)


def _whole(asked: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    over = col(SeriesBooking.wished).is_(True), col(SeriesBooking.asked_at) <= asked, col(SeriesBooking.state) == BookingState.WAITLISTED
    return *over, *of_these(SeriesBooking.partnership_id, whose)


def lapse_wishes(db: Db, *, now: datetime, whose: Whose = None, limit: int = 200) -> int:
    """End waiting wishes whose link is over; how many. They had no place, so nobody is promoted; they never asked, so nobody is told."""
    alone = select(Booking.id, Booking.session_id).where(*_alone(now - PROVES_FOR, whose)).order_by(col(Booking.asked_at)).limit(limit)
    wholes = select(SeriesBooking.id, SeriesBooking.series_id).where(*_whole(now - PROVES_FOR, whose))
    singles, series = db.exec(alone).all(), db.exec(wholes.order_by(col(SeriesBooking.asked_at)).limit(limit)).all()
    parts = select(Session.id).where(col(Session.series_id).in_({series_id for _, series_id in series}))
    lock_all(db, [session_id for _, session_id in singles] + list(db.exec(parts).all() if series else ()))
    return sum(_end_whole(db, whole_id, now) for whole_id, _ in series) + sum(_end_alone(db, booking_id, now) for booking_id, _ in singles)


def _end_alone(db: Db, booking_id: int | None, now: datetime) -> bool:
    booking = db.get_one(Booking, booking_id)
    session = lock(db, booking.partnership_id, booking.session_id)
    db.refresh(booking)
    if not booking.wished or booking.state is not BookingState.WAITLISTED:
        return False  # made their own, or given back before we had the lock
    end(db, session, booking, now=now)
    audit_bookings(db, session, (booking,), "lapse", now=now, actor=CLOCK)
    return True


def _end_whole(db: Db, whole_id: int | None, now: datetime) -> bool:
    whole = db.get_one(SeriesBooking, whole_id)
    lock_series(db, whole.partnership_id, whole.series_id)
    db.refresh(whole)
    if not whole.wished or whole.state is not BookingState.WAITLISTED:
        return False
    end_whole(db, whole, now=now)
    audit_whole(db, whole, "lapse in series", now=now, actor=CLOCK)
    return True
