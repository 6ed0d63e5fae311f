"""Subjects: what the first line of a mail says, and how soon the session is that it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.kinds import Kind
from domain.letters.matters import AnnouncementMatter, CertificateMatter, PresentingMatter
from domain.ports.letters import Letter
from domain.times import clock_words, day_of, day_words, to_wall, zone_words
from integrations.plain import one_line
from integrations.presenting_words import SUBJECTS, page_of, presenting_words
from integrations.transfer_words import transfer_words

_DAY_MINUTES = 24 * 60
_SUBJECTS: Mapping[Kind, str] = {
    Kind.INVITATION: "Your place: {title}, {start}",
    Kind.UPDATE: "Changed: {title}, {start}",
    Kind.CANCELLATION: "Cancelled: {title}, {start}",
    Kind.PROMOTION: "You have a place: {title}, {start}",
    Kind.OFFER: "A place is free: {title}, {start}",
    Kind.WAITING: "On the waiting list: {title}, {start}",
    Kind.WAITING_CLOSED: "No place this time: {title}, {start}",
    Kind.LAPSED: "Place not taken: {title}, {start}",
    Kind.REMINDER: "{soon}: {title}, {start}",
    Kind.FEEDBACK: "How was {title}?",
    Kind.VERIFICATION: "Your code for {partnership}",
    Kind.SIGN_IN: "Your link to sign in to {partnership}",
    Kind.TRANSFER: "{transfer}: {title}, {start}",
    Kind.ANNOUNCEMENT: "{words}",
    Kind.CERTIFICATE: "Your certificate: {course}",
}
_DAY_SUBJECT = "{soon}: your {count} sessions on {day}"


def _form(letter: Letter) -> str:
    if letter.kind is Kind.VERIFICATION and letter.code is None:
        return "Your bookings with {partnership}" if letter.found else "Confirm your address for {partnership}"
    if page_of(letter) != letter.kind.value:
        return SUBJECTS[letter.kind]
    return _SUBJECTS[letter.kind] if not letter.also else _DAY_SUBJECT


def _is_called_off(letter: Letter) -> bool:
    """Whether the organisers stop the session, for everybody; else one person's own place, or their part in it, ends."""
    return letter.matter.ended == "session" if isinstance(letter.matter, PresentingMatter) else letter.by_organiser


def subject_of(letter: Letter, partnership: str, soon: str) -> str:
    """What stands in the subject, before it is made one line."""
    session = letter.session
    form = _form(letter)
    if letter.kind is Kind.CANCELLATION and letter.reason and not letter.by_organiser and presenting_words(letter) is None:
        form = "Invitation cancelled: {title}, {start}"  # the invitation goes, perhaps not the place: the reason tells
    elif letter.kind is Kind.CANCELLATION and _is_called_off(letter):
        form = "Called off: {title}, {start}"
    return form.format(
        title=one_line(session.title) if session else "your session",
        start=_start_words(session.starts_at, session.zone) if session else "",
        soon=soon,
        count=len(letter.also) + 1,
        day=day_words(day_of(session.starts_at, session.zone)) if session else "",
        transfer=transfer.heading if (transfer := transfer_words(letter.matter)) else "",
        partnership=one_line(partnership),
        course=one_line(letter.matter.facts.course) if isinstance(letter.matter, CertificateMatter) else "",
        words=one_line(letter.matter.subject) if isinstance(letter.matter, AnnouncementMatter) else "",
    )


def how_soon(letter: Letter, now: datetime | None) -> str:
    """`Tomorrow`, `In 1 hour`, `In 3 days`: how far away a reminded session is, as far as that is still true at `now`."""
    if letter.session is None or letter.lead_minutes is None:
        return "Soon"
    lead, session = letter.lead_minutes, letter.session
    if now is None:
        return _lead_words(lead)
    days = (day_of(session.starts_at, session.zone) - day_of(now, session.zone)).days
    if days == 0 and (lead >= _DAY_MINUTES or abs(session.starts_at - now - timedelta(minutes=lead)) > timedelta(minutes=10)):
        return "Today"
    if days > 0 and lead >= _DAY_MINUTES:
        return "Tomorrow" if days == 1 else f"In {days} days"
    return _lead_words(lead)


def _lead_words(lead: int) -> str:
    if lead == _DAY_MINUTES:
        return "Tomorrow"
    for minutes, unit in ((_DAY_MINUTES, "day"), (60, "hour"), (1, "minute")):
        if lead >= minutes and lead % minutes == 0:
            count = lead // minutes
            return f"In {count} {unit}{'' if count == 1 else 's'}"
    return "Soon"


def moment_words(instant: datetime, zone: str) -> str:
    """`Monday 15 March 2027, 9.30am, UK time (GMT)`."""
    return f"{_start_words(instant, zone)}, {zone_words(instant, zone)}"


def _start_words(instant: datetime, zone: str) -> str:
    wall = to_wall(instant, zone)
    return f"{day_words(wall.date())}, {clock_words(wall)}"
