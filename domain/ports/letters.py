"""Letters, everything that stands in them, and the channels by which they travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.kinds import CalendarMethod, Channel, Format, Kind, Mode, Provider
from domain.letters.matters import Matter
from domain.limits import Flow


@dataclass(frozen=True)
class Recipient:
    """Who a letter is for. `name` is the name this person chose; `discord_id` serves the chat channel."""

    name: str
    address: str | None
    discord_id: int | None


@dataclass(frozen=True)
class MaterialFacts:
    """Something to read or bring: a link, or the name of a file."""

    label: str
    link: str | None = None
    file_name: str | None = None


@dataclass(frozen=True)
class SessionFacts:
    """A session as one recipient may see it, at the moment of sending."""

    session_id: int
    uid: str  #: stable for the session's life; the calendar entry's UID
    reference: str
    programme: str
    title: str  #: the neutral public title where the session is private
    description: str
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    zone: str
    format: Format
    provider: Provider | None
    venue: str | None
    join_url: str | None
    notes: str  #: joining notes
    presenter: str | None
    organisation: str | None
    private: bool = False
    part: str = ""  #: of a series: `Part 2 of 3 of Practitioner teachers 2027`
    presenting: bool = False  #: this recipient presents it, and has a calendar entry of its own for that
    materials: tuple[MaterialFacts, ...] = ()


@dataclass(frozen=True)
class ReminderItem:
    """One of the sessions that a day's reminder speaks of."""

    session: SessionFacts
    mode: Mode
    booking_id: int


@dataclass(frozen=True)
class CalendarFacts:
    """What makes one calendar message: RFC 5546 section 2.1.4 for SEQUENCE and DTSTAMP."""

    method: CalendarMethod
    sequence: int
    dtstamp: datetime  #: UTC, whole seconds, rises strictly with every message of a booking


@dataclass(frozen=True)
class Attachment:
    """A file that travels with a letter: a session's material, or a certificate.

    Whoever writes the letter puts it into `Letter.attachments`, and that is all: `integrations.mime` packs it beside the
    invitation, `bot.files` puts it below the card. `name` may be as people typed it; each channel makes it fit.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class LetterLinks:
    """What stands in the links of a letter to one person, where this installation has pages. Empty: there is no such link."""

    mine: str = field(default="", repr=False)  #: their own page
    join: str = field(default="", repr=False)  #: into the session
    feedback: str = field(default="", repr=False)
    prove: str = field(default="", repr=False)  #: the address is theirs
    also: tuple[str, ...] = field(default=(), repr=False)  #: into the further sessions of a day's reminder, in their order; empty: none
    sign_in: str = field(default="", repr=False)  #: to the organisers' pages, once
    handed: str = field(default="", repr=False)  #: to a colleague's place that is offered
    present: str = field(default="", repr=False)  #: to a presenter's answer


@dataclass(frozen=True)
class Letter:
    """One notice with everything needed to word and send it. Only the fields its kind needs are filled."""

    notice_id: int
    key: str  #: the notice's unique key: the Message-ID and the chat nonce are made from it
    kind: Kind
    channel: Channel
    recipient: Recipient
    session: SessionFacts | None = None
    calendar: CalendarFacts | None = None
    mode: Mode | None = None
    booking_id: int | None = None
    person_id: int | None = None  #: whose letter it is, where it goes to a person's own address
    proof_id: int | None = None  #: the address that it goes to is to be proven, or was theirs before
    reason: str = ""  #: why a session or booking was cancelled, in the organiser's words
    by_organiser: bool = False  #: a cancellation that the person did not ask for
    whole: str = ""  #: the title of the series that the letter is about as a whole; `session` is its next part
    leaving: bool = False  #: a cancellation to who asked to be forgotten: it leads nowhere any more
    waiting: bool = False  #: an update to somebody who has no place (yet): without calendar and link
    changes: tuple[str, ...] = ()  #: what an update changes: "time", "held", "place", "link", "title"
    code: str | None = None  #: a verification's six digits
    found: bool = False  #: a verification without a wish: somebody whom we know asked for the link to their own page
    kept: timedelta | None = None  #: a verification's place is kept for so long, counted from when it was asked for
    until: datetime | None = None  #: when an offer, hold or code ends (UTC)
    lead_minutes: int | None = None  #: a reminder's lead
    programme_id: int | None = None
    organiser_id: int | None = None  #: of a link to sign in
    transfer_id: int | None = None  #: of the question to a colleague
    channel_id: int | None = None  #: the Discord channel of a board message
    links: LetterLinks | None = None  #: where there are pages
    matter: Matter | None = None  #: what a letter of its kind speaks of, beyond the session
    attachments: tuple[Attachment, ...] = ()
    also: tuple[ReminderItem, ...] = ()  #: a day's reminder: the person's further sessions of that day, in order of their start
    fallback: bool = False  #: sent by e-mail because direct messages are closed
    attempt: int = 1  #: which attempt this is
    first_tried_at: datetime | None = None  #: when the first attempt began that may have arrived (UTC)
    due_at: datetime | None = field(default=None, compare=False)  #: from when on it could have been sent (UTC)
    partnership_id: int = 0  #: whose letter it is: by it a channel picks its sender and its server
    #: not to be sent from this instant on (UTC): another process may have it by then. None: nobody else can
    leased_until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Receipt:
    """A letter that the service took. `external_id` is the service's id for it, where it has one."""

    external_id: str | None = None


#: said of a letter of a partnership that this process does not keep, and for how long (in seconds) it is left to another that may
NOT_OURS, NOT_OURS_FOR_S = "its partnership is not in the settings of this process", 300.0


class NoticeChannel(Protocol):
    """One way for a letter to travel."""

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Whether sending the same letter again does no harm, `seconds` after the first attempt."""

    async def flow(self) -> Flow | None:
        """How letters leave just now: how many at once, how many later, and from when on; None: as they come."""

    async def send(self, letter: Letter) -> Receipt:
        """Hand the letter over. `Unknown` when it may have been taken all the same."""


class SentMessages(Protocol):
    """What a chat service has of us, and lets us delete."""

    async def take_back(self, discord_id: int, external_id: str) -> None:
        """Delete a direct message that was sent to this account. One that is gone already is deleted. `Permanent`: we may not."""


class CalendarWriter(Protocol):
    """Writes calendar files: bytes of text/calendar."""

    def invitation(
        self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode, *, join: str = "", own_page: bool = False
    ) -> bytes:
        """A REQUEST or a CANCEL for one attendee. `join`: the address of their way in; `own_page`: they have a page to cancel on."""

    def feed(self, name: str, sessions: Sequence[tuple[SessionFacts, Mode, int]], *, ways_in: Mapping[int, str] | None = None) -> bytes:
        """A calendar of a person's sessions, without a method; each with its mode and sequence.

        `ways_in`: where there are pages, the addresses of the ways in, by session.
        """

    def programme(self, name: str, sessions: Sequence[tuple[SessionFacts, int]], *, pages: Mapping[int, str]) -> bytes:
        """A calendar of open sessions for everybody, each with its revision and its page: no link to join, and nothing for those booked."""
