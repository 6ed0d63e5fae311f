"""The Teams or Zoom room of a session: which one it should have.

    wanted ──claim──► unknown ──adopt──► ready ◄──► changing
      ▲                  │                 │
      └──refused─────────┘                 └──────► removing ──► gone

Ref, generation, host and slot are committed here, in the transaction of the change that needs them; `provision`
asks the service afterwards, from a tick.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_
from sqlmodel import col, select

from domain.database import Db
from domain.hosts import HOLDING, free_host, has_hosts, most_at_once
from domain.kinds import Format, Provider
from domain.models import Host, Meeting, MeetingState, Session, SessionState
from domain.rules import Rules

#: how long before the start an invitation stops waiting for its link
LINK_NEEDED = timedelta(hours=1)
#: a meeting that is ready, but whose service did not take those who were to run it too
WITHOUT_CO_ORGANISERS = "the co-organisers were not accepted"
SWEEP_AFTER = timedelta(minutes=10)  # by then an effect that lands late has landed
#: States in which a meeting is its session's own.
CURRENT = (*HOLDING, MeetingState.FAILED)


NO_HOST = "no host is free at this time"
NOT_SET_UP = "it is not set up here"


def why_no_host(db: Db, partnership_id: int, provider: Provider) -> str:
    """Why no host was found: all are taken, or there is none at all."""
    return NO_HOST if has_hosts(db, partnership_id, provider) else NOT_SET_UP


def wants_meeting(session: Session) -> bool:
    """Whether we make this session's meeting."""
    online = session.format in (Format.ONLINE, Format.HYBRID)
    return online and session.provider in (Provider.TEAMS, Provider.ZOOM) and session.state is SessionState.PUBLISHED


def current(db: Db, session_id: int | None, *, held: bool = False) -> Meeting | None:
    """The session's own meeting, if it has one; `held` for this transaction."""
    mine = select(Meeting).where(col(Meeting.session_id) == session_id, col(Meeting.state).in_(CURRENT))
    mine = mine.order_by(col(Meeting.generation).desc())
    return db.exec(mine.with_for_update().execution_options(populate_existing=True) if held else mine).first()


def link_of(db: Db, session: Session) -> str | None:
    """The link people open: the given one, or that of the adopted meeting."""
    if session.format is Format.IN_PERSON:
        return None
    if session.provider is Provider.GIVEN:
        return session.given_link
    meeting = current(db, session.id)
    ready = meeting is not None and meeting.state in (MeetingState.READY, MeetingState.CHANGING)
    return meeting.join_url if meeting is not None and ready else None


def ensure(db: Db, session: Session, rules: Rules, *, now: datetime, changed: bool = True) -> None:
    """Bring a session's meeting into line with the session: reserve, move, replace or release it. Asks no service.

    Called in the transaction of every change to a session. `changed` says whether what the service knows of it (its
    time or title) may differ: a host has few calls a day. A session that is over is given no new meeting.
    """
    meeting = current(db, session.id, held=True)
    if not wants_meeting(session):
        _release(db, meeting, now)
        return
    if meeting is not None and meeting.provider is not session.provider:
        _release(db, meeting, now)
        meeting = None
    if meeting is not None and not _fits(db, meeting, session, rules, now, changed=changed):
        _release(db, meeting, now)
        meeting = None
    if meeting is None and session.ends_at > now:
        _want(db, session, rules, now)


def _fits(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime, *, changed: bool) -> bool:
    """Move the meeting to the session's present time where its host is free then; whether it could stay."""
    slot = session.starts_at - rules.host_padding, session.ends_at + rules.host_padding
    if (meeting.slot_starts_at, meeting.slot_ends_at) != slot and meeting.host_id is not None:
        host = db.get_one(Host, meeting.host_id, with_for_update=True)
        if most_at_once(db, host.id, *slot, but=meeting.id) >= host.at_once:
            return False
    meeting.slot_starts_at, meeting.slot_ends_at = slot
    if meeting.host_id is None:
        _seek_host(db, meeting, session, rules, now)
    if meeting.state in (MeetingState.READY, MeetingState.CHANGING) and changed:
        meeting.error = "" if meeting.state is MeetingState.READY else meeting.error
        meeting.state, meeting.next_try_at, meeting.attempts = MeetingState.CHANGING, now, 0
    if meeting.state is MeetingState.FAILED:
        return False
    db.add(meeting)
    return True


def _seek_host(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime) -> None:
    span = session.starts_at, session.ends_at
    meeting.host_id = free_host(db, meeting.partnership_id, meeting.provider, *span, rules, now=now, but=meeting.id)
    meeting.error = why_no_host(db, meeting.partnership_id, meeting.provider) if meeting.host_id is None else ""
    meeting.next_try_at = now


def _want(db: Db, session: Session, rules: Rules, now: datetime) -> None:
    assert session.provider is not None
    last = db.exec(select(func.max(Meeting.generation)).where(col(Meeting.session_id) == session.id)).one()
    generation = (last or 0) + 1
    host_id = free_host(db, session.partnership_id, session.provider, session.starts_at, session.ends_at, rules, now=now)
    db.add(
        Meeting(
            partnership_id=session.partnership_id,
            session_id=session.id or 0,
            provider=session.provider,
            generation=generation,
            ref=f"{session.uid}:{generation}",
            host_id=host_id,
            slot_starts_at=session.starts_at - rules.host_padding,
            slot_ends_at=session.ends_at + rules.host_padding,
            next_try_at=now,
            wanted_at=now,
            error="" if host_id else why_no_host(db, session.partnership_id, session.provider),
        )
    )
    db.flush()


def _release(db: Db, meeting: Meeting | None, now: datetime) -> None:
    if meeting is None:
        return
    if meeting.state is MeetingState.UNKNOWN:
        meeting.sweep_at = now + SWEEP_AFTER  # what was asked for may land later than our look
    nothing_there = meeting.external_id is None and meeting.sweep_at is None
    meeting.state = MeetingState.GONE if nothing_there else MeetingState.REMOVING
    meeting.next_try_at, meeting.attempts = (None if nothing_there else now), 0
    db.add(meeting)
    db.flush()


def spare(db: Db, session: Session, until: datetime, *, now: datetime) -> None:
    """Delete the meetings that a change has just put aside only at `until`: by then the change may have been undone."""
    aside = select(Meeting).where(
        col(Meeting.session_id) == session.id,
        col(Meeting.state) == MeetingState.REMOVING,
        col(Meeting.external_id).is_not(None),
        col(Meeting.next_try_at) == now,
        col(Meeting.attempts) == 0,
    )
    for meeting in db.exec(aside).all():
        meeting.next_try_at = until
        db.add(meeting)
    db.flush()


def revive(db: Db, session: Session, link: str | None, rules: Rules, *, now: datetime) -> None:
    """Give a session the meeting of this link back, if it was put aside, is not deleted yet, and its host is still free."""
    aside = select(Meeting).where(
        col(Meeting.session_id) == session.id,
        col(Meeting.state) == MeetingState.REMOVING,
        col(Meeting.join_url) == link,
        col(Meeting.attempts) == 0,
        or_(col(Meeting.claimed_until).is_(None), col(Meeting.claimed_until) <= now),
    )
    old = db.exec(aside.with_for_update()).first()
    newer = current(db, session.id, held=True)
    if link is None or old is None or old.host_id is None or old.provider is not session.provider or not wants_meeting(session):
        return
    slot = session.starts_at - rules.host_padding, session.ends_at + rules.host_padding
    if most_at_once(db, old.host_id, *slot, but=newer.id if newer else None) >= db.get_one(Host, old.host_id).at_once:
        return
    _release(db, newer, now)
    old.state, old.next_try_at, old.slot_starts_at, old.slot_ends_at = MeetingState.CHANGING, now, *slot
    db.add(old)
    db.flush()
