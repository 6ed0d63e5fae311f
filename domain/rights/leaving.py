"""Leaving: somebody asks to be forgotten. What is ahead of them is cancelled now, and their calendars are told.

Forgetting is two steps, because a cancellation can only be sent while the address is known:

    leave ──► Erasure ──► the cancellations leave ──► messages in chat are deleted ──► stripped (`domain.rights.stripping`)

From the first step on nothing else is sent to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from domain.askers import Asker
from domain.audit import audit, audit_bookings, audit_whole, of_person
from domain.bell import ring
from domain.database import Db
from domain.kinds import Kind
from domain.models import (
    Booking,
    Erasure,
    Notice,
    NoticeState,
    Presenter,
    SeriesBooking,
    Session,
    Transfer,
    TransferState,
)
from domain.notices import FORGOTTEN, let_go
from domain.once import put_in
from domain.places import ACTIVE, end, find_session, promote
from domain.presenters.rows import end_row
from domain.proofs import hold_all_of
from domain.rights.subjects import Subject, subject_at
from domain.rules import Rules
from domain.series.places import end_whole, parts_ahead
from domain.transfers.asking import close
from domain.transfers.ending import tell_giver


@dataclass(frozen=True)
class Leaving:
    """Somebody is being forgotten. `cancelled`: places and talks that ended with it. `done_at`: it is over (UTC)."""

    asked_at: datetime
    done_at: datetime | None = None
    cancelled: int = 0


def leaving(db: Db, person_id: int) -> Leaving | None:
    """How it stands with somebody who asked to be forgotten; None: they have not."""
    row = db.exec(select(Erasure).where(col(Erasure.person_id) == person_id)).first()
    return Leaving(row.asked_at, row.done_at) if row is not None else None


def leave(db: Db, one: Subject, rules: Rules, *, actor: str | None = None, now: datetime) -> Leaving:
    """Begin to forget somebody; without `actor` they ask themselves. Harmless to repeat."""
    themselves = of_person(one.person_id)
    by = themselves if actor is None or actor in one.actors else actor  # never their own Discord number
    if put_in(db, [Erasure(partnership_id=one.partnership_id, person_id=one.person_id, asked_at=now, asked_by=by)]) == 1:
        audit(db, one.partnership_id, by, "erase person", now=now, detail=themselves)
    cancelled = give_everything_back(db, one, rules, now=now)
    ring(db)
    row = db.exec(select(Erasure).where(col(Erasure.person_id) == one.person_id)).one()
    return Leaving(row.asked_at, row.done_at, cancelled)


def leave_for(db: Db, partnership_id: int, asker: Asker, rules: Rules, *, now: datetime) -> Leaving:
    """The same for who asks themselves. Raises `NotFound` for an account of which nothing is kept."""
    return leave(db, subject_at(db, partnership_id, asker, now=now), rules, now=now)


def give_everything_back(db: Db, one: Subject, rules: Rules, *, now: datetime) -> int:
    """End what is ahead of them, with a cancellation to each calendar that has it; how many places and talks."""
    hold_all_of(db, one.person_id)
    ended = _wholes(db, one, rules, now) + _places(db, one, rules, now) + _talks(db, one, now)
    _offers(db, one, now)
    _say_nothing_else(db, one)
    db.flush()
    return ended


def _wholes(db: Db, one: Subject, rules: Rules, now: datetime) -> int:
    active = select(SeriesBooking).where(col(SeriesBooking.person_id) == one.person_id, col(SeriesBooking.state).in_(ACTIVE))
    ended = 0
    for whole in db.exec(active.order_by(col(SeriesBooking.id))).all():
        ahead = parts_ahead(db, whole.series_id, now=now)
        if not ahead:
            continue  # what has been learnt stays a count
        end_whole(db, whole, now=now)
        audit_whole(db, whole, "cancel series booking", now=now)
        for part in ahead:
            promote(db, part, rules, now=now)
        ended += 1
    return ended


def _places(db: Db, one: Subject, rules: Rules, now: datetime) -> int:
    active = (
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Booking.person_id) == one.person_id, col(Booking.state).in_(ACTIVE), col(Session.starts_at) > now)
        .order_by(col(Session.id))
    )
    rows = db.exec(active).all()
    for booking, session in rows:
        end(db, session, booking, now=now)
        audit_bookings(db, session, (booking,), "cancel booking", now=now)
        promote(db, session, rules, now=now)
    return len(rows)


def _talks(db: Db, one: Subject, now: datetime) -> int:
    mine = (
        select(Presenter, Session)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(col(Presenter.id).in_(one.presenting()), col(Presenter.ended_at).is_(None), col(Session.starts_at) > now)
        .order_by(col(Session.id))
    )
    rows = db.exec(mine).all()
    for presenter, session in rows:
        end_row(db, presenter, session, now=now)
    return len(rows)


def _offers(db: Db, one: Subject, now: datetime) -> None:
    """Places that they were about to hand over, and those that colleagues would hand to them."""
    open_ = select(Transfer).where(col(Transfer.id).in_(one.transfers()), col(Transfer.state) == TransferState.ASKED)
    for transfer in db.exec(open_.order_by(col(Transfer.id))).all():
        booking = db.get_one(Booking, transfer.booking_id)
        if booking.person_id == one.person_id:
            close(db, transfer, TransferState.WITHDRAWN, now=now)
            continue
        close(db, transfer, TransferState.DECLINED, now=now)
        tell_giver(db, transfer, find_session(db, one.partnership_id, booking.session_id), booking, TransferState.DECLINED.value, now=now)


def _say_nothing_else(db: Db, one: Subject) -> None:
    theirs = or_(col(Notice.person_id) == one.person_id, col(Notice.presenter_id).in_(one.presenting()))
    waiting = select(Notice).where(theirs, col(Notice.state) == NoticeState.QUEUED, col(Notice.kind) != Kind.CANCELLATION)
    last = select(Notice).where(
        theirs, col(Notice.state) == NoticeState.QUEUED, col(Notice.kind) == Kind.CANCELLATION, col(Notice.booking_id).is_not(None)
    )
    for notice in db.exec(last.where(col(Notice.proof_id).is_(None), col(Notice.detail) == "")).all():
        notice.detail = FORGOTTEN  # it says so, and leads nowhere
        db.add(notice)
    for notice in db.exec(waiting).all():
        notice.state, notice.error = NoticeState.DROPPED, FORGOTTEN
        let_go(db, notice)
