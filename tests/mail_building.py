"""Letters for the tests of e-mail and calendars: a session of Monday 15 March 2027, and what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from domain.kinds import CalendarMethod, Channel, Format, Kind, Mode, Provider
from domain.ports.letters import CalendarFacts, Letter, Recipient, SessionFacts
from integrations.ical import CalendarFiles
from integrations.letters import Voice
from integrations.mime import Sender

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
STAMP = datetime(2027, 3, 1, 8, 59, 30, tzinfo=UTC)
LINK = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=%7b%7d"
SENDER = Sender("Northfield Teaching Partnership", "practiceweek@northfield.example")
VOICE = Voice("Northfield Teaching Partnership", "practiceweek@northfield.example", "https://discord.com/channels/1/2")
ANN = Recipient("Ann Other", "ann@council.example", 7)


def calendars() -> CalendarFiles:
    return CalendarFiles(SENDER.name, SENDER.address)


def session(**changed: Any) -> SessionFacts:
    facts: dict[str, Any] = {
        "session_id": 1,
        "uid": "3f1c@practiceweek",
        "reference": "PW-01",
        "programme": "Practice Week March 2027",
        "title": "Working with fathers",
        "description": "Two short talks.",
        "starts_at": datetime(2027, 3, 15, 9, 30, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 15, 10, 15, tzinfo=UTC),
        "zone": "Europe/London",
        "format": Format.ONLINE,
        "provider": Provider.TEAMS,
        "venue": None,
        "join_url": LINK,
        "notes": "Join five minutes early.",
        "presenter": "Priya Shah",
        "organisation": "Barnsley Council",
    }
    return SessionFacts(**{**facts, **changed})


def request(sequence: int = 1, stamp: datetime = STAMP) -> CalendarFacts:
    return CalendarFacts(CalendarMethod.REQUEST, sequence, stamp)


def cancel(sequence: int = 2, stamp: datetime = STAMP) -> CalendarFacts:
    return CalendarFacts(CalendarMethod.CANCEL, sequence, stamp)


def letter(kind: Kind = Kind.INVITATION, **changed: Any) -> Letter:
    facts: dict[str, Any] = {
        "notice_id": 5,
        "key": f"{kind}:3:1",
        "kind": kind,
        "channel": Channel.EMAIL,
        "recipient": ANN,
        "session": session(),
        "calendar": request()
        if kind in (Kind.INVITATION, Kind.UPDATE, Kind.PROMOTION)
        else cancel()
        if kind is Kind.CANCELLATION
        else None,
        "mode": Mode.ONLINE,
        "booking_id": 3,
    }
    return Letter(**{**facts, **changed})


def verification(code: str = "402917", recipient: Recipient = ANN) -> Letter:
    until = datetime(2027, 3, 1, 9, 15, tzinfo=UTC)
    return letter(
        Kind.VERIFICATION, key="verification:9:1", recipient=recipient, session=None, mode=None, booking_id=None, code=code, until=until
    )


def opened(content: bytes) -> EmailMessage:
    """A packed message, parsed."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message
