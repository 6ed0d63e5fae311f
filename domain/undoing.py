"""Undoing an edit while it settles: the session is as before, and who has not heard of the edit never does.

Who was promoted by the edit keeps the place. Who has heard of it already hears that it is as before, whatever told them: an invitation, a
reminder, an offer, a word that they wait. Who has not is told nothing of it, and all else that they were about to hear. Who waits has the
places that are free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile

from sqlalchemy import func
from sqlmodel import col, select

from domain import waiting
from domain.audit import audit
from domain.database import Db
from domain.day_reminders import Told, speaks_of_a_day
from domain.descriptions import described, told_differences
from domain.errors import Closed, NotFound
from domain.fitting import refuse_to_put_back
from domain.hearing import following
from domain.kinds import Channel, Kind
from domain.meetings import link_of
from domain.models import Booking, BookingState, Notice, NoticeState, Presenter, Privacy, Session, SessionState, Undo
from domain.notices import CALENDAR_KINDS, Counts, let_go, owe_calendar
from domain.places import find_session, promote
from domain.privacy import is_private
from domain.programmes import lock_for
from domain.rules import Rules
from domain.sessions import put_back
from domain.settling import Before, before_of
from domain.ways import CHANGED

#: stands on a notice that was taken back, so that it is not taken for one that a newer notice speaks for
TAKEN_BACK = "undone before it was sent"
#: the letters that tell somebody of a session as it is when they leave
SPEAKS_OF_IT = (Kind.INVITATION, Kind.UPDATE, Kind.PROMOTION, Kind.OFFER, Kind.WAITING, Kind.REMINDER)
#: what an update may tell that no edit has changed: how they take part themselves, and a link that has come
NOT_BY_EDIT = (CHANGED, "link")
TOO_LATE = "It is too late to undo this. Please change the session again instead."


#: bookings and presenters, by their tables and ids
Heard = set[tuple[type, int | None]]


@dataclass(frozen=True)
class Undone:
    """What an undo did. `told` people had heard of the edit and hear again; `promoted` have a place by it and keep it."""

    session_id: int
    told: int = 0
    promoted: int = 0
    already: bool = False


def undo(db: Db, partnership_id: int, undo_id: int, rules: Rules, *, actor: str, now: datetime) -> Undone:
    """Put a session back as it was before an edit. Raises `Closed` once it is too late, when it was edited again, or where
    those who have a place by now would not fit."""
    row = db.get(Undo, undo_id)
    if row is None or row.partnership_id != partnership_id:
        raise NotFound(TOO_LATE)
    lock_for(db, partnership_id, [row.session_id])
    session = find_session(db, partnership_id, row.session_id)
    db.refresh(row)
    if row.undone_at is not None:
        return Undone(row.session_id, already=True)
    _still_possible(db, row, session, now)
    was = before_of(row)
    changes = told_differences(session, was.session)
    tells = bool(changes) and session.state is SessionState.PUBLISHED  # the edit raised the revision, and owed updates
    heard = _heard(db, session, row, was.at) if tells else set()
    again = _take_back(db, session, heard, was.at) if tells else []
    _take_back_from_waiting(db, session, was.at)
    row.undone_at = session.touched_at = now
    db.add(row)
    put_back(db, session, was, rules, now=now)
    told = _tell_back(db, session, again, changes, was, now=now)
    hoping = {number for kind, number in heard if kind is Booking}
    told += waiting.tell_waiting(db, session, changes, rules, now=now, moved_from=session.starts_at, only=hoping)
    promoted = _promoted_since(db, session, was.at)
    promote(db, session, rules, now=now)  # who waits has what is free again, before anybody else asks
    audit(db, partnership_id, actor, "undo edit", now=now, programme_id=session.programme_id, session_id=session.id)
    return Undone(row.session_id, told, promoted)


def undo_of(db: Db, partnership_id: int, session_id: int, *, now: datetime) -> int | None:
    """What undoes the last edit of a session, to be offered; None: nothing does any more. Raises `NotFound`.

    Nobody is offered to open what was made private: that is said in so many words.
    """
    session = find_session(db, partnership_id, session_id)
    row = db.exec(select(Undo).where(col(Undo.session_id) == session_id).order_by(col(Undo.id).desc())).first()
    if row is None or row.undone_at is not None:
        return None
    try:
        _still_possible(db, row, session, now)
        was = before_of(row)
        refuse_to_put_back(db, session, described(db, partnership_id, session_id), was.session, was.modes)
    except Closed:
        return None
    return None if is_private(session) and was.session.privacy is Privacy.OPEN else row.id


def session_of_undo(db: Db, partnership_id: int, undo_id: int) -> int:
    """The session that an undo is about. Raises `NotFound`."""
    row = db.get(Undo, undo_id)
    if row is None or row.partnership_id != partnership_id:
        raise NotFound(TOO_LATE)
    return row.session_id


def _still_possible(db: Db, row: Undo, session: Session, now: datetime) -> None:
    later = select(Undo.id).where(col(Undo.session_id) == row.session_id, col(Undo.id) > row.id)
    if session.state is SessionState.CANCELLED:
        raise Closed("This session has been cancelled since, so this cannot be undone.")
    if db.exec(later).first() is not None or session.revision != row.revision:
        raise Closed("This session has been changed again since, so this cannot be undone. Please change the session by hand.")
    if now >= row.until:
        raise Closed("It is too late to undo this: people are being told. Please change the session again instead.")
    if session.state is SessionState.PUBLISHED and not session.privacy_asked and before_of(row).session.privacy_asked:
        raise Closed("This change said who can see the session, and opened it, so it cannot be undone. Please change the session by hand.")


def _told_of_edits(db: Db, session: Session) -> list[Counts]:
    """Who is sent updates: everyone confirmed, and who presents."""
    every = following(db, session)
    return [*every.bookings, *every.presenters]


def _take_back(db: Db, session: Session, heard: Heard, edited_at: datetime) -> list[Counts]:
    """Take the edit out of the updates that nobody has sent; the bookings and presenters whose people have heard of it."""
    again: list[Counts] = []
    for counts in _told_of_edits(db, session):
        history = _calendar_of(db, counts)
        if not history:
            continue
        _withdraw(db, history, edited_at)
        if (type(counts), counts.id) in heard:
            again.append(counts)
    return again


def _heard(db: Db, session: Session, row: Undo, since: datetime) -> Heard:
    """The bookings and presenters whose people have been told of the session as the edit made it, or may have."""
    left = select(Notice).where(
        col(Notice.session_id) == session.id,
        col(Notice.kind).in_(SPEAKS_OF_IT),
        col(Notice.told_revision) == row.revision,
        col(Notice.first_handed_at).is_not(None),
    )
    found: Heard = {
        (Booking, notice.booking_id) if notice.presenter_id is None else (Presenter, notice.presenter_id) for notice in db.exec(left)
    }
    return found | _reminded_of_a_day(db, session, since)


def _reminded_of_a_day(db: Db, session: Session, since: datetime) -> Heard:
    """The bookings that a reminder of somebody's whole day has spoken of since then. It says of one session only which revision it told."""
    people = select(Booking.person_id).where(col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED)
    left = select(Notice).where(
        col(Notice.kind) == Kind.REMINDER,
        col(Notice.booking_id).is_(None),
        col(Notice.presenter_id).is_(None),
        col(Notice.person_id).in_(people),
        col(Notice.first_handed_at) >= since,
    )
    days = [Told.read(notice.detail) for notice in db.exec(left) if speaks_of_a_day(notice)]
    return {(Booking, booking_id) for day in days for booking_id, _ in day.items}


def _calendar_of(db: Db, counts: Counts) -> Sequence[Notice]:
    """The calendar messages of a booking or a presenter, the last first. A presenter without an address has them in chat."""
    mine = select(Notice).where(col(Notice.kind).in_(CALENDAR_KINDS), col(Notice.proof_id).is_(None))
    if isinstance(counts, Presenter):
        mine = mine.where(col(Notice.presenter_id) == counts.id)
    else:
        by_mail = col(Notice.channel) == Channel.EMAIL, col(Notice.sequence).is_not(None)
        mine = mine.where(col(Notice.booking_id) == counts.id, *by_mail)
    return db.exec(mine.order_by(col(Notice.id).desc())).all()


def _withdraw(db: Db, history: Sequence[Notice], edited_at: datetime) -> None:
    """Take the edit out of the last message, where that is an update that nobody has sent. `history`: the last first.

    What it tells besides stays: what was told since the edit, and what an older update said that never left and that it speaks for. Where
    there is nothing of the kind it is not sent.
    """
    last, earlier = history[0], [notice for notice in history[1:] if notice.error != TAKEN_BACK]
    if last.kind is not Kind.UPDATE or last.first_handed_at is not None or last.state not in (NoticeState.QUEUED, NoticeState.CLAIMED):
        return
    unsent = [last, *takewhile(_is_overtaken, earlier)]
    own = next((place for place, notice in enumerate(unsent) if notice.owed_at == edited_at), None)
    if own is None:
        return  # they were to hear nothing of the edit, or have heard of it
    before = earlier[own] if own < len(earlier) else None
    said = before.detail if before is not None and _is_overtaken(before) else ""
    since = [change for newer, older in pairwise(unsent[: own + 1]) for change in _told_more(newer, older)]
    if since:
        last.state, last.detail = NoticeState.QUEUED, ",".join(dict.fromkeys([*_changes(said), *reversed(since)]))
    elif before is None or before.state is NoticeState.SENT:
        last.state, last.error = NoticeState.SUPERSEDED, TAKEN_BACK
    elif _is_overtaken(before):
        last.state, last.detail, last.next_try_at = NoticeState.QUEUED, said, before.next_try_at
    else:
        return  # an invitation may not have arrived: this one makes good for it
    let_go(db, last)


def _is_overtaken(notice: Notice) -> bool:
    """Whether it is an update that never left, as a newer message speaks for it."""
    return notice.kind is Kind.UPDATE and notice.state is NoticeState.SUPERSEDED


def _told_more(newer: Notice, older: Notice) -> list[str]:
    """What an update tells for itself, and not only for the older one: where both would tell the same, it is none of an edit's."""
    changes = _changes(newer.detail)
    return [change for change in changes if change not in _changes(older.detail)] or [one for one in changes if one in NOT_BY_EDIT]


def _changes(detail: str) -> list[str]:
    return [change for change in detail.split(",") if change]


def _take_back_from_waiting(db: Db, session: Session, edited_at: datetime) -> None:
    """What those who wait were about to hear of the edit is not sent; an older update that it speaks for is."""
    for notice in waiting.unsent(db, session):
        if notice.owed_at >= edited_at:
            before = _overtaken(db, notice)
            if before is None:
                notice.state, notice.error = NoticeState.SUPERSEDED, TAKEN_BACK
            else:
                notice.state, notice.detail, notice.next_try_at = NoticeState.QUEUED, before.detail, before.next_try_at
            let_go(db, notice)


def _overtaken(db: Db, notice: Notice) -> Notice | None:
    """The older update that this one speaks for, if it never left."""
    older = select(Notice).where(
        col(Notice.booking_id) == notice.booking_id,
        col(Notice.kind) == Kind.UPDATE,
        col(Notice.sequence).is_(None),
        col(Notice.id) < notice.id,
        col(Notice.error) != TAKEN_BACK,
    )
    last = db.exec(older.order_by(col(Notice.id).desc())).first()
    return last if last is not None and last.state is NoticeState.SUPERSEDED else None


def _tell_back(db: Db, session: Session, again: Iterable[Counts], changes: tuple[str, ...], was: Before, *, now: datetime) -> int:
    """Owe an update to who has heard of the edit; a new link is told to everyone."""
    parts = [change for change in changes if change != "provider"]
    told = {(type(counts), counts.id): counts for counts in again}
    if was.link is not None and link_of(db, session) != was.link:
        parts.append("link")
        told |= {(type(counts), counts.id): counts for counts in _told_of_edits(db, session)}
    if told or parts:
        session.revision += 1  # who reads it from now on reads of how it was
        db.add(session)
    for counts in told.values():
        owe_calendar(db, counts, session, Kind.UPDATE, now=now, detail=",".join(parts))
    return len(told)


def _promoted_since(db: Db, session: Session, since: datetime) -> int:
    promoted = (
        select(func.count())
        .select_from(Booking)
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.confirmed_at) >= since,
            col(Booking.asked_at) < col(Booking.confirmed_at),
        )
    )
    return db.exec(promoted).one()
