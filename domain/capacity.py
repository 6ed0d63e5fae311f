"""Capacity: how places are given and ended, one booking at a time. How many there are is counted in `domain.counting`.

Every use case locks the session's row first and counts after it, in one transaction: on SQLite the writing
engine has the whole database, on PostgreSQL the row is held by FOR UPDATE. Sessions of one series are locked
together, in the order of their ids. Who comes next stands in `domain.places`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.cancellations import said_in_chat
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Channel, Format, Kind, Mode
from domain.models import Attendance, Booking, BookingState, Person, SeriesBooking, Session, SessionState
from domain.notices import owe_calendar, owe_person
from domain.privacy import shown_title
from domain.rules import Rules
from domain.times import UtcDateTime

TAKEN = (BookingState.HELD, BookingState.CONFIRMED)
ACTIVE = (BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED)

# ── statements ──────────────────────────────────────────────────────────────────────────────────────────────
# Made once: five hundred people may press one button in a second, and making a statement costs more than running it.

HAS_PLACE = or_(col(Booking.state) == BookingState.HELD, col(Booking.state) == BookingState.CONFIRMED)
#: who waits: what was typed on a page and nobody has made their own yet (`domain.wishes`) waits for nothing
WAITS = and_(col(Booking.state) == BookingState.WAITLISTED, col(Booking.wished).is_(False))
HAS_CLAIM = or_(HAS_PLACE, WAITS)
#: of these everybody may see how many there are. What was only typed on a page is not among them: the page that it was typed on would
#: tell by its counts whether an address has a claim already
SEEN_PLACE = and_(HAS_PLACE, col(Booking.wished).is_(False))
SEEN_CLAIM = and_(HAS_CLAIM, col(Booking.wished).is_(False))
WAITS_FOR_SERIES = and_(col(SeriesBooking.state) == BookingState.WAITLISTED, col(SeriesBooking.wished).is_(False))
_SAME = aliased(Session)
_OF_ALL = (
    select(Session)
    .where(
        or_(
            col(Session.id).in_(bindparam("sessions", expanding=True)),
            col(Session.series_id).in_(select(_SAME.series_id).where(col(_SAME.id).in_(bindparam("sessions", expanding=True)))),
        )
    )
    .order_by(col(Session.id))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_WITH_ITS_SERIES = (
    select(Session)
    .where(
        or_(
            col(Session.id) == bindparam("session"),
            col(Session.series_id) == select(_SAME.series_id).where(col(_SAME.id) == bindparam("session")).scalar_subquery(),
        )
    )
    .order_by(col(Session.id))
    .with_for_update(key_share=True)  # what only points to it, a notice or a reading, need not wait
    .execution_options(populate_existing=True)
)
#: a person's places that something else can clash with; what was typed on a page may be a stranger's
_HAS_THEN = and_(col(Booking.person_id) == bindparam("person"), SEEN_PLACE)
_PLACES_AHEAD = (
    select(Session)
    .join(Booking, col(Booking.session_id) == col(Session.id))
    .where(_HAS_THEN, col(Session.state) == SessionState.PUBLISHED, col(Session.ends_at) > bindparam("now", type_=UtcDateTime))
)
#: a person's own bookings first, which are few, and of each its session: a join would let SQLite begin with every session of the week
_THEN = and_(
    col(Booking.session_id) != bindparam("session"),
    select(_SAME.id)
    .where(
        col(_SAME.id) == col(Booking.session_id),
        col(_SAME.state) == SessionState.PUBLISHED,
        col(_SAME.starts_at) < bindparam("ends_at"),
        col(_SAME.ends_at) > bindparam("starts_at"),
    )
    .exists(),
)
AT_THE_SAME_TIME = select(Booking.session_id).where(_HAS_THEN, _THEN)
#: what a person waits for, and would be given although it clashed with something when they asked
WAITS_THEN = select(Booking.id).where(col(Booking.person_id) == bindparam("person"), WAITS, col(Booking.clash_accepted).is_(True), _THEN)


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


def line_moves(starts_at: datetime, rules: Rules, now: datetime) -> bool:
    """Whether who waits may still be promoted. Where not, nobody is put on a waiting list: it would stand still."""
    return now < starts_at - rules.cutoff


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


#: what somebody accepts of what clashes: nothing (False), what they were shown (its `mark_of`), or whatever it is (True)
Accepts = bool | str


def mark_of(clashes: Iterable[Clash]) -> str:
    """What stands for these clashes in a button or a form, where they are shown: 12 letters and digits; empty where there is none."""
    ids = ",".join(str(one) for one in sorted({clash.session_id for clash in clashes}))
    return sha256(ids.encode()).hexdigest()[:12] if ids else ""


def to_ask(clashes: tuple[Clash, ...], accepted: Accepts) -> tuple[Clash, ...]:
    """The clashes to be asked about: all of them, where they are others than were accepted. One may have been booked meanwhile."""
    return () if accepted is True or accepted == mark_of(clashes) else clashes


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def find_session(db: Db, partnership_id: int, session_id: int) -> Session:
    """The session, to read. Raises `NotFound` for another partnership's."""
    return _theirs(db.get(Session, session_id), partnership_id)


def lock(db: Db, partnership_id: int, session_id: int) -> Session:
    """The session, held for this transaction; with it the other sessions of its series. Raises `NotFound` for another partnership's.

    It is read anew under the lock. What else was read before it (a booking, a transfer) is the caller's to refresh.
    """
    held = db.exec(_WITH_ITS_SERIES, params={"session": session_id}).all()
    return _theirs(next((session for session in held if session.id == session_id), None), partnership_id)


def lock_all(db: Db, session_ids: Iterable[int | None]) -> None:
    """Hold several sessions, each with its series, in the order of their ids. Whoever needs more than one begins with this.

    Two who hold sessions one after the other, in different orders, would wait for each other until the database undoes one of them.
    """
    wanted = sorted({session_id for session_id in session_ids if session_id is not None})
    if wanted:
        db.exec(_OF_ALL, params={"sessions": wanted}).all()


def _theirs(session: Session | None, partnership_id: int) -> Session:
    if session is None or session.partnership_id != partnership_id:
        raise NotFound("We could not find that session. It may have been removed.")
    return session


def confirm(db: Db, session: Session, booking: Booking, kind: Kind, *, now: datetime, waits_then: bool = True) -> None:
    """Make a booking confirmed and owe its invitation, by `kind`: an invitation or a promotion.

    `waits_then` False: it is known that they wait for nothing at that time (`ask_anew`).
    """
    if waits_then and (booking.state is not BookingState.HELD or booking.wished):
        ask_anew(db, session, booking.person_id)
    booking.state, booking.confirmed_at, booking.hold, booking.held_until = BookingState.CONFIRMED, now, None, None
    booking.wished = False
    session.touched_at = now
    db.add_all((booking, session))
    owe_calendar(db, booking, session, kind, now=now)


def ask_anew(db: Db, session: Session, person_id: int) -> None:
    """Somebody has another place from now on: where they wait at the same time, they are asked before they have both.

    What they accepted there was what clashed when they asked. A place that is waited for clashes with nothing yet, so of the two nothing
    was said to them since.
    """
    then = {"person": person_id, "session": session.id, "starts_at": session.starts_at, "ends_at": session.ends_at}
    for booking_id in db.connection().execute(WAITS_THEN, then).scalars().all():
        _forget_accepted(db, db.get_one(Booking, booking_id))


def ask_all_anew(db: Db, session: Session) -> None:
    """A session has another time from now on: the same for who has a place there, and for who waits there. A wish is neither."""
    db.flush()
    here = select(Booking).where(col(Booking.session_id) == session.id, SEEN_CLAIM)
    for booking in db.exec(here.order_by(col(Booking.id))).all():
        if booking.state in TAKEN:
            ask_anew(db, session, booking.person_id)
        elif booking.clash_accepted:
            _forget_accepted(db, booking)


def _forget_accepted(db: Db, booking: Booking) -> None:
    """A claim that waits, and the whole that it is of: what clashes with it is asked about when its place comes."""
    booking.clash_accepted = False
    db.add(booking)
    if booking.series_booking_id is not None:
        whole = db.get_one(SeriesBooking, booking.series_booking_id)
        whole.clash_accepted = False
        db.add(whole)


def end(
    db: Db,
    session: Session,
    booking: Booking,
    *,
    now: datetime,
    reason: str = "",
    by_organiser: bool = False,
    together: int | None = None,
) -> None:
    """Cancel one booking and owe its cancellation. Promotes nobody. `together`: the announcement of all that is called off with it."""
    was = booking.state
    booking.state, booking.cancelled_at, booking.hold, booking.held_until = BookingState.CANCELLED, now, None, None
    if now < session.starts_at:
        booking.attendance = Attendance.UNKNOWN  # "I am here" can be said before the start
    session.touched_at = now
    wished, booking.wished = booking.wished, False
    db.add_all((booking, session))
    db.flush()
    mailed = was is BookingState.CONFIRMED or booking.invited
    if mailed:
        owe_calendar(db, booking, session, Kind.CANCELLATION, now=now, detail=reason, by_organiser=by_organiser)
    if wished:
        return  # they never asked
    in_chat = by_organiser and said_in_chat(db, session, booking, now=now, reason=reason, together=together, mailed=mailed)
    if by_organiser and not mailed and not in_chat:
        tell(db, session, booking, Kind.CANCELLATION, f"cancellation:{booking.id}:q{booking.queue_number}", now=now, detail=reason)


def tell(db: Db, session: Session, booking: Booking, kind: Kind, key: str, *, now: datetime, detail: str = "") -> None:
    """Tell who has no invitation what became of their wish. Nothing goes to an unproven address: they hear in chat, or not at all."""
    person = db.get_one(Person, booking.person_id)
    if person.proven_at is None and person.discord_id is None:
        return
    channel = None if person.proven_at is not None else Channel.CHAT
    until = session.ends_at if kind is Kind.CANCELLATION else session.starts_at
    owe_person(db, kind, person, key=key, now=now, channel=channel, session=session, booking=booking, expires_at=until, detail=detail)


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def clashes_of(db: Db, person_id: int, session: Session, rules: Rules) -> tuple[Clash, ...]:
    """The person's other places (confirmed or held) at the time of this session; none that was only wished for."""
    mine = {"person": person_id, "session": session.id, "starts_at": session.starts_at, "ends_at": session.ends_at}
    others = [db.get_one(Session, other) for other in db.exec(AT_THE_SAME_TIME, params=mine)]
    return clashes_among(others, session.id, (session.starts_at, session.ends_at), rules)


def places_ahead(db: Db, person_id: int, *, now: datetime) -> Sequence[Session]:
    """The sessions not over at which the person has a place of that kind: read once, to look through for many sessions."""
    return db.exec(_PLACES_AHEAD, params={"person": person_id, "now": now}).all()


def clashes_among(places: Iterable[Session], session_id: int | None, span: tuple[datetime, datetime], rules: Rules) -> tuple[Clash, ...]:
    """Which of these places of a person are another session's, at its time."""
    return tuple(
        Clash(other.id or 0, shown_title(other), other.starts_at, other.ends_at, other.zone)
        for other in sorted(places, key=lambda one: (one.starts_at, one.id))
        if other.id != session_id and overlaps(span, (other.starts_at, other.ends_at), rules.clash_tolerance)
    )
