"""Adding a session, or a programme, by a form that may come twice: pressed again, or sent again on a bad line, it is added once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.descriptions import NewSession, checked, described
from domain.models import Privacy, Programme, Session, SessionState
from domain.once import one_by_one
from domain.programmes import NewProgramme, ProgrammeView, create, lock_programme, owned, view
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
    """A session more, as `domain.sessions.add` adds it. Where the same was added after `newest`, it is that one, and nothing is added.

    The same is what says the same of everything: two workshops at one time in two rooms are two.
    """
    lock_programme(db, partnership_id, programme_id)  # two at once come one after the other
    since = select(Session.id).where(
        col(Session.programme_id) == programme_id,
        col(Session.id) > newest,
        col(Session.starts_at) == new.starts_at,
        col(Session.ends_at) == new.ends_at,
        col(Session.state) != SessionState.CANCELLED,
    )
    typed = _as_typed(checked(new))
    for one in db.exec(since.order_by(col(Session.id))).all():
        if _as_typed(described(db, partnership_id, one or 0)) == typed:
            return Changed(one or 0)
    return add(db, partnership_id, programme_id, new, rules, actor=actor, now=now, privacy_said=False)


def _as_typed(one: NewSession) -> NewSession:
    """What the form says of a session. Its number is given to it, and whether it is private is answered afterwards."""
    one = replace(one, title=name_key(one.title), organisation=name_key(one.organisation), presenter=name_key(one.presenter))
    return replace(one, presenter_address=None, reference=None, privacy=Privacy.OPEN, public_title=None, privacy_asked=False)


def newest_programme(db: Db, partnership_id: int) -> int:
    """The programme of a partnership that was created last, for the form of a new one to remember; 0: it has none."""
    return db.exec(select(func.max(Programme.id)).where(col(Programme.partnership_id) == partnership_id)).one() or 0


def create_once(db: Db, partnership_id: int, new: NewProgramme, *, newest: int, actor: str, now: datetime) -> ProgrammeView:
    """A programme more, as `domain.programmes.create` makes it. Where the same was created after `newest`, it is that one.

    The same is what says the same of everything: who goes back and corrects the form has a programme as corrected.
    """
    one_by_one(db, f"create programme:{partnership_id}")
    since = select(Programme).where(col(Programme.partnership_id) == partnership_id, col(Programme.id) > newest)
    for one in db.exec(since.order_by(col(Programme.id))).all():
        if _of_a_programme(one) == _of_a_programme(new):
            return view(one)
    return create(db, partnership_id, new, actor=actor, now=now)


def _of_a_programme(one: Programme | NewProgramme) -> tuple[object, ...]:
    """What the form says of a programme."""
    usual = one.default_provider, one.default_places, one.default_privacy, name_key(one.contact)
    return name_key(one.title), one.kind, one.starts_on, one.ends_on, *usual
