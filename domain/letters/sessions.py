"""Sessions as a letter may tell of them: the facts of several in a few queries, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Provider
from domain.meetings import CURRENT
from domain.models import Material, Meeting, MeetingState, Organisation, Presenter, Programme, Session
from domain.ports.letters import MaterialFacts, SessionFacts
from domain.presenters.telling import shown_label
from domain.privacy import is_private, shown_title
from domain.series.runs import part_words


def session_facts(db: Db, session: Session) -> SessionFacts:
    """A session as the people booked on it may see it."""
    return facts_of(db, [session])[session.id or 0]


def facts_of(db: Db, sessions: Sequence[Session]) -> dict[int, SessionFacts]:
    """As `session_facts`, of several, by id."""
    ids = [session.id for session in sessions]
    named = select(Programme.id, Programme.title).where(col(Programme.id).in_({session.programme_id for session in sessions}))
    programmes = dict(db.exec(named).all()) if ids else {}
    by = {session.organisation_id for session in sessions if session.organisation_id}
    held = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(by))
    organisations = dict(db.exec(held).all()) if by else {}
    presenters, links, materials = _presenters(db, ids), links_of(db, sessions), materials_of_each(db, ids)
    found = {}
    for session in sessions:
        session_id, private = session.id or 0, is_private(session)
        found[session_id] = SessionFacts(
            session_id=session_id,
            uid=session.uid,
            reference=session.reference,
            programme="" if private else programmes[session.programme_id],
            title=shown_title(session),
            description="" if private else session.description,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            zone=session.zone,
            format=session.format,
            provider=session.provider,
            venue=session.venue,
            join_url=links.get(session_id),
            notes=session.notes,
            presenter=None if private else shown_label(presenters.get(session_id, ())),
            organisation=None if private else organisations.get(session.organisation_id),
            private=private,
            part="" if private else part_words(db, session),
            materials=materials.get(session_id, ()),
        )
    return found


def _presenters(db: Db, ids: Sequence[int | None]) -> Mapping[int, Sequence[str]]:
    """The labels of who presents each, in the order of `presenters.telling.living`."""
    mine = select(Presenter.session_id, Presenter.label).where(col(Presenter.session_id).in_(ids), col(Presenter.ended_at).is_(None))
    labels: defaultdict[int, list[str]] = defaultdict(list)
    for session_id, label in db.exec(mine.order_by(col(Presenter.named), col(Presenter.id))) if ids else ():
        labels[session_id].append(label)
    return labels


def links_of(db: Db, sessions: Sequence[Session]) -> Mapping[int, str | None]:
    """As `meetings.link_of`: the given link, or that of the adopted meeting."""
    links = {one.id or 0: one.given_link for one in sessions if one.provider is Provider.GIVEN and one.format is not Format.IN_PERSON}
    made = [one.id for one in sessions if one.provider is not Provider.GIVEN and one.format is not Format.IN_PERSON]
    if not made:
        return links
    theirs = select(Meeting.session_id, Meeting.state, Meeting.join_url).where(
        col(Meeting.session_id).in_(made), col(Meeting.state).in_(CURRENT)
    )
    for session_id, state, link in db.exec(theirs.order_by(col(Meeting.generation))):  # the latest stays
        links[session_id] = link if state in (MeetingState.READY, MeetingState.CHANGING) else None
    return links


def materials_of_each(db: Db, ids: Sequence[int | None]) -> Mapping[int, tuple[MaterialFacts, ...]]:
    """As `materials.material_facts`."""
    rows = select(Material.session_id, Material.label, Material.link, Material.file_name).where(col(Material.session_id).in_(ids))
    found: dict[int, tuple[MaterialFacts, ...]] = {}
    for session_id, label, link, name in db.exec(rows.order_by(col(Material.id))) if ids else ():
        found[session_id] = (*found.get(session_id, ()), MaterialFacts(label, link, name))
    return found
