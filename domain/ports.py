"""What the domain and the ticks ask of the outside world, as Protocols and plain values.

`integrations/` and `bot/` implement these; `practiceweek.compose` hands them in. Every value is frozen and
complete: an implementation never reads the database. Every method raises `domain.errors.Permanent`,
`Temporary` or `Unknown`, and nothing else, for a failure of the service behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from domain.kinds import CalendarMethod, Channel, Format, Kind, Mode, Provider
from domain.letters.matters import Matter
from domain.limits import Flow
from domain.records import AttendanceFacts, CompletionFacts
from domain.views import DayView

# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class MeetingRequest:
    """The meeting that a session needs. `ref` names it for ever: `<session uid>:<generation>`."""

    ref: str
    host: str  #: Teams: the organiser's object id; Zoom: the host's user id or e-mail
    title: str
    starts_at: datetime  #: UTC
    ends_at: datetime  #: UTC
    zone: str
    co_organisers: tuple[str, ...] = ()  #: addresses of those who may run it too; the service may refuse them, never the meeting


@dataclass(frozen=True)
class MeetingMade:
    """A meeting that exists. `external_id` is the service's id; `join_url` is what people open."""

    external_id: str
    join_url: str
    without_co_organisers: bool = False  #: the service did not take those who were asked for


class MeetingProvider(Protocol):
    """One service that holds meetings. The recipe that never makes two is split between this and `domain.meetings`."""

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        """Make the meeting. Sent at most once per call. `Unknown` when it may have been made all the same."""

    async def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        """After `Unknown`: the meeting of this ref if there is one (several: the lowest id stays, the rest are deleted), else None."""

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """Give an existing meeting the title and times of `wanted`. Harmless to repeat. `Permanent("gone")` if it is no longer there."""

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        """Delete the meeting. One that is gone already counts as deleted."""

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        """Delete every meeting of this ref except `keep` (all, with None), for an effect that landed late; how many were deleted."""


# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────


class Limits(Protocol):
    """What others allow us, counted together by every process. Accounts are named in `domain.limits`."""

    async def flow(self, *accounts: str) -> Flow | None:
        """How calls leave that need all of these accounts: by the limit of the first, and the pauses of all. None: as they come."""

    async def take(self, *accounts: str, patience: float = ...) -> None:
        """Take a turn with all of these accounts, or with none. Waits up to `patience` seconds; then raises `Held`."""

    async def pause(self, account: str, seconds: float, reason: str) -> None:
        """The service asked us to wait: no process calls this account for so long."""


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────


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
    reason: str = ""  #: why a session or booking was cancelled, in the organiser's words
    by_organiser: bool = False  #: a cancellation that the person did not ask for
    whole: str = ""  #: the title of the series that the letter is about as a whole; `session` is its next part
    waiting: bool = False  #: an update to somebody who has no place (yet): without calendar and link
    changes: tuple[str, ...] = ()  #: what an update changes: "time", "place", "link", "title"
    code: str | None = None  #: a verification's six digits
    until: datetime | None = None  #: when an offer, hold or code ends (UTC)
    lead_minutes: int | None = None  #: a reminder's lead
    programme_id: int | None = None
    channel_id: int | None = None  #: the Discord channel of a board message
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


@dataclass(frozen=True)
class Shown:
    """Where a page of a day stands."""

    message_id: int


class Noticeboard(Protocol):
    """The channels of a server, where a programme's days are posted and kept true."""

    def pages(self, day: DayView) -> int:
        """How many messages this day needs."""

    async def show(self, day: DayView, page: int, channel_id: int, message_id: int | None, *, nonce: str) -> Shown:
        """Post a page of a day, or edit it where it stands. A deleted message is posted anew. `Permanent`: the channel is gone.

        Posted twice in a row with one `nonce`, as after an answer that was lost, it is one message, as it was first.
        """


class CalendarWriter(Protocol):
    """Writes calendar files: bytes of text/calendar."""

    def invitation(self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode) -> bytes:
        """A REQUEST or a CANCEL for one attendee."""

    def feed(self, name: str, sessions: Sequence[tuple[SessionFacts, Mode, int]]) -> bytes:
        """A calendar of a person's sessions to download, without a method; each with its mode and sequence."""


# ── spreadsheets and pictures ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sheet:
    """A spreadsheet as rows of cells. `rows[0]` is row 1 of the spreadsheet. A cell is None, str, float, bool, date, time or datetime.

    Where several sheets were joined, `places` says of each row which sheet it is from, and its number there.
    """

    name: str
    rows: tuple[tuple[object, ...], ...]
    warnings: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()


class SheetReader(Protocol):
    """Reads an uploaded file."""

    def read(self, name: str, content: bytes) -> Sheet:
        """The first sheet with a table in it, or the sheets of all days as one. Raises `BadInput` for a file that cannot be used."""


@dataclass(frozen=True)
class Bars:
    """A bar chart to draw: for each label one value a series. `title` says what it shows."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = ""
    stacked: bool = field(default=False)


class Pictures(Protocol):
    """Draws charts."""

    def bars(self, chart: Bars) -> bytes:
        """A PNG. Slow: call it off the loop."""


class SheetWriter(Protocol):
    """Writes spreadsheets for organisers."""

    def write(self, title: str, pages: Sequence[Page]) -> bytes:
        """An XLSX file. Every text stays text, whatever it begins with. Slow for thousands of rows: call it off the loop."""


@dataclass(frozen=True)
class Page:
    """One sheet of a workbook: a head, rows below it. A cell is None, str, int, float, date, time or a wall time without a zone."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class SignInLine:
    """Somebody on a sign-in sheet. `organisation` is empty where the session is private."""

    name: str
    organisation: str


@dataclass(frozen=True)
class SignInSheet:
    """A session's sign-in sheet, to print. Times are words already."""

    title: str
    programme: str
    partnership: str
    when: str
    venue: str
    people: tuple[SignInLine, ...]
    waiting: tuple[SignInLine, ...]
    made: str
    made_at: datetime  #: UTC
    private: bool = False


class SignInSheets(Protocol):
    """Sets sign-in sheets for printing."""

    def pdf(self, sheet: SignInSheet, *, landscape: bool = False) -> bytes:
        """A PDF of A4 pages. Slow: call it off the loop."""


@dataclass(frozen=True)
class WrittenQuestion:
    """A question as it stands in an organiser's file. What is missing is None."""

    words: str | None
    kind: str | None
    options: tuple[str, ...] = ()
    key: str | None = None


class FormReader(Protocol):
    """Reads a feedback form from a file."""

    def read(self, name: str, content: bytes) -> tuple[WrittenQuestion, ...]:
        """The questions in order. Raises `BadInput` with a plain sentence for a file that cannot be read."""


class Certificates(Protocol):
    """Draws certificates: bytes of a PDF that says in its own words what it is, and in which language."""

    def completion(self, facts: CompletionFacts) -> bytes:
        """That somebody completed a course. Slow: call it off the loop."""

    def attendance(self, facts: AttendanceFacts) -> bytes:
        """That somebody attended sessions of a programme. Slow: call it off the loop."""


P = ParamSpec("P")
T = TypeVar("T")


class Aside(Protocol):
    """Where slow computing is done, away from whoever answers: a thread, or a process of its own."""

    async def __call__(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `call` returns, or raises. It is a function of a module, and what goes in and comes out are plain values."""
