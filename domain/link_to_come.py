"""The link to come: an online session whose link is not there yet. Who books then is not promised the invitation at once.

It waits for its link, for as long as `domain.letters.truth.wait_for_link` says.
"""

from __future__ import annotations

from datetime import datetime

from domain.database import Db
from domain.kinds import Mode
from domain.meetings import LINK_NEEDED, link_of, wants_meeting
from domain.models import Booking, BookingState, Session
from domain.modes import joins_by_link
from domain.rules import Rules


def link_is_to_come(db: Db, session: Session, mode: Mode | None, rules: Rules, *, now: datetime) -> bool:
    """Whether an invitation to it would wait for its link, if it were owed now. `mode` None: nobody has chosen yet."""
    if not joins_by_link(session.format, mode) or not wants_meeting(session):
        return False
    waits = bool(rules.link_patience) and session.starts_at - LINK_NEEDED > now
    return waits and not link_of(db, session)


def invitation_waits(db: Db, session: Session, booking: Booking, rules: Rules, *, now: datetime) -> bool:
    """Whether the invitation of this booking waits for the link just now."""
    if booking.state is not BookingState.CONFIRMED or booking.confirmed_at is None or booking.confirmed_at + rules.link_patience <= now:
        return False
    return link_is_to_come(db, session, booking.mode, rules, now=now)
