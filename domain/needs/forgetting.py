"""What is no longer needed is deleted by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.models import Booking, BookingState, Needs, Session
from domain.needs.own import delete_day
from domain.partnerships import of_these
from domain.rules import RulesOf
from domain.standing import at, today
from domain.times import LONDON, day_of


def needs_over(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `forget_needs` has anything to do."""
    return _no_longer_needed(rules).exists()


def _no_longer_needed(rules: RulesOf, now: datetime | None = None) -> SelectOfScalar[Any]:
    """Looked for from the side of the needs, which are few, and never from that of the bookings.

    Without `now` it is reckoned from when the question is asked.
    """
    decided = rules.deciding(lambda one: (one.needs_kept,)).items()
    over = (and_(col(Session.ends_at) <= at(-kept, now=now), *of_these(Session.partnership_id, whose)) for kept, whose in decided)
    day = today() if now is None else day_of(now, LONDON)
    place = select(Booking.id).join(Session, col(Session.id) == col(Booking.session_id)).where(col(Booking.id) == col(Needs.booking_id))
    ended = place.where(or_(col(Booking.state) == BookingState.CANCELLED, *over)).exists()
    return select(Needs.id).where((col(Needs.delete_on) <= day) | ended, *of_these(Needs.partnership_id, rules.kept()))


def forget_needs(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Delete what is no longer needed: its day has come, or the place was given back; how many.

    The day is reckoned anew, because the session may have moved.
    """
    rows = db.exec(
        select(Needs, Booking, Session)
        .join(Booking, col(Booking.id) == col(Needs.booking_id))
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Needs.id).in_(_no_longer_needed(rules, now)))
    ).all()
    deleted = 0
    for needs, booking, session in rows:
        due = delete_day(session, rules.of(session.partnership_id))
        if booking.state is not BookingState.CANCELLED and due > day_of(now, session.zone):
            needs.delete_on = due
            db.add(needs)
        else:
            db.delete(needs)
            deleted += 1
    db.flush()
    return deleted
