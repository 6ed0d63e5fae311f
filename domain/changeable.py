"""Changeable: until when a session can be changed, and a session held to be changed."""

from __future__ import annotations

from datetime import datetime

from domain.capacity import lock
from domain.database import Db
from domain.errors import Closed
from domain.models import Session, SessionState


def require_changeable(state: SessionState, ends_at: datetime, *, now: datetime) -> None:
    """Raises `Closed` for a session that can no longer be changed."""
    if state is SessionState.CANCELLED:
        raise Closed("This session has been cancelled, so it cannot be changed.")
    if ends_at <= now:
        raise Closed("This session is over, so it cannot be changed.")


def lock_to_change(db: Db, partnership_id: int, session_id: int, *, now: datetime) -> Session:
    """The session, held for this transaction. Raises `Closed` as above, `NotFound` for another partnership's."""
    session = lock(db, partnership_id, session_id)
    require_changeable(session.state, session.ends_at, now=now)
    return session
