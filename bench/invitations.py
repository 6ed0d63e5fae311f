"""Invitations: how fast whole e-mails are built, and how fast they go to a mail server.

The second line is the whole way: 5,000 people have booked, and a scheduler takes their invitations from the ledger, words, packs, sends
and marks them. The baseline has the finished bytes in its hands and only sends them. The server is another process.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

import aiosmtplib
from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vText, vUri

from bench.delivery import sent, utc_now
from bench.filling import analysed, fill, rows
from bench.ground import Ground
from bench.in_use import as_in_use
from bench.measuring import ROOT, Figures, Limit, Line
from domain.database import Store
from domain.kinds import CalendarMethod, Channel, Format, Kind, Mode, Provider
from domain.models import Notice
from domain.ports.letters import CalendarFacts, Letter, LetterLinks, Recipient, SessionFacts
from domain.rules import Rules
from domain.times import to_wall
from integrations.entry_words import Closing, description
from integrations.ical import _LONDON, CalendarFiles
from integrations.letter_desk import LetterDesk
from integrations.letters import Voice, word
from integrations.mail import Mail, MailServer
from integrations.mime import Sender
from scheduler.ticks import Ticks

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
SENDER = Sender("Northfield Teaching Partnership", "practiceweek@northfield.example")
WEB = "https://pages.northfield.example"
VOICE = Voice(SENDER.name, SENDER.address, "https://discord.com/channels/1/2", web=WEB)
SESSIONS = 75
LINK = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=%7b%7d"


def sessions() -> list[SessionFacts]:
    """A practice week's."""
    return [
        SessionFacts(
            session_id=number,
            uid=f"3f1c{number}@practiceweek",
            reference=f"PW-{number}",
            programme="Practice Week March 2027",
            title=f"Working with fathers, part {number}",
            description="Two short talks, then questions. Bring one case to think about.",
            starts_at=NOW + timedelta(days=14, minutes=30 * number),
            ends_at=NOW + timedelta(days=14, minutes=30 * number + 25),
            zone="Europe/London",
            format=Format.ONLINE,
            provider=Provider.TEAMS,
            venue=None,
            join_url=f"{LINK}{number}",
            notes="Join five minutes early.",
            presenter="Priya Shah",
            organisation="Barnsley Council",
        )
        for number in range(1, SESSIONS + 1)
    ]


def letters(count: int) -> list[Letter]:
    """Invitations as people book: one after the other for any session."""
    week = sessions()
    return [
        Letter(
            notice_id=number,
            key=f"invitation:{number}:1",
            kind=Kind.INVITATION,
            channel=Channel.EMAIL,
            recipient=Recipient(f"Anna {number} Other", f"anna.other{number}@council.gov.uk", number),
            session=week[number % SESSIONS],
            calendar=CalendarFacts(CalendarMethod.REQUEST, 1, NOW + timedelta(seconds=number)),
            mode=Mode.ONLINE,
            booking_id=number,
            links=LetterLinks(mine=f"{number:022}", join=f"{number:x>22}"),
        )
        for number in range(count)
    ]


def desk() -> LetterDesk:
    """What writes the mail of a partnership."""
    return LetterDesk(SENDER, VOICE, CalendarFiles(SENDER.name, SENDER.address), now=lambda: NOW)


def built(ground: Ground, count: int = 3000) -> Figures:
    """Ours; e-mails a second."""
    write, wanted = desk(), letters(count)
    began = time.perf_counter()
    size = sum(len(write.pack(letter).content) for letter in wanted)
    seconds = time.perf_counter() - began
    return {"value": count / seconds, "bytes": size / count}


def built_from_nothing(ground: Ground, count: int = 600) -> Figures:
    """The baseline: the same words, icalendar and EmailMessage, made anew for each; e-mails a second."""
    wanted = letters(count)
    began = time.perf_counter()
    size = sum(len(from_nothing(letter)) for letter in wanted)
    seconds = time.perf_counter() - began
    return {"value": count / seconds, "bytes": size / count}


def from_nothing(letter: Letter) -> bytes:
    """One mail by the libraries alone."""
    assert letter.calendar is not None
    worded, invitation = word(letter, VOICE, NOW), calendar_from_nothing(letter)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((SENDER.name, SENDER.address))
    mail["To"] = formataddr((letter.recipient.name, letter.recipient.address or ""))
    mail["Subject"] = worded.subject
    mail["Date"] = format_datetime(letter.calendar.dtstamp)
    mail["Message-ID"] = f"<{letter.key}@northfield.example>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["Content-Language"] = "en-GB"
    mail.set_content(worded.text, cte="quoted-printable")
    mail.add_alternative(worded.html, subtype="html", cte="quoted-printable")
    mail.add_alternative(invitation.decode("utf-8"), subtype="calendar", params={"method": "REQUEST"}, cte="base64")
    mail.add_attachment(invitation, maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


def calendar_from_nothing(letter: Letter) -> bytes:
    """The same entry."""
    session, calendar = letter.session, letter.calendar
    assert session is not None
    assert calendar is not None
    assert letter.links is not None
    file, entry, alarm = Calendar(), Event(), Alarm()
    for name, value in (("VERSION", "2.0"), ("PRODID", "-//Practice Week//EN"), ("CALSCALE", "GREGORIAN"), ("METHOD", "REQUEST")):
        file.add(name, value)
    file.add_component(Timezone.from_ical(_LONDON))
    entry.add("UID", session.uid)
    entry.add("SEQUENCE", calendar.sequence)
    entry.add("DTSTAMP", calendar.dtstamp)
    entry.add("DTSTART", to_wall(session.starts_at, session.zone))
    entry.add("DTEND", to_wall(session.ends_at, session.zone))
    entry.add("SUMMARY", session.title)
    entry.add("STATUS", "CONFIRMED")
    entry.add("TRANSP", "OPAQUE")
    entry.add("CLASS", "PUBLIC")
    link, closing = session.join_url or "", Closing(VOICE.page("join", letter.links.join), own_page=True, in_chat=True)
    entry.add("LOCATION", closing.join)
    entry.add("DESCRIPTION", description(session, online=True, cancel=False, closing=closing))
    entry.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("BUSY"))
    video = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join the Teams meeting"}
    entry.add("CONFERENCE", vUri(link), parameters=video)
    entry.add("X-MICROSOFT-SKYPETEAMSMEETINGURL", vText(link))
    entry["ORGANIZER"] = _address(SENDER.name, SENDER.address)
    attendee = _address(letter.recipient.name, letter.recipient.address or "")
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
    entry["ATTENDEE"] = attendee
    entry.add("X-MICROSOFT-DISALLOW-COUNTER", vText("TRUE"))
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", session.title)
    alarm.add("TRIGGER", timedelta(minutes=-15))
    entry.add_component(alarm)
    file.add_component(entry)
    content: bytes = file.to_ical(sorted=False)
    return content


def _address(name: str, address: str) -> vCalAddress:
    value = vCalAddress(f"mailto:{address}")
    value.params["CN"] = name
    return value


# ── to a mail server ────────────────────────────────────────────────────────────────────────────────────────

OWED = 5_000
CONNECTIONS = 8


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.sink"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    )
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline())
    finally:
        child.communicate("")


def owed(ground: Ground, database: str) -> str:
    """A database in which that many invitations are due, of 75 sessions in turn, as people book; its URL."""
    url, now = ground.database(database, "owed"), utc_now()
    filled = fill(
        url,
        now=now,
        people=OWED,
        sessions=SESSIONS,
        bookings=OWED,
        notices=False,
        format=Format.ONLINE,
        provider=Provider.GIVEN,
        given_link=LINK,
        venue=None,
        notes="Join five minutes early.",
    )
    rows(
        url, Notice, OWED, partnership_id=filled.partnership_id, key=lambda n: f"invitation:{n}:1", kind=Kind.INVITATION,
        channel=Channel.EMAIL, need=3, person_id=lambda n: n, booking_id=lambda n: n, session_id=lambda n: (n - 1) // filled.each + 1,
        sequence=1, dtstamp=now.replace(microsecond=0), owed_at=now, next_try_at=lambda n: now - timedelta(seconds=n * 7919 % OWED),
        expires_at=now + timedelta(days=20),
    )  # fmt: skip
    analysed(url)
    return url


def mail_to(port: int) -> Mail:
    """Our channel."""
    calendars = CalendarFiles(SENDER.name, SENDER.address)
    server = MailServer("127.0.0.1", port, "none")
    return Mail(server, SENDER, VOICE, calendars, now=utc_now, connections=CONNECTIONS)


async def sent_by_us(ground: Ground, database: str) -> Figures:
    """Ours; letters a second."""
    as_in_use()
    url = ground.copied(ground.made, "sending")
    store = Store(url)
    with sink() as port:
        mail = mail_to(port)
        ticks = Ticks(store, Rules(), clock=utc_now, by="one", providers={}, channels={Channel.EMAIL: mail})
        await store.read(sent)
        began = time.perf_counter()
        left = await ticks.deliver_by(Channel.EMAIL)
        seconds = time.perf_counter() - began
        arrived = await _arrived(port)
        await mail.aclose()
    marked = await store.read(sent)
    await asyncio.to_thread(store.close)
    ground.drop(url)
    assert left == marked == arrived == OWED, f"{left} left, {arrived} arrived, {marked} were marked"
    return {"value": OWED / seconds}


async def _arrived(port: int) -> int:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
        return int((await smtp.noop()).message)


async def sent_by_a_loop(ground: Ground, database: str) -> Figures:
    """The baseline; letters a second."""
    write = desk()
    packed = [write.pack(letter) for letter in letters(OWED)]
    waiting = iter(packed)

    async def sender(port: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for one in waiting:
                await smtp.sendmail(one.sender, [one.recipient], one.content)

    with sink() as port:
        began = time.perf_counter()
        await asyncio.gather(*(sender(port) for _ in range(CONNECTIONS)))
        seconds = time.perf_counter() - began
        assert await _arrived(port) == OWED
    return {"value": OWED / seconds}


def _sending(database: str, label: str) -> Line:
    return Line(
        what=f"5,000 invitations to a local SMTP sink, {CONNECTIONS} connections, {label}",
        unit="letters/s",
        against="a bare aiosmtplib loop, the same bytes, as many connections",
        prepare=owed,
        ours=sent_by_us,
        baseline=sent_by_a_loop,
        given={"database": database},
        limits=(Limit("ratio", least=0.8),),
        postgres=database == "postgresql",
    )


LINES = (
    Line(
        what="invitations built, whole e-mail, each person's own",
        unit="e-mails/s",
        against="icalendar and EmailMessage from nothing each time",
        ours=built,
        baseline=built_from_nothing,
        limits=(Limit("ratio", least=7),),
    ),
    _sending("sqlite", "SQLite"),
    _sending("postgresql", "PostgreSQL"),
)
