"""What an announcement says at the moment it is sent: an organiser's words to those booked, or that a day is called off.

Nothing public counts or names a private session. A person reads of their own private sessions by the neutral title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel
from domain.letters.matters import AnnouncementMatter
from domain.models import (
    Announcement,
    Audience,
    Booking,
    BookingState,
    Notice,
    OrganiserAddress,
    Person,
    Privacy,
    Programme,
    Session,
    SessionState,
)
from domain.ports.letters import Letter, Recipient
from domain.privacy import is_private, name_on, shown_title
from domain.rules import Rules
from domain.times import day_of, day_words, span_words

#: sessions that one message names; the rest are counted
NAMED = 25
DISCORD = "discord:"


def read_announcement(db: Db, notice: Notice, _rules: Rules, *, now: datetime) -> AnnouncementMatter | None:
    """What an announcement speaks of; None when there is nothing to say any more."""
    made = db.get(Announcement, notice.announcement_id) if notice.announcement_id is not None else None
    if made is None:
        return AnnouncementMatter("", notice.detail, "")
    if made.audience is Audience.CHANNEL:
        return _summary(db, made) if notice.channel is Channel.BOARD else _called_off(db, made, notice)
    return AnnouncementMatter(made.subject, made.words, about_words(db, made, notice.person_id), trial=made.audience is Audience.ONESELF)


def addressed(db: Db, letter: Letter, notice: Notice) -> Letter:
    """The letter with who it is for, and where: a programme's channel, an organiser trying it out, or a person as they are known there."""
    if notice.channel is Channel.BOARD:
        programme = db.get(Programme, notice.programme_id)
        return replace(letter, channel_id=programme.channel_id if programme else None)
    made = db.get(Announcement, notice.announcement_id) if notice.announcement_id is not None else None
    if made is None:
        return letter
    if notice.organiser_id is not None:
        return replace(letter, recipient=Recipient("", db.get_one(OrganiserAddress, notice.organiser_id).address, None))
    if notice.person_id is None:
        return replace(letter, recipient=Recipient("", None, int(made.made_by.removeprefix(DISCORD))))
    theirs = _claims(db, made, notice.person_id)
    if theirs and all(is_private(session) for _, session in theirs):
        person = db.get_one(Person, notice.person_id)
        return replace(letter, recipient=replace(letter.recipient, name=name_on(theirs[0][0], person)))
    return letter


def about_words(db: Db, made: Announcement, person_id: int | None = None) -> str:
    """What an announcement is about. Who has only private sessions there reads of their own session, and of no programme."""
    if made.session_id is not None:
        session = db.get_one(Session, made.session_id)
        return f"{shown_title(session)}, {span_words(session.starts_at, session.ends_at, session.zone)}"
    if person_id is not None:
        theirs = _claims(db, made, person_id)
        if theirs and all(is_private(session) for _, session in theirs):
            return "; ".join(_named([session for _, session in theirs]))
    programme = db.get_one(Programme, made.programme_id)
    return programme.title if made.day is None else f"{programme.title}, {day_words(made.day)}"


def sessions_of(db: Db, made: Announcement) -> list[Session]:
    """The sessions that an announcement concerns, in order of their start, whatever became of them."""
    rows = select(Session).where(col(Session.programme_id) == made.programme_id)
    if made.session_id is not None:
        rows = rows.where(col(Session.id) == made.session_id)
    zone = db.get_one(Programme, made.programme_id).zone
    found = db.exec(rows.order_by(col(Session.starts_at), col(Session.id))).all()
    return [session for session in found if made.day is None or day_of(session.starts_at, zone) == made.day]


def _claims(db: Db, made: Announcement, person_id: int) -> Sequence[tuple[Booking, Session]]:
    sessions = {session.id: session for session in sessions_of(db, made)}
    mine = select(Booking).where(col(Booking.person_id) == person_id, col(Booking.session_id).in_(list(sessions)))
    held = [booking for booking in db.exec(mine) if booking.state is not BookingState.CANCELLED or made.audience is Audience.CHANNEL]
    return sorted(((booking, sessions[booking.session_id]) for booking in held), key=lambda pair: (pair[1].starts_at, pair[1].id or 0))


def _named(sessions: Sequence[Session]) -> list[str]:
    shown = [f"{shown_title(one)}, {span_words(one.starts_at, one.ends_at, one.zone)}" for one in sessions[:NAMED]]
    return [*shown, f"and {len(sessions) - NAMED} more"] if len(sessions) > NAMED else shown


# ── called off ──────────────────────────────────────────────────────────────────────────────────────────────


def _summary(db: Db, made: Announcement) -> AnnouncementMatter | None:
    """For the programme's channel, if it has one: how many open sessions were cancelled, and why."""
    count = sum(session.privacy is Privacy.OPEN for session in _cancelled(sessions_of(db, made), made))
    programme = db.get_one(Programme, made.programme_id)
    if not count or programme.channel_id is None:
        return None
    what = day_words(made.day) if made.day is not None else programme.title
    how_many = "1 session is called off." if count == 1 else f"{count:,} sessions are called off."
    why = f"\n\nWhy: {made.words}" if made.words else ""
    words = f"{how_many}{why}\n\nIf you had a place, we are telling you ourselves, and your calendar too. You do not need to do anything."
    return AnnouncementMatter(f"{what}: called off", words, programme.title)


def _called_off(db: Db, made: Announcement, notice: Notice) -> AnnouncementMatter | None:
    """For one person: which of their sessions were cancelled, and why."""
    assert notice.person_id is not None
    theirs = [
        session
        for booking, session in _claims(db, made, notice.person_id)
        if session in _cancelled([session], made) and booking.cancelled_at is not None and booking.cancelled_at >= made.made_at
    ]
    if not theirs:
        return None
    heading = "Your session is called off" if len(theirs) == 1 else f"Your {len(theirs)} sessions are called off"
    listed = "\n".join(f"• {words}" for words in _named(theirs))
    why = f"Why: {made.words}\n\n" if made.words else ""
    words = f"We are sorry. The organisers have called off:\n{listed}\n\n{why}You do not need to do anything."
    return AnnouncementMatter(heading, words, "")


def _cancelled(sessions: Sequence[Session], made: Announcement) -> list[Session]:
    return [
        session
        for session in sessions
        if session.state is SessionState.CANCELLED and session.cancelled_at is not None and session.cancelled_at >= made.made_at
    ]
