"""What a run with faults left behind, as plain values: the ledger's side, and what the world outside received.

Nothing here decides anything; `judging` does. `books_of` reads the database, `message_ids_of` says under which names a
notice's e-mail may have come.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind, Provider
from domain.models import Booking, BookingState, EmailProof, Meeting, MeetingState, Notice, NoticeState, Person, Session, SessionState

SENDER = "practice-week@midlands.example"


@dataclass(frozen=True)
class Mail:
    """An e-mail as the mail server took it. The last five are of its calendar message, if it has one."""

    at: datetime
    message_id: str
    recipient: str
    content: bytes = field(default=b"", repr=False)
    uid: str | None = None
    sequence: int | None = None
    method: str | None = None
    starts_at: datetime | None = None
    attendee: str | None = None


@dataclass(frozen=True)
class Post:
    """A chat message as Discord took it; `left`: at the earliest; `fresh`: it became a message, and was not known by its nonce."""

    at: datetime
    left: datetime
    nonce: str
    room: int
    message_id: int
    fresh: bool = True


@dataclass(frozen=True)
class Word:
    """Something a person asked of the program, and what they were told; `came` is None where the process died before it answered."""

    person_id: int
    session_id: int
    asked: str  #: `book`, `cancel`
    came: str | None = None


@dataclass(frozen=True)
class Room:
    """A meeting that a service holds."""

    provider: Provider
    ref: str
    external_id: str
    starts_at: datetime


@dataclass(frozen=True)
class Record:
    """What the world outside received, in the order in which it came."""

    mails: Sequence[Mail] = ()
    posts: Sequence[Post] = ()
    words: Sequence[Word] = ()
    rooms: Sequence[Room] = ()


@dataclass(frozen=True)
class Owed:
    """A notice as the ledger has it."""

    id: int
    key: str
    kind: Kind
    channel: Channel
    state: NoticeState
    booking_id: int | None = None
    session_id: int | None = None
    sequence: int | None = None
    error: str = ""
    may_have_left: bool = False
    message_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Claim:
    """A booking, with its person's address."""

    id: int
    session_id: int
    person_id: int
    state: BookingState
    sequence: int
    address: str


@dataclass(frozen=True)
class Hour:
    """A session."""

    id: int
    uid: str
    places: int | None
    state: SessionState
    starts_at: datetime


@dataclass(frozen=True)
class Kept:
    """A meeting as the database has it."""

    session_id: int
    ref: str
    state: MeetingState
    external_id: str | None


@dataclass(frozen=True)
class Books:
    """The database's side."""

    owed: Sequence[Owed] = ()
    claims: Sequence[Claim] = ()
    hours: Sequence[Hour] = ()
    meetings: Sequence[Kept] = ()


def message_id(key: str, uid: str, dtstamp: datetime | None, address: str) -> str:
    """The Message-ID of a notice's e-mail, worked out anew and not asked of the program."""
    stamp = dtstamp.astimezone(UTC).isoformat() if dtstamp else ""
    told = "\n".join((key, uid, stamp, address))
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:40]}@{SENDER.partition('@')[2]}>"


def books_of(db: Db) -> Books:
    """Everything that the verdict needs to know of the database."""
    sessions = db.exec(select(Session).order_by(col(Session.id))).all()
    people = {person.id: person for person in db.exec(select(Person))}
    proofs: dict[int, list[str]] = defaultdict(list)
    for proof in db.exec(select(EmailProof)):
        proofs[proof.person_id].append(proof.address)
    uids = {session.id: session.uid for session in sessions}
    return Books(
        owed=tuple(_owed(notice, people, proofs, uids) for notice in db.exec(select(Notice).order_by(col(Notice.id)))),
        claims=tuple(
            Claim(b.id or 0, b.session_id, b.person_id, b.state, b.sequence, people[b.person_id].email or "")
            for b in db.exec(select(Booking).order_by(col(Booking.id)))
        ),
        hours=tuple(Hour(s.id or 0, s.uid, s.places, s.state, s.starts_at) for s in sessions),
        meetings=tuple(Kept(m.session_id, m.ref, m.state, m.external_id) for m in db.exec(select(Meeting).order_by(col(Meeting.id)))),
    )


def _owed(notice: Notice, people: dict[int | None, Person], proofs: dict[int, list[str]], uids: dict[int | None, str]) -> Owed:
    addresses = {people[notice.person_id].email or "", *proofs[notice.person_id]} if notice.person_id is not None else set()
    names = _names(notice, addresses, ["", *uids.values()]) if notice.channel is Channel.EMAIL else frozenset()
    return Owed(
        notice.id or 0,
        notice.key,
        notice.kind,
        notice.channel,
        notice.state,
        notice.booking_id,
        notice.session_id,
        notice.sequence,
        notice.error,
        notice.first_handed_at is not None,
        names,
    )


def _names(notice: Notice, addresses: Iterable[str], uids: Iterable[str]) -> frozenset[str]:
    """A day's reminder goes out under whichever of its sessions comes first; so each session's is thought of."""
    uids = list(uids)
    return frozenset(message_id(notice.key, uid, notice.dtstamp, address) for address in addresses for uid in uids)
