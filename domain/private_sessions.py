"""Private sessions in their organisers' hands: making them private or open, whom families call, and who is booked.

An import may only *ask* whether a session is private; `set_privacy` is the answer, and opens the session where its
programme is published already. A session that somebody has booked as a private one cannot be opened any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from domain.askers import Asker, is_them, person_of
from domain.audit import audit
from domain.capacity import HAS_CLAIM
from domain.database import Db
from domain.descriptions import described
from domain.errors import BadInput, NotAllowed, Refusal
from domain.kinds import Format
from domain.models import Booking, BookingState, Person, Privacy, Programme, ProgrammeState, Session, SessionState
from domain.places import Clash, clashes_of, find_session
from domain.privacy import (
    NEUTRAL_FOR_ORGANISERS,
    ONLY_THEIRS_TO_OPEN,
    booked_in_private,
    is_private,
    keeps_something_private,
    name_on,
    require_sight,
    shown_title,
)
from domain.programmes import ProgrammeView, lock_for, lock_whole, open_session, owned, post_days, view
from domain.rules import Rules
from domain.sessions import edit
from domain.texts import one_line
from domain.times import day_of


@dataclass(frozen=True)
class Answered:
    """What came of saying whether sessions are private. `opened` can be booked now; `told` people hear of a new title."""

    sessions: int
    opened: int = 0
    told: int = 0
    kept: int = 0  #: stay private, because somebody has booked them as private ones


@dataclass(frozen=True)
class BookedLine:
    """Somebody with a claim on a session, under the name they chose."""

    name: str
    state: BookingState


@dataclass(frozen=True)
class BookedList:
    """Everyone with a claim on a session, in the order in which they asked. Instants are UTC."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    people: tuple[BookedLine, ...]


@dataclass(frozen=True)
class BeforeBooking:
    """What somebody is told before they book a private session."""

    session_id: int
    contact: str
    online: bool
    alias: str | None  #: the name that they chose for it before


# ── private or open ─────────────────────────────────────────────────────────────────────────────────────────


def set_privacy(
    db: Db,
    partnership_id: int,
    session_ids: Sequence[int],
    privacy: Privacy,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    sees_private: bool,
    public_title: str | None = None,
) -> Answered:
    """Say that these sessions are private, or open. Raises `Refusal` for opening one that was booked as a private one.

    Without `sees_private` none can be opened that is private, or may be, once it is held: another may have said so a moment ago.
    """
    opened = told = 0
    lock_for(db, partnership_id, session_ids)
    for session_id in session_ids:
        session = find_session(db, partnership_id, session_id)
        if privacy is Privacy.OPEN:
            require_sight(session, sees_private=sees_private)
        if privacy is Privacy.PRIVATE and session.series_id is not None:
            raise Refusal(f"{session.title} is part of a series, where everyone can see it. Please take it out of the series first.")
        new = replace(described(db, partnership_id, session_id), privacy=privacy, privacy_asked=False)
        if public_title is not None:
            new = replace(new, public_title=public_title)
        told += edit(db, partnership_id, session_id, new, rules, actor=actor, now=now).told
        audit(db, partnership_id, actor, "set privacy", now=now, programme_id=session.programme_id, session_id=session_id, detail=privacy)
        opened += _open_if_due(db, session, rules, now=now)
    return Answered(len(session_ids), opened, told)


def _open_if_due(db: Db, session: Session, rules: Rules, *, now: datetime) -> int:
    """A session that only waited for the answer opens where its programme is open."""
    programme = db.get_one(Programme, session.programme_id)
    if session.state is not SessionState.DRAFT or programme.state not in (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED):
        return 0
    open_session(db, session, rules, now=now)
    post_days(db, programme, [day_of(session.starts_at, programme.zone)])
    return 1


def set_programme_privacy(
    db: Db, partnership_id: int, programme_id: int, privacy: Privacy, rules: Rules, *, actor: str, now: datetime, sees_private: bool
) -> Answered:
    """Make a programme, and every session of it that is to come, private or open. New sessions follow.

    Sessions that somebody has booked as private ones stay private. Without `sees_private` nothing is opened that keeps something private:
    raises `NotAllowed`.
    """
    programme = lock_whole(db, partnership_id, programme_id)
    if privacy is Privacy.OPEN and not sees_private and keeps_something_private(db, partnership_id, programme_id):
        raise NotAllowed(ONLY_THEIRS_TO_OPEN)
    programme.default_privacy = privacy
    db.add(programme)
    ahead = select(Session).where(
        col(Session.programme_id) == programme_id, col(Session.state) != SessionState.CANCELLED, col(Session.ends_at) > now
    )
    others = [one for one in db.exec(ahead.order_by(col(Session.id))) if one.privacy is not privacy or one.privacy_asked]
    kept = [one.id for one in others if privacy is Privacy.OPEN and booked_in_private(db, one.id)]
    wanted = [one.id or 0 for one in others if one.id not in kept]
    audit(db, partnership_id, actor, "set programme privacy", now=now, programme_id=programme_id, detail=privacy)
    done = set_privacy(db, partnership_id, wanted, privacy, rules, actor=actor, now=now, sees_private=sees_private)
    return replace(done, kept=len(kept))


def set_contact(db: Db, partnership_id: int, programme_id: int, contact: str, *, actor: str, now: datetime) -> ProgrammeView:
    """Whom families call: a name and a telephone number, shown before they book. Raises `BadInput` when empty or too long."""
    programme = owned(db, partnership_id, programme_id)
    programme.contact = one_line(contact, 200, "whom families can call", field="contact")
    db.add(programme)
    audit(db, partnership_id, actor, "set contact", now=now, programme_id=programme_id)
    return view(programme)


# ── who is booked ───────────────────────────────────────────────────────────────────────────────────────────


def booked_list(db: Db, partnership_id: int, session_id: int, *, actor: str, now: datetime) -> BookedList:
    """Who is booked on a private session, for that programme's organisers. Seeing it is recorded, so this is a write."""
    session = find_session(db, partnership_id, session_id)
    if not is_private(session):
        raise BadInput("This list is for private sessions only. For who was there, use /attendance list.")
    audit(db, partnership_id, actor, "view bookings", now=now, programme_id=session.programme_id, session_id=session_id)
    rows = db.exec(
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, HAS_CLAIM)
        .order_by(col(Booking.queue_number))
    ).all()
    people = tuple(BookedLine(name_on(booking, person), booking.state) for booking, person in rows)
    title = shown_title(session, NEUTRAL_FOR_ORGANISERS)
    return BookedList(session_id, title, session.starts_at, session.ends_at, session.zone, people)


def contact_of(db: Db, session: Session) -> str:
    """Whom families call: a name and a telephone number; empty where the programme names nobody."""
    return db.get_one(Programme, session.programme_id).contact


def before_booking(db: Db, partnership_id: int, session_id: int, asker: Asker) -> BeforeBooking:
    """What to tell somebody before they book. Whether they may is asked when they do."""
    session = find_session(db, partnership_id, session_id)
    mine = (
        select(Booking.alias)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, col(Booking.wished).is_(False), is_them(asker))
    )
    return BeforeBooking(session_id, contact_of(db, session), session.format is not Format.IN_PERSON, db.exec(mine).first())


def my_clashes(db: Db, partnership_id: int, session_id: int, asker: Asker, rules: Rules) -> tuple[Clash, ...]:
    """This person's other places at the time of a session; none for somebody new."""
    person = person_of(db, partnership_id, asker)
    return clashes_of(db, person.id or 0, find_session(db, partnership_id, session_id), rules) if person else ()
