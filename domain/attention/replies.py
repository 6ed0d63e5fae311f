"""Replies to invitations that the program did not dare to act on: somebody has pressed Decline, and still has their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.attention.items import Concern, Item, about, named
from domain.database import Db
from domain.models import Booking, BookingState, ReplySeen, Session, SessionState, WhyLeft

_BUT = {
    WhyLeft.UNKNOWN: "but nobody with that address is booked",
    WhyLeft.OTHER_SENDER: "but it came from another address than the one we wrote to",
    WhyLeft.UNPROVEN: "but we cannot be sure who sent it",
    WhyLeft.AUTOMATIC: "but a machine wrote it",
    WhyLeft.OTHER_ANSWER: "but they may also have said yes or maybe, asked for another time or sent somebody else",
    WhyLeft.OLD: "but it answers an older invitation",
    WhyLeft.SERIES: "but this is one part of a series, and the parts belong together",
}
_MEND = "Look in the mailbox that invitations come from, and ask them."


def left_replies(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> Iterator[Item]:
    """Counted by session and cause, while there is still a place to give back."""
    still = col(ReplySeen.booking_id).is_(None) | (col(Booking.state) != BookingState.CANCELLED)
    matters = (col(ReplySeen.refuses) & still) | (col(ReplySeen.why) == WhyLeft.TOO_LATE)
    rows = (
        select(Session, ReplySeen.why, func.count())
        .join(ReplySeen, col(ReplySeen.session_id) == col(Session.id))
        .join(Booking, col(Booking.id) == col(ReplySeen.booking_id), isouter=True)
        .where(
            col(ReplySeen.partnership_id) == partnership_id,
            col(ReplySeen.why).is_not(None),
            matters,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.starts_at) > now,
        )
        .group_by(col(Session.id), col(ReplySeen.why))
        .order_by(col(Session.starts_at), col(Session.id), col(ReplySeen.why))
    )
    if programme_id is not None:
        rows = rows.where(col(Session.programme_id) == programme_id)
    for session, why, count in db.exec(rows).all():
        assert why is not None
        yield about(Concern.REPLY, session, f"{named(session)}: {_said(WhyLeft(why), count)}. {_MEND}")


def _said(why: WhyLeft, count: int) -> str:
    if why is WhyLeft.TOO_LATE:
        who = "somebody has" if count == 1 else f"{count:,} people have"
        return f"{who} pressed Accept after giving the place back, so they may come without one"
    e_mails = "an e-mail says" if count == 1 else f"{count:,} e-mails say"
    return f"{e_mails} that somebody cannot come, {_BUT[why]}"
