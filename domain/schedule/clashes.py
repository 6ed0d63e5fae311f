"""One presenter, or one room, needed at once by a row of a file and by a session that exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlmodel import col, select

from domain.courtesy import politely
from domain.database import Db
from domain.descriptions import NewSession
from domain.kinds import Format
from domain.models import Organisation, Presenter, Privacy, Programme, Session, SessionState
from domain.schedule.checks import TOLERANCE, presenters_of
from domain.schedule.standing import Standing
from domain.schedule.values import Problem, Schedule
from domain.schedule.wording import same
from domain.times import hours_words


def clashes_with(
    db: Db,
    programme: Programme,
    rows: Sequence[tuple[int, NewSession]],
    others: Sequence[Standing],
    schedule: Schedule,
) -> tuple[Problem, ...]:
    """Warnings by row: clashes with the programme's `others`, and with the open sessions of the partnership's other programmes."""
    if not rows:
        return ()
    elsewhere = _elsewhere(db, programme, rows)
    exist = [*((one.session, "") for one in others), *elsewhere]
    return tuple(problem for number, session in politely(rows) for problem in _clashes(number, session, exist, schedule))


def _elsewhere(db: Db, programme: Programme, rows: Sequence[tuple[int, NewSession]]) -> list[tuple[NewSession, str]]:
    """Sessions of other programmes in the days of the file, each with its programme's title."""
    found = (
        select(Session, Presenter.label, Organisation.name, Programme.title)
        .join(Programme, col(Programme.id) == col(Session.programme_id))
        .join(Presenter, col(Presenter.session_id) == col(Session.id), isouter=True)
        .join(Organisation, col(Organisation.id) == col(Session.organisation_id), isouter=True)
        .where(
            col(Session.partnership_id) == programme.partnership_id,
            col(Session.programme_id) != programme.id,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.starts_at) < max(session.ends_at for _, session in rows),
            col(Session.ends_at) > min(session.starts_at for _, session in rows),
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    return [
        (NewSession(_shown(s), s.starts_at, s.ends_at, s.format, venue=s.venue, presenter=label, organisation=organisation), f" of {title}")
        for s, label, organisation, title in db.exec(found)
    ]


def _shown(session: Session) -> str:
    """Who organises one programme is not told the title of another's private session."""
    return session.title if session.privacy is Privacy.OPEN else session.public_title or "A private session"


def _clashes(number: int, session: NewSession, exist: Sequence[tuple[NewSession, str]], schedule: Schedule) -> Iterator[Problem]:
    for other, where in exist:
        if min(session.ends_at, other.ends_at) - max(session.starts_at, other.starts_at) <= TOLERANCE:
            continue
        what = f"“{other.title}”{where}, which exists already ({hours_words(other.starts_at, other.ends_at, session.zone)})"
        if _who(session) & _who(other):
            yield Problem(number, schedule.columns.get("presenter"), f"{session.presenter} is presenting at the same time as this: {what}.")
        elif session.venue and _in_room(session) and _in_room(other) and same(session.venue) == same(other.venue):
            yield Problem(number, schedule.columns.get("venue"), f"{session.venue} is used at the same time for {what}.")


def _who(session: NewSession) -> set[tuple[str, str]]:
    return {(name, same(session.organisation)) for name in presenters_of(session.presenter)}


def _in_room(session: NewSession) -> bool:
    return session.format is not Format.ONLINE
