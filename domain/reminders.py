"""What falls due by the clock alone: reminders, and the end of the waiting list.

Nothing of it is stored weeks ahead. A tick asks what has fallen due, owes it, and puts down a *milestone* for
the session, so that the next tick need not look again. A session that moves has new instants, and so reminds
at the new hour by itself. Reminders whole days ahead are of a person's day (`domain.day_reminders`), any others of a session.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import false, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from domain.capacity import WAITS
from domain.database import Db
from domain.day_reminders import Told, covers, day_key, days_owed, is_of_a_day
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Milestone, Notice, Person, Session, SessionState
from domain.notices import chosen_channels, owe_all, owe_person, to_person
from domain.once import put_in
from domain.partnerships import of_these
from domain.presenters import telling as presenting
from domain.rules import RulesOf
from domain.series.line import close_series
from domain.standing import Instant, Lists, at
from domain.times import before, day_of

WAITING_CLOSED = "waiting_closed"
#: by how much a wall day can be longer than 24 hours
CLOCK_CHANGE = timedelta(hours=1)


def reminder(lead: timedelta) -> str:
    """The milestone's name of a reminder."""
    return f"reminder:{int(lead.total_seconds() // 60)}"


def owe_reminders(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Owe every reminder whose instant has come; how many.

    Owed only to who was confirmed before that instant, by the channels each has chosen; worth sending until half
    the lead has gone.
    """
    owed = 0
    for lead, whose in rules.deciding(lambda one: one.reminders).items():
        for session in _without(db, reminder(lead), now, whose, until=now + lead + CLOCK_CHANGE):
            due = before(session.starts_at, lead, session.zone)
            if due > now:
                continue
            worth_until = due + lead / 2
            if now < worth_until:
                owed += _remind(db, session, lead, due, worth_until, now=now)
                owed += presenting.remind(db, session, lead, worth_until, now=now)
            _put_down(db, session, reminder(lead))
    return owed


def reminders_perhaps(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `reminders_due` may hold: some session begins so soon that a reminder is owed by now, or within the hour."""
    decided = rules.deciding(lambda one: one.reminders).items()
    return or_(false(), *(_soon(reminder(lead), whose, lead + CLOCK_CHANGE) for lead, whose in decided))


def reminders_due(db: Db, rules: RulesOf, *, now: datetime) -> bool:
    """Whether `owe_reminders` has anything to do."""
    soon = zip(rules.deciding(lambda one: one.reminders), _starting_soon(rules).ask(db, now=now), strict=True)
    return any(before(row.starts_at, lead, row.zone) <= now for lead, rows in soon for row in rows)


def _remind(db: Db, session: Session, lead: timedelta, due: datetime, worth_until: datetime, *, now: datetime) -> int:
    confirmed = (
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.confirmed_at) < due,
        )
        .order_by(col(Booking.id))
    )
    people = db.exec(confirmed).all()
    of_a_day = _remind_of_day if is_of_a_day(lead) else _remind_each
    return owe_all(db, of_a_day(db, people, session, int(lead.total_seconds() // 60), worth_until, now))


Confirmed = Sequence[tuple[Booking, Person]]


def _remind_each(_db: Db, people: Confirmed, session: Session, minutes: int, worth_until: datetime, now: datetime) -> list[Notice]:
    return [
        _own(booking, person, channel, session, minutes, worth_until, now)
        for booking, person in people
        for channel in chosen_channels(person)
    ]


def _remind_of_day(db: Db, people: Confirmed, session: Session, minutes: int, worth_until: datetime, now: datetime) -> list[Notice]:
    """One message for all of a person's sessions that day. A session that came too late for it has a reminder of its own."""
    day = day_of(session.starts_at, session.zone)
    known = days_owed(db, [person for _, person in people], minutes, day)
    owed = []
    for booking, person in people:
        for channel in chosen_channels(person):
            key = day_key(person.id, minutes, day)
            if f"{key}:{channel}" not in known:
                owed.append(_of_day(key, person, channel, session, minutes, worth_until, now))
            elif not covers(known, f"{key}:{channel}", booking, session, worth_until):
                owed.append(_own(booking, person, channel, session, minutes, worth_until, now))
    return owed


def _of_day(key: str, person: Person, channel: Channel, session: Session, minutes: int, worth_until: datetime, now: datetime) -> Notice:
    detail = Told(day_of(session.starts_at, session.zone), session.starts_at).write()
    return to_person(
        Kind.REMINDER,
        person,
        key=key,
        now=now,
        channel=channel,
        session=session,
        expires_at=worth_until,
        lead_minutes=minutes,
        detail=detail,
    )


def _own(
    booking: Booking, person: Person, channel: Channel, session: Session, minutes: int, worth_until: datetime, now: datetime
) -> Notice:
    return to_person(
        Kind.REMINDER,
        person,
        key=f"reminder:{booking.id}:{minutes}:{session.starts_at:%Y%m%dT%H%M%SZ}",
        now=now,
        channel=channel,
        session=session,
        booking=booking,
        expires_at=worth_until,
        lead_minutes=minutes,
        detail=session.starts_at.isoformat(),
    )


def waiting_over(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `close_waiting` has anything to do."""
    decided = rules.deciding(lambda one: (one.cutoff,)).items()
    return or_(false(), *(_soon(WAITING_CLOSED, whose, cutoff) for cutoff, whose in decided))


def close_waiting(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Tell those who still wait, once, that nobody is promoted any more; how many."""
    told = 0
    closing = rules.deciding(lambda one: (one.cutoff,)).items()
    for session in [one for cutoff, whose in closing for one in _without(db, WAITING_CLOSED, now, whose, until=now + cutoff)]:
        waiting = (
            select(Booking, Person)
            .join(Person, col(Person.id) == col(Booking.person_id))
            .where(
                col(Booking.session_id) == session.id,
                col(Booking.series_booking_id).is_(None),
                WAITS,
                col(Person.proven_at).is_not(None),
            )
            .order_by(col(Booking.queue_number))
        )
        for booking, person in db.exec(waiting).all():
            key = f"waiting_closed:{booking.id}:{booking.queue_number}:{session.starts_at:%Y%m%dT%H%M%SZ}"  # a later day closes anew
            told += owe_person(
                db, Kind.WAITING_CLOSED, person, key=key, now=now, session=session, booking=booking, expires_at=session.starts_at
            )
        told += close_series(db, session, now=now)
        _put_down(db, session, WAITING_CLOSED)
    return told


def next_instant(db: Db, rules: RulesOf, *, now: datetime) -> datetime | None:
    """The next instant at which a reminder falls due or a waiting list ends."""
    leads, cutoffs = rules.deciding(lambda one: one.reminders), rules.deciding(lambda one: (one.cutoff,))
    ahead = _starting_next(rules).ask(db, now=now)
    reminded, closed = zip(leads, ahead[: len(leads)], strict=True), zip(cutoffs, ahead[len(leads) :], strict=True)
    instants = [before(row.starts_at, lead, row.zone) for lead, rows in reminded for row in rows]
    return min([*instants, *(row.starts_at - cutoff for cutoff, rows in closed for row in rows)], default=None)


def _without(db: Db, what: str, now: datetime, whose: Collection[int] | None, *, until: datetime) -> Sequence[Session]:
    """Published sessions of these partnerships, still to start, that lack a milestone, earliest first."""
    ahead = select(Session).where(*_lacks(what, whose, now, until))
    return db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()


def _lacks(what: Any, whose: Collection[int] | None, now: Instant, until: Instant | None) -> list[ColumnElement[bool]]:
    seen = select(Milestone.id).where(
        col(Milestone.session_id) == col(Session.id), col(Milestone.what) == what, col(Milestone.at) == col(Session.starts_at)
    )
    ahead = [col(Session.state) == SessionState.PUBLISHED, col(Session.starts_at) > now, *of_these(Session.partnership_id, whose)]
    return [*ahead, *(() if until is None else (col(Session.starts_at) <= until,)), ~seen.exists()]


def _soon(what: str, whose: Collection[int] | None, within: timedelta) -> ColumnElement[bool]:
    """Whether there are any such that start so soon."""
    return select(Session.id).where(*_lacks(what, whose, at(), at(within))).exists()


@lru_cache(maxsize=8)
def _starting_soon(rules: RulesOf) -> Lists:
    """For each reminder the sessions that begin so soon that it is owed by now, or within the hour."""
    decided = rules.deciding(lambda one: one.reminders).items()
    return Lists([_starts(reminder(lead), whose, within=lead + CLOCK_CHANGE) for lead, whose in decided])


@lru_cache(maxsize=8)
def _starting_next(rules: RulesOf) -> Lists:
    """For each reminder, and then for each end of the waiting list, the first sessions that still lack it."""
    reminders, cutoffs = rules.deciding(lambda one: one.reminders).items(), rules.deciding(lambda one: (one.cutoff,)).items()
    # the day before, by the wall, may lie an hour to either side: look at every session of the first such hours
    ahead = [_starts(reminder(lead), whose).limit(20) for lead, whose in reminders]
    return Lists([*ahead, *(_starts(WAITING_CLOSED, whose).limit(1) for _, whose in cutoffs)])


def _starts(what: str, whose: Collection[int] | None, within: timedelta | None = None) -> Select[datetime, str]:
    """When they start (UTC), and in what zone: who only looks whether something is due needs no more of them."""
    starts = select(Session.starts_at, Session.zone).where(*_lacks(what, whose, at(), None if within is None else at(within)))
    return starts.order_by(col(Session.starts_at), col(Session.id))


def _put_down(db: Db, session: Session, what: str) -> None:
    put_in(db, [Milestone(session_id=session.id or 0, what=what, at=session.starts_at)])
