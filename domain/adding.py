"""Adding one session by a form that may come twice: pressed again, or sent again on a bad line, it is added once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.descriptions import NewSession
from domain.models import Programme, Session, SessionState
from domain.programmes import owned
from domain.rules import Rules
from domain.sessions import Changed, add
from domain.texts import name_key


def newest_session(db: Db, partnership_id: int, programme_id: int) -> int:
    """The session of a programme that was added last, for its form to remember; 0: it has none. Raises `NotFound`."""
    programme = owned(db, partnership_id, programme_id)
    return db.exec(select(func.max(Session.id)).where(col(Session.programme_id) == programme.id)).one() or 0


def add_once(
    db: Db, partnership_id: int, programme_id: int, new: NewSession, rules: Rules, *, newest: int, actor: str, now: datetime
) -> Changed:
    """A session more, as `domain.sessions.add` adds it. Where the same was added after `newest`, it is that one, and nothing is added."""
    programme = owned(db, partnership_id, programme_id)
    locked = select(Programme.id).where(col(Programme.id) == programme.id).with_for_update(key_share=True)
    db.exec(locked).all()  # two at once come one after the other
    since = select(Session).where(
        col(Session.programme_id) == programme.id,
        col(Session.id) > newest,
        col(Session.starts_at) == new.starts_at,
        col(Session.ends_at) == new.ends_at,
        col(Session.state) != SessionState.CANCELLED,
    )
    same = next((one for one in db.exec(since.order_by(col(Session.id))) if name_key(one.title) == name_key(new.title)), None)
    if same is not None:
        return Changed(same.id or 0)
    return add(db, partnership_id, programme_id, new, rules, actor=actor, now=now)
