"""The link to come: an online session whose link is not there yet. Its invitations wait for it, for so long and no longer.

So who books then is not promised the invitation at once.
"""

from __future__ import annotations

from datetime import datetime

from domain.database import Db
from domain.kinds import Mode
from domain.meetings import LINK_NEEDED, link_of, wants_meeting
from domain.models import Booking, BookingState, Session
from domain.modes import joins_by_link
from domain.rules import Rules


def patience_ends(session: Session, mode: Mode | None, owed_at: datetime, rules: Rules) -> datetime | None:
    """Until when an invitation that was owed then waits for a link that is not there (UTC). None: there is no link to come.

    `mode` None: nobody has chosen yet.
    """
    if not joins_by_link(session.format, mode) or not wants_meeting(session):
        return None
    return min(owed_at + rules.link_patience, session.starts_at - LINK_NEEDED)


def link_is_to_come(db: Db, session: Session, mode: Mode | None, rules: Rules, *, now: datetime) -> bool:
    """Whether an invitation to it would wait for its link, if it were owed now. `mode` None: nobody has chosen yet."""
    return _waits(db, session, patience_ends(session, mode, now, rules), now)


def invitation_waits(db: Db, session: Session, booking: Booking, rules: Rules, *, now: datetime) -> bool:
    """Whether the invitation of this booking waits for the link just now."""
    if booking.state is not BookingState.CONFIRMED or booking.confirmed_at is None:
        return False
    return _waits(db, session, patience_ends(session, booking.mode, booking.confirmed_at, rules), now)


def _waits(db: Db, session: Session, until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now and not link_of(db, session)
