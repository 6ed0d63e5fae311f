"""Sessions that people cannot join, and meetings that stand at the service as they should no longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from domain.attention.items import SERVICES, Concern, Item, named, of_several, reason_words
from domain.database import Db
from domain.kinds import Format, Provider
from domain.meetings import LINK_NEEDED, NOT_SET_UP
from domain.models import Meeting, MeetingState, Session, SessionState
from domain.rules import Rules

_AT_THAT_TIME = "host is free at that time"


def late_links(db: Db, partnership_id: int, programme_id: int | None, rules: Rules, now: datetime) -> list[Item]:
    """Online sessions whose link is late."""
    ahead = select(Session).where(
        col(Session.partnership_id) == partnership_id,
        col(Session.state) == SessionState.PUBLISHED,
        col(Session.format) != Format.IN_PERSON,
        col(Session.ends_at) > now,
    )
    if programme_id is not None:
        ahead = ahead.where(col(Session.programme_id) == programme_id)
    sessions = db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()
    meetings = _current_meetings(db, sessions)
    alike: dict[tuple[Concern, str, int, int | None], list[Session]] = {}
    for session in sessions:
        reason = why_no_link(session, meetings.get(session.id or 0), rules, now=now)
        if reason is not None:
            its_own = session.id if _AT_THAT_TIME in reason[1] else None  # each is moved for itself
            alike.setdefault((*reason, session.programme_id, its_own), []).append(session)
    return [_late(concern, why, those) for (concern, why, *_), those in alike.items()]


def _late(concern: Concern, why: str, sessions: Sequence[Session]) -> Item:
    """What many sessions lack for one reason is one entry, at the start of the first."""
    first = sessions[0]
    if len(sessions) == 1:
        return Item(concern, f"{named(first)} has no link to join. {why}", first.id, first.programme_id, first.starts_at)
    return of_several(concern, sessions, "have no link to join", why)


def _current_meetings(db: Db, sessions: Sequence[Session]) -> dict[int, Meeting]:
    ids = [session.id for session in sessions]
    gone = (MeetingState.GONE, MeetingState.REMOVING)
    mine = select(Meeting).where(col(Meeting.session_id).in_(ids), col(Meeting.state).not_in(gone)).order_by(col(Meeting.generation))
    return {meeting.session_id: meeting for meeting in db.exec(mine)}  # the last generation wins


def why_no_link(session: Session, meeting: Meeting | None, rules: Rules, *, now: datetime) -> tuple[Concern, str] | None:
    """Why people cannot join an online session, and what to do; None when they can, or when the link is still within its patience."""
    if session.provider is Provider.GIVEN:
        return None if session.given_link else (Concern.NO_LINK, "Nobody has given one yet. Add it with /session provider.")
    if session.provider is None:
        return (
            Concern.NO_LINK,
            "It is online, but nobody has said on what. Choose Teams or Zoom or give a link of your own with /session provider.",
        )
    service = SERVICES[session.provider]
    if meeting is None:
        return Concern.NO_LINK, f"No {service} meeting was asked for. Choose {service} again with /session provider."
    if meeting.state in (MeetingState.READY, MeetingState.CHANGING):
        return (
            None
            if meeting.join_url
            else (Concern.NO_LINK, f"{service} made the meeting but gave no link. Paste one with /session provider.")
        )
    if meeting.state is MeetingState.FAILED:
        return (
            Concern.NO_LINK,
            f"{service} could not make the meeting: {reason_words(meeting.error)}. "
            "Choose it again, or paste a link, with /session provider.",
        )
    if meeting.error == NOT_SET_UP:
        return Concern.NO_HOST, none_set_up(service)
    if meeting.host_id is None:
        return Concern.NO_HOST, none_free(service)
    next_look = max(now, meeting.next_try_at or now)  # a pause longer than our patience is told at once
    if next_look - meeting.wanted_at <= rules.link_patience and session.starts_at - now > LINK_NEEDED:
        return None
    last = f" The last answer was: {reason_words(meeting.error)}." if meeting.error else ""
    return Concern.NO_LINK, f"{service} has not made the meeting yet, and we keep trying.{last}"


def none_set_up(service: str) -> str:
    """That a service has no host at all."""
    return f"{service} is not set up here. Choose another provider or give a link of your own with /session provider, or ask for {service}."


def none_free(service: str) -> str:
    """That all hosts of a service are taken."""
    return f"No {service} {_AT_THAT_TIME}. Move it with /session reschedule. Or choose another service with /session provider."


def stale_meetings(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> list[Item]:
    """Meetings that still stand at the service as they should no longer: not moved, or not deleted."""
    rows = (
        select(Meeting, Session)
        .join(Session, col(Session.id) == col(Meeting.session_id))
        .where(
            col(Meeting.partnership_id) == partnership_id,
            col(Meeting.state).in_((MeetingState.READY, MeetingState.CHANGING, MeetingState.REMOVING, MeetingState.FAILED)),
            col(Meeting.error) != "",
            col(Meeting.slot_ends_at) > now,
        )
        .order_by(col(Meeting.id))
    )
    if programme_id is not None:
        rows = rows.where(col(Session.programme_id) == programme_id)
    items = []
    for meeting, session in db.exec(rows):
        service, reason = SERVICES[meeting.provider], reason_words(meeting.error.removeprefix("could not be deleted: "))
        if meeting.state is MeetingState.READY:  # its co-organisers were refused
            words = f"{service} did not let a presenter of {named(session)} run its meeting too. Are they in your {service} account?"
            words += " Look with /session presenters."
        elif meeting.state is MeetingState.CHANGING:
            words = f"The new time or title of {named(session)} could not be sent to {service}: {reason}. Its link is still good."
        elif meeting.state is MeetingState.REMOVING or meeting.error.startswith("could not be deleted"):
            words = f"An old {service} meeting of {named(session)} could not be deleted: {reason}."
        else:
            continue
        items.append(Item(Concern.MEETING_STALE, words, session.id, session.programme_id, session.starts_at))
    return items
