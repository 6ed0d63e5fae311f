"""Evidence: what reached people, what the services hold and what was said in public, as plain values, once a week is over.

A verdict looks at these rather than at what the program says of itself. `gather` reads them off the stage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.database import Db
from domain.kinds import Provider
from domain.rules import Rules
from rehearsal.chat import ORGANISER_ID
from rehearsal.mailbox import Arrived, Mailbox, content_of, read_invitation
from rehearsal.people import Account
from rehearsal.play_cast import ORGANISER
from rehearsal.serving import HeldMeeting
from rehearsal.stage import Stage
from rehearsal.taken import Taken

#: the account and the address of the rehearsal's organiser
ORGANISERS: frozenset[Account] = frozenset({ORGANISER_ID, ORGANISER.address})
#: six digits that have a line of their own; those of a place that is handed over have its number before them
_CODE = re.compile(rb"(?m)^[ \t]*(?:\d{1,9}-)?\d{3} ?\d{3}[ \t]*\r?$")

#: the address of a page where one button proves that a mail was read
_PROOF = re.compile(r"https?://[^\s/]+/prove/")


@dataclass(frozen=True)
class Message:
    """An e-mail or a direct message as it reached somebody. `at` is UTC."""

    name: str  #: the Message-ID, or Discord's own id
    to: str  #: the address, or the id of the Discord account
    at: datetime
    only_a_code: bool = False  #: an e-mail with six digits, or a link that proves its address, and no invitation
    text: str = ""  #: of an e-mail: its subject and all its words
    files: tuple[str, ...] = ()  #: of an e-mail: the names of the PDF files that came with it


@dataclass(frozen=True)
class Invitation:
    """One calendar message as it arrived. Instants are UTC; `message_id` names the message."""

    to: str  #: the envelope's address
    attendee: str  #: whom the calendar entry is made out to
    at: datetime
    message_id: str
    uid: str
    method: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    location: str
    description: str
    conference: str | None = None


@dataclass(frozen=True)
class RoomHeld:
    """A meeting that a service still has."""

    provider: Provider
    host: str
    ref: str
    starts_at: datetime
    ends_at: datetime
    join_url: str


@dataclass(frozen=True)
class Evidence:
    """All that a verdict looks at. `repeated_differently` are Message-IDs that came twice with other bytes."""

    db: Db
    rules: Rules
    mails: Sequence[Message]  #: in the order of arrival
    direct_messages: Sequence[Message]
    invitations: Sequence[Invitation]  #: in the order of arrival; they are among the mails too
    repeated_differently: Sequence[str]
    rooms: Sequence[RoomHeld]
    public_transcripts: Mapping[str, str]
    shown: Mapping[Account, str] = field(default_factory=dict)  #: all that was said to somebody and by them, or that pages showed them
    organisers: frozenset[Account] = frozenset()  #: who may be shown who comes
    left: Mapping[str, str] = field(default_factory=dict)  #: by its name, what else was written: log, reports, timeline, meetings
    confided: Mapping[Account, tuple[str, ...]] = field(default_factory=dict)  #: what was typed in private
    pages: Mapping[str, str] = field(default_factory=dict)  #: by what it is, every page that anybody can read
    typed: frozenset[str] = frozenset()  #: every address that people typed, in small letters: the program may have forgotten it since
    taken: Taken = field(default_factory=Taken)  #: what people and organisers did on pages, and were given there


def gather(
    db: Db,
    stage: Stage,
    altered: Sequence[str],
    left: Mapping[str, str],
    confided: Mapping[Account, tuple[str, ...]],
    pages: Mapping[str, str],
    typed: frozenset[str],
    taken: Taken,
) -> Evidence:
    """What is there when the week is over. `altered` is what the mailbox found when it wrote its messages down."""
    direct = [Message(str(message), str(account), at) for message, account, at in stage.chat.delivered()]
    rooms = [held(Provider.TEAMS, meeting) for meeting in stage.graph.living] + [held(Provider.ZOOM, one) for one in stage.zoom.living]
    public = {name: text for name, text in stage.chat.transcripts().items() if name.startswith("#")}
    calendars = invitations_in(stage.mailbox)
    chatted, browsed = stage.chat.shown_to().items(), stage.web.shown_to().items()
    shown: dict[Account, str] = {account: text for each in (chatted, browsed) for account, text in each}
    mails = mails_in(stage.mailbox)
    told = left, confided, pages, typed, taken
    return Evidence(db, stage.rules, mails, direct, calendars, altered, rooms, public, shown, ORGANISERS, *told)


def mails_in(mailbox: Mailbox) -> list[Message]:
    """Every mail, in the order of arrival."""
    return [mail_of(arrived) for arrived in mailbox.messages]


def mail_of(arrived: Arrived) -> Message:
    """One mail."""
    words = words_of(arrived)
    code = not arrived.has_calendar and bool(_CODE.search(arrived.content) or _PROOF.search(words))
    return Message(arrived.message_id, arrived.recipient, arrived.at, code, words, pdfs_of(arrived))


def words_of(arrived: Arrived) -> str:
    """Its subject, whom it is from and to, and every text in it, a calendar's long lines made whole."""
    heads = [str(arrived.headers[name] or "") for name in ("Subject", "From", "To", "Reply-To")]
    return "\n".join([*heads, *(text for _, text in arrived.texts)]).replace("\r\n", "\n").replace("\n ", "")


def pdfs_of(arrived: Arrived) -> tuple[str, ...]:
    """The names of the files that are PDF, by what is in them."""
    files = (part for part in arrived.parts.walk() if part.get_content_maintype() not in ("text", "multipart"))
    return tuple(part.get_filename() or "" for part in files if content_of(part).startswith(b"%PDF-"))


def invitations_in(mailbox: Mailbox) -> list[Invitation]:
    """Every calendar message, in the order of arrival."""
    return [found for arrived in mailbox.messages if (found := invitation_of(arrived)) is not None]


def invitation_of(arrived: Arrived) -> Invitation | None:
    """The calendar message of a mail, if it has one."""
    read = read_invitation(arrived.parts) if arrived.has_calendar else None
    if read is None:
        return None
    return Invitation(
        to=arrived.recipient,
        attendee=read.attendee,
        at=arrived.at,
        message_id=arrived.message_id,
        uid=read.uid,
        method=read.method,
        sequence=read.sequence,
        dtstamp=read.dtstamp,
        starts_at=read.starts_at,
        ends_at=read.ends_at,
        location=read.location,
        description=read.description,
        conference=read.conference,
    )


def held(provider: Provider, meeting: HeldMeeting) -> RoomHeld:
    """A meeting as its service holds it."""
    return RoomHeld(provider, meeting.host, meeting.ref, meeting.starts_at, meeting.ends_at, meeting.join_url)
