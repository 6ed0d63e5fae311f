"""People: who is stripped or forgotten in part when nothing of theirs is ahead, and what of them is taken out of what stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.admissions import free_codes
from domain.database import Db
from domain.keeping.rows import MOST, MOST_PEOPLE, delete_rows, here
from domain.models import Booking, DigestReader, EmailProof, Erasure, OrganiserAddress, Person, Presenter, RememberedColumn, Session
from domain.places import ACTIVE
from domain.rights.stripping import strip
from domain.rights.subjects import SOMEBODY, subject_of


def unproven(db: Db, partnership_id: int, before: datetime, now: datetime) -> int:
    """Who asked on a page and proved nothing is stripped, and has used up no code. In chat they are known otherwise: the address goes."""
    asked = select(EmailProof.id).where(col(EmailProof.person_id) == col(Person.id), col(EmailProof.asked_at) > before)
    holds = select(Booking.id).where(col(Booking.person_id) == col(Person.id), col(Booking.state).in_(ACTIVE))
    never = here(Person.partnership_id, partnership_id), col(Person.proven_at).is_(None), col(Person.email).is_not(None)
    others = (~one.exists() for one in (asked, holds, _leaving()))
    over = select(Person).where(*never, col(Person.created_at) <= before, *others)
    found = _held(db, over)
    for person in found:
        if person.discord_id is None:
            free_codes(db, person.id or 0)
            strip(db, subject_of(person), labels=False, now=now)
        else:
            person.email = None
            db.add(person)
            db.flush()
    return len(found)


def names(db: Db, partnership_id: int, before: datetime, now: datetime) -> int:
    """Who somebody was: after their last session nothing leads to them any more, and the counts stay."""
    booked = (
        select(Booking.id)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Booking.person_id) == col(Person.id), col(Session.ends_at) > before)
    )
    presented = (
        select(Presenter.id)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(col(Presenter.person_id) == col(Person.id), col(Session.ends_at) > before)
    )
    lately = select(EmailProof.id).where(col(EmailProof.person_id) == col(Person.id), col(EmailProof.asked_at) > before)
    known = or_(col(Person.name) != SOMEBODY, col(Person.email).is_not(None), col(Person.discord_id).is_not(None))
    over = select(Person).where(
        here(Person.partnership_id, partnership_id),
        col(Person.created_at) <= before,
        known,
        *(~one.exists() for one in (booked, presented, lately, _leaving(), *_organise(before))),
    )
    found = _held(db, over)
    for person in found:
        strip(db, subject_of(person), labels=False, now=now)
    return len(found)


def _held(db: Db, over: SelectOfScalar[Person]) -> Sequence[Person]:
    """Those people, held to the end of this, so that none of them asks for anything meanwhile.

    Who is being written of at this moment is left to another night, and the rest is looked at again once it is held.
    """
    some = over.order_by(col(Person.id)).limit(MOST_PEOPLE).with_for_update(skip_locked=True, of=Person)
    ids = [person.id for person in db.exec(some).all()]
    return db.exec(over.where(col(Person.id).in_(ids)).order_by(col(Person.id))).all() if ids else ()


def _leaving() -> SelectOfScalar[Any]:
    """Who is being forgotten is left to that: it waits for their cancellations."""
    return select(Erasure.id).where(col(Erasure.person_id) == col(Person.id), col(Erasure.done_at).is_(None))


def _organise(before: datetime) -> tuple[SelectOfScalar[Any], ...]:
    """Who organises need not book: by an address, by a daily list, or by a schedule that they have sent since."""
    address, reader, column = OrganiserAddress, DigestReader, RememberedColumn
    return (
        select(address.id).where(
            col(address.partnership_id) == col(Person.partnership_id),
            col(address.address_key) == col(Person.email_key),
            col(address.ended_at).is_(None),
        ),
        select(reader.id).where(col(reader.partnership_id) == col(Person.partnership_id), col(reader.discord_id) == col(Person.discord_id)),
        select(column.id).where(
            col(column.partnership_id) == col(Person.partnership_id),
            or_(col(column.discord_id) == col(Person.discord_id), col(column.address_key) == col(Person.email_key)),
            col(column.at) > before,
        ),
    )


def chosen_names(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """The name that somebody chose for a private session."""
    over = (
        select(Booking.id)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(here(Booking.partnership_id, partnership_id), col(Booking.alias).is_not(None), col(Session.ends_at) <= before)
    )
    return db.exec(update(Booking).where(col(Booking.id).in_(db.exec(over.limit(MOST)).all())).values(alias=None)).rowcount


def presenters(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """A presenter's address. The label stays in the schedule, as it was published."""
    over = (
        select(Presenter.id)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(here(Presenter.partnership_id, partnership_id), col(Presenter.address).is_not(None), col(Session.ends_at) <= before)
    )
    mine = col(Presenter.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(Presenter).where(mine).values(address=None, code_seed=None)).rowcount


def columns(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What an organiser said a column means."""
    mine = here(RememberedColumn.partnership_id, partnership_id), col(RememberedColumn.at) <= before
    return delete_rows(db, RememberedColumn, select(RememberedColumn.id).where(*mine))
