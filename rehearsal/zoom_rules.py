"""What Zoom accepts in the body of a meeting, and how it tells a meeting back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from rehearsal.serving import HeldMeeting, ServiceError, body_of

_LONGEST_TOPIC = 200
_LONGEST_AGENDA = 2_000
_LISTED_AGENDA = 250
_SCHEDULED = 2
_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")


@dataclass(frozen=True)
class Asked:
    """The parts of a meeting that a body names; None for what it leaves alone."""

    title: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    zone: str | None = None
    agenda: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def asked_in(text: str) -> Asked:
    """A body, checked. Raises `ServiceError` 300 for what Zoom would refuse."""
    try:
        body = body_of(text)
    except ValueError:
        raise _invalid("body", "not JSON") from None
    if body.get("type", _SCHEDULED) != _SCHEDULED:
        raise _invalid("type", "only scheduled meetings are known here")
    zone = _text(body, "timezone", 100)
    if zone is not None and zone not in available_timezones():
        raise _invalid("timezone", "not a zone")
    minutes = body.get("duration")
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= 24 * 60):
        raise _invalid("duration", "not a number of minutes")
    settings = body.get("settings", {})
    if not isinstance(settings, dict) or any(
        not isinstance(settings.get(name, True), bool) for name in ("join_before_host", "waiting_room")
    ):
        raise _invalid("settings", "not as expected")
    return Asked(_text(body, "topic", _LONGEST_TOPIC), _start(body, zone), minutes, zone, _text(body, "agenda", _LONGEST_AGENDA), settings)


def check_alternative_hosts(settings: dict[str, Any], host: str, licensed: tuple[str, ...]) -> None:
    """They are addresses with semicolons between, of licensed people of the account, and never the host. Raises `ServiceError` 1114."""
    named = settings.get("alternative_hosts", "")
    if not isinstance(named, str):
        raise _invalid("alternative_hosts", "not a text")
    known = {address.casefold() for address in licensed}
    for address in filter(None, (part.strip() for part in named.split(";"))):
        if address.casefold() not in known or address.casefold() == host.casefold():
            words = f"Unable to assign '{address}' as an alternative host because you are not able to select this user at this time."
            raise ServiceError(400, 1114, words)


def ref_in(agenda: str) -> str:
    """The ref that stands first in an agenda, or nothing."""
    first = agenda.split(maxsplit=1)[0] if agenda.strip() else ""
    return first.removeprefix("ref:") if first.startswith("ref:") else ""


def told(meeting: HeldMeeting) -> dict[str, Any]:
    """A meeting as Zoom tells it."""
    return {**listed(meeting), "agenda": meeting.agenda, "status": "waiting", "settings": meeting.settings}


def listed(meeting: HeldMeeting) -> dict[str, Any]:
    """A meeting as a line of a list, its agenda cut short."""
    return {
        "id": int(meeting.external_id),
        "uuid": f"uuid-{meeting.external_id}",
        "host_id": meeting.host,
        "topic": meeting.title,
        "type": _SCHEDULED,
        "start_time": f"{meeting.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "duration": int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        "timezone": meeting.zone,
        "created_at": f"{meeting.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "join_url": meeting.join_url,
        "agenda": meeting.agenda[:_LISTED_AGENDA],
    }


def _start(body: dict[str, Any], zone: str | None) -> datetime | None:
    """`start_time` as an instant: with Z it is UTC, without it is a wall time in the body's own zone."""
    text = _text(body, "start_time", 30)
    if text is None:
        return None
    if not _START.fullmatch(text):
        raise _invalid("start_time", "not a time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid("start_time", "not a time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))).astimezone(UTC)


def _text(body: dict[str, Any], name: str, longest: int) -> str | None:
    value = body.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > longest):
        raise _invalid(name, f"not a text of up to {longest} characters")
    return value


def _invalid(name: str, message: str) -> ServiceError:
    return ServiceError(400, 300, f"Validation Failed. {name}: {message}.")
