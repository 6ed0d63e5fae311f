"""Stripping: what leads to a person is taken out of every table. What stays are counts of somebody.

The clock strips who asked to be forgotten, once their cancellations have left and their messages in chat are deleted; whatever
could not be done within two days is left, and its number kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, false, or_, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col, select

from domain.audit import of_person
from domain.database import Db
from domain.kinds import Channel
from domain.models import (
    Admission,
    Booking,
    CodeGuess,
    DigestReader,
    EmailProof,
    Erasure,
    FeedbackGiven,
    ImportDraft,
    Link,
    Needs,
    Notice,
    NoticeState,
    OrganiserAddress,
    Person,
    Presenter,
    RememberedColumn,
    ReplySeen,
    SeriesBooking,
    Session,
    Transfer,
    Undo,
)
from domain.partnerships import Whose, of_these
from domain.rights.copying import names_of
from domain.rights.leaving import give_everything_back
from domain.rights.personal import PERSONAL
from domain.rights.subjects import SOMEBODY, Subject, made_by, subject_of
from domain.rules import RulesOf
from domain.standing import Instant, at

#: how long cancellations and the chat service are waited for
PATIENCE = timedelta(days=2)
#: deleted whole, in this order: what points to another before it
_DELETED: tuple[type[SQLModel], ...] = (
    Needs,
    Link,
    FeedbackGiven,
    Admission,
    CodeGuess,
    ReplySeen,
    DigestReader,
    OrganiserAddress,
    RememberedColumn,
    ImportDraft,
)
_UNSENT = (NoticeState.QUEUED, NoticeState.CLAIMED)


@dataclass(frozen=True)
class Ready:
    """Somebody who can be forgotten now. `messages`: those in chat that are to be deleted first, as (notice, the service's number)."""

    erasure_id: int
    partnership_id: int
    discord_id: int | None
    messages: tuple[tuple[int, str], ...]
    overdue: bool  #: nothing is waited for any more


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────


def erasures_due(whose: Whose = None) -> ColumnElement[bool]:
    """Whether somebody can be forgotten now."""
    return select(Erasure.id).where(*_due(at(-PATIENCE), whose)).exists()


def _due(patient: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    presented = select(Presenter.id).where(col(Presenter.person_id) == col(Erasure.person_id))
    theirs = or_(col(Notice.person_id) == col(Erasure.person_id), col(Notice.presenter_id).in_(presented))
    unsent = select(Notice.id).where(theirs, col(Notice.state).in_(_UNSENT)).exists()
    return col(Erasure.done_at).is_(None), or_(~unsent, col(Erasure.asked_at) <= patient), *of_these(Erasure.partnership_id, whose)


def ready(db: Db, *, now: datetime, whose: Whose = None) -> tuple[Ready, ...]:
    """Who can be forgotten now, with the messages that the chat service has of them."""
    rows = db.exec(select(Erasure, Person).join(Person).where(*_due(now - PATIENCE, whose)).order_by(col(Erasure.id))).all()
    return tuple(
        Ready(
            erasure.id or 0,
            erasure.partnership_id,
            person.discord_id,
            _messages(db, person.id or 0) if person.discord_id is not None else (),
            erasure.asked_at <= now - PATIENCE,
        )
        for erasure, person in rows
    )


def _messages(db: Db, person_id: int) -> tuple[tuple[int, str], ...]:
    sent = select(Notice.id, Notice.external_id).where(
        col(Notice.person_id) == person_id, col(Notice.channel) == Channel.CHAT, col(Notice.external_id).is_not(None)
    )
    return tuple((number or 0, there or "") for number, there in db.exec(sent.order_by(col(Notice.id))))


def taken_back(db: Db, notice_id: int) -> None:
    """A message in chat is deleted."""
    db.exec(update(Notice).where(col(Notice.id) == notice_id).values(external_id=None))


def forget(db: Db, erasure_id: int, rules: RulesOf, *, left: int, now: datetime) -> bool:
    """Strip somebody, unless they have booked again meanwhile: then that is cancelled first. `left`: messages that stay in chat."""
    erasure = db.exec(select(Erasure).where(col(Erasure.id) == erasure_id).with_for_update()).one()
    if erasure.done_at is not None:
        return True
    one = _meant(db.get_one(Person, erasure.person_id), erasure)
    if give_everything_back(db, one, rules.of(one.partnership_id), now=now):
        return False
    strip(db, one, now=now)
    erasure.done_at, erasure.messages_left = now, left
    db.add(erasure)
    db.flush()
    return True


def _meant(person: Person, erasure: Erasure) -> Subject:
    """Whom an erasure is about. What an operator asks about an address holds for all that bears it, proven or not."""
    one = subject_of(person)
    return one if erasure.asked_by in one.actors else replace(one, address=person.email)


# ── taking out ──────────────────────────────────────────────────────────────────────────────────────────────


def strip(db: Db, one: Subject, *, labels: bool = True, now: datetime) -> None:
    """Take out what leads to them. `labels`: their name beside sessions too; else it stays in the schedule, as it was published.

    An address that was only typed may be a stranger's: it goes with the person, and leads to nothing else.
    """
    person = db.get_one(Person, one.person_id)
    whole = replace(one, discord_id=person.discord_id)
    names = names_of(db, replace(whole, address=one.address or person.email))
    db.flush()
    _letters(db, whole)
    _made_by(db, whole)  # while the addresses that they organise with are there
    theirs = {table.model: table.theirs for table in PERSONAL}
    for model in _DELETED:
        find = theirs[model]
        assert find is not None
        db.exec(delete(model).where(find(whole)))
    _undo(db, whole, names)
    _presented(db, whole, labels=labels, now=now)
    _handed(db, whole)
    _plain(db, whole)
    db.expire_all()


def _letters(db: Db, one: Subject) -> None:
    """What was sent stays a count; what waits is never sent; nothing points any more to what is deleted."""
    find = next(table.theirs for table in PERSONAL if table.model is Notice)
    assert find is not None
    ids = db.exec(select(Notice.id).where(find(one))).all()
    mine = col(Notice.id).in_(ids)
    db.exec(
        update(Notice).where(mine, col(Notice.state).in_(_UNSENT)).values(state=NoticeState.DROPPED, claimed_by=None, claimed_until=None)
    )
    db.exec(update(Notice).where(mine).values(detail="", error="", external_id=None, digest_reader_id=None, organiser_id=None))


def _made_by(db: Db, one: Subject) -> None:
    """Who made other people's rows, or asked for them, is a number that leads nowhere."""
    for column in made_by():
        mine = column.table.c.partnership_id == one.partnership_id, one.did(column)
        db.connection().execute(update(column.table).where(*mine).values({column.name: of_person(one.person_id)}))


def _undo(db: Db, one: Subject, names: Sequence[str]) -> None:
    said = or_(false(), *(col(Undo.before).icontains(name, autoescape=True) for name in names))
    db.exec(delete(Undo).where(and_(col(Undo.partnership_id) == one.partnership_id, said)))


def _presented(db: Db, one: Subject, *, labels: bool, now: datetime) -> None:
    rows = db.exec(select(Presenter, Session).join(Session).where(col(Presenter.id).in_(one.presenting()))).all()
    for presenter, session in rows:
        presenter.address = presenter.code_seed = None
        if labels:
            presenter.label, session.touched_at = SOMEBODY, now  # so that what is posted of it is posted anew
        db.add_all((presenter, session))
    db.flush()


def _handed(db: Db, one: Subject) -> None:
    """Nobody is named any more. Of what they offered a number stays, which leads to nobody: by it the link says that it is over."""
    mine = col(Transfer.id).in_(db.exec(one.transfers()).all())
    theirs = col(Transfer.booking_id).in_(db.exec(one.bookings()).all())
    db.exec(update(Transfer).where(mine).values(to_name="", to_address="", code_hash=None))
    db.exec(update(Transfer).where(mine, ~theirs).values(salt=""))


def _plain(db: Db, one: Subject) -> None:
    """The person, and what points to them alone."""
    number = one.person_id
    db.exec(update(EmailProof).where(col(EmailProof.person_id) == number).values(address="", code_hash=None, salt=""))
    db.exec(update(Booking).where(col(Booking.person_id) == number).values(alias=None))
    db.exec(update(SeriesBooking).where(col(SeriesBooking.person_id) == number).values(certificate=None))
    nobody = {"name": SOMEBODY, "reminders_by_chat": False, "reminders_by_email": False}
    gone = dict.fromkeys(("email", "email_key", "discord_id", "proven_at", "privacy_read_at", "chat_closed_at"))
    db.exec(update(Person).where(col(Person.id) == number).values(**nobody, **gone))
