"""The line of a series: who waits for the whole, what is held for a while, and who hears of it. One message about the whole, each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.audit import CLOCK, audit_whole
from domain.capacity import WAITS_FOR_SERIES
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Hold, Person, SeriesBooking, Session
from domain.notices import owe, to_person
from domain.partnerships import Whose, of_these
from domain.rules import Rules
from domain.series.places import (
    booking_on,
    clashes_of_whole,
    confirm_whole,
    cutoff_of_whole,
    end_parts,
    end_whole,
    fits,
    hold_whole,
    lock_series,
    parts_ahead,
    put_in_line,
    still_kept,
)
from domain.standing import Instant, at


def promote_series(db: Db, series_id: int, rules: Rules, *, now: datetime, asks: int | None = None) -> int:
    """Give places that are free on every part to those who wait for the whole, in the order in which they asked; how many heard of it.

    `asks`: who makes a wish their own at this moment, as of a single place (`domain.places.promote`).
    """
    parts = parts_ahead(db, series_id, now=now)
    last = cutoff_of_whole(parts, rules)
    if last is None or now >= last:
        return 0
    waiting = (
        select(SeriesBooking, Person)
        .join(Person, col(Person.id) == col(SeriesBooking.person_id))
        .where(
            col(SeriesBooking.series_id) == series_id,
            WAITS_FOR_SERIES,
            col(Person.proven_at).is_not(None),
        )
        .order_by(col(SeriesBooking.queue_number))
    )
    heard = 0
    for whole, person in db.exec(waiting).all():
        if not fits(db, parts, whole.person_id, None):
            continue  # the next may take part in another way
        new = [part for part in parts if not _has(db, part, whole.person_id)]  # of what they have already they are asked nothing
        if clashes_of_whole(db, new, whole.person_id, rules) and not whole.clash_accepted:
            until = min(now + rules.offer, last)
            hold_whole(db, whole, parts, Hold.OFFER, until, now=now)
            tell_whole(db, whole, person, parts, Kind.OFFER, now=now, expires_at=until)
            audit_whole(db, whole, "offer series place", now=now, actor=CLOCK)
        else:
            first = person.id == asks
            confirm_whole(db, whole, parts, Kind.INVITATION if first else Kind.PROMOTION, now=now)
            audit_whole(db, whole, "promote in series", now=now, actor=CLOCK)
            if not first and person.discord_id is not None and person.reminders_by_chat and person.chat_closed_at is None:
                tell_whole(db, whole, person, parts, Kind.PROMOTION, now=now, expires_at=parts[-1].starts_at, channel=Channel.CHAT)
        heard += 1
    return heard


def _has(db: Db, part: Session, person_id: int) -> bool:
    mine = booking_on(db, part, person_id)
    return mine is not None and mine.state is BookingState.CONFIRMED


@dataclass(frozen=True)
class Proved:
    """What a proof came to. `freed`: parts whose places go on to the line, once all else is settled."""

    confirmed: tuple[int, ...]  #: the parts' ids
    freed: tuple[Session, ...]


def prove_series(db: Db, person_id: int, rules: Rules, *, now: datetime, only: int | None = None) -> Proved:
    """Confirm every series that was held for this person's proof. Where they wait, free places are theirs now.

    A series that does not fit, as they wait for one of its parts alone, they wait for as a whole.
    What was only typed on a page stays as it is. `only`: the series that this session is a part of.
    """
    mine = select(SeriesBooking).where(col(SeriesBooking.person_id) == person_id).order_by(col(SeriesBooking.series_id))
    mine = mine.where(col(SeriesBooking.wished).is_(False))
    if only is not None:
        mine = mine.where(col(SeriesBooking.series_id).in_(select(Session.series_id).where(col(Session.id) == only)))
    confirmed: list[int] = []
    freed: list[Session] = []
    for whole in db.exec(mine).all():
        series = lock_series(db, whole.partnership_id, whole.series_id)
        db.refresh(whole)  # another process may have ended it before we had the lock
        held = whole.state is BookingState.HELD and whole.hold is Hold.PROOF
        if held and whole.held_until is not None and whole.held_until > now:
            parts = parts_ahead(db, whole.series_id, now=now)
            if not still_kept(db, whole, parts):  # of a part that they wait for alone a page kept no place
                freed += to_the_line(db, whole, parts, rules, "prove series place", now=now)
                continue
            confirm_whole(db, whole, parts, Kind.INVITATION, now=now)
            audit_whole(db, whole, "prove series place", now=now)
            confirmed += [part.id or 0 for part in parts]
        elif whole.state is BookingState.WAITLISTED:
            promote_series(db, series.id or 0, rules, now=now, asks=person_id if only is not None else None)
    return Proved(tuple(confirmed), tuple(freed))


def to_the_line(db: Db, whole: SeriesBooking, parts: Sequence[Session], rules: Rules, action: str, *, now: datetime) -> Sequence[Session]:
    """Wait for the whole, and let go of what was held of it; the parts. Where nobody is promoted any more, all stays until it lapses."""
    last = cutoff_of_whole(parts, rules)
    if last is None or now >= last:
        return ()
    end_parts(db, whole, now=now)
    put_in_line(db, whole, parts, now=now)
    audit_whole(db, whole, action, now=now)
    return parts


def series_holds_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `lapse_series` has anything to do."""
    return select(SeriesBooking.id).where(*_past(at(), whose)).exists()


def _past(now: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    held = col(SeriesBooking.state) == BookingState.HELD, col(SeriesBooking.held_until) <= now
    return *held, *of_these(SeriesBooking.partnership_id, whose)


def lapse_series(db: Db, *, now: datetime, whose: Whose = None, limit: int = 200) -> tuple[Session, ...]:
    """End holds and offers of series whose time is over, each on all its parts; the sessions whose places came free."""
    over = select(SeriesBooking).where(*_past(now, whose))
    freed: dict[int, Session] = {}
    for whole in db.exec(over.order_by(col(SeriesBooking.series_id), col(SeriesBooking.queue_number)).limit(limit)).all():
        lock_series(db, whole.partnership_id, whole.series_id)
        db.refresh(whole)
        if whole.held_until is None or whole.held_until > now:
            continue  # proven, taken or given back before we had the lock
        wished = whole.wished
        parts = _lapse(db, whole, now=now)
        if not wished:  # else they never asked
            tell_whole(db, whole, db.get_one(Person, whole.person_id), parts, Kind.LAPSED, now=now)
        freed |= {part.id or 0: part for part in parts}
    return tuple(freed.values())


def lapse_own_series(db: Db, series_id: int, person_id: int, *, now: datetime) -> Sequence[Session]:
    """The same of what was kept for one person's proof, without a word; the parts whose places came free. They are held by the caller."""
    mine = col(SeriesBooking.series_id) == series_id, col(SeriesBooking.person_id) == person_id
    over = col(SeriesBooking.state) == BookingState.HELD, col(SeriesBooking.hold) == Hold.PROOF, col(SeriesBooking.held_until) <= now
    whole = db.exec(select(SeriesBooking).where(*mine, *over)).first()
    if whole is None:
        return ()
    lock_series(db, whole.partnership_id, series_id)
    return _lapse(db, whole, now=now)


def _lapse(db: Db, whole: SeriesBooking, *, now: datetime) -> Sequence[Session]:
    """End the whole, held for a while, on all its parts; those still to come."""
    parts = parts_ahead(db, whole.series_id, now=now)
    end_whole(db, whole, now=now)
    audit_whole(db, whole, "lapse in series", now=now, actor=CLOCK)
    return parts


def close_series(db: Db, part: Session, *, now: datetime) -> int:
    """At the cut-off of a series' last part, tell those who still wait for the whole that nobody is promoted any more; how many."""
    if part.series_id is None or any(one.starts_at > part.starts_at for one in parts_ahead(db, part.series_id, now=now)):
        return 0
    waiting = (
        select(SeriesBooking, Person)
        .join(Person, col(Person.id) == col(SeriesBooking.person_id))
        .where(
            col(SeriesBooking.series_id) == part.series_id,
            WAITS_FOR_SERIES,
            col(Person.proven_at).is_not(None),
        )
        .order_by(col(SeriesBooking.queue_number))
    )
    found = db.exec(waiting).all()
    for whole, person in found:
        tell_whole(db, whole, person, [part], Kind.WAITING_CLOSED, now=now)
    return len(found)


def tell_whole(
    db: Db,
    whole: SeriesBooking,
    person: Person,
    parts: Sequence[Session],
    kind: Kind,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    channel: Channel | None = None,
) -> None:
    """One message about the whole. Nothing goes to an unproven address."""
    if not parts or (person.proven_at is None and person.discord_id is None):
        return
    by = channel or (None if person.proven_at is not None else Channel.CHAT)
    key = f"{kind}:series:{whole.id}:{whole.queue_number}"
    if kind is Kind.WAITING_CLOSED:  # a last day that is replaced closes its list anew
        key += f":{parts[0].starts_at:%Y%m%dT%H%M}"
    if kind is Kind.OFFER:  # who goes back to the line keeps the number, and may be offered it again
        key += f":{expires_at:%Y%m%dT%H%M%S}"
    named, booking = spoken_of(db, whole, parts)
    expires_at = expires_at or parts[0].starts_at
    notice = to_person(kind, person, key=key, now=now, channel=by, session=named, booking=booking, expires_at=expires_at)
    notice.series_booking_id = whole.id
    owe(db, notice)


def spoken_of(db: Db, whole: SeriesBooking, parts: Sequence[Session]) -> tuple[Session, Booking | None]:
    """The part that a message about the whole names, with its booking: the first still to come that is the whole's.

    Of one that they have by themselves there is nothing to say.
    """
    mine = [(part, booking_on(db, part, whole.person_id)) for part in parts]
    return next((one for one in mine if one[1] is not None and one[1].series_booking_id == whole.id), mine[0])
