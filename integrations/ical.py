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
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vDuration, vText, vUri
from icalendar.parser import Contentline

from domain.errors import NaiveInstant
from domain.kinds import CalendarMethod, Mode, Provider
from domain.modes import joins_by_link
from domain.ports.letters import CalendarFacts, Recipient, SessionFacts
from domain.times import LONDON, to_wall
from integrations.plain import one_line, plain_address, tidy, web_link

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

_LABELS = {Provider.TEAMS: "Join the Teams meeting", Provider.ZOOM: "Join the Zoom meeting"}


def link_label(provider: Provider | None) -> str:
    """Words for a link to join, which say where it leads."""
    return _LABELS.get(provider, "Join the online meeting") if provider else "Join the online meeting"


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
    ) -> None:
        self._organiser = _address(organiser_name, plain_address(organiser_address))
        self._prodid = one_line(prodid)
        self._alarm = alarm
        self._refresh = refresh
        self._zones = {LONDON: Timezone.from_ical(_LONDON)}
        self._forms: dict[tuple[SessionFacts, CalendarMethod, Mode], tuple[bytes, bytes, bytes]] = {}

    def invitation(self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode) -> bytes:
        """A REQUEST or a CANCEL for one attendee. Raises `BadInput` without a good address, `NaiveInstant` for a time without a zone.

        All that is one person's own is the attendee, SEQUENCE and DTSTAMP: the rest is written once for a session as it stands.
        """
        stamp = f"{_utc(calendar.dtstamp):%Y%m%dT%H%M%SZ}"
        own = f"SEQUENCE:{calendar.sequence}\r\nDTSTAMP:{stamp}\r\n".encode("ascii")
        before, between, after = self._form(session, calendar.method, mode)
        return b"".join((before, own, between, _attendee_line(attendee.name, plain_address(attendee.address)), after))

    def _form(self, session: SessionFacts, method: CalendarMethod, mode: Mode) -> tuple[bytes, bytes, bytes]:
        """What surrounds a person's own lines. Kept by the session's whole content: one that has changed in anything is another."""
        key = session, method, mode
        form = self._forms.get(key)
        if form is None:
            content = self.invitation_anew(session, CalendarFacts(method, 0, _FEED_EPOCH), Recipient("", _NOBODY, None), mode)
            form = _cut(content)
            if len(self._forms) >= _MOST_FORMS:
                self._forms.pop(next(iter(self._forms)))
            self._forms[key] = form
        return form

    def invitation_anew(self, session: SessionFacts, calendar: CalendarFacts, attendee: Recipient, mode: Mode) -> bytes:
        """As `invitation`, every line by the library."""
        cancel = calendar.method is CalendarMethod.CANCEL
        entry = self._entry(session, mode, calendar.sequence, calendar.dtstamp, cancel=cancel)
        entry["ORGANIZER"] = self._organiser
        entry["ATTENDEE"] = _attendee(attendee.name, plain_address(attendee.address))
        entry.add("X-MICROSOFT-DISALLOW-COUNTER", vText("TRUE"))
        if self._alarm is not None and not cancel:
            entry.add_component(_alarm(self._alarm, session.title))
        return self._file([(session, entry)], method=calendar.method.value)

    def feed(self, name: str, sessions: Sequence[tuple[SessionFacts, Mode, int]]) -> bytes:
        """A calendar of sessions without a method or attendees; the same facts give the same bytes. Of one UID the latest stands."""
        latest: dict[str, tuple[SessionFacts, Mode, int]] = {}
        for item in sessions:
            if item[0].uid not in latest or item[2] > latest[item[0].uid][2]:
                latest[item[0].uid] = item
        entries = [
            (session, self._entry(session, mode, sequence, _FEED_EPOCH + timedelta(seconds=sequence), cancel=False))
            for session, mode, sequence in latest.values()
        ]
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

    def _entry(self, session: SessionFacts, mode: Mode, sequence: int, stamp: datetime, *, cancel: bool) -> Event:
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
        entry.add("LOCATION", _location(session, online=online))
        entry.add("DESCRIPTION", _description(session, online=online, cancel=cancel))
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


def _cut(content: bytes) -> tuple[bytes, bytes, bytes]:
    """A file without its attendee, and without SEQUENCE and DTSTAMP, which follow each other. Words that people typed begin no line."""
    before, _, rest = content.partition(b"SEQUENCE:0\r\nDTSTAMP:")
    between, _, after = rest.partition(b"\r\n")[2].partition(b"\r\nATTENDEE;")  # only where a line begins: a link may hold the word
    return before, between + b"\r\n", after[after.index(b"X-MICROSOFT-DISALLOW-COUNTER") :]


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", one_line(title))
    alarm.add("TRIGGER", -before)
    return alarm


def _location(session: SessionFacts, *, online: bool) -> str:
    if online:
        return web_link(session.join_url) or one_line(session.join_url or "") or "Online. The link will follow."
    return one_line(session.venue or "") or "The place will follow."


def _for_presenters(session: SessionFacts, *, online: bool) -> str:
    """What stands only in the entry of who presents. They open the meeting, also where they are in the room."""
    link = f"\n\n{link_label(session.provider)}:\n{one_line(session.join_url)}" if session.join_url and not online else ""
    return f"You present this session. If you cannot, please tell the organisers soon.{link}"


def _description(session: SessionFacts, *, online: bool, cancel: bool) -> str:
    """What stands in the entry. Others may see a calendar, so a private session says nothing but how to join."""
    parts: list[str] = ["This is cancelled. Please do not come."] if cancel else []
    if online and session.join_url and not cancel:
        # the link has its own line: some programs only find it there
        parts.append(f"{link_label(session.provider)}:\n{one_line(session.join_url)}")
    if not session.private:
        led = " and ".join(one_line(who) for who in (session.presenter, session.organisation) if who and one_line(who))
        to_read = "" if cancel else _materials(session)
        parts += [tidy(session.notes), to_read, tidy(session.description), f"Led by {led}." if led else "", one_line(session.programme)]
    if session.presenting:
        parts.append(_for_presenters(session, online=online) if not cancel else "")
    elif not cancel:
        parts.append("If you cannot come, please cancel in Discord: type /my bookings. Declining here does not cancel your place.")
    return "\n\n".join(part for part in parts if part)


def _materials(session: SessionFacts) -> str:
    """Links to read, each on a line of its own. Files travel with the mail, not with the entry."""
    lines = [f"{one_line(one.label)}:\n{link}" for one in session.materials if (link := web_link(one.link))]
    return "To read:\n" + "\n".join(lines) if lines else ""
