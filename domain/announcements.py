"""Announcements: an organiser's words to those booked on a session, a day or a programme.

Written first, then previewed and tried out, then sent once. Each person gets one message however many bookings they
have: in chat where they like that, else by e-mail. Whoever has only a chat account hears there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.announced import DISCORD, about_words, sessions_of
from domain.audit import audit, by_organiser
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Channel, Kind
from domain.models import Announcement, Audience, Booking, BookingState, Notice, OrganiserAddress, Person, SessionState
from domain.notices import need, owe_all, preferred_channel
from domain.partnerships import Whose, of_these
from domain.places import find_session
from domain.programmes import owned
from domain.sends import mails_owed, through_at
from domain.standing import Instant, at
from domain.texts import one_line

MOST_WORDS = 1800
#: how long after it was written a message can be sent, and how long one that was not is kept
FRESH = timedelta(days=1)
#: how long a message is worth sending
WORTH = timedelta(days=3)

_STATES = {
    Audience.CONFIRMED: (BookingState.CONFIRMED,),
    Audience.WAITING: (BookingState.WAITLISTED, BookingState.HELD),
    Audience.BOTH: (BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.HELD),
}


@dataclass(frozen=True)
class Written:
    """A message as its organiser wrote it. Exactly one of `session_id`, `day`, or neither: the whole programme."""

    programme_id: int
    audience: Audience
    subject: str
    words: str
    session_id: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class AnnouncementPreview:
    """A message that waits for Send: to whom, what it says, when it would be through."""

    id: int
    programme_id: int
    about: str
    audience: Audience
    subject: str
    words: str
    people: int
    mails: int
    chats: int
    through_at: datetime
    zone: str
    sent: bool


@dataclass(frozen=True)
class Sent:
    """What sending did. `already`: it had been sent before, and nothing was sent twice."""

    people: int
    through_at: datetime
    zone: str
    already: bool = False


@dataclass(frozen=True)
class Tried:
    """Where a trial goes: the organiser's own address, or their direct messages."""

    channel: Channel


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def write(db: Db, partnership_id: int, new: Written, *, actor: str, now: datetime) -> int:
    """Keep a message to be previewed; its id. Nobody is sent anything yet. Raises `BadInput`, `NotFound`."""
    owned(db, partnership_id, new.programme_id)
    if new.session_id is not None and find_session(db, partnership_id, new.session_id).programme_id != new.programme_id:
        raise NotFound("We could not find that session. It may have been removed.")
    made = Announcement(
        partnership_id=partnership_id,
        programme_id=new.programme_id,
        session_id=new.session_id,
        day=new.day,
        audience=new.audience,
        subject=one_line(new.subject, 150, "a subject", field="subject"),
        words=clean_words(new.words),
        made_by=actor,
        made_at=now,
    )
    db.add(made)
    db.flush()
    return made.id or 0


def clean_words(text: str) -> str:
    """Paragraphs without characters that cannot be seen. Raises `BadInput` when nothing is left or it is too long."""
    lines = [" ".join(_seen(line).split()) for line in re.split(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", text)]
    clean = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not clean:
        raise BadInput("Please write what you want to say.", field="words")
    if len(clean) > MOST_WORDS:
        raise BadInput(f"Please use at most {MOST_WORDS:,} characters for the message.", field="words")
    return clean


def _seen(line: str) -> str:
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " * (char == "\t") for char in line)


def preview(
    db: Db, partnership_id: int, announcement_id: int, per_minute: int | None, *, now: datetime, has_server: bool = True
) -> AnnouncementPreview:
    """A message before it is sent; without a server all goes by e-mail. Raises `NotFound` for one that is not there (any more)."""
    made = _written(db, partnership_id, announcement_id)
    programme = owned(db, partnership_id, made.programme_id)
    people = [one for one in _recipients(db, made) if has_server or one[0].proven_at is not None]
    mails = sum(channel is Channel.EMAIL or not has_server for _, channel in people)
    return AnnouncementPreview(
        made.id or 0,
        made.programme_id,
        about_words(db, made),
        made.audience,
        made.subject,
        made.words,
        len(people),
        mails,
        len(people) - mails,
        through_at(mails_owed(db), mails, per_minute, now),
        programme.zone,
        _was_sent(db, made),
    )


def send(db: Db, partnership_id: int, announcement_id: int, per_minute: int | None, *, actor: str, now: datetime) -> Sent:
    """Owe the message to everyone it is for, once. Harmless to repeat: who books later is not sent it."""
    made = _written(db, partnership_id, announcement_id)
    zone = owned(db, partnership_id, made.programme_id).zone
    if _was_sent(db, made):
        return Sent(0, through_at(mails_owed(db), 0, per_minute, now), zone, already=True)
    if made.made_at <= now - FRESH:
        raise Closed("You wrote this more than a day ago, and much may have changed. Please write it again.")
    people = _recipients(db, made)
    if not people:
        raise BadInput("Nobody is booked there now, so there is nobody to send it to.")
    until = _worth_until(db, made, now)
    owed = owe_all(db, [_notice(made, person, channel, until, now=now) for person, channel in people])
    audit(
        db,
        partnership_id,
        actor,
        "send message",
        now=now,
        programme_id=made.programme_id,
        session_id=made.session_id,
        detail=f"{made.audience}, {owed} people",
    )
    return Sent(owed, through_at(mails_owed(db), 0, per_minute, now), zone)


def send_trial(db: Db, partnership_id: int, announcement_id: int, discord_id: int, *, now: datetime) -> Tried:
    """Send the message to the organiser alone: by e-mail where we know a proven address, else as a direct message."""
    me = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    known = me is not None and me.proven_at is not None
    channel = Channel.EMAIL if known else Channel.CHAT
    person_id = me.id if me is not None and known else None
    to = Notice(**_trial(channel, now), partnership_id=partnership_id, key=str(discord_id), person_id=person_id)
    return _try_out(db, partnership_id, announcement_id, f"{DISCORD}{discord_id}", to, now=now)


def send_trial_by_mail(db: Db, partnership_id: int, announcement_id: int, organiser_id: int, *, now: datetime) -> Tried:
    """The same, for an organiser who is signed in on a page: to the address that they signed in with. Raises `NotFound`."""
    who = db.get(OrganiserAddress, organiser_id)
    if who is None or who.partnership_id != partnership_id or who.ended_at is not None:
        raise NotFound
    to = Notice(**_trial(Channel.EMAIL, now), partnership_id=partnership_id, key=f"o{organiser_id}", organiser_id=organiser_id)
    return _try_out(db, partnership_id, announcement_id, by_organiser(organiser_id), to, now=now)


def _trial(channel: Channel, now: datetime) -> dict[str, Any]:
    """What every trial has. Somebody waits for it."""
    due = {"owed_at": now, "next_try_at": now, "expires_at": now + timedelta(hours=1)}
    return {"kind": Kind.ANNOUNCEMENT, "channel": channel, "need": 1} | due


def _try_out(db: Db, partnership_id: int, announcement_id: int, actor: str, to: Notice, *, now: datetime) -> Tried:
    made = _written(db, partnership_id, announcement_id)
    to.key = f"trial:{announcement_id}:{to.key}:{int(now.timestamp()) // 10}:{to.channel}"  # two quick presses are one
    if db.exec(select(Notice.id).where(col(Notice.key) == to.key)).first() is not None:
        return Tried(to.channel)
    copied = made.model_dump(exclude={"id", "audience", "made_by", "made_at"})
    trial = Announcement(**copied, audience=Audience.ONESELF, made_by=actor, made_at=now)
    db.add(trial)
    db.flush()
    to.announcement_id, to.programme_id = trial.id, made.programme_id
    db.add(to)
    db.flush()
    return Tried(to.channel)


def unsent_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_unsent` has anything to do."""
    return select(Announcement.id).where(*_unsent(at(-FRESH), whose)).exists()


def _unsent(made: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    spoken = select(Notice.id).where(col(Notice.announcement_id) == col(Announcement.id))
    old = col(Announcement.audience).in_(list(_STATES)), col(Announcement.made_at) <= made
    return *old, ~spoken.exists(), *of_these(Announcement.partnership_id, whose)


def forget_unsent(db: Db, *, now: datetime, whose: Whose = None) -> None:
    """What was written and not sent within a day is deleted."""
    db.exec(delete(Announcement).where(*_unsent(now - FRESH, whose)))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def programme_of(db: Db, partnership_id: int, announcement_id: int) -> int:
    """The programme that a message is about. Raises `NotFound`."""
    return _written(db, partnership_id, announcement_id).programme_id


def session_of(db: Db, partnership_id: int, announcement_id: int) -> int | None:
    """The session that a message is about; None: a day, or a whole programme. Raises `NotFound`."""
    return _written(db, partnership_id, announcement_id).session_id


def _written(db: Db, partnership_id: int, announcement_id: int) -> Announcement:
    made = db.get(Announcement, announcement_id)
    if made is None or made.partnership_id != partnership_id or made.audience not in _STATES:
        raise NotFound("We could not find that message. One that is not sent is kept for a day. Please write it again.")
    return made


def _was_sent(db: Db, made: Announcement) -> bool:
    return db.exec(select(Notice.id).where(col(Notice.announcement_id) == made.id)).first() is not None


def _recipients(db: Db, made: Announcement) -> Sequence[tuple[Person, Channel]]:
    """Everyone it is for, once each, and the way it takes. Nothing goes to an unproven address."""
    sessions = [session.id for session in sessions_of(db, made) if session.state is SessionState.PUBLISHED]
    theirs = col(Booking.state).in_(_STATES[made.audience]), col(Booking.wished).is_(False)  # else they may never have asked
    booked = select(Booking.person_id).where(col(Booking.session_id).in_(sessions), *theirs)
    people = db.exec(select(Person).where(col(Person.id).in_(booked)).order_by(col(Person.id))).all()
    ways = ((person, _way(person)) for person in people)
    return [(person, way) for person, way in ways if way is not None]


def _way(person: Person) -> Channel | None:
    if person.proven_at is not None:
        return preferred_channel(person)
    return Channel.CHAT if person.discord_id is not None and person.chat_closed_at is None else None


def _worth_until(db: Db, made: Announcement, now: datetime) -> datetime:
    ends = [session.ends_at for session in sessions_of(db, made) if session.ends_at > now]
    return max(ends) if ends else now + WORTH


def _notice(made: Announcement, person: Person, channel: Channel, until: datetime, *, now: datetime) -> Notice:
    return Notice(
        partnership_id=made.partnership_id,
        key=f"announcement:{made.id}:p{person.id}:{channel}",
        kind=Kind.ANNOUNCEMENT,
        channel=channel,
        need=need(Kind.ANNOUNCEMENT, starts_at=None, now=now),
        person_id=person.id,
        programme_id=made.programme_id,
        announcement_id=made.id,
        owed_at=now,
        next_try_at=now,
        expires_at=until,
    )
