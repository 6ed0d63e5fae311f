"""Calling off a day or a whole programme: snow, an inspection. Previewed, then carried out session by session.

The announcement is put down first; it is the order itself. Each session is cancelled in a short transaction of its
own, and a summary in the programme's channel closes it. Until that is owed, anybody may carry on where it stopped: the
organiser by asking again, or the clock. Private sessions are cancelled like the others, and counted and named nowhere public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.audit import audit
from domain.cancellations import WithOthers, count_told
from domain.capacity import HAS_CLAIM, find_session
from domain.database import Db
from domain.errors import BadInput
from domain.kinds import Channel, Kind
from domain.models import (
    Announcement,
    Audience,
    Booking,
    BookingState,
    Notice,
    NoticeState,
    Person,
    Presenter,
    Privacy,
    Programme,
    Session,
    SessionState,
)
from domain.notices import need, owe, preferred_channel
from domain.partnerships import Whose, of_these
from domain.programmes import lock_for, lock_programme, owned
from domain.rules import Rules
from domain.sends import mails_owed, through_at
from domain.series.begun import give_on_rest
from domain.sessions import cancel_session
from domain.standing import at
from domain.texts import one_line
from domain.times import day_of

#: what stands still for so long, the clock carries on with
STANDS_STILL = timedelta(minutes=2)
#: how long a summary in the channel is worth posting
SUMMARY_WORTH = timedelta(days=2)
NOTHING_LEFT = "There is nothing to cancel: every session then is over, or cancelled already."


@dataclass(frozen=True)
class CallOffPreview:
    """What calling off would mean."""

    programme: str
    day: date | None  #: None: the whole programme
    sessions: int  #: that are not over yet
    private: int  #: of them
    people: int  #: distinct, with a place, held or waiting
    mails: int
    chats: int
    presenters: int
    through_at: datetime  #: when the last e-mail leaves
    zone: str
    channel_id: int | None  #: where the summary is posted


@dataclass(frozen=True)
class Begun:
    """A calling-off under way: the sessions still to be cancelled. `announcement_id` None: there is nothing to cancel."""

    announcement_id: int | None
    sessions: tuple[int, ...]


@dataclass(frozen=True)
class CalledOff:
    """What was called off, counted once it is done."""

    sessions: int
    people: int  #: who are told
    channel_id: int | None  #: where the summary is posted; None: nowhere


# ── before ──────────────────────────────────────────────────────────────────────────────────────────────────


def preview(
    db: Db, partnership_id: int, programme_id: int, day: date | None, per_minute: int | None, *, now: datetime, has_server: bool = True
) -> CallOffPreview:
    """What calling off a day (None: the whole programme) would mean. Changes nothing. Raises `BadInput` when nothing is left.

    Without a server (not `has_server`) nothing goes by chat, and nothing into a channel.
    """
    programme = owned(db, partnership_id, programme_id)
    sessions = left(db, programme, day, now=now)
    if not sessions:
        raise BadInput(NOTHING_LEFT, field="day")
    claims = _claims(db, [session.id or 0 for session in sessions])
    presenters = _presenters(db, [session.id or 0 for session in sessions])
    in_chat = {person.id for _, person in claims if has_server and _in_chat(person)}
    mails = sum(1 for booking, person in claims if _by_mail(booking, person, in_chat=person.id in in_chat))
    return CallOffPreview(
        programme.title,
        day,
        len(sessions),
        sum(session.privacy is Privacy.PRIVATE for session in sessions),
        len({person.id for _, person in claims}),
        mails,
        len(in_chat),
        len(presenters),
        through_at(mails_owed(db), mails + sum(1 for _, address in presenters if address), per_minute, now),
        programme.zone,
        programme.channel_id if has_server and any(session.privacy is Privacy.OPEN for session in sessions) else None,
    )


def left(db: Db, programme: Programme, day: date | None, *, now: datetime) -> list[Session]:
    """The sessions that can still be cancelled, in order of their start."""
    ahead = select(Session).where(
        col(Session.programme_id) == programme.id, col(Session.state) != SessionState.CANCELLED, col(Session.ends_at) > now
    )
    rows = db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()
    return [session for session in rows if day is None or day_of(session.starts_at, programme.zone) == day]


def days_left(db: Db, partnership_id: int, programme_id: int, *, now: datetime) -> tuple[date, ...]:
    """The days of a programme on which something can still be cancelled, in order."""
    programme = owned(db, partnership_id, programme_id)
    return tuple(dict.fromkeys(day_of(session.starts_at, programme.zone) for session in left(db, programme, None, now=now)))


def _claims(db: Db, session_ids: Sequence[int]) -> Sequence[tuple[Booking, Person]]:
    active = select(Booking, Person).join(Person, col(Person.id) == col(Booking.person_id))
    return db.exec(active.where(col(Booking.session_id).in_(session_ids), HAS_CLAIM, col(Booking.wished).is_(False))).all()


def _by_mail(booking: Booking, person: Person, *, in_chat: bool) -> bool:
    calendar = booking.state is BookingState.CONFIRMED or booking.invited
    return calendar or (person.proven_at is not None and not in_chat)


def _in_chat(person: Person) -> bool:
    unproven_in_chat = person.proven_at is None and person.discord_id is not None and person.chat_closed_at is None
    return preferred_channel(person) is Channel.CHAT or unproven_in_chat


def _presenters(db: Db, session_ids: Sequence[int]) -> set[tuple[str, bool]]:
    """Who presents, each once, and whether they can be written to."""
    rows = db.exec(select(Presenter).where(col(Presenter.session_id).in_(session_ids), col(Presenter.ended_at).is_(None)))
    return {((one.address or one.label).casefold(), one.address is not None or one.person_id is not None) for one in rows}


# ── carrying out ────────────────────────────────────────────────────────────────────────────────────────────


def begin(db: Db, partnership_id: int, programme_id: int, day: date | None, reason: str, *, actor: str, now: datetime) -> Begun:
    """Put the order down, or find the one that was left half done; which sessions it still has to cancel."""
    programme = lock_programme(db, partnership_id, programme_id)  # pressed twice at once, the second finds the order of the first
    reason = one_line(reason, 500, "the reason", field="reason") if reason.strip() else ""
    sessions = tuple(session.id or 0 for session in left(db, programme, day, now=now))
    known = next((one for one in _half_done(db, (partnership_id,)) if (one.programme_id, one.day) == (programme_id, day)), None)
    if known is not None:
        return Begun(known.id, sessions)
    if not sessions:
        return Begun(None, ())
    order = Announcement(
        partnership_id=partnership_id,
        programme_id=programme_id,
        day=day,
        audience=Audience.CHANNEL,
        words=reason,
        made_by=actor,
        made_at=now,
    )
    db.add(order)
    db.flush()
    what = "call off programme" if day is None else "call off day"
    audit(db, partnership_id, actor, what, now=now, programme_id=programme_id, detail=day.isoformat() if day else "")
    return Begun(order.id, sessions)


def cancel_one(db: Db, partnership_id: int, announcement_id: int, session_id: int, rules: Rules, *, now: datetime) -> None:
    """Cancel one session of it, unless it has been moved to another day since. Harmless to repeat."""
    order = db.get_one(Announcement, announcement_id)
    found = db.get(Session, session_id)
    if found is None or found.programme_id != order.programme_id:
        return
    lock_for(db, partnership_id, [session_id])  # a move that is under way is waited for
    session = find_session(db, partnership_id, session_id)
    if session.ends_at > now and _on_its_day(db, order, session):
        cancel_session(db, partnership_id, session_id, order.words, rules, actor=order.made_by, now=now, together=WithOthers(order.id))


def finish(db: Db, partnership_id: int, announcement_id: int, rules: Rules, *, now: datetime) -> CalledOff:
    """Every session is cancelled: who waited for a whole series has the parts that are left of it, if there is a place on each.

    What people are told in chat is let go, and the summary in the channel is owed. Harmless to repeat.
    """
    order = db.get_one(Announcement, announcement_id)
    programme = owned(db, partnership_id, order.programme_id)
    cancelled = cancelled_by(db, order)
    give_on_rest(db, cancelled, rules, now=now)
    held = update(Notice).where(col(Notice.announcement_id) == order.id, col(Notice.state) == NoticeState.QUEUED)
    db.exec(held.where(col(Notice.next_try_at) > now).values(next_try_at=now))
    public = any(session.privacy is Privacy.OPEN for session in cancelled) and programme.channel_id is not None
    owe(
        db,
        Notice(
            partnership_id=partnership_id,
            key=summary_key(order.id),
            kind=Kind.ANNOUNCEMENT,
            channel=Channel.BOARD,
            need=need(Kind.CANCELLATION, starts_at=None, now=now),
            programme_id=programme.id,
            announcement_id=order.id,
            state=NoticeState.QUEUED if public else NoticeState.SUPERSEDED,  # nothing public to say
            owed_at=now,
            next_try_at=now,
            expires_at=now + SUMMARY_WORTH,
        ),
    )
    told = count_told(db, order.id, [session.id for session in cancelled], since=order.made_at)
    return CalledOff(len(cancelled), told, programme.channel_id if public else None)


def summary_key(announcement_id: int | None) -> str:
    """The key of the summary in the channel: once it is owed, the calling-off is done."""
    return f"called_off:{announcement_id}:{Channel.BOARD}"


def cancelled_by(db: Db, order: Announcement) -> list[Session]:
    """The sessions that a calling-off has cancelled, in order of their start."""
    rows = db.exec(
        select(Session)
        .where(
            col(Session.programme_id) == order.programme_id,
            col(Session.state) == SessionState.CANCELLED,
            col(Session.cancelled_at) >= order.made_at,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    ).all()
    return [session for session in rows if _on_its_day(db, order, session)]


def _on_its_day(db: Db, order: Announcement, session: Session) -> bool:
    return order.day is None or day_of(session.starts_at, db.get_one(Programme, order.programme_id).zone) == order.day


def _half_done(db: Db, whose: Whose) -> Sequence[Announcement]:
    return db.exec(_open(None if whose is None else tuple(whose))).all()


@cache
def _open(whose: tuple[int, ...] | None) -> SelectOfScalar[Announcement]:
    """The statement of `_half_done`: every pass of the clock says it, and making it costs more than running it."""
    done = select(Notice.id).where(col(Notice.announcement_id) == col(Announcement.id), col(Notice.channel) == Channel.BOARD)
    orders = select(Announcement).where(col(Announcement.audience) == Audience.CHANNEL, *of_these(Announcement.partnership_id, whose))
    return orders.where(~done.exists()).order_by(col(Announcement.id))


@dataclass(frozen=True)
class HalfDone:
    """A calling-off that stands still, and what is left of it."""

    partnership_id: int
    announcement_id: int
    sessions: tuple[int, ...]


def any_standing_still(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `standing_still` has anything to show."""
    return _open(None if whose is None else tuple(whose)).where(col(Announcement.made_at) <= at(-STANDS_STILL)).exists()


def standing_still(db: Db, *, now: datetime, whose: Whose = None) -> tuple[HalfDone, ...]:
    """What a vanished process has begun and not finished."""
    orders = [one for one in _half_done(db, whose) if one.made_at <= now - STANDS_STILL]
    return tuple(
        HalfDone(
            one.partnership_id,
            one.id or 0,
            tuple(session.id or 0 for session in left(db, db.get_one(Programme, one.programme_id), one.day, now=now)),
        )
        for one in orders
    )
