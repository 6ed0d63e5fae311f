"""In line: who came on a waiting list by a page is told so by one e-mail. Who asked in chat has been told at once.

Nothing is said of a wish (`domain.wishes`): it may be a stranger's. One mail for each time that somebody came on the list: whoever left
it meanwhile, or has a place by now, gets none, and who comes anew gets another.
"""

from __future__ import annotations

from datetime import datetime

from domain.capacity import cutoff_of, find_session
from domain.counting import position, series_position
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.letters.matters import WaitingMatter
from domain.models import Booking, BookingState, Notice, Person, SeriesBooking, Session, SessionState
from domain.notices import owe, to_person
from domain.rules import Rules
from domain.series.booking import claim_of
from domain.series.places import booking_on, cutoff_of_whole, parts_ahead


def tell_in_line(db: Db, session_id: int, person: Person, rules: Rules, *, now: datetime) -> None:
    """Owe the mail, where this person waits for the session or for the whole of its series. Harmless to repeat."""
    session = find_session(db, person.partnership_id, session_id)
    whole = claim_of(db, session.series_id, person.id or 0) if session.series_id is not None else None
    if whole is not None and _waits(whole):
        parts = parts_ahead(db, whole.series_id, now=now)
        last = cutoff_of_whole(parts, rules)
        if last is not None:
            _owe(db, person, parts[0], booking_on(db, parts[0], person.id or 0), whole, last, now)
        return
    mine = booking_on(db, session, person.id or 0)
    if mine is not None and mine.series_booking_id is None and _waits(mine):
        _owe(db, person, session, mine, None, cutoff_of(session, rules), now)


def _waits(claim: Booking | SeriesBooking) -> bool:
    return claim.state is BookingState.WAITLISTED and not claim.wished


def _owe(
    db: Db, person: Person, session: Session, mine: Booking | None, whole: SeriesBooking | None, last: datetime, now: datetime
) -> None:
    """`last`: from then on nobody is promoted, and there is nothing to wait for."""
    claim = whole or mine
    if claim is None or person.proven_at is None or now >= last:
        return
    key = f"waiting:{'series:' if whole is not None else ''}{claim.id}:{claim.queue_number}"
    number = str(claim.queue_number)
    notice = to_person(
        Kind.WAITING, person, key=key, now=now, channel=Channel.EMAIL, session=session, booking=mine, expires_at=last, detail=number
    )
    notice.series_booking_id = whole.id if whole is not None else None
    owe(db, notice)


def read_in_line(db: Db, notice: Notice, _rules: Rules, *, now: datetime) -> WaitingMatter | None:
    """Where they stand at this moment. None where they wait no longer, or have come anew, which has a mail of its own."""
    whole = db.get(SeriesBooking, notice.series_booking_id) if notice.series_booking_id is not None else None
    mine = db.get(Booking, notice.booking_id) if notice.booking_id is not None else None
    session, claim = db.get(Session, notice.session_id), whole or mine
    if session is None or session.state is not SessionState.PUBLISHED or session.starts_at <= now:
        return None
    if claim is None or not _waits(claim) or notice.detail != str(claim.queue_number):
        return None
    return WaitingMatter(series_position(db, claim) if isinstance(claim, SeriesBooking) else position(db, claim))
