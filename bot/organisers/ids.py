"""The ids of organisers' buttons, menus and forms, and the templates that read them back. At most 100 characters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

from domain.errors import BadInput

_N = r"[0-9]{1,12}"
_PAGE = r"(?P<page>[0-9]{1,3})"

PUBLISH = rf"pw:publish:(?P<programme>{_N}):(?P<channel>[0-9]{{1,20}})"
ATTENTION = rf"pw:attention:(?P<programme>{_N}):{_PAGE}"
MOVE = rf"pw:move:(?P<session>{_N}):(?P<start>[0-9]{{1,11}}):(?P<end>[0-9]{{1,11}})"
CALL_OFF = rf"pw:calloff:(?P<session>{_N})"
PROVIDER = rf"pw:provider:(?P<session>{_N}):(?P<provider>teams|zoom)"
ATTENDANCE = rf"pw:attendance:(?P<session>{_N}):(?P<way>there|away):{_PAGE}"
MARKED = rf"pw:marked:(?P<session>{_N}):(?P<way>there|away):{_PAGE}"  # a menu: the values are people
_DAY = r"(?P<day>[0-9]{8}|all)"
_WHAT = rf"(?P<programme>{_N}):(?P<session>{_N}):{_DAY}:(?P<audience>confirmed|waiting|both)"
CALL_OFF_ALL = rf"pw:calloffall:(?P<programme>{_N}):{_DAY}"
CALL_OFF_ALL_FORM = rf"pw:form:calloffall:(?P<programme>{_N}):{_DAY}"
UNDO = rf"pw:undo:(?P<undo>{_N})"
SENDS = rf"pw:sends:(?P<programme>{_N})"
HISTORY = rf"pw:history:(?P<programme>{_N}):(?P<before>{_N})"  # 0: from the newest
MESSAGE_FORM = rf"pw:form:message:{_WHAT}"
SEND_MESSAGE = rf"pw:message:send:(?P<message>{_N})"
TRY_MESSAGE = rf"pw:message:try:(?P<message>{_N})"
EVERYONE = rf"pw:everyone:(?P<session>{_N})"

CALL_OFF_FORM = rf"pw:form:calloff:(?P<session>{_N})"
HELD_FORM = rf"pw:form:held:(?P<session>{_N}):(?P<way>online|room|both):(?P<provider>teams|zoom|given|none):(?P<seen>[0-9a-f]{{8}})"
LINK_FORM = rf"pw:form:link:(?P<session>{_N})"
EDIT_FORM = rf"pw:form:edit:(?P<session>{_N}):(?P<seen>[0-9a-f]{{8}})"


def publish(programme_id: int, channel_id: int) -> str:
    """Publish, and post the days in this channel; 0: nowhere."""
    return f"pw:publish:{programme_id}:{channel_id}"


def attention(programme_id: int, page: int) -> str:
    """A page of what needs attention; programme 0: all of them."""
    return f"pw:attention:{programme_id}:{page}"


def move(session_id: int, starts_at: datetime, ends_at: datetime) -> str:
    """Move a session to these instants."""
    return f"pw:move:{session_id}:{int(starts_at.timestamp())}:{int(ends_at.timestamp())}"


def instant(seconds: int) -> datetime:
    """The instant of an id's number."""
    return datetime.fromtimestamp(seconds, UTC)


def call_off(session_id: int) -> str:
    """Ask for the reason, then cancel a session."""
    return f"pw:calloff:{session_id}"


def provider(session_id: int, service: str) -> str:
    """Hold a session on Teams or Zoom."""
    return f"pw:provider:{session_id}:{service}"


def held_form(session_id: int, way: str, service: str, seen: str) -> str:
    """The form for holding a session online, in a room or both; `seen`: how it was held when the form was opened."""
    return f"pw:form:held:{session_id}:{way}:{service}:{seen}"


def seen_of(seen: object) -> str:
    """Eight letters that differ when what a form was made of is another by now."""
    return sha256(repr(seen).encode()).hexdigest()[:8]


def attendance(session_id: int, way: str, page: int) -> str:
    """A page of those with a place, to choose who was there or who was away."""
    return f"pw:attendance:{session_id}:{way}:{page}"


def marked(session_id: int, way: str, page: int) -> str:
    """The menu of that page."""
    return f"pw:marked:{session_id}:{way}:{page}"


def everyone(session_id: int) -> str:
    """Everyone was there."""
    return f"pw:everyone:{session_id}"


def call_off_all(programme_id: int, day: date | None) -> str:
    """Ask for the reason, then cancel a day, or the whole programme."""
    return f"pw:calloffall:{programme_id}:{_day(day)}"


def call_off_all_form(programme_id: int, day: date | None) -> str:
    """The form for the reason."""
    return f"pw:form:calloffall:{programme_id}:{_day(day)}"


def undo(undo_id: int) -> str:
    """Undo an edit that settles."""
    return f"pw:undo:{undo_id}"


def sends(programme_id: int) -> str:
    """What is still to be sent."""
    return f"pw:sends:{programme_id}"


def history(programme_id: int, before: int = 0) -> str:
    """What was done about a programme: the page that begins below this entry; 0: the newest."""
    return f"pw:history:{programme_id}:{before}"


def message_form(programme_id: int, session_id: int, day: date | None, audience: str) -> str:
    """The words of a message: about a session, or (session 0) about a day or the programme."""
    return f"pw:form:message:{programme_id}:{session_id}:{_day(day)}:{audience}"


def send_message(announcement_id: int) -> str:
    """Send a message that was previewed."""
    return f"pw:message:send:{announcement_id}"


def try_message(announcement_id: int) -> str:
    """Send it to oneself first."""
    return f"pw:message:try:{announcement_id}"


def _day(day: date | None) -> str:
    return "all" if day is None else f"{day:%Y%m%d}"


def day_of_id(text: str | None) -> date | None:
    """The day of an id; None: all of them. Raises `BadInput` for a day that no calendar has."""
    if text is None or text == "all":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("Please choose a day from the list.") from None
