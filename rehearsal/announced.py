"""Announcements, judged by what came: once to each person whom they were for, and to nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel
from domain.models import Announcement, Audience, Booking, BookingState, Notice, NoticeState, Person, Programme, Session
from domain.times import day_of
from rehearsal.entries import Found
from rehearsal.evidence import Evidence

_TO_PEOPLE = (Audience.CONFIRMED, Audience.WAITING, Audience.BOTH)


def come_once(evidence: Evidence) -> Found:
    """Each message to those booked came once to each of them. Who had a place by then, and has it still, is surely one of them."""
    breaches, looked_at = [], 0
    for made in evidence.db.exec(select(Announcement).where(col(Announcement.audience).in_(_TO_PEOPLE)).order_by(col(Announcement.id))):
        notices = evidence.db.exec(select(Notice).where(col(Notice.announcement_id) == made.id)).all()
        if not notices:
            continue  # written, and not sent
        came, sent_at = _came(evidence, notices), min(notice.owed_at for notice in notices)
        for person_id, how_often in sorted(came.items()):
            looked_at += 1
            if how_often > 1:
                breaches.append(f"message {made.id} came {how_often} times to person {person_id}")
        asked, surely = _booked(evidence.db, made, sent_at)
        breaches += [f"message {made.id} came to person {one}, who had not booked there" for one in sorted(set(came) - asked)]
        breaches += [f"message {made.id} did not come to person {one}" for one in sorted(surely - set(came))]
    return looked_at, breaches


def _came(evidence: Evidence, notices: Sequence[Notice]) -> Counter[int]:
    names = {(Channel.EMAIL, mail.name) for mail in evidence.mails} | {(Channel.CHAT, one.name) for one in evidence.direct_messages}
    return Counter(
        notice.person_id
        for notice in notices
        if notice.state is NoticeState.SENT and notice.person_id is not None and (notice.channel, notice.external_id) in names
    )


def _booked(db: Db, made: Announcement, sent_at: datetime) -> tuple[set[int], set[int]]:
    """Who may be among those whom it was for, and who surely is."""
    zone = db.get_one(Programme, made.programme_id).zone
    rows = (
        select(Booking, Session, Person)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Session.programme_id) == made.programme_id, col(Booking.asked_at) <= sent_at)
    )
    asked, surely = set(), set()
    for booking, session, person in db.exec(rows).all():
        if made.session_id not in (None, session.id) or made.day not in (None, day_of(session.starts_at, zone)):
            continue
        asked.add(booking.person_id)
        held = booking.state is BookingState.CONFIRMED and booking.confirmed_at is not None and booking.confirmed_at <= sent_at
        if held and made.audience is not Audience.WAITING and person.proven_at is not None and person.proven_at <= sent_at:
            surely.add(booking.person_id)
    return asked, surely
