"""Feeds: a calendar that somebody's own program reads again and again, behind an address that can be made anew.

Reading one changes nothing. What was called off is no longer in it, and so goes from the reader's calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Mode
from domain.letters.sessions import facts_of
from domain.links import LinkKey, Wanted, kept, mint, opened, revoke
from domain.models import Booking, BookingState, Link, Privacy, Purpose, Session, SessionState
from domain.modes import joins_by_link
from domain.ports.letters import SessionFacts
from domain.programmes import ProgrammeView

#: how long the address of a feed works after it was made
FEED_FOR = timedelta(days=730)
#: how long a session that is over stays in a feed
KEPT_FOR = timedelta(days=31)


@dataclass(frozen=True)
class Feed:
    """A person's calendar: each session with its mode and sequence, and what stands in the links of their ways in, by session."""

    partnership_id: int
    sessions: tuple[tuple[SessionFacts, Mode, int], ...]
    ways_in: tuple[tuple[int, str], ...] = ()


def feed_of(db: Db, partnership_ids: Sequence[int], token: str, key: LinkKey, *, now: datetime) -> Feed:
    """What the calendar behind this address holds. Raises `NotFound` for an address that is over."""
    link = opened(db, partnership_ids, Purpose.FEED, token, now=now)
    mine = (
        select(Booking, Session)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .where(
            col(Booking.person_id) == link.person_id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.ends_at) > now - KEPT_FOR,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    rows = db.exec(mine).all()
    facts = facts_of(db, [session for _, session in rows])
    online = [booking for booking, session in rows if joins_by_link(session.format, booking.mode)]
    tokens = kept(db, key, [f"{Purpose.JOIN}:{booking.id}" for booking in online], now=now)
    ways = ((booking.session_id, tokens.get(f"{Purpose.JOIN}:{booking.id}", "")) for booking in online)
    sessions = tuple((facts[session.id or 0], booking.mode, booking.sequence) for booking, session in rows)
    return Feed(link.partnership_id, sessions, tuple((session_id, way) for session_id, way in ways if way))


def feed_address(db: Db, key: LinkKey, person_id: int, *, now: datetime) -> str | None:
    """What stands in the address of somebody's calendar; None where there is none."""
    subject = f"{Purpose.FEED}:{person_id}"
    return kept(db, key, [subject], now=now).get(subject)


def make_feed(db: Db, key: LinkKey, partnership_id: int, person_id: int, *, now: datetime) -> None:
    """Let there be an address of this person's calendar. Harmless to repeat: the address stays."""
    mint(db, key, [Wanted(Purpose.FEED, person_id, partnership_id, now + FEED_FOR, person_id=person_id)], now=now)


def renew_feed(db: Db, key: LinkKey, partnership_id: int, person_id: int, *, now: datetime) -> None:
    """A new address; the old one opens nothing any more."""
    make_feed(db, key, partnership_id, person_id, now=now)
    link = db.exec(select(Link).where(col(Link.subject) == f"{Purpose.FEED}:{person_id}").with_for_update()).one()
    revoke(db, key, link)


def programme_feed(db: Db, programme: ProgrammeView) -> tuple[tuple[SessionFacts, int], ...]:
    """The open sessions of a programme with their revisions, for everybody. Private ones are not there, nor what was called off."""
    shown = (
        select(Session)
        .where(
            col(Session.programme_id) == programme.id,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.privacy) == Privacy.OPEN,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    sessions = db.exec(shown).all()
    facts = facts_of(db, sessions)
    return tuple((facts[session.id or 0], session.revision) for session in sessions)
