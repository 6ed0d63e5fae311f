"""Calendar files: the entry in a person's calendar that moves by itself.

A *message* (RFC 5546) asks one attendee to put a session into the calendar (REQUEST) or to take it out
(CANCEL); it rides in an e-mail (RFC 6047). A *feed* is a person's sessions to download or subscribe to. Both are
bytes of text/calendar (RFC 5545): CRLF, at most 75 octets a line.

The London zone is a constant. What the library makes from the zone database (RDATEs to 2038, the spring change an
hour late) is read an hour wrong by two of three calendar programs that we tried. Any other zone is written in UTC,
which every program reads alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vDuration, vText, vUri
from icalendar.parser import Contentline

from domain.errors import NaiveInstant
from domain.kinds import CalendarMethod, Mode, Provider
from domain.modes import joins_by_link
from domain.ports.letters import CalendarFacts, Recipient, SessionFacts
from domain.times import LONDON, to_wall
from integrations.entry_words import Closing, description, link_label, location
from integrations.plain import one_line, plain_address, web_link

_LONDON = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
DTSTART:19810329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""

#: a feed's DTSTAMP must rise with each revision and stay the same between two downloads of the same facts
_FEED_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

#: forms kept: sessions with two modes each
_MOST_FORMS = 256
_NOBODY = "nobody@example.org"
#: a name and an address that the library writes as they are, on two lines at most
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 -]+")
_PLAIN_LENGTH = 70

#: of which the token in a link is made (`domain.links`); all tokens are equally long
_TOKEN_BYTES = 16


@dataclass(frozen=True)
class _Form:
    """An invitation without what is one person's own. Slices stand where a token will."""

    before: bytes
    between: tuple[bytes | slice, ...]
    after: bytes


class CalendarFiles:
    """Writes invitations, cancellations and feeds for one organiser (a partnership's sender)."""

    def __init__(
        self,
        organiser_name: str,
        organiser_address: str,
        *,
        prodid: str = "-//Practice Week//EN",
        alarm: timedelta | None = timedelta(minutes=15),
        refresh: timedelta = timedelta(hours=1),
        reads_replies: bool = False,
        has_chat: bool = True,
    ) -> None:
        self._organiser = _address(organiser_name, plain_address(organiser_address))
        self._prodid = one_line(prodid)
        self._alarm = alarm
        self._refresh = refresh
        self._has_chat = has_chat  # the partnership has a Discord server
        self._reads_replies = reads_replies  # a Decline gives the place back
        self._zones = {LONDON: Timezone.from_ical(_LONDON)}
        self._anybody = token_urlsafe(_TOKEN_BYTES)  # stands where a person's own token will; random, so nobody types it
        self._forms: dict[tuple[SessionFacts, CalendarMethod, Mode, Closing], _Form] = {}

    def invitation(
        self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode, *, join: str = "", own_page: bool = False
    ) -> bytes:
        """A REQUEST or a CANCEL for one attendee. Raises `BadInput` without a good address, `NaiveInstant` for a time without a zone.

        All that is one person's own is the attendee, SEQUENCE, DTSTAMP and their way in: the rest is written once for a session as it
        stands. `join` is the address of that way in, and ends with a token; `own_page` says that they have a page to cancel on. Its
        address is not told: others may see a calendar, and the way in opens one session only.
        """
        base, _, token = join.rpartition("/")
        if join and len(token) != len(self._anybody):
            return self.invitation_anew(session, calendar, attendee, mode, join=join, own_page=own_page)
        closing = Closing(f"{base}/{self._anybody}" if join else "", own_page, self._in_chat(attendee), self._has_chat)
        stamp = f"{_utc(calendar.dtstamp):%Y%m%dT%H%M%SZ}"
        own = f"SEQUENCE:{calendar.sequence}\r\nDTSTAMP:{stamp}\r\n".encode("ascii")
        form, mine = self._form(session, calendar.method, mode, closing), token.encode("ascii", "replace")
        between = (mine[part] if isinstance(part, slice) else part for part in form.between)
        return b"".join((form.before, own, *between, _attendee_line(attendee.name, plain_address(attendee.address)), form.after))

    def _in_chat(self, attendee: Recipient) -> bool:
        return self._has_chat and attendee.discord_id is not None

    def _form(self, session: SessionFacts, method: CalendarMethod, mode: Mode, closing: Closing) -> _Form:
        """What surrounds a person's own lines. Kept by the session's whole content: one that has changed in anything is another."""
        key = session, method, mode, closing
        form = self._forms.get(key)
        if form is None:
            calendar, nobody = CalendarFacts(method, 0, _FEED_EPOCH), Recipient("", _NOBODY, 0 if closing.in_chat else None)
            content = self.invitation_anew(session, calendar, nobody, mode, join=closing.join, own_page=closing.own_page)
            form = _cut(content, self._anybody)
            if len(self._forms) >= _MOST_FORMS:
                self._forms.pop(next(iter(self._forms)))
            self._forms[key] = form
        return form

    def invitation_anew(
        self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode, *, join: str = "", own_page: bool = False
    ) -> bytes:
        """As `invitation`, every line by the library."""
        cancel = calendar.method is CalendarMethod.CANCEL
        closing = Closing("" if cancel else join, own_page, self._in_chat(attendee), self._has_chat, reads_replies=self._reads_replies)
        entry = self._entry(session, mode, calendar.sequence, calendar.dtstamp, cancel=cancel, closing=closing)
        entry["ORGANIZER"] = self._organiser
        entry["ATTENDEE"] = _attendee(attendee.name, plain_address(attendee.address))
        entry.add("X-MICROSOFT-DISALLOW-COUNTER", vText("TRUE"))
        if self._alarm is not None and not cancel:
            entry.add_component(_alarm(self._alarm, session.title))
        return self._file([(session, entry)], method=calendar.method.value)

    def feed(self, name: str, sessions: Sequence[tuple[SessionFacts, Mode, int]], *, ways_in: Mapping[int, str] | None = None) -> bytes:
        """A calendar of sessions without a method or attendees; the same facts give the same bytes. Of one UID the latest stands."""
        ways = ways_in or {}
        latest: dict[str, tuple[SessionFacts, Mode, int]] = {}
        for item in sessions:
            if item[0].uid not in latest or item[2] > latest[item[0].uid][2]:
                latest[item[0].uid] = item
        entries = [
            (
                session,
                self._entry(
                    session,
                    mode,
                    sequence,
                    _feed_stamp(sequence),
                    cancel=False,
                    closing=Closing(ways.get(session.session_id, ""), ways_in is not None, ways_in is None),
                ),
            )
            for session, mode, sequence in latest.values()
        ]
        return self._file(entries, name=one_line(name))

    def programme(self, name: str, sessions: Sequence[tuple[SessionFacts, int]], *, pages: Mapping[int, str]) -> bytes:
        """A calendar of open sessions, for everybody. Who takes part, how to join, and what those booked are told is not in it."""
        entries = []
        for session, revision in sessions:
            shown = replace(session, join_url=None, notes="", materials=())
            closing = Closing(page=pages.get(session.session_id, ""))
            entry = self._entry(shown, Mode.ROOM, revision, _feed_stamp(revision), cancel=False, closing=closing)
            entry["TRANSP"] = vText("TRANSPARENT")  # what is on, not where one is
            entry["X-MICROSOFT-CDO-BUSYSTATUS"] = vText("FREE")
            if closing.page:
                entry.add("URL", closing.page)
            entries.append((session, entry))
        return self._file(entries, name=one_line(name))

    def _file(self, entries: Sequence[tuple[SessionFacts, Event]], *, method: str | None = None, name: str | None = None) -> bytes:
        file = Calendar()  # not Calendar.new(), which adds a random UID: a feed would differ at every download
        file.add("VERSION", "2.0")
        file.add("PRODID", self._prodid)
        file.add("CALSCALE", "GREGORIAN")
        if method is not None:
            file.add("METHOD", method)
        if name is not None:
            file.add("NAME", name)
            file.add("X-WR-CALNAME", name)
            file.add("REFRESH-INTERVAL", vDuration(self._refresh), parameters={"VALUE": "DURATION"})
            file.add("X-PUBLISHED-TTL", vDuration(self._refresh))
        used = {zone for session, entry in entries if (zone := session.zone) in self._zones and "TZID" in entry["DTSTART"].params}
        for zone in sorted(used):
            file.add_component(self._zones[zone])
        for _, entry in entries:
            file.add_component(entry)
        content: bytes = file.to_ical(sorted=False)
        return content

    def _entry(self, session: SessionFacts, mode: Mode, sequence: int, stamp: datetime, *, cancel: bool, closing: Closing) -> Event:
        online = joins_by_link(session.format, mode)
        entry = Event()
        entry.add("UID", one_line(session.uid))
        entry.add("SEQUENCE", sequence)
        entry.add("DTSTAMP", _utc(stamp).replace(microsecond=0))
        starts_at, ends_at = self._times(session)
        entry.add("DTSTART", starts_at)
        entry.add("DTEND", ends_at)
        entry.add("SUMMARY", one_line(session.title))
        entry.add("STATUS", "CANCELLED" if cancel else "CONFIRMED")
        entry.add("TRANSP", "TRANSPARENT" if cancel else "OPAQUE")
        entry.add("CLASS", "PRIVATE" if session.private else "PUBLIC")
        entry.add("LOCATION", location(session, online=online, closing=closing))
        entry.add("DESCRIPTION", description(session, online=online, cancel=cancel, closing=closing))
        # a cancelled entry may stay in view until it is removed by hand: it should not block the hour meanwhile
        entry.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE" if cancel else "BUSY"))
        link = web_link(session.join_url) if online and not cancel else None
        if link:
            entry.add("CONFERENCE", vUri(link), parameters={"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": link_label(session.provider)})
            if session.provider is Provider.TEAMS:
                entry.add("X-MICROSOFT-SKYPETEAMSMEETINGURL", vText(link))
        return entry

    def _times(self, session: SessionFacts) -> tuple[datetime, datetime]:
        """Both in the session's zone; in UTC where we hold no such zone, and in an hour that comes twice (RFC 5545 means the first)."""
        starts_at, ends_at = _utc(session.starts_at), _utc(session.ends_at)
        if session.zone not in self._zones:
            return starts_at, ends_at
        start, end = to_wall(starts_at, session.zone), to_wall(ends_at, session.zone)
        return (starts_at, ends_at) if start.fold or end.fold else (start, end)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NaiveInstant(instant)
    return instant.astimezone(UTC)


def _address(name: str, address: str) -> vCalAddress:
    value = vCalAddress(f"mailto:{address}")
    value.params["CN"] = one_line(name) or address
    return value


def _attendee(name: str, address: str) -> vCalAddress:
    value = _address(name, address)
    value.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
    return value


def _attendee_line(name: str, address: str) -> bytes:
    """The line of one attendee, folded. What needs no thought is written by hand: the library takes ten times as long for the same."""
    name = one_line(name) or address
    if not _PLAIN_NAME.fullmatch(name) or len(name) + len(address) > _PLAIN_LENGTH:
        value = _attendee(name, address)
        line: bytes = Contentline.from_parts("ATTENDEE", value.params, value, sorted=False).to_ical()
        return line + b"\r\n"
    shown = f'"{name}"' if " " in name else name
    text = f"ATTENDEE;CN={shown};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{address}"
    return f"{text[:74]}\r\n {text[74:148]}\r\n".encode("ascii")


def _cut(content: bytes, token: str) -> _Form:
    """A file without its attendee, and without SEQUENCE and DTSTAMP, which follow each other. Words that people typed begin no line."""
    before, _, rest = content.partition(b"SEQUENCE:0\r\nDTSTAMP:")
    between, _, after = rest.partition(b"\r\n")[2].partition(b"\r\nATTENDEE;")  # only where a line begins: a link may hold the word
    return _Form(before, _holes(between + b"\r\n", token), after[after.index(b"X-MICROSOFT-DISALLOW-COUNTER") :])


def _holes(content: bytes, token: str) -> tuple[bytes | slice, ...]:
    """The content in pieces, a slice of the token wherever a part of it stood: a line may be folded in its middle.

    Every token is as long as this one and needs no escape, so that the lines of all of them are folded at the same place.
    """
    folded = b"(?:\r\n )?".join(re.escape(letter.encode("ascii")) for letter in token)
    parts: list[bytes | slice] = []
    done = 0
    for found in re.finditer(folded, content):
        first, fold, _ = found[0].partition(b"\r\n ")
        parts += [content[done : found.start()], slice(0, len(first))]
        if fold:
            parts += [fold, slice(len(first), None)]
        done = found.end()
    return (*parts, content[done:])


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", one_line(title))
    alarm.add("TRIGGER", -before)
    return alarm


def _feed_stamp(revision: int) -> datetime:
    return _FEED_EPOCH + timedelta(seconds=revision)
