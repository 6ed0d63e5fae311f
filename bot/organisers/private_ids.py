"""The ids of organisers' buttons and menus about private sessions, and the templates that read them back."""

from __future__ import annotations

_N = r"[0-9]{1,12}"

ANSWER = rf"pw:privacy:(?P<privacy>private|open):(?P<programme>{_N}):(?P<channel>[0-9]{{1,20}})"  # a menu: the values are sessions
ALL_PRIVATE = rf"pw:privacy:all:(?P<programme>{_N}):(?P<channel>[0-9]{{1,20}})"
SEEN_TO = rf"pw:needs:seen:(?P<session>{_N})"  # a menu: the values are bookings


def answer(privacy: str, programme_id: int, channel_id: int) -> str:
    """Which of the sessions that ask are private, or open."""
    return f"pw:privacy:{privacy}:{programme_id}:{channel_id}"


def all_private(programme_id: int, channel_id: int) -> str:
    """All that ask are private."""
    return f"pw:privacy:all:{programme_id}:{channel_id}"


def seen_to(session_id: int) -> str:
    """Whose needs were seen to."""
    return f"pw:needs:seen:{session_id}"
