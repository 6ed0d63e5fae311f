"""Merging: somebody who was known twice, in chat and by the pages, becomes one person.

It happens when an address is proven that a person without a Discord account has proven before, or the other way round: the
owner of the mailbox has said so. The row that stays is the one with the Discord account. Two accounts are never merged.

What the other row had moves to it: bookings, needs, links, proofs, admissions, notices. Where both had a claim on one session
the stronger stays, and what was only wished for on a page gives way; its count of calendar messages goes on from the higher of
the two, and the calendar is told once more.

No row is deleted: a database may give its number to somebody else, who would have the links and the messages of who is gone.
Who goes is left as somebody without a name, and a claim that is no more as one that nobody gave up (`was_folded`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, delete, update
from sqlmodel import SQLModel, col, select

from domain.admissions import take_back
from domain.audit import audit, of_person, person_of
from domain.capacity import SEEN_PLACE, TAKEN, ask_anew, find_session
from domain.database import Db
from domain.feedback.keeping import mix
from domain.kinds import Kind
from domain.models import (
    Admission,
    Attendance,
    AuditEntry,
    Booking,
    BookingState,
    FeedbackGiven,
    Link,
    Needs,
    Part,
    Person,
    Purpose,
    SeriesBooking,
    Session,
    SessionState,
    Transfer,
    TransferState,
)
from domain.notices import owe_calendar
from domain.rights.subjects import SOMEBODY
from domain.tables import table_of

#: in the trail; its detail names who went
MERGED = "merge people"
_PLACES = select(Booking.session_id).where(SEEN_PLACE)
_RANK = {BookingState.CONFIRMED: 3, BookingState.HELD: 2, BookingState.WAITLISTED: 1, BookingState.CANCELLED: 0}
_SEEN = {Attendance.ATTENDED: 2, Attendance.ABSENT: 1, Attendance.UNKNOWN: 0}
#: columns that point to one of these rows, and of which a person or a booking may have only one: each has its own way to move
_APART = {"booking.person_id", "seriesbooking.person_id", "feedbackgiven.person_id", "admission.person_id", "needs.booking_id"}


def merge(db: Db, stays: Person, goes: Person, *, now: datetime) -> tuple[int, ...]:
    """Make one person of two; the sessions on which a place came free. Their sessions are locked by the caller."""
    assert stays.id is not None
    assert goes.id is not None
    assert goes.discord_id is None, "two accounts are never merged"
    _ask_anew(db, stays.id, goes.id)
    _merge_series(db, stays.id, goes.id)
    freed = tuple(_merge_bookings(db, stays.id, goes.id, now))
    _merge_admissions(db, stays, goes.id)
    _merge_answers(db, stays.id, goes.id)
    theirs = col(Link.person_id) == goes.id, col(Link.purpose).in_((Purpose.MINE, Purpose.FEED))
    db.exec(delete(Link).where(*theirs))  # the next letter has those of who stays
    _point(db, Person, goes.id, stays.id)
    _merge_facts(stays, goes)
    _leave_nobody(goes)
    db.add_all((stays, goes))
    db.flush()
    audit(db, stays.partnership_id, of_person(stays.id), MERGED, now=now, detail=of_person(goes.id))
    return freed


def _ask_anew(db: Db, one: int, other: int) -> None:
    """What one of the two accepted to clash says nothing of what only the other has at that time."""
    db.flush()
    has = {person_id: set(db.exec(_PLACES.where(col(Booking.person_id) == person_id)).all()) for person_id in (one, other)}
    for whose, accepted in ((one, other), (other, one)):
        for session_id in sorted(has[whose] - has[accepted]):
            ask_anew(db, db.get_one(Session, session_id), accepted)


def with_merged(db: Db, person_ids: Iterable[int]) -> frozenset[int]:
    """These people, and whoever became one with them. The trail, and the claims that were folded, still name who went."""
    found, new = frozenset[int](), frozenset(person_ids)
    while new:
        found |= new
        merged = col(AuditEntry.action) == MERGED, col(AuditEntry.actor).in_([of_person(one) for one in new])
        new = frozenset(person_of(one) for one in db.exec(select(AuditEntry.detail).where(*merged))) - found
    return found


def was_folded() -> ColumnElement[bool]:
    """Whether a booking is but the row of a claim that became one with another: it counts for nothing."""
    return and_(col(Booking.state) == BookingState.CANCELLED, col(Booking.cancelled_at).is_(None))


def _leave_nobody(goes: Person) -> None:
    """Nothing leads to them any more, and nothing is sent to them."""
    goes.name, goes.reminders_by_chat, goes.reminders_by_email = SOMEBODY, False, False
    goes.email = goes.email_key = goes.proven_at = goes.privacy_read_at = goes.chat_closed_at = None


def pointing_to(model: type[SQLModel]) -> Iterator[Column[Any]]:
    """Every column of the schema that points to this table's rows, but those with a way of their own."""
    target = f"{table_of(model).name}.id"
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.target_fullname == target and f"{table.name}.{key.parent.name}" not in _APART:
                yield key.parent


def _point(db: Db, model: type[SQLModel], old: int | None, new: int | None) -> None:
    """What pointed to one row points to another."""
    db.flush()
    for column in pointing_to(model):
        db.connection().execute(update(column.table).where(column == old).values({column.name: new}))
    db.expire_all()  # what was read before may point elsewhere now


def _merge_series(db: Db, stays: int, goes: int) -> None:
    """One claim on each series: the stronger, with the parts of both."""
    for theirs in db.exec(select(SeriesBooking).where(col(SeriesBooking.person_id) == goes)).all():
        same = col(SeriesBooking.series_id) == theirs.series_id, col(SeriesBooking.person_id) == stays
        mine = db.exec(select(SeriesBooking).where(*same)).first()
        kept, gone = (theirs, mine) if mine is None or _rank(theirs) > _rank(mine) else (mine, theirs)
        if gone is not None:
            done = gone.completed_at, gone.certificate
            _point(db, SeriesBooking, gone.id, kept.id)
            left = SeriesBooking(
                id=gone.id,
                partnership_id=gone.partnership_id,
                series_id=gone.series_id,
                asked_at=gone.asked_at,
                person_id=goes,
                state=BookingState.CANCELLED,
                queue_number=gone.queue_number,
            )
            _change_hands(db, kept, gone, left, stays)
            if kept.completed_at is None:
                kept.completed_at, kept.certificate = done
        kept.person_id = stays
        db.add(kept)
        db.flush()


def _merge_bookings(db: Db, stays: int, goes: int, now: datetime) -> Iterator[int]:
    """One claim on each session. Yields the sessions where a place comes free: both had one, or only the one that was wished for."""
    for theirs in db.exec(select(Booking).where(col(Booking.person_id) == goes).order_by(col(Booking.session_id))).all():
        mine = db.exec(select(Booking).where(col(Booking.session_id) == theirs.session_id, col(Booking.person_id) == stays)).first()
        if mine is None:
            theirs.person_id = stays
            db.add(theirs)
            db.flush()
            continue
        kept, gone = (theirs, mine) if _strength(theirs) > _strength(mine) else (mine, theirs)
        freed = gone.state in TAKEN
        _fold(db, kept, gone, (stays, goes), now=now)
        if freed:
            yield kept.session_id


def _strength(one: Booking) -> tuple[bool, int, int]:
    return *_rank(one), -one.queue_number  # of two who wait, who asked first


def _rank(one: Booking | SeriesBooking) -> tuple[bool, int]:
    """What somebody asked for themselves comes before what was typed on a page, which may be a stranger's."""
    return one.state is not BookingState.CANCELLED and not one.wished, _RANK[one.state]


def _fold(db: Db, kept: Booking, gone: Booking, people: tuple[int, int], *, now: datetime) -> None:
    """The one that goes leaves what it had to the one that stays; the mailbox is told how it is now. `people`: who stays, who goes."""
    was_told = gone.sequence > 0
    kept.alias = kept.alias or gone.alias
    kept.attendance = max(kept.attendance, gone.attendance, key=_SEEN.__getitem__)
    kept.sequence = max(kept.sequence, gone.sequence)
    kept.stamped_at = max((at for at in (kept.stamped_at, gone.stamped_at) if at is not None), default=None)
    kept.invited = kept.invited or gone.invited
    if gone.state is kept.state and gone.wished is kept.wished:
        kept.series_booking_id = kept.series_booking_id or gone.series_booking_id
    db.add(kept)
    _fold_needs(db, kept, gone)
    _close_transfers(db, gone, now)
    db.exec(delete(Link).where(col(Link.booking_id) == gone.id))
    _point(db, Booking, gone.id, kept.id)
    _hand_to(db, kept, gone, people)
    session = find_session(db, kept.partnership_id, kept.session_id)
    if not was_told or session.ends_at <= now or session.state is not SessionState.PUBLISHED:
        return
    if kept.state is BookingState.CONFIRMED:
        owe_calendar(db, kept, session, Kind.INVITATION, now=now)
    elif kept.invited:
        owe_calendar(db, kept, session, Kind.CANCELLATION, now=now)


def _hand_to(db: Db, kept: Booking, gone: Booking, people: tuple[int, int]) -> None:
    """One is theirs who stays, the other's number theirs who goes. It is put in anew: the two may have to change hands."""
    stays, goes = people
    left = Booking(
        id=gone.id,
        partnership_id=gone.partnership_id,
        session_id=gone.session_id,
        mode=gone.mode,
        person_id=goes,
        state=BookingState.CANCELLED,
        queue_number=gone.queue_number,
        sequence=gone.sequence,
        stamped_at=gone.stamped_at,
        asked_at=gone.asked_at,
    )
    _change_hands(db, kept, gone, left, stays)


def _change_hands(db: Db, kept: SeriesBooking | Booking, gone: SQLModel, left: SQLModel, stays: int) -> None:
    """The claim that is kept is theirs who stays; what is left of the other takes its number, and is theirs who goes."""
    db.delete(gone)
    db.flush()
    kept.person_id = stays
    db.add(kept)
    db.flush()
    db.add(left)
    db.flush()


def _fold_needs(db: Db, kept: Booking, gone: Booking) -> None:
    theirs = db.exec(select(Needs).where(col(Needs.booking_id) == gone.id)).first()
    if theirs is None:
        return
    if db.exec(select(Needs.id).where(col(Needs.booking_id) == kept.id)).first() is not None:
        db.delete(theirs)
    else:
        theirs.booking_id = kept.id or 0
        db.add(theirs)
    db.flush()


def _close_transfers(db: Db, gone: Booking, now: datetime) -> None:
    """A place that is no more cannot be handed on."""
    asked = col(Transfer.booking_id) == gone.id, col(Transfer.state) == TransferState.ASKED
    for transfer in db.exec(select(Transfer).where(*asked)).all():
        transfer.state, transfer.code_hash, transfer.ended_at = TransferState.WITHDRAWN, None, now
        db.add(transfer)
    db.flush()


def _merge_admissions(db: Db, stays: Person, goes: int) -> None:
    """Let in once by each code; who was let in twice by one used it once."""
    for theirs in db.exec(select(Admission).where(col(Admission.person_id) == goes)).all():
        me = col(Admission.person_id) == stays.id
        if stays.discord_id is not None:  # else it would be everybody who came by a page
            me |= col(Admission.discord_id) == stays.discord_id
        if db.exec(select(Admission.id).where(col(Admission.code_id) == theirs.code_id, me)).first() is None:
            theirs.person_id = stays.id
            db.add(theirs)
        else:
            take_back(db, [theirs.id])
        db.flush()


def _merge_answers(db: Db, stays: int, goes: int) -> None:
    """Who has answered for a session is not asked again. The order of the rows says nothing, before and after."""
    given = {one.session_id for one in db.exec(select(FeedbackGiven).where(col(FeedbackGiven.person_id) == stays))}
    for theirs in db.exec(select(FeedbackGiven).where(col(FeedbackGiven.person_id) == goes)).all():
        session_id = theirs.session_id
        db.delete(theirs)
        if session_id not in given:
            db.add(FeedbackGiven(session_id=session_id, person_id=stays))
        db.flush()
        mix(db, session_id)


def _merge_facts(stays: Person, goes: Person) -> None:
    """What one of the two has said about themselves, the one person has said."""
    if stays.organisation_id is None and goes.organisation_id is not None:
        stays.organisation_id, stays.service_area = goes.organisation_id, goes.service_area
        stays.part = goes.part if stays.part is Part.PARENT else stays.part
    stays.reminders_by_email = stays.reminders_by_email or goes.reminders_by_email
    stays.privacy_read_at = stays.privacy_read_at or goes.privacy_read_at
    stays.created_at = min(stays.created_at, goes.created_at)
