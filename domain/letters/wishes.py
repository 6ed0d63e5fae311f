"""What a mail says that asks whether an address is somebody's: what was asked for with it, and for how long a place is kept.

It goes to a mailbox that may be anybody's. So nothing stands in it that only a place gives, and nothing that a stranger typed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.letters.sessions import session_facts
from domain.models import Booking, BookingState, EmailProof, Series, Session
from domain.ports.letters import SessionFacts

MINUTE = timedelta(minutes=1)


def wish_of(db: Db, proof: EmailProof) -> tuple[SessionFacts, str, timedelta | None]:
    """The session that was asked for, or the next part of a series; the series' title; and how long a place is kept, where one is.

    It is the same for somebody whom we know and for somebody new. Of who has a place of their own already none is kept. How long is
    counted from this asking, in whole minutes: whoever asks again has the place no longer for it (`domain.bookings`).
    """
    session = db.get_one(Session, proof.session_id)
    facts = replace(session_facts(db, session), join_url=None, notes="", materials=())
    whole = db.get_one(Series, session.series_id).title if session.series_id is not None else ""
    mine = col(Booking.session_id) == session.id, col(Booking.person_id) == proof.person_id
    held = col(Booking.state) == BookingState.HELD, col(Booking.wished).is_(True)
    until = db.exec(select(Booking.held_until).where(*mine, *held)).first()
    kept = (until - proof.asked_at) // MINUTE * MINUTE if until is not None else timedelta()
    return facts, whole, kept if kept > timedelta() else None
