"""Calendar files, read back by two programs that did not write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from domain.errors import BadInput, NaiveInstant
from domain.kinds import Format, Mode, Provider
from domain.ports.letters import Recipient
from integrations.ical import CalendarFiles
from tests.mail_building import ANN, LINK, SENDER, STAMP, calendars, cancel, request, session

LONDON = ZoneInfo("Europe/London")


def wall(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def by_vobject(content: bytes) -> tuple[datetime, datetime]:
    entry = vobject.readOne(content.decode()).vevent
    return entry.dtstart.value.astimezone(UTC), entry.dtend.value.astimezone(UTC)


def utc(when: date | None) -> datetime:
    assert isinstance(when, datetime)
    return when.astimezone(UTC)


def by_ical(content: bytes) -> tuple[datetime, datetime]:
    [entry] = IcsCalendarStream.calendar_from_ics(content.decode()).events
    return utc(entry.dtstart), utc(entry.dtend)


@pytest.mark.parametrize(
    "starts_at",
    [
        pytest.param(wall(2027, 1, 15, 9, 0), id="january"),
        pytest.param(wall(2027, 3, 26, 9, 0), id="the Friday before the clocks go forward"),
        pytest.param(wall(2027, 3, 29, 9, 0), id="the Monday after"),
        pytest.param(wall(2027, 7, 15, 9, 0), id="july"),
        pytest.param(wall(2027, 10, 29, 9, 0), id="the Friday before the clocks go back"),
        pytest.param(wall(2027, 11, 1, 9, 0), id="the Monday after the clocks went back"),
        pytest.param(wall(2041, 7, 15, 9, 0), id="a summer after 2038"),
        pytest.param(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), id="half past one for the first time"),
        pytest.param(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), id="half past one for the second time"),
    ],
)
def test_two_other_programs_read_the_same_instants(starts_at: datetime) -> None:
    ends_at = starts_at + timedelta(minutes=45)
    content = calendars().invitation(session(starts_at=starts_at, ends_at=ends_at), request(), ANN, Mode.ONLINE)
    assert by_vobject(content) == (starts_at, ends_at)
    assert by_ical(content) == (starts_at, ends_at)


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Asia/Kolkata", "UTC"])
def test_a_zone_that_we_hold_no_rules_for_is_written_in_utc(zone: str) -> None:
    content = calendars().invitation(session(zone=zone), request(), ANN, Mode.ONLINE)
    assert "DTSTART:20270315T093000Z" in unfolded(content)
    assert b"VTIMEZONE" not in content
    assert by_vobject(content) == by_ical(content) == (session().starts_at, session().ends_at)


def test_an_invitation_holds_what_outlook_and_the_standards_ask_for() -> None:
    lines = unfolded(calendars().invitation(session(), request(4), ANN, Mode.ONLINE))
    written = [line for line in lines if not line.startswith("DESCRIPTION")]
    begin, end = written.index("BEGIN:VEVENT"), written.index("END:VEVENT")
    assert written[:5] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Practice Week//EN", "CALSCALE:GREGORIAN", "METHOD:REQUEST"]
    assert written[begin : end + 1] == [
        "BEGIN:VEVENT",
        "UID:3f1c@practiceweek",
        "SEQUENCE:4",
        "DTSTAMP:20270301T085930Z",
        "DTSTART;TZID=Europe/London:20270315T093000",
        "DTEND;TZID=Europe/London:20270315T101500",
        "SUMMARY:Working with fathers",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
        f"LOCATION:{LINK}",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        f"CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join the Teams meeting:{LINK}",
        f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{LINK}",
        'ORGANIZER;CN="Northfield Teaching Partnership":mailto:practiceweek@northfield.example',
        'ATTENDEE;CN="Ann Other";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@council.example',
        "X-MICROSOFT-DISALLOW-COUNTER:TRUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
    ]


def test_the_link_stands_on_a_line_of_its_own_in_the_description() -> None:
    entry = Calendar.from_ical(calendars().invitation(session(), request(), ANN, Mode.ONLINE)).walk("VEVENT")[0]
    assert str(entry["DESCRIPTION"]).split("\n")[:2] == ["Join the Teams meeting:", LINK]


def test_a_cancel_names_the_same_entry_and_rings_no_alarm() -> None:
    lines = unfolded(calendars().invitation(session(), cancel(5), ANN, Mode.ONLINE))
    wanted = {"METHOD:CANCEL", "STATUS:CANCELLED", "UID:3f1c@practiceweek", "SEQUENCE:5", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"}
    assert wanted <= set(lines)
    assert [line for line in lines if "ALARM" in line or line.startswith("CONFERENCE")] == []


@pytest.mark.parametrize(
    ("mode", "place", "conferences"),
    [(Mode.ROOM, "Room 4, Town Hall", 0), (Mode.ONLINE, LINK, 1)],
)
def test_of_a_hybrid_session_the_room_gets_the_venue_and_the_others_the_link(mode: Mode, place: str, conferences: int) -> None:
    hybrid = session(format=Format.HYBRID, venue="Room 4, Town Hall")
    content = calendars().invitation(hybrid, request(), ANN, mode)
    entry = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(entry["LOCATION"]) == place
    assert content.replace(b"\r\n ", b"").count(b"CONFERENCE") == conferences
    assert (LINK in str(entry["DESCRIPTION"])) == bool(conferences)


def test_a_session_without_its_link_yet_says_so() -> None:
    entry = Calendar.from_ical(calendars().invitation(session(join_url=None), request(), ANN, Mode.ONLINE)).walk("VEVENT")[0]
    assert (str(entry["LOCATION"]), "CONFERENCE" in entry) == ("Online. The link will follow.", False)


def test_a_zoom_session_has_no_teams_property() -> None:
    content = calendars().invitation(session(provider=Provider.ZOOM, join_url="https://zoom.us/j/1"), request(), ANN, Mode.ONLINE)
    assert b"SKYPETEAMS" not in content
    assert b"Join the Zoom meeting" in content.replace(b"\r\n ", b"")


def test_a_private_session_tells_a_calendar_no_more_than_how_to_join() -> None:
    private = session(title="Your session", private=True, notes="Childcare is in room 2")
    content = calendars().invitation(private, request(), ANN, Mode.ONLINE)
    entry = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(entry["CLASS"]) == "PRIVATE"
    assert str(entry["DESCRIPTION"]) == (
        f"Join the Teams meeting:\n{LINK}\n\n"
        "If you cannot come, please cancel in Discord: type /my bookings. Declining here does not cancel your place."
    )


def test_lines_hold_at_most_75_octets_and_split_no_letter() -> None:
    title = "Café ☕ naïveté 家庭 👩‍👧 " * 8
    content = calendars().invitation(session(title=title), request(), Recipient("Zoë " * 30, "zoe@council.example", None), Mode.ONLINE)
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert [line.decode() for line in lines]  # each line is whole UTF-8 by itself
    assert vobject.readOne(content.decode()).vevent.summary.value == " ".join(title.split())


def test_control_characters_and_line_breaks_cannot_forge_a_line() -> None:
    nasty = session(
        title="A\r\nATTENDEE:mailto:x@evil.example\x00\x0b\x7f\u202eB",
        notes="a\r\nEND:VEVENT\x00",
        venue="x\nMETHOD:CANCEL",
        format=Format.IN_PERSON,
    )
    content = calendars().invitation(nasty, request(), Recipient('Ann "A"\r\nX:1', "ann@council.example", None), Mode.ROOM)
    lines = unfolded(content)
    assert [line for line in lines if line.startswith(("ATTENDEE", "END:VEVENT", "METHOD", "X:1"))] == [
        "METHOD:REQUEST",
        "ATTENDEE;CN=\"Ann ^'A^' X:1\";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@council.example",
        "END:VEVENT",
    ]
    assert not any((byte < 32 and byte not in (10, 13)) or byte == 127 for byte in content)


def test_a_link_that_is_no_web_address_is_never_made_one_to_click() -> None:
    content = calendars().invitation(session(join_url="javascript:alert(1)"), request(), ANN, Mode.ONLINE)
    assert b"CONFERENCE" not in content


@pytest.mark.parametrize("address", [None, "", "a,b@c.example", "a@b.example, c@d.example", "a@b.example\r\nX:1"])
def test_an_attendee_needs_one_good_address(address: str | None) -> None:
    with pytest.raises(BadInput):
        calendars().invitation(session(), request(), Recipient("Ann", address, None), Mode.ONLINE)


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2027, 3, 15, 9, 30)  # noqa: DTZ001 - that is the point
    with pytest.raises(NaiveInstant):
        calendars().invitation(session(starts_at=naive), request(), ANN, Mode.ONLINE)
    with pytest.raises(NaiveInstant):
        calendars().invitation(session(), request(stamp=naive), ANN, Mode.ONLINE)


def test_the_same_facts_give_the_same_bytes() -> None:
    assert calendars().invitation(session(), request(), ANN, Mode.ONLINE) == calendars().invitation(session(), request(), ANN, Mode.ONLINE)


def test_a_feed_has_no_method_and_nobody_in_it() -> None:
    july = session(uid="b@practiceweek", starts_at=wall(2027, 7, 1, 9, 0), ends_at=wall(2027, 7, 1, 10, 0))
    content = calendars().feed("My sessions", [(session(), Mode.ONLINE, 2), (july, Mode.ONLINE, 0)])
    lines = unfolded(content)
    head = lines[: lines.index("BEGIN:VTIMEZONE")]
    assert head == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Practice Week//EN",
        "CALSCALE:GREGORIAN",
        "NAME:My sessions",
        "X-WR-CALNAME:My sessions",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    assert [line for line in lines if line.startswith(("METHOD", "ATTENDEE", "ORGANIZER", "BEGIN:VALARM"))] == []
    assert [line for line in lines if line.startswith("UID")] == ["UID:3f1c@practiceweek", "UID:b@practiceweek"]
    starts = [utc(entry.dtstart) for entry in IcsCalendarStream.calendar_from_ics(content.decode()).events]
    assert starts == [session().starts_at, july.starts_at]


def test_a_feed_holds_each_uid_once_and_changes_only_with_the_facts() -> None:
    twice = [(session(), Mode.ONLINE, 1), (session(title="New title"), Mode.ONLINE, 2)]
    content = calendars().feed("My sessions", twice)
    assert [line for line in unfolded(content) if line.startswith(("UID", "SUMMARY", "SEQUENCE"))] == [
        "UID:3f1c@practiceweek",
        "SEQUENCE:2",
        "SUMMARY:New title",
    ]
    assert calendars().feed("My sessions", twice) == content
    assert calendars().feed("My sessions", twice[:1]) != content


def test_an_empty_feed_is_still_a_calendar() -> None:
    assert unfolded(calendars().feed("My sessions", []))[0] == "BEGIN:VCALENDAR"


def test_stamps_are_whole_seconds() -> None:
    content = calendars().invitation(session(), request(stamp=STAMP.replace(microsecond=999)), ANN, Mode.ONLINE)
    assert "DTSTAMP:20270301T085930Z" in unfolded(content)


def test_where_replies_are_read_the_entry_says_what_decline_does() -> None:
    reading = CalendarFiles(SENDER.name, SENDER.address, reads_replies=True)
    files = [one.invitation(session(), request(), ANN, Mode.ONLINE) for one in (reading, calendars())]
    entries = [Calendar.from_ical(one).walk("VEVENT")[0] for one in files]
    ends = [str(entry["DESCRIPTION"]).rpartition("/my bookings. ")[2] for entry in entries]
    assert ends == ["Or decline here: that gives your place back too.", "Declining here does not cancel your place."]
