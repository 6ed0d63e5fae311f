"""Kinds: what is deleted or stripped when it is over, and how. One at a time, the oldest first, at most `MOST` of each in one run.

Each returns how many. What another row still points to stays until that has gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, literal_column, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.database import Db
from domain.keeping.people import chosen_names, columns, names, presenters, unproven
from domain.keeping.periods import Periods
from domain.keeping.rows import MOST, MOST_PEOPLE, delete_rows, here
from domain.models import (
    Admission,
    Announcement,
    AuditEntry,
    EmailProof,
    FeedbackAnswer,
    FeedbackGiven,
    FeedbackResponse,
    InvitationCode,
    Link,
    Notice,
    NoticeState,
    OrganiserAddress,
    Person,
    Session,
    Transfer,
    TransferState,
    Undo,
)
from domain.models.auditing import KEPT_DAYS
from domain.once import is_postgres
from domain.times import LONDON, UtcDateTime, day_of

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


# ── what is over ────────────────────────────────────────────────────────────────────────────────────────────


def links(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Links that open nothing any more."""
    return delete_rows(db, Link, select(Link.id).where(here(Link.partnership_id, partnership_id), col(Link.expires_at) <= before))


def codes(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Invitation codes that open nothing any more, and who was let in by them."""
    ended = func.coalesce(col(InvitationCode.revoked_at), col(InvitationCode.expires_at))
    sessions = select(Session.id).where(
        col(Session.programme_id) == col(InvitationCode.programme_id), col(Session.ends_at) > before
    )  # who was let in may still come, though the code lets nobody else in
    over = select(InvitationCode.id).where(
        here(InvitationCode.partnership_id, partnership_id),
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
        here(Transfer.partnership_id, partnership_id),
        col(Transfer.state) != TransferState.ASKED,
        col(Transfer.ended_at) <= before,
        (col(Transfer.to_address) != "") | (col(Transfer.salt) != ""),  # of who was forgotten meanwhile the salt alone is there
    )
    mine = col(Transfer.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(Transfer).where(mine).values(to_name="", to_address="", code_hash=None, salt="")).rowcount


def addresses(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Former addresses: the proof by which the present one was proven stays as long as the person does."""
    over = (
        select(EmailProof.id)
        .join(Person, col(Person.id) == col(EmailProof.person_id))
        .where(
            here(EmailProof.partnership_id, partnership_id),
            col(EmailProof.asked_at) <= before,
            col(EmailProof.address) != "",
            or_(col(Person.email).is_(None), col(Person.email) != col(EmailProof.address)),
        )
    )
    mine = col(EmailProof.id).in_(db.exec(over.limit(MOST)).all())
    return db.exec(update(EmailProof).where(mine).values(address="", code_hash=None, salt="")).rowcount


def answered(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Who has answered, once feedback has closed: nobody can answer twice any more."""
    closed = select(Session.id).where(here(Session.partnership_id, partnership_id), col(Session.feedback_closed_at) <= before)
    return db.exec(delete(FeedbackGiven).where(col(FeedbackGiven.session_id).in_(closed))).rowcount


def organisers(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Addresses that organise no more, with their links; those that a message was sent to stay until that has gone."""
    told = select(Notice.id).where(col(Notice.organiser_id) == col(OrganiserAddress.id))
    mine = here(OrganiserAddress.partnership_id, partnership_id), col(OrganiserAddress.ended_at) <= before
    ids = db.exec(select(OrganiserAddress.id).where(*mine, ~told.exists())).all()
    db.exec(delete(Link).where(col(Link.organiser_id).in_(ids)))
    db.exec(delete(OrganiserAddress).where(col(OrganiserAddress.id).in_(ids)))
    return len(ids)


def undos(db: Db, partnership_id: int, _before: datetime, now: datetime) -> int:
    """How a session was before an edit that can no longer be undone."""
    return delete_rows(db, Undo, select(Undo.id).where(here(Undo.partnership_id, partnership_id), col(Undo.until) <= now))


# ── letters, words, the trail ───────────────────────────────────────────────────────────────────────────────


def letters(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Which message was sent to whom. One that went another way instead goes first."""
    other = aliased(Notice)
    instead = select(other.id).where(col(other.fallback_of) == col(Notice.id))
    over = select(Notice.id).where(
        here(Notice.partnership_id, partnership_id), col(Notice.owed_at) <= before, ~col(Notice.state).in_(_OPEN), ~instead.exists()
    )
    return delete_rows(db, Notice, over.order_by(col(Notice.id)))


def announcements(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What organisers wrote to people, once no message of it is kept."""
    said = select(Notice.id).where(col(Notice.announcement_id) == col(Announcement.id))
    mine = here(Announcement.partnership_id, partnership_id), col(Announcement.made_at) <= before
    return delete_rows(db, Announcement, select(Announcement.id).where(*mine, ~said.exists()))


def words(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """What people wrote in feedback."""
    old = select(FeedbackResponse.id).where(
        here(FeedbackResponse.partnership_id, partnership_id), col(FeedbackResponse.received_on) <= day_of(before, LONDON)
    )
    mine = col(FeedbackAnswer.response_id).in_(old), col(FeedbackAnswer.text).is_not(None)
    return db.exec(delete(FeedbackAnswer).where(*mine)).rowcount


def trail(db: Db, partnership_id: int, before: datetime, _now: datetime) -> int:
    """Who did what. The database guards the rows by its own clock, which may be behind ours: what it would refuse is not asked."""
    by_its_clock = f"now() - interval '{KEPT_DAYS} days'" if is_postgres(db) else f"datetime('now', '-{KEPT_DAYS} days')"
    old = col(AuditEntry.at) <= before, col(AuditEntry.at) <= literal_column(by_its_clock, UtcDateTime())
    mine = here(AuditEntry.partnership_id, partnership_id), *old
    return delete_rows(db, AuditEntry, select(AuditEntry.id).where(*mine).order_by(col(AuditEntry.id)))


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
