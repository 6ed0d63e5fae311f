"""Kinds: what is deleted or stripped when it is over, and how. One at a time, the oldest first, at most `MOST` of each in one run.

Each returns how many. What another row still points to stays until that has gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal_column, or_, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.admissions import free_codes
from domain.database import Db
from domain.keeping.periods import Periods
from domain.models import (
    Admission,
    Announcement,
    AuditEntry,
    Booking,
    DigestReader,
    EmailProof,
    Erasure,
    FeedbackAnswer,
    FeedbackGiven,
    FeedbackResponse,
    InvitationCode,
    Link,
    Notice,
    NoticeState,
    OrganiserAddress,
    Person,
    Presenter,
    RememberedColumn,
    Session,
    Transfer,
    TransferState,
    Undo,
)
from domain.models.auditing import KEPT_DAYS
from domain.once import is_postgres
from domain.places import ACTIVE
from domain.rights.stripping import strip
from domain.rights.subjects import SOMEBODY, subject_of
from domain.tables import table_of
from domain.times import LONDON, UtcDateTime, day_of

#: of one kind in one run: the next pass of the clock goes on
MOST = 2_000
#: people, who take longer
MOST_PEOPLE = 200
_OPEN = (NoticeState.QUEUED, NoticeState.CLAIMED)


@dataclass(frozen=True)
class Kept:
    """A kind of record, its period, and what is done with those of a partnership that were last of use before an instant."""

    name: str  #: as in the log
    holds: str
    then: str
    period: Callable[[Periods], timedelta]
    forget: Callable[[Db, int, datetime, datetime], int]  #: partnership, the instant, and now
    most: int = MOST


def _delete(db: Db, model: type[SQLModel], over: SelectOfScalar[Any]) -> int:
    """Delete the rows with these ids."""
    ids = db.exec(over.limit(MOST)).all()
    table = table_of(model)
    db.connection().execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def _here(column: object, partnership_id: int) -> ColumnElement[bool]:
    return col(column) == partnership_id


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def unproven(db: Db, partnership_id: int, before: datetime, now: datetime) -> int:
    """Who asked on a page and proved nothing is stripped, and has used up no code. In chat they are known otherwise: the address goes."""
    asked = select(EmailProof.id).where(col(EmailProof.person_id) == col(Person.id), col(EmailProof.asked_at) > before)
    holds = select(Booking.id).where(col(Booking.person_id) == col(Person.id), col(Booking.state).in_(ACTIVE))
    never = _here(Person.partnership_id, partnership_id), col(Person.proven_at).is_(None), col(Person.email).is_not(None)
    others = (~one.exists() for one in (asked, holds, _leaving()))
    over = select(Person).where(*never, col(Person.created_at) <= before, *others)
    found = db.exec(over.order_by(col(Person.id)).limit(MOST_PEOPLE)).all()
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
        _here(Person.partnership_id, partnership_id),
        col(Person.created_at) <= before,
        known,
        *(~one.exists() for one in (booked, presented, lately, _leaving(), *_organise(before))),
    )
    found = db.exec(over.order_by(col(Person.id)).limit(MOST_PEOPLE)).all()
    for person in found:
        strip(db, subject_of(person), labels=False, now=now)
    return len(found)


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
        .where(_here(Booking.partnership_id, partnership_id), col(Booking.alias).is_not(None), col(Session.ends_at) <= before)
    )
    return db.exec(update(Booking).where(col(Booking.id).in_(db.exec(over.limit(MOST)).all())).values(alias=None)).rowcount


def presenters(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """A presenter's address. The label stays in the schedule, as it was published."""
    over = (
        select(Presenter.id)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(_here(Presenter.partnership_id, partnership_id), col(Presenter.address).is_not(None), col(Session.ends_at) <= before)
    )
    mine = col(Presenter.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(Presenter).where(mine).values(address=None, code_seed=None)).rowcount


def columns(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What an organiser said a column means."""
    mine = _here(RememberedColumn.partnership_id, partnership_id), col(RememberedColumn.at) <= before
    return _delete(db, RememberedColumn, select(RememberedColumn.id).where(*mine))


# ── what is over ────────────────────────────────────────────────────────────────────────────────────────────


def links(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Links that open nothing any more."""
    return _delete(db, Link, select(Link.id).where(_here(Link.partnership_id, partnership_id), col(Link.expires_at) <= before))


def codes(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Invitation codes that open nothing any more, and who was let in by them."""
    ended = func.coalesce(col(InvitationCode.revoked_at), col(InvitationCode.expires_at))
    sessions = select(Session.id).where(
        col(Session.programme_id) == col(InvitationCode.programme_id), col(Session.ends_at) > before
    )  # who was let in may still come, though the code lets nobody else in
    over = select(InvitationCode.id).where(
        _here(InvitationCode.partnership_id, partnership_id),
        or_(ended <= before, col(InvitationCode.expires_at) <= before),
        ~sessions.exists(),
    )
    ids = db.exec(over.limit(MOST)).all()
    db.exec(delete(Admission).where(col(Admission.code_id).in_(ids)))
    db.exec(delete(InvitationCode).where(col(InvitationCode.id).in_(ids)))
    return len(ids)


def offers(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """The colleague's name and address in a transfer that ended."""
    over = select(Transfer.id).where(
        _here(Transfer.partnership_id, partnership_id),
        col(Transfer.state) != TransferState.ASKED,
        col(Transfer.ended_at) <= before,
        col(Transfer.to_address) != "",
    )
    mine = col(Transfer.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(Transfer).where(mine).values(to_name="", to_address="", code_hash=None, salt="")).rowcount


def addresses(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Former addresses: the proof by which the present one was proven stays as long as the person does."""
    over = (
        select(EmailProof.id)
        .join(Person, col(Person.id) == col(EmailProof.person_id))
        .where(
            _here(EmailProof.partnership_id, partnership_id),
            col(EmailProof.asked_at) <= before,
            col(EmailProof.address) != "",
            or_(col(Person.email).is_(None), col(Person.email) != col(EmailProof.address)),
        )
    )
    mine = col(EmailProof.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(EmailProof).where(mine).values(address="", code_hash=None, salt="")).rowcount


def answered(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Who has answered, once feedback has closed: nobody can answer twice any more."""
    closed = select(Session.id).where(_here(Session.partnership_id, partnership_id), col(Session.feedback_closed_at) <= before)
    return db.exec(delete(FeedbackGiven).where(col(FeedbackGiven.session_id).in_(closed))).rowcount


def organisers(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Addresses that organise no more, with their links; those that a message was sent to stay until that has gone."""
    told = select(Notice.id).where(col(Notice.organiser_id) == col(OrganiserAddress.id))
    mine = _here(OrganiserAddress.partnership_id, partnership_id), col(OrganiserAddress.ended_at) <= before
    ids = db.exec(select(OrganiserAddress.id).where(*mine, ~told.exists())).all()
    db.exec(delete(Link).where(col(Link.organiser_id).in_(ids)))
    db.exec(delete(OrganiserAddress).where(col(OrganiserAddress.id).in_(ids)))
    return len(ids)


def undos(db: Db, partnership_id: int, _before: datetime, now: datetime) -> int:
    """How a session was before an edit that can no longer be undone."""
    return _delete(db, Undo, select(Undo.id).where(_here(Undo.partnership_id, partnership_id), col(Undo.until) <= now))


# ── letters, words, the trail ───────────────────────────────────────────────────────────────────────────────


def letters(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Which message was sent to whom. One that went another way instead goes first."""
    other = aliased(Notice)
    instead = select(other.id).where(col(other.fallback_of) == col(Notice.id))
    over = select(Notice.id).where(
        _here(Notice.partnership_id, partnership_id), col(Notice.owed_at) <= before, ~col(Notice.state).in_(_OPEN), ~instead.exists()
    )
    return _delete(db, Notice, over.order_by(col(Notice.id)))


def announcements(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What organisers wrote to people, once no message of it is kept."""
    said = select(Notice.id).where(col(Notice.announcement_id) == col(Announcement.id))
    mine = _here(Announcement.partnership_id, partnership_id), col(Announcement.made_at) <= before
    return _delete(db, Announcement, select(Announcement.id).where(*mine, ~said.exists()))


def words(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What people wrote in feedback."""
    old = select(FeedbackResponse.id).where(
        _here(FeedbackResponse.partnership_id, partnership_id), col(FeedbackResponse.received_on) <= day_of(before, LONDON)
    )
    mine = col(FeedbackAnswer.response_id).in_(old), col(FeedbackAnswer.text).is_not(None)
    return db.exec(delete(FeedbackAnswer).where(*mine)).rowcount


def trail(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Who did what. The database guards the rows by its own clock, which may be behind ours: what it would refuse is not asked."""
    by_its_clock = f"now() - interval '{KEPT_DAYS} days'" if is_postgres(db) else f"datetime('now', '-{KEPT_DAYS} days')"
    old = col(AuditEntry.at) <= before, col(AuditEntry.at) <= literal_column(by_its_clock, UtcDateTime())
    mine = _here(AuditEntry.partnership_id, partnership_id), *old
    return _delete(db, AuditEntry, select(AuditEntry.id).where(*mine).order_by(col(AuditEntry.id)))


#: in this order: what points to another goes before it
KINDS: tuple[Kept, ...] = (
    Kept("unproven", "Somebody who asked for a place and proved no address", "stripped", lambda of: of.unproven, unproven, MOST_PEOPLE),
    Kept("links", "Links in e-mails, once they are over", "deleted", lambda of: of.over, links),
    Kept("codes", "Invitation codes and who opened them, once all is over", "deleted", lambda of: of.over, codes),
    Kept("offers", "A colleague's name and address in an offer that ended", "taken out", lambda of: of.over, offers),
    Kept("addresses", "Former addresses", "taken out", lambda of: of.over, addresses),
    Kept("answered", "Who has answered, once feedback has closed", "deleted", lambda of: of.over, answered),
    Kept("undos", "How a session was before an edit", "deleted", lambda of: of.unproven, undos),
    Kept("letters", "Which message was sent to whom", "deleted", lambda of: of.letters, letters),
    Kept("announcements", "What organisers wrote to people", "deleted", lambda of: of.letters, announcements),
    Kept("organisers", "Addresses that organise no more", "deleted", lambda of: of.over, organisers),
    Kept("names", "Who somebody is, after their last session", "stripped to counts", lambda of: of.names, names, MOST_PEOPLE),
    Kept("chosen names", "Names chosen for private sessions", "taken out", lambda of: of.names, chosen_names),
    Kept("presenters", "Addresses of presenters", "taken out", lambda of: of.names, presenters),
    Kept("columns", "What organisers said columns mean", "deleted", lambda of: of.names, columns),
    Kept("words", "What people wrote in feedback", "deleted; the numbers stay", lambda of: of.feedback, words),
    Kept("trail", "Who did what", "deleted", lambda of: of.trail, trail),
)
