"""What people and organisers did on pages, judged: what they were shown or given there is what stands in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import SQLModel, col, select

from domain.database import Db
from domain.feeds import KEPT_FOR
from domain.models import Attendance, AuditEntry, Booking, BookingState, Privacy, Session, SessionState
from rehearsal.entries import Found
from rehearsal.evidence import Evidence
from rehearsal.taken import Entry, FeedRead


def calendars_tell_the_truth(evidence: Evidence) -> Found:
    """What was last read is what is booked, or what is on; and who has it already is told so, and is sent nothing."""
    read, last = evidence.taken.feeds, {(one.person_id, one.programme_id): one for one in evidence.taken.feeds}
    breaches = [f"{one.whose} came twice, though nothing had changed" for one in read if one.again != 304 or one.again_bytes]
    for feed in last.values():
        told, true = Counter(feed.entries), Counter(_entries_of(evidence.db, feed))
        breaches += [f"{feed.whose} has {one.uid} at {one.starts_at:%d %b %H:%M} (UTC), which is not so" for one in told - true]
        breaches += [f"{feed.whose} lacks {one.uid} at {one.starts_at:%d %b %H:%M} (UTC)" for one in true - told]
    return len(read), breaches


def _entries_of(db: Db, feed: FeedRead) -> list[Entry]:
    shown = select(Session).where(col(Session.state) == SessionState.PUBLISHED)
    if feed.person_id is None:
        shown = shown.where(col(Session.programme_id) == feed.programme_id, col(Session.privacy) == Privacy.OPEN)
    else:
        theirs = col(Booking.person_id) == feed.person_id, col(Booking.state) == BookingState.CONFIRMED
        shown = shown.join(Booking, col(Booking.session_id) == col(Session.id)).where(*theirs, col(Session.ends_at) > feed.at - KEPT_FOR)
    return [Entry(one.uid, one.starts_at, one.ends_at) for one in db.exec(shown)]


def certificates_are_earned(evidence: Evidence) -> Found:
    """A certificate of attendance is there for who was there, and for nobody else."""
    was_there = (
        select(Booking.person_id, Session.programme_id)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(col(Booking.state) == BookingState.CONFIRMED, col(Booking.attendance) == Attendance.ATTENDED)
    )
    earned = set(evidence.db.exec(was_there).all())
    looked, breaches = evidence.taken.certificates, []
    for one in looked:
        where = f"person {one.person_id} in programme {one.programme_id}"
        if one.given and (one.person_id, one.programme_id) not in earned:
            breaches.append(f"{where} was given a certificate, and attended nothing")
        if not one.given and (one.person_id, one.programme_id) in earned:
            breaches.append(f"{where} attended, and was given no certificate")
    return len(looked), breaches


def drafts_are_kept_nowhere(evidence: Evidence) -> Found:
    """A draft of a CPD note says what we know and what was typed; and what was typed stands nowhere else."""
    drafts, breaches = evidence.taken.drafts, []
    places = dict(_everything(evidence)) if drafts else {}
    for draft in drafts:
        session, where = evidence.db.get_one(Session, draft.session_id), f"the CPD note of person {draft.person_id}"
        wanted = session.public_title if session.privacy is Privacy.PRIVATE else session.title
        if (wanted or "") not in draft.file or draft.typed not in draft.file:
            breaches.append(f"{where} does not say what it should")
        breaches += [f"{where} stands in {place}" for place, text in places.items() if draft.typed in text]
    return len(drafts), breaches


def _everything(evidence: Evidence) -> Iterable[tuple[str, str]]:
    """Each table, and all that was written or sent."""
    for table in SQLModel.metadata.sorted_tables:
        rows = evidence.db.connection().execute(table.select())
        yield f"the table {table.name}", "\n".join(str(value) for row in rows for value in row if isinstance(value, str))
    texts: Iterable[Mapping[str, str]] = (evidence.left, evidence.pages, evidence.public_transcripts)
    for each in texts:
        yield from each.items()
    yield from ((f"the mail {mail.name}", mail.text) for mail in evidence.mails)


def answers_count(evidence: Evidence) -> Found:
    """Who said yes to a place that was offered has had it from then on; who said no has not, unless they asked again."""
    held = {(one.person_id, one.session_id): one for one in evidence.db.exec(select(Booking))}
    answers, breaches = evidence.taken.answers, []
    for answer in answers:
        mine, where = held.get((answer.person_id, answer.session_id)), f"person {answer.person_id} in session {answer.session_id}"
        if answer.yes and (mine is None or not _had_it(mine, answer.at)):
            breaches.append(f"{where} said yes to a place and has none")
        if not answer.yes and mine is not None and mine.state is not BookingState.CANCELLED and mine.asked_at <= answer.at:
            breaches.append(f"{where} said no to a place and has it")
    return len(answers), breaches


def _had_it(booking: Booking, since: datetime) -> bool:
    """Whether there was a place from an instant on, for as long as it was not cancelled."""
    if booking.state is BookingState.CANCELLED:
        return booking.cancelled_at is not None and booking.cancelled_at > since
    return booking.state is BookingState.CONFIRMED and booking.confirmed_at is not None and booking.confirmed_at >= since


def marks_stand(evidence: Evidence) -> Found:
    """Who was ticked off on a page is so in the records, and the trail says that an organiser looked at their names."""
    looked = select(AuditEntry.session_id).where(
        col(AuditEntry.action) == "view attendance", col(AuditEntry.actor).startswith("organiser:")
    )
    seen, breaches, looked_at = set(evidence.db.exec(looked)), [], 0
    held = {(one.session_id, one.person_id): one.attendance for one in evidence.db.exec(select(Booking))}
    for marked in evidence.taken.marks:
        if marked.session_id not in seen:
            breaches.append(f"an organiser saw who came to session {marked.session_id}, and the trail does not say so")
        for person_id, there in marked.there.items():
            looked_at += 1
            said, stands = Attendance.ATTENDED if there else Attendance.ABSENT, held.get((marked.session_id, person_id))
            if stands is not said:
                breaches.append(f"person {person_id} was marked as {said} at session {marked.session_id} and stands as {stands}")
    return looked_at, breaches


def weeks_are_whole(evidence: Evidence) -> Found:
    """The organiser's week shows every session of the programme, with as many people as have a place."""
    has_place = select(Booking.session_id).where(col(Booking.state).in_((BookingState.CONFIRMED, BookingState.HELD)))
    taken, breaches, looked_at = Counter(evidence.db.exec(has_place)), [], 0
    for programme_id, glance in {one.programme_id: one for one in evidence.taken.glances}.items():
        for session in evidence.db.exec(select(Session).where(col(Session.programme_id) == programme_id).order_by(col(Session.id))):
            looked_at += 1
            told, true = glance.booked.get(session.id or 0), taken[session.id or 0]
            if told is None:
                breaches.append(f"the organiser's week does not show {session.reference}")
            elif told != true:
                breaches.append(f"the organiser's week says that {told} have a place on {session.reference}, and {true} have")
    return looked_at, breaches
