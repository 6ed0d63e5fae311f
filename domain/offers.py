"""Offers: a place that came free for somebody who waited, and is theirs only if they want it beside what they have at that time.

What that is may change while the place is kept. So they say yes to what they were shown (`domain.capacity.Accepts`), and are asked
again where it is something else by then; it is one question for a whole series.
"""

from __future__ import annotations

from datetime import datetime

from domain.capacity import Clash, clashes_of, mark_of
from domain.database import Db
from domain.letters.matters import OfferMatter
from domain.models import Booking, Notice, Session
from domain.rules import Rules
from domain.series.places import clashes_of_whole, parts_ahead


def clashes_of_claim(db: Db, session: Session, mine: Booking, rules: Rules, *, now: datetime) -> tuple[Clash, ...]:
    """What else this person has at the time of what they claim: of a session, or of every part still to come where it is a series."""
    if mine.series_booking_id is not None and session.series_id is not None:
        return clashes_of_whole(db, parts_ahead(db, session.series_id, now=now), mine.person_id, rules)
    return clashes_of(db, mine.person_id, session, rules)


def read_offer(db: Db, notice: Notice, rules: Rules, *, now: datetime) -> OfferMatter:
    """What a letter about an offer says of it, as it is when it leaves. Whether it is still one is asked as of every letter."""
    mine = db.get(Booking, notice.booking_id) if notice.booking_id is not None else None
    session = db.get(Session, notice.session_id) if notice.session_id is not None else None
    clashes = clashes_of_claim(db, session, mine, rules, now=now) if mine is not None and session is not None else ()
    return OfferMatter(tuple(clash.title for clash in clashes), mark_of(clashes))
