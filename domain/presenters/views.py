"""What a presenter may see of their own sessions, and what organisers should know of presenters. Counts, never names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound
from domain.feedback.answers import results
from domain.kinds import Format
from domain.letters.matters import ResultsMatter
from domain.meetings import link_of
from domain.models import Person, Presenter, Session, SessionState
from domain.presenters.letters import coming, needed, results_matter
from domain.presenters.reaching import address_of, open_chat, person_behind
from domain.presenters.telling import has_moved, living
from domain.privacy import shown_title
from domain.rules import Rules

#: how long after its end a session stays on its presenter's list
KEPT = timedelta(days=60)


@dataclass(frozen=True)
class MySession:
    """One session that somebody presents, for them. Instants are UTC; `online` counts those of `people` who join by link."""

    presenter_id: int
    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    format: Format
    venue: str | None
    link: str | None
    people: int
    online: int | None
    needs: tuple[tuple[str, int], ...]
    confirmed: bool
    declined: bool


@dataclass(frozen=True)
class Unconfirmed:
    """A presenter who was asked and has not said yes, or not of the time that the session has by now; `declined`: who has said no."""

    presenter_id: int
    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    label: str
    declined: bool


@dataclass(frozen=True)
class MyResults:
    """What people said of a session, for who presented it. `found` None: not enough answers to show yet."""

    title: str
    minimum: int
    found: ResultsMatter | None


def my_sessions(db: Db, partnership_id: int, discord_id: int, *, now: datetime) -> tuple[MySession, ...]:
    """The sessions that this person presents: those to come first, by their start; then those that are over, the last first."""
    rows = db.exec(
        select(Presenter, Session)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .join(Person, col(Person.id) == col(Presenter.person_id))
        .where(
            col(Person.partnership_id) == partnership_id,
            col(Person.discord_id) == discord_id,
            col(Presenter.ended_at).is_(None),
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.ends_at) > now - KEPT,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    ).all()
    mine = [my_session(db, presenter, session) for presenter, session in rows]
    ahead = [one for one in mine if one.ends_at > now]
    return (*ahead, *reversed([one for one in mine if one.ends_at <= now]))


def my_session(db: Db, presenter: Presenter, session: Session) -> MySession:
    """One session as its presenter may see it."""
    people, online = coming(db, session)
    stays = presenter.declined_at is None  # who has said no needs no way in, and no needs
    return MySession(
        presenter.id or 0,
        session.id or 0,
        shown_title(session),
        session.starts_at,
        session.ends_at,
        session.zone,
        session.format,
        session.venue,
        link_of(db, session) if stays else None,
        people,
        online,
        needed(db, session) if stays else (),
        presenter.confirmed_at is not None,
        presenter.declined_at is not None,
    )


def my_results(db: Db, partnership_id: int, discord_id: int, presenter_id: int, rules: Rules) -> MyResults:
    """What people said of a session, for who presents it: no more than its organisers may see. Raises `NotFound` for anybody else."""
    presenter = db.get(Presenter, presenter_id)
    person = person_behind(db, presenter) if presenter is not None else None
    theirs = person is not None and person.partnership_id == partnership_id and person.discord_id == discord_id
    if presenter is None or not theirs or presenter.ended_at is not None or presenter.declined_at is not None:
        raise NotFound("We could not find a session that you present. Ask an organiser to help you.")
    session = db.get_one(Session, presenter.session_id)
    found = results_matter(results(db, partnership_id, session.id or 0, rules))
    return MyResults(shown_title(session), rules.minimum_answers, found)


def unconfirmed(db: Db, programme_id: int, now: datetime) -> tuple[Unconfirmed, ...]:
    """Presenters of a programme's sessions still to come who were asked and have not said yes, the next session first.

    Who said yes before it moved is asked again, and is listed until they answer.
    """
    ahead = select(Session).where(
        col(Session.programme_id) == programme_id, col(Session.state) == SessionState.PUBLISHED, col(Session.ends_at) > now
    )
    return tuple(
        Unconfirmed(one.id or 0, s.id or 0, shown_title(s), s.starts_at, s.ends_at, s.zone, one.label, one.declined_at is not None)
        for s in db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()
        for one in living(db, s.id)
        if (one.confirmed_at is None or has_moved(db, one)) and (address_of(db, one) is not None or open_chat(person_behind(db, one)))
    )
