"""Closing a programme to new bookings, opening it again, and putting it away once it is over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import col

from domain.audit import audit
from domain.database import Db
from domain.errors import Closed
from domain.models import Programme, ProgrammeState, Session
from domain.programmes import ProgrammeView, lock_programme, lock_whole, require_kept, view
from domain.times import day_of, day_words


class Step(StrEnum):
    """One thing that can be done with a programme as a whole."""

    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"


def what_can_be_done(programme: ProgrammeView, *, now: datetime) -> tuple[Step, ...]:
    """What a programme's state lets be done with it as a whole."""
    can = {
        Step.CLOSE: programme.state is ProgrammeState.PUBLISHED,
        Step.REOPEN: programme.state is ProgrammeState.CLOSED,
        Step.ARCHIVE: _is_over(programme, now) and programme.state is not ProgrammeState.ARCHIVED,
    }
    return tuple(step for step, may in can.items() if may)


def close(db: Db, partnership_id: int, programme_id: int, *, actor: str, now: datetime) -> ProgrammeView:
    """No new bookings from now on. The waiting lists still move, and who has a place keeps it. Harmless to repeat."""
    programme = lock_whole(db, partnership_id, programme_id)
    if programme.state is ProgrammeState.DRAFT:
        raise Closed("This programme is not published yet, so nobody can book it anyway.")
    require_kept(programme.state)
    return _become(db, programme, ProgrammeState.CLOSED, "close programme", actor=actor, now=now)


def reopen(db: Db, partnership_id: int, programme_id: int, *, actor: str, now: datetime) -> ProgrammeView:
    """Take bookings again. Harmless to repeat."""
    programme = lock_whole(db, partnership_id, programme_id)
    if programme.state is ProgrammeState.DRAFT:
        raise Closed("This programme is not published yet. Publish it, and people can book.")
    require_kept(programme.state)
    return _become(db, programme, ProgrammeState.PUBLISHED, "reopen programme", actor=actor, now=now)


def archive(db: Db, partnership_id: int, programme_id: int, *, actor: str, now: datetime) -> ProgrammeView:
    """Put a programme away that is over: it is offered nowhere any more, stays in reports, and what is posted stays as it is."""
    programme = lock_programme(db, partnership_id, programme_id)
    if not _is_over(programme, now):
        raise Closed(f"This programme runs until {day_words(programme.ends_on)}. You can put it away from the day after.")
    return _become(db, programme, ProgrammeState.ARCHIVED, "archive programme", actor=actor, now=now)


def _is_over(programme: Programme | ProgrammeView, now: datetime) -> bool:
    return day_of(now, programme.zone) > programme.ends_on


def _become(db: Db, programme: Programme, state: ProgrammeState, what: str, *, actor: str, now: datetime) -> ProgrammeView:
    if programme.state is not state:
        programme.state = state
        db.add(programme)
        if state is not ProgrammeState.ARCHIVED:  # what is posted says whether it can be booked
            db.exec(update(Session).where(col(Session.programme_id) == programme.id).values(touched_at=now))
        db.flush()
        audit(db, programme.partnership_id, actor, what, now=now, programme_id=programme.id)
    return view(programme)
