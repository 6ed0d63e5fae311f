"""Whose turn it is: meetings of which something has to be asked now, claimed for a lease, each with a host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import and_, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.hosts import count_call, free_host, has_calls_left
from domain.kinds import Provider
from domain.limits import host_account, paused_until
from domain.meetings import why_no_host
from domain.models import Host, Meeting, MeetingState, Session
from domain.partnerships import Whose, of_these
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.presenters.telling import co_organisers
from domain.privacy import shown_title
from domain.rules import Rules, RulesOf
from domain.standing import Instant, Standing, at

LEASE = timedelta(minutes=3)
NO_HOST_RETRY = timedelta(minutes=10)


class Action(StrEnum):
    """What a claimed meeting needs."""

    CREATE = "create"
    RECOVER = "recover"
    CHANGE = "change"
    REMOVE = "remove"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Work:
    """One thing to ask of a meeting service, claimed for a lease of three minutes."""

    meeting_id: int
    session_id: int
    provider: Provider
    action: Action
    wanted: MeetingRequest
    made: MeetingMade | None
    until: datetime  #: the end of the lease (UTC), by which the claim is known


def any_due(db: Db, rules: RulesOf, *, now: datetime) -> bool:
    """Whether `claim` would take anything."""
    (due,) = _turn(rules).ask(db, now=now)
    return bool(due)


@lru_cache(maxsize=8)
def _turn(rules: RulesOf) -> Standing:
    """Rules are values: the same rules ask the same."""
    return Standing([select(Meeting.id).where(*_whose_turn(at(), rules.kept())).exists()])


def _whose_turn(now: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return (
        *of_these(Meeting.partnership_id, whose),
        or_(col(Meeting.next_try_at) <= now, and_(col(Meeting.next_try_at).is_(None), col(Meeting.sweep_at) <= now)),
        or_(col(Meeting.claimed_until).is_(None), col(Meeting.claimed_until) <= now),
    )


def claim(db: Db, rules: RulesOf, *, now: datetime, limit: int = 20) -> list[Work]:
    """Take meetings of the partnerships that are kept here, whose turn has come. A create is committed as *unknown* before it is sent."""
    due = (
        select(Meeting)
        .where(*_whose_turn(now, rules.kept()))
        .order_by(col(Meeting.slot_starts_at), col(Meeting.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    work = [_take(db, meeting, rules.of(meeting.partnership_id), now) for meeting in db.exec(due).all()]
    return [w for w in work if w is not None]


def _take(db: Db, meeting: Meeting, rules: Rules, now: datetime) -> Work | None:
    session = db.get_one(Session, meeting.session_id)
    if meeting.state is MeetingState.WANTED and meeting.host_id is None and not _find_host(db, meeting, session, rules, now):
        return None
    sweeping = meeting.next_try_at is None
    action = _action(meeting, sweeping)
    if action is None:
        meeting.next_try_at = None
        db.add(meeting)
        return None
    if action in (Action.CREATE, Action.CHANGE) and not _may_call(db, meeting, session, rules, now):
        return None
    if action in (Action.CREATE, Action.CHANGE):
        count_call(db, meeting.host_id, now)
    if action is Action.CREATE:
        meeting.state = MeetingState.UNKNOWN
    if not sweeping:
        meeting.attempts += 1
    meeting.claimed_until = until = now + LEASE
    db.add(meeting)
    made = MeetingMade(meeting.external_id, meeting.join_url or "") if meeting.external_id else None
    return Work(meeting.id or 0, meeting.session_id, meeting.provider, action, request_of(db, meeting, session), made, until)


def renew(db: Db, work: Work, *, now: datetime) -> Work | None:
    """The claim for a whole lease more, just before the service is asked. None: another process has claimed it since, or has seen to it.

    A batch is asked for one after another, and a process may be held up in between.
    """
    meeting = db.get_one(Meeting, work.meeting_id, with_for_update=True, populate_existing=True)
    if meeting.claimed_until != work.until:
        return None
    meeting.claimed_until = until = now + LEASE
    db.add(meeting)
    return replace(work, until=until)


def _action(meeting: Meeting, sweeping: bool) -> Action | None:
    if sweeping:
        return Action.SWEEP
    if meeting.state is MeetingState.REMOVING:
        return Action.REMOVE if meeting.external_id else Action.SWEEP
    return {MeetingState.WANTED: Action.CREATE, MeetingState.UNKNOWN: Action.RECOVER, MeetingState.CHANGING: Action.CHANGE}.get(
        meeting.state
    )


def _may_call(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime) -> bool:
    """Spare a host that has had its calls for today: another host, or tomorrow (UTC). What begins today is tried all the same."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    told = _host_paused(db, meeting, now)
    if told is None and (session.starts_at < tomorrow or has_calls_left(db, meeting.host_id, now)):
        return True
    if meeting.state is MeetingState.WANTED and meeting.sweep_at is None:  # nothing can be at the old host
        span = session.starts_at, session.ends_at
        other = free_host(db, meeting.partnership_id, meeting.provider, *span, rules, now=now, but=meeting.id)
        if other is not None and other != meeting.host_id:
            meeting.host_id = other
            return True
    meeting.next_try_at, meeting.error = told or tomorrow, "the host has had as many meetings made today as it may"
    db.add(meeting)
    return False


def _host_paused(db: Db, meeting: Meeting, now: datetime) -> datetime | None:
    """Until when the service wants no more meetings of this host (UTC), whatever we have counted ourselves."""
    host = db.get_one(Host, meeting.host_id)
    return paused_until(db, (host_account(host.provider, host.account),), now=now)


def _find_host(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime) -> bool:
    meeting.host_id = free_host(
        db, meeting.partnership_id, meeting.provider, session.starts_at, session.ends_at, rules, now=now, but=meeting.id
    )
    if meeting.host_id is None:
        meeting.error = why_no_host(db, meeting.partnership_id, meeting.provider)
        meeting.next_try_at = now + NO_HOST_RETRY if session.ends_at > now else None
    else:
        meeting.error = ""
    db.add(meeting)
    return meeting.host_id is not None


def request_of(db: Db, meeting: Meeting, session: Session) -> MeetingRequest:
    host = db.get(Host, meeting.host_id) if meeting.host_id else None
    title = shown_title(session, "Practice session")
    account, also = host.account if host else "", co_organisers(db, session)
    return MeetingRequest(meeting.ref, account, title, session.starts_at, session.ends_at, session.zone, also)
