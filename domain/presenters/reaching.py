"""Where somebody who presents can be reached, and whether they still present. Bare facts, for the ledger and the letters."""

from __future__ import annotations

from domain.database import Db
from domain.models import Person, Presenter, Session, SessionState


def person_behind(db: Db, presenter: Presenter) -> Person | None:
    """The person who presents, where we know them."""
    return db.get(Person, presenter.person_id) if presenter.person_id is not None else None


def address_of(db: Db, presenter: Presenter) -> str | None:
    """The address that an organiser gave, who vouches for it; else the person's own, once it is proven."""
    person = person_behind(db, presenter)
    return presenter.address or (person.email if person is not None and person.proven_at is not None else None)


def open_chat(person: Person | None) -> bool:
    """Whether a direct message may reach them."""
    return person is not None and person.discord_id is not None and person.chat_closed_at is None


def presents(presenter: Presenter, session: Session) -> bool:
    """Whether they are to present it, as far as anybody has said."""
    return presenter.ended_at is None and presenter.declined_at is None and session.state is SessionState.PUBLISHED
