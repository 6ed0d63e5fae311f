"""Waiting lists, judged by what came: who came on one by a page or a link was told so by one e-mail, each time that they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Notice, NoticeState, Person, SeriesBooking
from rehearsal.entries import Found
from rehearsal.evidence import Evidence

#: a claim, alone or on a course, and the number with which it came on the list
_Came = tuple[str, int, str]


def are_told_once(evidence: Evidence) -> Found:
    """Who waits still and has no account in chat came by a page, and has heard of it; nobody has heard of the same twice."""
    told: Counter[_Came] = Counter()
    arrived = {mail.name for mail in evidence.mails}
    mine = select(Notice).where(col(Notice.kind) == Kind.WAITING, col(Notice.state) == NoticeState.SENT)
    for notice in evidence.db.exec(mine.order_by(col(Notice.id))):
        if notice.channel is Channel.EMAIL and notice.external_id in arrived:
            told[_what(notice.booking_id, notice.series_booking_id, notice.detail)] += 1
    waiting = tuple(_waiting(evidence.db))
    breaches = [f"{one[0]} {one[1]} waits by a page, and no e-mail has said so" for one in waiting if not told[one]]
    breaches += [f"{times} e-mails said that {one[0]} {one[1]} waits" for one, times in told.items() if times > 1]
    return len({*waiting, *told}), breaches


def _what(booking_id: int | None, series_booking_id: int | None, number: str) -> _Came:
    return ("booking", booking_id or 0, number) if series_booking_id is None else ("series booking", series_booking_id, number)


def _waiting(db: Db) -> Iterator[_Came]:
    """What people wait for by themselves who are in no chat, and have proven their address."""
    by_page = col(Person.discord_id).is_(None), col(Person.proven_at).is_not(None)
    alone = select(Booking).join(Person, col(Person.id) == col(Booking.person_id)).where(*by_page, col(Booking.series_booking_id).is_(None))
    for one in db.exec(
        alone.where(col(Booking.state) == BookingState.WAITLISTED, col(Booking.wished).is_(False)).order_by(col(Booking.id))
    ):
        yield _what(one.id, None, str(one.queue_number))
    wholes = select(SeriesBooking).join(Person, col(Person.id) == col(SeriesBooking.person_id)).where(*by_page)
    waits = col(SeriesBooking.state) == BookingState.WAITLISTED, col(SeriesBooking.wished).is_(False)
    for whole in db.exec(wholes.where(*waits).order_by(col(SeriesBooking.id))):
        yield _what(None, whole.id, str(whole.queue_number))
