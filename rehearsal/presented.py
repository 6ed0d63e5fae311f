"""Presenters' calendar entries, judged as bookings' are: what a mailbox holds of a session that somebody presents."""

from __future__ import annotations

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format
from domain.models import Notice, NoticeState, Person, Presenter, Session, SessionState
from rehearsal.entries import Found, entries_of, faults_of, links_of
from rehearsal.evidence import Evidence


def uid_of(presenter: Presenter, session: Session) -> str:
    """The UID of a presenter's own entry, which is not that of a booking."""
    return f"presenting-{presenter.id}-{session.uid}"


def tell_the_truth(evidence: Evidence) -> Found:
    """Who presents and was asked by mail holds an entry with the present facts; who presents no more holds none."""
    entries, links, breaches, looked_at = entries_of(evidence.invitations), links_of(evidence), [], 0
    asked = set(
        evidence.db.exec(select(Notice.presenter_id).where(col(Notice.state) == NoticeState.SENT, col(Notice.sequence).is_not(None)))
    )
    for presenter, session in presenters(evidence.db):
        address, where = _address(evidence.db, presenter), f"presenter {presenter.id} of {session.reference}"
        messages = entries.get((address, uid_of(presenter, session)), [])
        presents = presenter.ended_at is None and presenter.declined_at is None and session.state is SessionState.PUBLISHED
        if not messages and not (presents and address and presenter.sequence and presenter.id in asked):
            continue
        looked_at += 1
        if not messages:
            breaches.append(f"{where} has no invitation")
        elif presents:
            online = session.format is Format.ONLINE
            breaches += [f"{where}: {fault}" for fault in faults_of(messages[-1], session, links.get(session.uid, set()), online=online)]
        elif messages[-1].method != "CANCEL":
            breaches.append(f"{where} presents no more, and the calendar entry is not cancelled")
    return looked_at, breaches


def presenters(db: Db) -> list[tuple[Presenter, Session]]:
    """Everyone who presents, or did, with the session."""
    rows = select(Presenter, Session).join(Session, col(Session.id) == col(Presenter.session_id)).order_by(col(Presenter.id))
    return [(presenter, session) for presenter, session in db.exec(rows).all()]


def _address(db: Db, presenter: Presenter) -> str:
    """Where their mail goes: as an organiser gave it, or as they proved it."""
    person = db.get(Person, presenter.person_id) if presenter.person_id is not None else None
    own = person.email if person is not None and person.proven_at is not None else None
    return (presenter.address or own or "").casefold()
