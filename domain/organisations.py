"""Organisations whose names are offered to whoever says where they work."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.models import Organisation, Person, Privacy, Session, SessionState
from domain.rules import Rules

#: people who share an organisation before its name is offered to others
SHARED = 5


def known_organisations(db: Db, partnership_id: int, rules: Rules) -> tuple[str, ...]:
    """The organisations that the settings name, that deliver a session which everybody may see, or that enough people share; by name.

    What only a few have typed is not shown to others: it may be anything, even somebody's name. Nor does it count who has proven no
    address: one stranger can make up as many as it takes, and of somebody known nothing is changed by that, so the list would tell who is.
    """
    people = (
        select(Person.organisation_id)
        .where(col(Person.organisation_id).is_not(None), col(Person.proven_at).is_not(None))
        .group_by(col(Person.organisation_id))
        .having(func.count() >= SHARED)
    )
    shown = col(Session.privacy) == Privacy.OPEN, col(Session.privacy_asked).is_(False), col(Session.state) != SessionState.DRAFT
    delivering = select(Session.organisation_id).where(*shown, col(Session.organisation_id).is_not(None))
    rows = db.exec(
        select(Organisation.name).where(
            col(Organisation.partnership_id) == partnership_id,
            col(Organisation.id).in_(people) | col(Organisation.id).in_(delivering),
        )
    ).all()
    by_key = {name.casefold(): name for name in (*rules.organisations, *rows)}
    return tuple(sorted(by_key.values(), key=str.casefold))
